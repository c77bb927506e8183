/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where screen, model and hypervisors meet. */
#include "backends/backends.h"
#include "ui/cli.h"

int main(int argc, char **argv)
{
    return cli_main(all_backends, all_commands, argc, argv);
}
