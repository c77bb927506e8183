/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-library.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <signal.h>
#include <string.h>

/* libvirt's default handler writes to stderr, which would be the screen. */
static void quiet(void *data, virErrorPtr error)
{
}

static gpointer event_loop(gpointer data)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    for (;;) {
        if (virEventRunDefaultImpl() < 0)
            g_usleep(100 * 1000); /* it failed at once: no busy loop */
    }
    return NULL;
}

static gpointer start(gpointer data)
{
    GThread *thread;

    xmlInitParser();
    virSetErrorFunc(NULL, quiet);
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
        return NULL;
    thread = g_thread_try_new("libvirt-events", event_loop, NULL, NULL);
    if (!thread)
        return NULL;
    g_thread_unref(thread);
    return GINT_TO_POINTER(true);
}

bool virt_library_start(GError **error)
{
    static GOnce once = G_ONCE_INIT;

    if (g_once(&once, start, NULL))
        return true;
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "libvirt could not be started");
    return false;
}

struct mapping {
    int libvirt;
    enum backend_error code;
};

/* clang-format off */
static const struct mapping mappings[] = {
    {VIR_ERR_NO_DOMAIN,             BACKEND_ERROR_GONE},
    {VIR_ERR_ACCESS_DENIED,         BACKEND_ERROR_PERMISSION},
    {VIR_ERR_OPERATION_DENIED,      BACKEND_ERROR_PERMISSION},
    {VIR_ERR_AUTH_UNAVAILABLE,      BACKEND_ERROR_PERMISSION}, /* polkit without an agent */
    {VIR_ERR_AUTH_FAILED,           BACKEND_ERROR_AUTH},
    {VIR_ERR_AUTH_CANCELLED,        BACKEND_ERROR_AUTH},
    {VIR_ERR_INVALID_CONN,          BACKEND_ERROR_CONNECTION},
    {VIR_ERR_NO_CONNECT,            BACKEND_ERROR_URI},
    {VIR_ERR_CONF_SYNTAX,           BACKEND_ERROR_URI},
    {VIR_ERR_RPC,                   BACKEND_ERROR_CONNECTION},
    {VIR_ERR_GNUTLS_ERROR,          BACKEND_ERROR_CONNECTION},
    {VIR_ERR_NO_SUPPORT,            BACKEND_ERROR_UNSUPPORTED},
    {VIR_ERR_ARGUMENT_UNSUPPORTED,  BACKEND_ERROR_UNSUPPORTED},
    {VIR_ERR_CONFIG_UNSUPPORTED,    BACKEND_ERROR_UNSUPPORTED},
    {VIR_ERR_OPERATION_UNSUPPORTED, BACKEND_ERROR_UNSUPPORTED},
    {VIR_ERR_OPERATION_TIMEOUT,     BACKEND_ERROR_TIMEOUT},
    {VIR_ERR_OPERATION_ABORTED,     BACKEND_ERROR_CANCELLED},
    {VIR_ERR_RESOURCE_BUSY,         BACKEND_ERROR_BUSY},
};
/* Where libvirt's own code is "system error", the errno says more. */
static const struct mapping errnos[] = {
    {EBUSY,        BACKEND_ERROR_BUSY},
    {EACCES,       BACKEND_ERROR_PERMISSION},
    {EPERM,        BACKEND_ERROR_PERMISSION},
    {ECONNREFUSED, BACKEND_ERROR_CONNECTION},
    {ECONNRESET,   BACKEND_ERROR_CONNECTION},
    {ENOENT,       BACKEND_ERROR_CONNECTION}, /* no socket: the daemon does not run */
    {EPIPE,        BACKEND_ERROR_CONNECTION},
    {EHOSTUNREACH, BACKEND_ERROR_CONNECTION},
    {ENETUNREACH,  BACKEND_ERROR_CONNECTION},
    {ETIMEDOUT,    BACKEND_ERROR_CONNECTION},
};
/* clang-format on */

