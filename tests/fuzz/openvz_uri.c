/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include "tests/fuzz/target.h"

#include <string.h>

/* A URI, and the version that vzctl prints. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const argv[] = {"vzctl", "set", "101", NULL};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *version = NULL;
    g_autoptr(GError) error = NULL;
    struct ovz_host *host = ovz_host_new(text, &error);

    g_assert((host == NULL) == (error != NULL));
    if (host) {
        g_autofree char *command = ovz_host_command(host, argv);
        g_auto(GStrv) words = NULL;
        int n;

        /* One line of a shell, whatever the URI holds. */
        g_assert(g_shell_parse_argv(command, &n, &words, NULL) && n >= 3);
        g_assert(!strcmp(words[n - 3], "vzctl") && !strcmp(words[n - 1], "101"));
    }
    ovz_host_free(host);
    g_assert((ovz_version_parse(text, &version) != 0) <= (version != NULL));
    return 0;
}
