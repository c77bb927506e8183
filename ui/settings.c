/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/settings.h"

#include "model/guard.h"
#include "model/select.h"
#include "model/text.h"
#include "ui/columns.h"

#include <errno.h>
#include <string.h>

#include "config.h"

#define FILE_MAX (1024 * 1024)

static bool valid_filter(const char *text, GError **error)
{
    struct filter *filter = NULL;
    bool ok = filter_parse(text, &filter, error);
    filter_free(filter);
    return ok;
}

static bool valid_sort(const char *text, GError **error)
{
    if (sort_key_find(*text == '-' ? text + 1 : text))
        return true;
    g_autoptr(GString) names = g_string_new(NULL);
    for (const struct sort_key *key = sort_keys; key->name; key++)
        g_string_append_printf(names, " %s", key->name);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "there is no sort key \"%s\"; there are:%s", text, names->str);
    return false;
}

static bool valid_header(const char *text, GError **error)
{
    return strcmp(text, "auto") == 0 || g_ascii_string_to_unsigned(text, 10, 0, 20, NULL, error);
}

static bool valid_word(const char *const *words, const char *text, GError **error)
{
    if (g_strv_contains(words, text))
        return true;
    g_autofree char *all = g_strjoinv(", ", (char **)words);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is none of %s", text, all);
    return false;
}

static bool valid_bars(const char *text, GError **error)
{
    return valid_word(bar_scale_names, text, error);
}

static bool valid_units(const char *text, GError **error)
{
    return valid_word(size_unit_names, text, error);
}

static bool valid_columns(const char *text, GError **error)
{
    g_autofree const struct column **chosen = columns_parse(text, error);
    return chosen != NULL;
}

#define ROW(key_, type_, field, help_, ...)                                                        \
    {                                                                                              \
        key_, type_, offsetof(struct settings, field), help_, __VA_ARGS__                          \
    }
/* clang-format off */
const struct setting_row setting_rows[] = {
    ROW("connect",   SETTING_LIST,    connect,   "URIs and aliases to connect to where neither -c nor LIBVIRT_DEFAULT_URI is given", NULL),
    ROW("connect_only", SETTING_FLAG, connect_only, "true, in the system's file: nothing but its connections is opened", NULL),
    ROW("read_only", SETTING_FLAG,    read_only, "true: never write; in the system's file nothing can relax it", NULL),
    ROW("no_uri_programs", SETTING_FLAG, no_uri_programs, "true: no address that names a program to run is opened", NULL),
    ROW("delay",     SETTING_SECONDS, delay,     "seconds between refreshes, 1 to 3600", NULL),
    ROW("countdown", SETTING_SECONDS, countdown, "seconds until what the review's c applies goes back, 15 to 3600", NULL, GUARD_SECONDS_MIN),
    ROW("filter",    SETTING_TEXT,    filter,    "the filter at the start", valid_filter),
    ROW("sort",      SETTING_TEXT,    sort,      "the sort key, with - before it reversed", valid_sort),
    ROW("columns",   SETTING_TEXT,    columns,   "the columns, with commas between", valid_columns),
    ROW("theme",     SETTING_TEXT,    theme,     "the name of a theme", NULL),
    ROW("header",    SETTING_TEXT,    header,    "lines of hosts above the table: auto, or 0 to 20", valid_header),
    ROW("bars",      SETTING_TEXT,    bars,      "the bars' right edge: wall, maximum or host", valid_bars),
    ROW("units",     SETTING_TEXT,    units,     "of the table's sizes, where there is room: auto, MiB or GiB", valid_units),
    ROW("ascii",     SETTING_FLAG,    ascii,     "true: nothing but ASCII is drawn", NULL),
    ROW("stamp",     SETTING_FLAG,    stamp,     "true: who changed a domain last is left in its metadata, where libvirt has it", NULL),
    ROW("no_mouse",  SETTING_FLAG,    no_mouse,  "true: the mouse stays the terminal's", NULL),
    ROW("all",       SETTING_FLAG,    all,       "true: domains that are off are listed too", NULL),
    {NULL},
};
/* clang-format on */

void settings_clear(struct settings *settings)
{
    g_strfreev(settings->connect);
    g_strfreev(settings->pinned);
    g_free(settings->filter);
    g_free(settings->sort);
    g_free(settings->columns);
    g_free(settings->theme);
    g_free(settings->header);
    g_free(settings->bars);
    g_free(settings->units);
    *settings = (struct settings){0};
}

static bool take_seconds(GKeyFile *file, const struct setting_row *row, double *seconds,
                         GError **error)
{
    double value = g_key_file_get_double(file, SETTINGS_GROUP, row->key, error);
    unsigned least = MAX(row->least, 1);
    if (*error)
        return false;
    if (!(value >= least && value <= 3600)) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                    "from %u to 3600 seconds", least);
        return false;
    }
    *seconds = value;
    return true;
}

