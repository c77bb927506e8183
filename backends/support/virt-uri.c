/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt.h"
#include "model/uri-text.h"

#include <string.h>
#include <unistd.h>

/* "qemu+ssh" of "qemu+ssh://host/system". */
static char *scheme_of(const char *uri)
{
    const char *end = strstr(uri, "://");

    return end ? g_strndup(uri, (gsize)(end - uri)) : g_strdup("");
}

bool virt_uri_is_local(const char *uri)
{
    g_autofree char *scheme = scheme_of(uri);
    const char *authority = strstr(uri, "://");
    const char *transport = strchr(scheme, '+');

    if (transport && strcmp(transport, "+unix") != 0)
        return false;
    return !authority || authority[3] == '/' || authority[3] == '\0';
}

char *virt_uri_batch(const char *uri)
{
    g_autofree char *scheme = scheme_of(uri);

    /* ssh would ask for a password on the terminal, under the screen. */
    if (!g_str_has_suffix(scheme, "+ssh") || strstr(uri, "no_tty="))
        return g_strdup(uri);
    return g_strconcat(uri, strchr(uri, '?') ? "&" : "?", "no_tty=1", NULL);
}

enum watch virt_watch(const char *uri, const char **why)
{
    const char *path = strstr(uri, "://");

    *why = uri_program(uri);
    if (!*why && uri_has_parameter(uri, "socket"))
        *why = "socket= names another door than the one for reading";
    path = path ? strchr(path + 3, '/') : NULL;
    if (!*why && path && (g_str_has_prefix(path, "/session") || g_str_has_prefix(path, "/embed")))
        *why = "what is of one user alone has no door for reading only";
    if (*why)
        return WATCH_REFUSED;
    if (virt_uri_is_local(uri))
        return WATCH_ANYBODY;
    *why = "keys of this user open a host that is not here";
    return WATCH_OWNER;
}

/* The quoted strings of `uri_aliases = [ "hail=qemu+ssh://root@hail/system", … ]`. */
static char *find_alias(const char *text, const char *name)
{
    g_autoptr(GRegex) list = g_regex_new("^[ \\t]*uri_aliases[ \\t]*=[ \\t]*\\[([^\\]]*)\\]",
                                         G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GRegex) comments = g_regex_new("^[ \\t]*#.*$", G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *plain = g_regex_replace_literal(comments, text, -1, 0, "", 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *body = NULL, *wanted = g_strconcat(name, "=", NULL);
    g_auto(GStrv) parts = NULL;

    if (!plain || !g_regex_match(list, plain, 0, &match))
        return NULL;
    body = g_match_info_fetch(match, 1);
    parts = g_strsplit_set(body, "\"'", -1);
    for (size_t i = 1; parts[0] && parts[i]; i += 2) {
        if (g_str_has_prefix(parts[i], wanted))
            return g_strdup(parts[i] + strlen(wanted));
    }
    return NULL;
}

char *virt_resolve(const char *name)
{
    g_autofree char *own =
        g_build_filename(g_get_user_config_dir(), "libvirt", "libvirt.conf", NULL);
    const char *const files[] = {own, "/etc/libvirt/libvirt.conf"};

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *text = NULL;
        char *found;

        if (!g_file_get_contents(files[i], &text, NULL, NULL) || !g_utf8_validate(text, -1, NULL))
            continue;
        found = find_alias(text, name);
        if (found)
            return found;
        return NULL; /* libvirt reads one file, not both */
    }
    return NULL;
}

bool virt_socket_present(const char *daemon)
{
    const char *const daemons[] = {"libvirt", daemon};

    for (size_t i = 0; i < G_N_ELEMENTS(daemons); i++) {
        g_autofree char *all = g_strdup_printf("/run/libvirt/%s-sock", daemons[i]);
        g_autofree char *reading = g_strdup_printf("/run/libvirt/%s-sock-ro", daemons[i]);

        if (access(all, R_OK | W_OK) == 0 || access(reading, R_OK | W_OK) == 0)
            return true;
    }
    return false;
}
