/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/theme.h"

#include "config.h"
#include "model/text.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const char *const paint_names[PAINT_COUNT_] = {
    [PAINT_TEXT] = "text",     [PAINT_NEEDED] = "needed",           [PAINT_GUEST] = "guest",
    [PAINT_DROP] = "drop",     [PAINT_UNKNOWN] = "unknown",         [PAINT_BALLOONED] = "ballooned",
    [PAINT_TICK] = "tick",     [PAINT_TICK_PASSED] = "tick-passed", [PAINT_KILLED] = "killed",
    [PAINT_SLOWED] = "slowed", [PAINT_NOTICE] = "notice",           [PAINT_STALE] = "stale",
    [PAINT_STAGED] = "staged", [PAINT_SELECTED] = "selected",       [PAINT_HEADER] = "header",
    [PAINT_OK] = "ok",
};

static const char *const color_names[] = {"black", "red",     "green", "yellow",
                                          "blue",  "magenta", "cyan",  "white"};

static const struct {
    const char *name;
    unsigned attr;
} attr_names[] = {{"bold", STYLE_BOLD},
                  {"dim", STYLE_DIM},
                  {"underline", STYLE_UNDERLINE},
                  {"reverse", STYLE_REVERSE}};

/* Built in, so that a missing file costs colours and nothing else. */
static const char default_text[] = "[theme]\ncolors=8\n[paint]\n"
                                   "needed=default bold\nguest=cyan\ndrop=blue bold\n"
                                   "ballooned=magenta\ntick=default bold\n"
                                   "tick-passed=default reverse\nkilled=white on red bold\n"
                                   "slowed=black on yellow\nnotice=yellow bold\n"
                                   "staged=yellow underline\nselected=default reverse\n"
                                   "header=default reverse\nok=cyan bold\n";

static const char mono_text[] = "[theme]\ncolors=0\n[paint]\n"
                                "needed=default bold\ntick=default bold\n"
                                "tick-passed=default reverse\nkilled=default reverse bold\n"
                                "slowed=default reverse\nnotice=default bold\n"
                                "staged=default underline bold\nselected=default reverse\n"
                                "header=default reverse\nok=default bold\n";

static bool parse_color(const char *word, short *color)
{
    bool bright = g_str_has_prefix(word, "bright-");
    const char *name = bright ? word + strlen("bright-") : word;
    guint64 number;

    if (g_str_equal(word, "default")) {
        *color = -1;
        return true;
    }
    for (short i = 0; i < (short)G_N_ELEMENTS(color_names); i++) {
        if (g_str_equal(name, color_names[i])) {
            *color = (short)(i + (bright ? 8 : 0));
            return true;
        }
    }
    if (!g_ascii_string_to_unsigned(word, 10, 0, 255, &number, NULL))
        return false;
    *color = (short)number;
    return true;
}

static bool parse_attr(const char *word, unsigned *attrs)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attr_names); i++) {
        if (g_str_equal(word, attr_names[i].name)) {
            *attrs |= attr_names[i].attr;
            return true;
        }
    }
    return false;
}

/* NULL, or the word that makes no sense (newly allocated). */
static char *parse_style(const char *text, struct style *style)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    bool background = false, foreground_seen = false;

    *style = (struct style){-1, -1, 0};
    for (char **word = words; *word; word++) {
        short color;

        if (!**word)
            continue;
        if (g_str_equal(*word, "on") && foreground_seen && !background) {
            background = true;
            while (word[1] && !*word[1])
                word++;
            if (!word[1] || !parse_color(*++word, &style->background))
                return g_strdup(word[0] ? word[0] : "on");
        } else if (!foreground_seen && parse_color(*word, &color)) {
            style->foreground = color;
            foreground_seen = true;
        } else if (!parse_attr(*word, &style->attrs)) {
            return g_strdup(*word);
        }
    }
    return NULL;
}

static int find_paint(const char *name)
{
    for (int i = 0; i < PAINT_COUNT_; i++)
        if (g_str_equal(paint_names[i], name))
            return i;
    return -1;
}

static bool parse_paints(struct theme *theme, GKeyFile *file, GError **error)
{
    g_auto(GStrv) names = g_key_file_get_keys(file, "paint", NULL, error);

    for (char **name = names; names && *name; name++) {
        g_autofree char *text = g_key_file_get_value(file, "paint", *name, NULL);
        g_autofree char *wrong = NULL;
        int paint = find_paint(*name);

        if (paint < 0) {
            g_autofree char *clean = text_clean(*name);

            g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                        "theme %s: \"%s\" is nothing that is painted", theme->name, clean);
            return false;
        }
        wrong = parse_style(text ? text : "", &theme->styles[paint]);
        if (wrong) {
            g_autofree char *clean = text_clean(wrong);

            g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                        "theme %s: %s: \"%s\" is no colour (default, red, bright-red, 0 to 255) "
                        "and not bold, dim, underline or reverse",
                        theme->name, *name, clean);
            return false;
        }
    }
    return names != NULL;
}