static enum backend_error look_up(const struct mapping *table, size_t n, int wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (table[i].libvirt == wanted)
            return table[i].code;
    }
    return BACKEND_ERROR_FAILED;
}

/* A daemon that died in the middle of a call is reported as an internal error. */
static bool is_broken_socket(const virError *error)
{
    static const char *const signs[] = {"client socket is closed", "End of file while reading data",
                                        "Cannot write data", "Cannot recv data"};

    for (size_t i = 0; error->message && i < G_N_ELEMENTS(signs); i++) {
        if (strstr(error->message, signs[i]))
            return true;
    }
    return false;
}

/* What ssh says when it was let in by nobody: trying again would not help. */
static bool is_ssh_refusal(const virError *error)
{
    static const char *const signs[] = {"Permission denied (", "Host key verification failed",
                                        "Too many authentication failures"};

    for (size_t i = 0; error->message && i < G_N_ELEMENTS(signs); i++) {
        if (strstr(error->message, signs[i]))
            return true;
    }
    return false;
}

static enum backend_error code_of(const virError *error)
{
    if (!error)
        return BACKEND_ERROR_FAILED;
    if (is_ssh_refusal(error))
        return BACKEND_ERROR_AUTH;
    if (is_broken_socket(error))
        return BACKEND_ERROR_CONNECTION;
    if (error->code == VIR_ERR_SYSTEM_ERROR)
        return look_up(errnos, G_N_ELEMENTS(errnos), error->int1);
    return look_up(mappings, G_N_ELEMENTS(mappings), error->code);
}

/* ssh's own words come along in several lines, the least of them first. */
static char *one_line(const char *message)
{
    g_auto(GStrv) lines = g_strsplit_set(message ? message : "", "\r\n", -1);
    GString *text = g_string_new(NULL);

    for (size_t i = 0; lines[i]; i++) {
        char *warning = strstr(lines[i], "Warning: ");

        if (warning) /* "Cannot recv data: Warning: Permanently added ..." */
            *warning = '\0';
        g_strstrip(lines[i]);
        if (*lines[i] && text->len)
            g_string_append(text, g_str_has_suffix(text->str, ":") ? " " : ", ");
        g_string_append(text, lines[i]);
    }
    if (!text->len)
        g_string_append(text, "libvirt does not say why");
    return g_string_free(text, FALSE);
}

void virt_error_take(GError **error, const char *what)
{
    virErrorPtr last = virGetLastError();
    enum backend_error code = code_of(last);
    g_autofree char *message = one_line(last ? last->message : NULL);

    g_set_error(error, BACKEND_ERROR, (int)code, "%s: %s", what, message);
    virResetLastError();
}

const char *virt_error_reason(enum backend_error code)
{
    /* clang-format off */
    static const char *const reasons[] = {
        [BACKEND_ERROR_FAILED]      = "failed: libvirt could not read it",
        [BACKEND_ERROR_CONNECTION]  = "connection: the connection broke while it was read",
        [BACKEND_ERROR_PERMISSION]  = "permission: libvirt does not let this user read it",
        [BACKEND_ERROR_URI]         = "failed: libvirt could not read it",
        [BACKEND_ERROR_AUTH]        = "permission: libvirt does not let this user read it",
        [BACKEND_ERROR_UNSUPPORTED] = "no_support: this libvirt driver does not offer it",
        [BACKEND_ERROR_TIMEOUT]     = "busy: the domain is busy with another job",
        [BACKEND_ERROR_CANCELLED]   = "cancelled: reading it was stopped",
        [BACKEND_ERROR_GONE]        = "gone: it does not exist any more",
        [BACKEND_ERROR_CONFLICT]    = "failed: libvirt could not read it",
        [BACKEND_ERROR_BUSY]        = "busy: the domain is busy with another job",
    };
    /* clang-format on */

    return reasons[code];
}
