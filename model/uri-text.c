/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/uri-text.h"

#include <glib.h>
#include <string.h>

char *uri_without_password(const char *uri)
{
    const char *start = strstr(uri, "://");
    const char *end, *at, *colon;

    if (start == NULL)
        return g_strdup(uri);
    start += 3;
    end = start + strcspn(start, "/?#");
    at = memrchr(start, '@', (size_t)(end - start));
    colon = at == NULL ? NULL : memchr(start, ':', (size_t)(at - start));
    if (colon == NULL)
        return g_strdup(uri);
    return g_strdup_printf("%.*s%s", (int)(colon - uri), uri, at);
}

static const struct {
    const char *name, *why;
} programs[] = {
    {"command", "command= names a program to run"},
    {"netcat", "netcat= names a program to run"},
    {"root", "root= names what programs are run from"},
};

bool uri_has_parameter(const char *uri, const char *wanted)
{
    const char *query = strchr(uri, '?');
    g_auto(GStrv) parts = g_strsplit_set(query ? query + 1 : "", "&;", -1);

    for (char **part = parts; *part; part++) {
        g_autofree char *name = g_strndup(*part, strcspn(*part, "="));
        g_autofree char *plain = g_uri_unescape_string(name, NULL);
        if (!plain || !g_ascii_strcasecmp(plain, wanted))
            return true;
    }
    return false;
}

const char *uri_program(const char *uri)
{
    const char *scheme_end = strstr(uri, "://");

    if (scheme_end) {
        g_autofree char *scheme = g_strndup(uri, (gsize)(scheme_end - uri));
        if (g_str_has_suffix(scheme, "+ext"))
            return "+ext runs a program";
    }
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        if (uri_has_parameter(uri, programs[i].name))
            return programs[i].why;
    return NULL;
}
