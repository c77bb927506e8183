/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over every file of the folders (or files) named: the saved corpus, without
 * libFuzzer. Fails where there is none. */
#include "tests/fuzz/target.h"

#include <glib.h>
#include <stdio.h>

static unsigned replay_file(const char *path)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;

    if (!g_file_get_contents(path, &data, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 0;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)data, size);
    return 1;
}

static unsigned replay(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    unsigned n = 0;

    if (!dir)
        return replay_file(path);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        n += replay_file(file);
    }
    return n;
}

int main(int argc, char **argv)
{
    unsigned n = 0;

    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    printf("%u inputs\n", n);
    return n == 0;
}
