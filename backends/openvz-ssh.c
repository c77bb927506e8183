/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of a host: here without a shell, there through ssh, which hands them to one. */
#include "backends/openvz-host.h"

#include "model/text.h"

#include <string.h>

#define SSH_FAILED 255
#define REMOTE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void add_option(GPtrArray *argv, const char *option)
{
    g_ptr_array_add(argv, g_strdup("-o"));
    g_ptr_array_add(argv, g_strdup(option));
}

/* ssh and what it needs to know, up to the name of the host. `bare`: only what a person would
 * type. */
static GPtrArray *ssh_arguments(const struct ovz_host *host, bool bare)
{
    static const char *const quiet[] = {
        "BatchMode=yes",         "ConnectTimeout=10",       "ServerAliveInterval=5",
        "ServerAliveCountMax=3", "ClearAllForwardings=yes", "ForwardAgent=no",
        "ForwardX11=no",         "PermitLocalCommand=no",   "RequestTTY=no"};
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup("ssh"));
    for (size_t i = 0; !bare && i < G_N_ELEMENTS(quiet); i++)
        add_option(argv, quiet[i]);
    if (!bare && host->control) {
        g_autofree char *path = g_strconcat("ControlPath=", host->control, NULL);

        add_option(argv, "ControlMaster=auto");
        add_option(argv, "ControlPersist=60");
        add_option(argv, path);
    }
    if (host->no_verify) {
        add_option(argv, "StrictHostKeyChecking=no");
        add_option(argv, "UserKnownHostsFile=/dev/null");
    } else if (host->known_hosts) {
        g_autofree char *path = g_strconcat("UserKnownHostsFile=", host->known_hosts, NULL);

        add_option(argv, path);
    }
    if (host->keyfile) {
        g_ptr_array_add(argv, g_strdup("-i"));
        g_ptr_array_add(argv, g_strdup(host->keyfile));
    }
    if (host->port > 0) {
        g_ptr_array_add(argv, g_strdup("-p"));
        g_ptr_array_add(argv, g_strdup_printf("%d", host->port));
    }
    if (bare && host->user) {
        g_ptr_array_add(argv, g_strconcat(host->user, "@", host->name, NULL));
        return argv;
    }
    if (host->user) {
        g_ptr_array_add(argv, g_strdup("-l"));
        g_ptr_array_add(argv, g_strdup(host->user));
    }
    if (!bare)
        g_ptr_array_add(argv, g_strdup("--"));
    g_ptr_array_add(argv, g_strdup(host->name));
    return argv;
}

/* ssh joins its arguments with blanks and hands them to a shell: each one is quoted. */
static char *remote_line(const struct ovz_host *host, const char *const *argv)
{
    g_autofree char *first = host->root ? g_strconcat(host->root, "/usr/sbin:", NULL) : NULL;
    g_autofree char *path = g_strconcat("PATH=", first ? first : "", REMOTE_PATH, NULL);
    g_autofree char *quoted_path = g_shell_quote(path);
    GString *line = g_string_new("exec env LC_ALL=C ");

    g_string_append(line, quoted_path);
    for (size_t i = 0; argv[i]; i++) {
        g_autofree char *quoted = g_shell_quote(argv[i]);

        g_string_append_printf(line, " %s", quoted);
    }
    return g_string_free(line, FALSE);
}

static bool run_local(struct ovz_host *host, const char *const *argv,
                      const struct run_options *options, struct run_result *result, GError **error)
{
    g_autofree char *first = host->root ? ovz_host_path(host, "/usr/sbin") : NULL;
    g_autofree char *program =
        strchr(argv[0], '/') ? ovz_host_path(host, argv[0]) : run_find(argv[0], first, error);
    g_autofree const char **copy =
        g_memdup2(argv, (g_strv_length((char **)argv) + 1) * sizeof *argv);

    if (!program)
        return false;
    copy[0] = program;
    return run_program(copy, options, result, error);
}

static bool ssh_failed(const struct ovz_host *host, struct run_result *result, GError **error)
{
    g_autofree char *why = run_complaint(result);
    bool denied = strstr(result->err, "Permission denied") || strstr(result->err, "Host key");

    g_set_error(error, BACKEND_ERROR, denied ? BACKEND_ERROR_AUTH : BACKEND_ERROR_CONNECTION,
                "ssh %s: %s", host->name, why);
    run_result_clear(result);
    return false;
}

static bool run_remote(struct ovz_host *host, const char *const *argv,
                       const struct run_options *options, struct run_result *result, GError **error)
{
    g_autofree char *program = run_find("ssh", NULL, error);
    g_autoptr(GPtrArray) ssh = NULL;

    if (!program)
        return false;
    ssh = ssh_arguments(host, false);
    g_free(ssh->pdata[0]);
    ssh->pdata[0] = g_steal_pointer(&program);
    g_ptr_array_add(ssh, remote_line(host, argv));
    g_ptr_array_add(ssh, NULL);
    if (!run_program((const char *const *)ssh->pdata, options, result, error))
        return false;
    return result->status != SSH_FAILED || ssh_failed(host, result, error);
}

bool ovz_host_run(struct ovz_host *host, const char *const *argv, unsigned timeout_ms,
                  GCancellable *cancel, struct run_result *result, GError **error)
{
    struct run_options options = {.timeout_ms = timeout_ms, .cancel = cancel};

    return host->name ? run_remote(host, argv, &options, result, error)
                      : run_local(host, argv, &options, result, error);
}

char *ovz_host_command(const struct ovz_host *host, const char *const *argv)
{
    GString *line = g_string_new(NULL);

    if (host->name) {
        g_autoptr(GPtrArray) ssh = ssh_arguments(host, true);

        for (unsigned i = 0; i < ssh->len; i++) {
            g_autofree char *quoted = text_shell_quote(ssh->pdata[i]);

            g_string_append_printf(line, "%s ", quoted);
        }
    }
    for (size_t i = 0; argv[i]; i++) {
        g_autofree char *quoted = text_shell_quote(argv[i]);

        g_string_append_printf(line, "%s%s", i ? " " : "", quoted);
    }
    return g_string_free(line, FALSE);
}
