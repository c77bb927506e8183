/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of URI, then the text of a credentials file. */
#include "backends/support/auth.h"
#include "backends/vsphere-uri.h"
#include "tests/fuzz/target.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const services[] = {"vpx", "esx", NULL};
    char *text = g_strndup((const char *)data, size);
    char *file = strchr(text, '\n');
    const char *user = NULL, *password = NULL;
    struct vsphere_uri uri = {0};
    GError *error = NULL;

    if (file != NULL) {
        *file++ = '\0';
    }
    if (vsphere_uri_parse(text, &uri, &error)) {
        g_assert(error == NULL && uri.host != NULL && uri.url != NULL);
    } else {
        g_assert(error != NULL && uri.host == NULL);
        g_clear_error(&error);
    }
    if (file != NULL && !auth_look_up(file, services, uri.host != NULL ? uri.host : "h", &user,
                                      &password, &error)) {
        g_assert(error != NULL && user == NULL && password == NULL);
        g_clear_error(&error);
    }
    vsphere_uri_clear(&uri);
    g_free(text);
    return 0;
}
