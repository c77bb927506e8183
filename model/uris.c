/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hypervisor a URI is for, and which URIs there are. */
#include "model/model.h"

#include <string.h>

const struct backend *backend_for_uri(const struct backend *const *backends, const char *uri)
{
    size_t length = strcspn(uri, "+:");

    if (strstr(uri, "://") == NULL && strchr(uri, ':') == NULL)
        return NULL;
    for (size_t i = 0; backends[i] != NULL; i++) {
        for (const char *const *scheme = backends[i]->schemes; *scheme != NULL; scheme++) {
            if (strlen(*scheme) == length && g_ascii_strncasecmp(*scheme, uri, length) == 0)
                return backends[i];
        }
    }
    return NULL;
}

char **model_local_uris(const struct backend *const *backends)
{
    GPtrArray *uris = g_ptr_array_new();

    for (size_t i = 0; backends[i] != NULL; i++) {
        const char *const *uri = backends[i]->local_uris;

        if (uri == NULL || backends[i]->present == NULL || !backends[i]->present())
            continue;
        for (; *uri != NULL; uri++)
            g_ptr_array_add(uris, g_strdup(*uri));
    }
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}

char *model_resolve(const struct backend *const *backends, const char *name)
{
    char *uri = NULL;

    for (size_t i = 0; uri == NULL && !strstr(name, "://") && backends[i] != NULL; i++)
        uri = backends[i]->resolve ? backends[i]->resolve(name) : NULL;
    return uri != NULL ? uri : g_strdup(name);
}
