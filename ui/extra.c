/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/extra.h"

#include "ui/out.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct backend_command *extra_find(const struct backend_command *more, const char *name)
{
    for (const struct backend_command *command = more; name && command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static bool confirm(const char *text, const char *question)
{
    char answer[16];
    if (!isatty(STDIN_FILENO))
        return false;
    out_text(text);
    out_text(question);
    out_text(" [y/N] ");
    out_flush();
    return fgets(answer, sizeof answer, stdin) && g_ascii_tolower(answer[0]) == 'y' &&
           strchr("\n", answer[1]);
}

static int help(const struct backend_command *command)
{
    out_line("Usage: virt-memtune %s %s", command->name, command->synopsis);
    out_line("%s", command->summary);
    if (command->help)
        out_line("\n%s", command->help);
    return out_end(STATUS_DONE);
}

int extra_run(const struct backend_command *command, bool read_only, int argc, char **argv)
{
    const struct command_user user = {.read_only = read_only, .confirm = confirm};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return help(command);
    bool done = command->run(argc, argv, &user, out, &error);
    if (command->always_done)
        return STATUS_DONE;
    out_text(out->str);
    if (!done)
        out_message("%s", error->message);
    return out_end(done ? STATUS_DONE : (int)status_of_error(error));
}