static bool parse_colors(struct theme *theme, GKeyFile *file, GError **error)
{
    g_autofree char *text = g_key_file_get_value(file, "theme", "colors", NULL);
    g_autofree char *clean = text_clean(text);

    theme->colors = text ? (int)g_ascii_strtoll(text, NULL, 10) : 0;
    if (!text || g_strv_contains((const char *const[]){"0", "8", "16", "256", NULL}, text))
        return true;
    g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                "theme %s: colors: \"%s\" is not 0, 8, 16 or 256", theme->name, clean);
    return false;
}

struct theme *theme_parse(const char *name, const char *text, gsize length, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) problem = NULL;
    struct theme *theme;

    if (!g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, &problem)) {
        g_autofree char *clean = text_clean_sentence(problem->message);

        g_set_error(error, problem->domain, problem->code, "theme %s: %s", name, clean);
        return NULL;
    }
    theme = g_new0(struct theme, 1);
    theme->name = g_strdup(name);
    for (int i = 0; i < PAINT_COUNT_; i++)
        theme->styles[i] = (struct style){-1, -1, 0};
    if (!parse_colors(theme, file, error) || !parse_paints(theme, file, error)) {
        theme_free(theme);
        return NULL;
    }
    return theme;
}

struct theme *theme_default(void)
{
    return theme_parse("default", default_text, strlen(default_text), NULL);
}

struct theme *theme_mono(void)
{
    return theme_parse("mono", mono_text, strlen(mono_text), NULL);
}

void theme_free(struct theme *theme)
{
    if (!theme)
        return;
    g_free(theme->name);
    g_free(theme);
}

/* NULL-terminated, in the order of search. */
static char **directories(const char *first)
{
    GPtrArray *list = g_ptr_array_new();

    if (first)
        g_ptr_array_add(list, g_strdup(first));
    g_ptr_array_add(list,
                    g_build_filename(g_get_user_config_dir(), "virt-memtune", "themes", NULL));
    g_ptr_array_add(list, g_build_filename(DATADIR, "themes", NULL));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

static struct theme *load_file(const char *name, const char *directory, bool *found, GError **error)
{
    g_auto(GStrv) list = directories(directory);
    g_autofree char *base = g_strconcat(name, ".theme", NULL);

    for (char **at = list; *at; at++) {
        g_autofree char *path = g_build_filename(*at, base, NULL);
        g_autofree char *text = NULL;
        gsize length;
        GError *local = NULL;

        /* A watch that gave its rights away cannot look into the folder of who started it. */
        if (g_access(*at, X_OK) != 0)
            continue;
        if (g_file_get_contents(path, &text, &length, &local)) {
            *found = true;
            return theme_parse(name, text, length, error);
        }
        if (!g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            *found = true;
            g_propagate_error(error, local);
            return NULL;
        }
        g_clear_error(&local);
    }
    return NULL;
}

struct theme *theme_load(const char *name, const char *directory, GError **error)
{
    bool found = false;
    struct theme *theme = NULL;

    if (!name)
        name = "default";
    if (strchr(name, '/') || name[0] == '.')
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND,
                    "theme \"%s\" is not the name of a theme", name);
    else
        theme = load_file(name, directory, &found, error);
    if (!theme && g_str_equal(name, "mono") && !found)
        return theme_mono();
    if (!theme && !found && error && !*error && !g_str_equal(name, "default"))
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND,
                    "there is no theme \"%s\": the default is used", name);
    return theme ? theme : theme_default();
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **theme_names(const char *directory)
{
    g_auto(GStrv) list = directories(directory);
    GPtrArray *names = g_ptr_array_new();

    for (char **at = list; *at; at++) {
        g_autoptr(GDir) dir = g_dir_open(*at, 0, NULL);
        const char *base;

        while (dir && (base = g_dir_read_name(dir))) {
            g_autofree char *name = NULL;

            if (!g_str_has_suffix(base, ".theme"))
                continue;
            name = g_strndup(base, strlen(base) - strlen(".theme"));
            if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
                g_ptr_array_add(names, g_steal_pointer(&name));
        }
    }
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}
