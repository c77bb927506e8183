/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/options.h"

#include "model/guard.h"
#include "ui/options-table.h"

#include <langinfo.h>
#include <string.h>

static const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->summary; command++)
        if (command->name && strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static char *describe_commands(const struct backend_command *more)
{
    g_autoptr(GString) text = g_string_new("Commands:\n");
    for (const struct command *command = commands + 1; command->summary; command++)
        g_string_append_printf(text, "  %-10s %s\n", command->name, command->summary);
    for (; more && more->name; more++)
        g_string_append_printf(text, "  %-10s %s\n", more->name, more->summary);
    g_string_append(text, "COMMAND --help says what it takes. See virt-memtune(1).");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static GArray *entries_of(const struct command *command, struct given *given)
{
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    for (const struct option_row *row = option_rows; row->name; row++) {
        if (!(row->commands & command->bit))
            continue;
        char *base = row->own ? (char *)given->options : (char *)given;
        const GOptionEntry entry = {.long_name = row->name,
                                    .short_name = row->letter,
                                    .arg = row->arg,
                                    .arg_data = base + row->offset,
                                    .description = row->help,
                                    .arg_description = row->value};
        g_array_append_val(entries, entry);
    }
    return entries;
}

static const struct option_row *row_of(const struct command *command, char letter, const char *name)
{
    for (const struct option_row *row = option_rows; row->name; row++)
        if (row->commands & command->bit &&
            (name ? strcmp(row->name, name) == 0 : letter && row->letter == letter))
            return row;
    return NULL;
}

/* Splits "-n1" into "-n" "1", which GOption does not know. True where the next word is a value. */
static bool split_word(const struct command *command, const char *word, GPtrArray *words)
{
    if (g_str_has_prefix(word, "--")) {
        const struct option_row *row = row_of(command, 0, word + 2);
        g_ptr_array_add(words, g_strdup(word));
        return row && row->arg != G_OPTION_ARG_NONE;
    }
    for (const char *p = word + 1; *word == '-' && *p; p++) {
        const struct option_row *row = row_of(command, *p, NULL);
        if (!row)
            break;
        if (row->arg == G_OPTION_ARG_NONE)
            continue;
        g_ptr_array_add(words, g_strndup(word, (size_t)(p - word) + 1));
        if (p[1])
            g_ptr_array_add(words, g_strdup(p + 1));
        return p[1] == '\0';
    }
    g_ptr_array_add(words, g_strdup(word));
    return false;
}

/* A copy of the words, options with their values apart, up to the first other word where `posix`.
 */
static GPtrArray *split_words(const struct command *command, bool posix, int argc, char **argv)
{
    GPtrArray *words = g_ptr_array_new();
    bool value = false, verbatim = false;
    for (int i = 0; i < argc; i++) {
        verbatim |= strcmp(argv[i], "--") == 0 || (posix && i && !value && argv[i][0] != '-');
        if (i == 0 || value || verbatim) {
            g_ptr_array_add(words, g_strdup(argv[i]));
            value = false;
        } else {
            value = split_word(command, argv[i], words);
        }
    }
    return words;
}

/* Parses what `command` takes out of `argv`; up to the first other word only, where `posix`. What
 * is left is newly allocated, without the program's name; NULL on error. */
static char **parse_for(const struct command *command, struct given *given, bool posix, int argc,
                        char **argv, GError **error)
{
    g_autofree char *parameters = g_strdup_printf(
        "%s%s%s", command->name ? command->name : "[COMMAND]", command->arguments ? " " : "",
        command->arguments ? command->arguments : "");
    GOptionContext *context = g_option_context_new(parameters);
    g_autofree char *all = command->name ? NULL : describe_commands(given->options->more);
    g_autoptr(GArray) entries = entries_of(command, given);
    GPtrArray *words = split_words(command, posix, argc, argv);
    g_ptr_array_add(words, NULL);
    char **left = (char **)g_ptr_array_free(words, FALSE);
    g_option_context_set_strict_posix(context, posix);
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, all);
    g_option_context_add_main_entries(context, (const GOptionEntry *)(void *)entries->data, NULL);
    bool ok = g_option_context_parse_strv(context, &left, error);
    g_option_context_free(context);
    if (!ok) {
        g_strfreev(left);
        return NULL;
    }
    return left;
}

static void append(char ***list, char **more)
{
    if (!more)
        return;
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (char **word = *list; word && *word; word++)
        g_ptr_array_add(all, *word);
    for (char **word = more; *word; word++)
        g_ptr_array_add(all, *word);
    g_ptr_array_add(all, NULL);
    g_free(*list);
    g_free(more);
    *list = (char **)g_ptr_array_steal(all, NULL);
}

static void replace(char **field, char *given)
{
    if (!given)
        return;
    g_free(*field);
    *field = *given ? given : NULL;
    if (!*field)
        g_free(given);
}

/* The command line over the environment over the settings. */
static void lay_over(struct options *options, struct given *given)
{
    const char *environment = g_getenv("LIBVIRT_DEFAULT_URI");
    struct settings *settings = &options->settings;
    if (given->connect)
        options->uris = g_steal_pointer(&given->connect);
    else if (environment && *environment)
        options->uris = g_strsplit(environment, "\n", -1);
    else
        options->uris = g_strdupv(settings->pinned ? settings->pinned : settings->connect);
    settings->read_only |= given->read_only || strcmp(options->program, "virt-memtop") == 0;
    settings->ascii |= given->ascii;
    settings->no_mouse |= given->no_mouse;
    options->all |= settings->all;
    if (given->delay != NOT_GIVEN)
        settings->delay = given->delay ? given->delay : -1; /* 0 s is none that there is */
    replace(&settings->filter, g_steal_pointer(&given->filter));
    replace(&settings->sort, g_steal_pointer(&given->sort));
    replace(&settings->columns, g_steal_pointer(&given->columns));
    replace(&settings->theme, g_steal_pointer(&given->theme));
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
    return false;
}

static bool valid_setting(const char *key, const char *text, GError **error)
{
    for (const struct setting_row *row = setting_rows; row->key; row++)
        if (text && row->valid && strcmp(row->key, key) == 0)
            return row->valid(text, error);
    return true;
}

bool options_may_connect(const struct options *options, const char *uri, GError **error)
{
    char **pinned = options->settings.pinned;
    if (!pinned || g_strv_contains((const char *const *)pinned, uri))
        return true;
    g_autofree char *these = g_strjoinv(", ", pinned);
    return refuse(error, "%s: this site lets connect to %s only", uri, *these ? these : "nothing");
}

static bool only_pinned(const struct options *options, GError **error)
{
    for (char **uri = options->uris; uri && *uri; uri++)
        if (!options_may_connect(options, *uri, error))
            return false;
    return true;
}

static bool valid_confirm(const struct options *options, GError **error)
{
    if (options->keep_if && options->confirm == -1)
        return refuse(error, "--keep-if decides at the end of --confirm SEC: give both");
    if (options->confirm != -1 &&
        (options->confirm < GUARD_SECONDS_MIN || options->confirm > GUARD_SECONDS_MAX))
        return refuse(error, "--confirm %d: it takes %d to %d seconds", options->confirm,
                      GUARD_SECONDS_MIN, GUARD_SECONDS_MAX);
    if (options->confirm != -1 && options->config)
        return refuse(error, "--confirm goes back from what acts now, and --config does not act");
    return true;
}

static bool valid(const struct options *options, GError **error)
{
    const struct settings *settings = &options->settings;
    if (options->plain + options->csv + options->json > 1)
        return refuse(error, "one of --plain, --csv and --json, not two");
    if (!valid_confirm(options, error))
        return false;
    if (options->live + options->config + options->both > 1)
        return refuse(error, "one of --live, --config and --both, not two");
    if (options->only_raise && options->only_lower)
        return refuse(error, "one of --only-raise and --only-lower, not both");
    if (!only_pinned(options, error))
        return false;
    if (settings->delay != 0 && !(settings->delay >= 1 && settings->delay <= 3600))
        return refuse(error, "-d: from 1 to 3600 seconds");
    if (options->count < 0)
        return refuse(error, "-n: how often, 1 or more");
    if (options->timeout < 1 || options->timeout > 86400)
        return refuse(error, "--timeout: from 1 to 86400 seconds");
    if (options->wait < 0 || options->wait > 86400)
        return refuse(error, "--wait: from 0 to 86400 seconds");
    return valid_setting("filter", settings->filter, error) &&
           valid_setting("sort", settings->sort, error) &&
           valid_setting("columns", settings->columns, error);
}

static void given_clear(struct given *given)
{
    g_strfreev(given->connect);
    g_free(given->filter);
    g_free(given->sort);
    g_free(given->columns);
    g_free(given->theme);
}

/* Without the name and a "--" before the rest. */
static char **words_of(char **left)
{
    char **from = left + (left[0] != NULL);
    if (*from && strcmp(*from, "--") == 0)
        from++;
    char **words = g_strdupv(from);
    g_strfreev(left);
    return words;
}

static char **parse_command(struct options *options, struct given *given, char **words,
                            GError **error)
{
    const struct command *command = command_find(words[1]);
    if (!command) {
        g_autoptr(GString) names = g_string_new(NULL);
        for (const struct command *each = commands + 1; each->summary; each++)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", each->name);
        refuse(error, "there is no command \"%s\"; there are %s", words[1], names->str);
        return NULL;
    }
    options->command = command;
    char **before = g_steal_pointer(&given->connect);
    char **left = parse_for(command, given, false, (int)g_strv_length(words + 1), words + 1, error);
    append(&before, g_steal_pointer(&given->connect));
    given->connect = before;
    return left;
}

/* The screen's own row takes what stands before the command; then the command its own. */
static bool parse_all(struct options *options, struct given *given, int argc, char **argv,
                      GError **error)
{
    char **left = parse_for(&commands[0], given, true, argc, argv, error);
    if (left && left[0] && left[1] && strcmp(left[1], "--") != 0) {
        char **words = left;
        left = parse_command(options, given, words, error);
        g_strfreev(words);
    }
    if (!left)
        return false;
    options->words = words_of(left);
    if (*options->words && !options->command->arguments)
        return refuse(error, "%s takes no \"%s\"",
                      options->command->name ? options->command->name : "the screen",
                      *options->words);
    return true;
}

bool options_parse(struct options *options, struct settings *settings, int argc, char **argv,
                   GError **error)
{
    g_autofree char *base = argc > 0 ? g_path_get_basename(argv[0]) : g_strdup("");
    struct given given = {.options = options, .delay = NOT_GIVEN};
    options->settings = *settings;
    *settings = (struct settings){0};
    options->program = strcmp(base, "virt-memtop") == 0 ? "virt-memtop" : "virt-memtune";
    options->command = &commands[0];
    options->timeout = 30;
    options->confirm = -1;
    g_set_prgname(options->program);
    bool ok = parse_all(options, &given, argc, argv, error);
    if (ok)
        lay_over(options, &given);
    given_clear(&given);
    return ok && valid(options, error);
}

void options_clear(struct options *options)
{
    settings_clear(&options->settings);
    g_strfreev(options->words);
    g_strfreev(options->uris);
    g_strfreev(options->domains);
    g_strfreev(options->expect);
    g_free(options->allow);
    g_free(options->keep_if);
    g_free(options->warning);
    g_free(options->critical);
}

enum format options_format(const struct options *options)
{
    if (options->json)
        return FORMAT_JSON;
    if (options->csv)
        return FORMAT_CSV;
    return options->plain ? FORMAT_PLAIN : FORMAT_TEXT;
}

bool options_utf8(const struct options *options)
{
    return !options->settings.ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
