/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which columns a screen has room for, and how wide they are. */
#include "ui/columns.h"
#include "ui/width.h"

#include <string.h>

const struct column *column_find(const char *name)
{
    for (const struct column *column = columns; column->name; column++)
        if (g_ascii_strcasecmp(column->name, name) == 0)
            return column;
    return NULL;
}

static unsigned total(const struct column_place *places, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += places[i].width + !places[i].column->glued;
    return sum;
}

/* Columns give up width in turn, the bar first: the number decides, the bar only ranks. */
static void shrink(struct column_place *places, size_t n, unsigned room)
{
    for (int bars = 1; bars >= 0; bars--)
        for (size_t i = 0; i < n; i++)
            while (places[i].column->bar == bars && total(places, n) > room &&
                   places[i].width > places[i].column->shrink)
                places[i].width--;
}

static void grow(struct column_place *places, size_t n, unsigned room)
{
    for (size_t i = 0; i < n; i++)
        while (total(places, n) < room && places[i].width < places[i].column->grow)
            places[i].width++;
    for (size_t i = 0; i < n; i++) /* a very wide screen is the bar's */
        while (places[i].column->bar && total(places, n) < room)
            places[i].width++;
}

/* Takes out the column that is missed least; false where none may go. */
static bool drop_one(struct column_place *places, size_t *n)
{
    size_t least = *n;
    for (size_t i = 0; i < *n; i++) {
        unsigned drop = places[i].column->drop;
        if (drop && (least == *n || drop <= places[least].column->drop))
            least = i;
    }
    if (least == *n)
        return false;
    memmove(&places[least], &places[least + 1], (*n - least - 1) * sizeof *places);
    *n -= 1;
    return true;
}

static void put_in_order(struct column_place *places, size_t n, unsigned x)
{
    for (size_t i = 0; i < n; i++) {
        x += !places[i].column->glued && i > 0;
        places[i].x = x;
        x += places[i].width;
    }
}

static void share_room(struct column_place *places, size_t n, unsigned room)
{
    shrink(places, n, room);
    grow(places, n, room);
}

size_t columns_layout(unsigned screen, unsigned x, bool more,
                      struct column_place places[COLUMNS_MAX])
{
    unsigned room = screen > x ? screen - x : 0;
    size_t n = 0;
    for (const struct column *column = columns; column->name && n < COLUMNS_MAX; column++) {
        bool lone_host = !more && strcmp(column->name, "host") == 0;
        if (column->from && column->from <= screen + 1 && !lone_host)
            places[n++] = (struct column_place){column, 0, column->width};
    }
    for (;;) {
        shrink(places, n, room);
        if (total(places, n) <= room || !drop_one(places, &n))
            break;
        for (size_t i = 0; i < n; i++)
            places[i].width = places[i].column->width;
    }
    share_room(places, n, room);
    put_in_order(places, n, x);
    return n;
}

size_t columns_arrange(const struct column *const *chosen, unsigned screen, unsigned x,
                       struct column_place places[COLUMNS_MAX])
{
    size_t n = 0;
    for (; chosen[n] && n < COLUMNS_MAX; n++)
        places[n] = (struct column_place){chosen[n], 0, chosen[n]->width};
    share_room(places, n, screen > x ? screen - x : 0);
    put_in_order(places, n, x);
    return n;
}

static void refuse(GError **error, const char *word)
{
    GString *names = g_string_new(NULL);
    for (const struct column *column = columns; column->name; column++)
        g_string_append_printf(names, "%s%s", names->len ? " " : "", column->name);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "there is no column \"%s\"; there are: %s", word, names->str);
    g_string_free(names, TRUE);
}

const struct column **columns_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, ", ", -1);
    g_autofree const struct column **chosen = g_new0(const struct column *, COLUMNS_MAX);
    size_t n = 0;
    for (char **word = words; *word; word++) {
        const struct column *column = column_find(*word);
        if (**word == '\0')
            continue;
        if (!column || n == COLUMNS_MAX - 1) {
            refuse(error, *word);
            return NULL;
        }
        chosen[n++] = column;
    }
    if (n == 0) {
        refuse(error, text);
        return NULL;
    }
    return g_steal_pointer(&chosen);
}

void column_title(const struct column *column, const struct column_view *view, unsigned width,
                  char *title, size_t size)
{
    static const char *const words[] = {[BAR_WALL] = "share of limit",
                                        [BAR_MAXIMUM] = "share of max",
                                        [BAR_HOST] = "share of host"};
    const char *word = words[view->scale];
    unsigned long needs = strlen(word) + strlen("0100%") + 2;
    if (!column->bar || width < needs) {
        g_autofree char *cut = width_cut(column->title, (int)width);
        g_strlcpy(title, cut, size);
        return;
    }
    unsigned blank = width - (unsigned)strlen(word) - (unsigned)strlen("0100%");
    g_snprintf(title, size, "0%*s%s%*s100%%", (int)(blank / 2), "", word, (int)(blank - blank / 2),
               "");
}