static bool take_text(GKeyFile *file, const struct setting_row *row, char **field, GError **error)
{
    g_autofree char *text = g_key_file_get_string(file, SETTINGS_GROUP, row->key, error);
    if (!text || (row->valid && *text && !row->valid(text, error)))
        return false;
    g_free(*field);
    *field = *text ? g_steal_pointer(&text) : NULL;
    return true;
}

static bool take_flag(GKeyFile *file, const char *key, gboolean *flag, GError **error)
{
    gboolean value = g_key_file_get_boolean(file, SETTINGS_GROUP, key, error);
    if (*error)
        return false;
    *flag = value;
    return true;
}

static bool take_list(GKeyFile *file, const char *key, char ***list, GError **error)
{
    char **value = g_key_file_get_string_list(file, SETTINGS_GROUP, key, NULL, error);
    if (!value)
        return false;
    g_strfreev(*list);
    *list = value;
    if (!*value)
        g_clear_pointer(list, g_strfreev);
    return true;
}

static bool take_row(GKeyFile *file, const struct setting_row *row, struct settings *settings,
                     GError **error)
{
    void *field = (char *)settings + row->offset;
    switch (row->type) {
    case SETTING_FLAG:
        return take_flag(file, row->key, field, error);
    case SETTING_SECONDS:
        return take_seconds(file, row, field, error);
    case SETTING_TEXT:
        return take_text(file, row, field, error);
    case SETTING_LIST:
        return take_list(file, row->key, field, error);
    }
    return false;
}

static void say(GPtrArray *messages, const char *name, const char *what, const char *why)
{
    g_autofree char *line = g_strdup_printf("%s: %s%s%s", name, what, *what ? ": " : "", why);
    if (messages)
        g_ptr_array_add(messages, text_clean(line));
}

static const struct setting_row *row_find(const char *key)
{
    for (const struct setting_row *row = setting_rows; row->key; row++)
        if (strcmp(row->key, key) == 0)
            return row;
    return NULL;
}

/* What a site forbids with. */
static const char *const restrictions[] = {"read_only", "connect_only", "no_uri_programs", NULL};

/* Where the site may have forbidden something and cannot be understood, watching is the safe side:
 * a watch that cannot write runs no program either. */
static void settings_doubt(struct settings *settings, bool site)
{
    if (site)
        settings->read_only = settings->read_only_by_site = TRUE;
}

void settings_read_text(struct settings *settings, const char *text, size_t length,
                        const char *name, bool site, GPtrArray *messages)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) error = NULL;
    if (length == 0)
        return;
    if (!g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, &error)) {
        say(messages, name, "", error->message);
        settings_doubt(settings, site);
        return;
    }
    g_auto(GStrv) keys = g_key_file_get_keys(file, SETTINGS_GROUP, NULL, NULL);
    if (!keys)
        say(messages, name, "", "there is no group [" SETTINGS_GROUP "]");
    for (char **key = keys; key && *key; key++) {
        const struct setting_row *row = row_find(*key);
        g_autoptr(GError) why = NULL;
        if (!row)
            say(messages, name, *key, "there is no such setting");
        else if (!take_row(file, row, settings, &why)) {
            say(messages, name, *key, why->message);
            settings_doubt(settings, site && g_strv_contains(restrictions, *key));
        }
    }
    if (site && settings->connect_only)
        settings->pinned = settings->connect ? g_strdupv(settings->connect) : g_new0(char *, 1);
    if (site && settings->read_only)
        settings->read_only_by_site = TRUE;
    settings->read_only |= settings->read_only_by_site;
    if (site && settings->no_uri_programs)
        settings->no_uri_programs_by_site = TRUE;
    settings->no_uri_programs |= settings->no_uri_programs_by_site;
}

void settings_read(struct settings *settings, const char *path, bool site, GPtrArray *messages)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    size_t length = 0;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        say(messages, path, "", "not a file");
        return;
    }
    if (!g_file_get_contents(path, &text, &length, &error)) {
        say(messages, "settings", "", error->message);
        settings_doubt(settings, site);
    } else if (length > FILE_MAX) {
        say(messages, path, "", "larger than a settings file can be");
        settings_doubt(settings, site);
    } else {
        settings_read_text(settings, text, length, path, site, messages);
    }
}

char *settings_user_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "virt-memtune", "settings.conf", NULL);
}

const char *settings_site_path(void)
{
    return SYSCONFDIR "/settings.conf";
}

bool settings_write(const char *path, const char *key, const char *value, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) why = NULL;
    g_return_val_if_fail(row_find(key), false);
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, &why) &&
        !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_propagate_prefixed_error(error, g_steal_pointer(&why), "%s is left as it is: ", path);
        return false;
    }
    if (value)
        g_key_file_set_value(file, SETTINGS_GROUP, key, value);
    else
        g_key_file_remove_key(file, SETTINGS_GROUP, key, NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s cannot be made: %s", folder,
                    g_strerror(errno));
        return false;
    }
    return g_key_file_save_to_file(file, path, error);
}
