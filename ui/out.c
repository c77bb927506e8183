/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/out.h"

#include "model/text.h"
#include "ui/width.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void out_begin(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

char *out_clean(const char *raw)
{
    g_auto(GStrv) lines = g_strsplit(raw, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *clean = text_clean(*line);
        g_free(*line);
        *line = clean;
    }
    return g_strjoinv("\n", lines);
}

void out_message(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *raw = g_strdup_vprintf(format, list);
    va_end(list);
    g_autofree char *text = out_clean(raw);
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", g_get_prgname() ? g_get_prgname() : "virt-memtune", text);
}

void out_text(const char *text)
{
    fputs(text, stdout);
}

void out_line(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

bool out_flush(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

/* A write that failed earlier has left its mark and no reason: then the other end is looked at. */
static bool reader_left(int reason)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return reason ? reason == EPIPE : poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

int out_end(int status)
{
    errno = 0;
    if (out_flush())
        return status;
    int reason = errno;
    if (reader_left(reason))
        return status;
    out_message("the output could not be written%s%s", reason ? ": " : "",
                reason ? g_strerror(reason) : "");
    return STATUS_FAILURE;
}

/* --- tables ------------------------------------------------------------------------------- */

struct out_cell {
    char *text;
    bool right;
};

struct out_table {
    enum format format;
    GPtrArray *rows; /* of GArray of struct out_cell */
    GArray *row;
};

static void cell_clear(void *data)
{
    struct out_cell *cell = data;
    g_free(cell->text);
}

static GArray *row_new(void)
{
    GArray *row = g_array_new(FALSE, TRUE, sizeof(struct out_cell));
    g_array_set_clear_func(row, cell_clear);
    return row;
}

struct out_table *out_table_new(enum format format)
{
    struct out_table *table = g_new0(struct out_table, 1);
    table->format = format;
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    table->row = row_new();
    return table;
}

void out_table_free(struct out_table *table)
{
    if (!table)
        return;
    g_ptr_array_unref(table->rows);
    g_array_unref(table->row);
    g_free(table);
}

void out_table_cell(struct out_table *table, const char *text, bool right)
{
    const struct out_cell cell = {g_strdup(text ? text : ""), right};
    g_array_append_val(table->row, cell);
}

void out_table_end_row(struct out_table *table)
{
    g_ptr_array_add(table->rows, table->row);
    table->row = row_new();
}

void out_table_heading(struct out_table *table, const char *const *titles, const bool *right)
{
    if (table->format == FORMAT_PLAIN)
        return;
    for (size_t i = 0; titles[i]; i++)
        out_table_cell(table, titles[i], right && right[i]);
    out_table_end_row(table);
}

static void append_csv(GString *line, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        g_string_append(line, text);
        return;
    }
    g_string_append_c(line, '"');
    for (; *text; text++) {
        if (*text == '"')
            g_string_append_c(line, '"');
        g_string_append_c(line, *text);
    }
    g_string_append_c(line, '"');
}

static void append_padded(GString *line, const struct out_cell *cell, int width, bool last)
{
    int blank = width - width_of(cell->text);
    if (cell->right)
        g_string_append_printf(line, "%*s", blank, "");
    g_string_append(line, cell->text);
    if (!cell->right && !last)
        g_string_append_printf(line, "%*s", blank, "");
}

static int widest(const struct out_table *table, guint column)
{
    int width = 0;
    for (guint r = 0; r < table->rows->len; r++) {
        const GArray *row = table->rows->pdata[r];
        if (column < row->len)
            width = MAX(width, width_of(g_array_index(row, struct out_cell, column).text));
    }
    return width;
}

static void print_row(const struct out_table *table, const GArray *row, const int *widths)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (guint c = 0; c < row->len; c++) {
        const struct out_cell *cell = &g_array_index(row, struct out_cell, c);
        switch (table->format) {
        case FORMAT_TEXT:
        case FORMAT_JSON:
            g_string_append(line, c ? "  " : "");
            append_padded(line, cell, widths[c], c + 1 == row->len);
            break;
        case FORMAT_PLAIN:
            g_string_append(line, c ? "\t" : "");
            g_string_append(line, cell->text);
            break;
        case FORMAT_CSV:
            g_string_append(line, c ? "," : "");
            append_csv(line, cell->text);
            break;
        }
    }
    if (table->format == FORMAT_TEXT)
        g_strchomp(line->str);
    out_line("%s", line->str);
}

void out_table_print(struct out_table *table)
{
    guint columns = 0;
    for (guint r = 0; r < table->rows->len; r++)
        columns = MAX(columns, ((GArray *)table->rows->pdata[r])->len);
    g_autofree int *widths = g_new0(int, columns + 1);
    for (guint c = 0; c < columns; c++)
        widths[c] = widest(table, c);
    for (guint r = 0; r < table->rows->len; r++)
        print_row(table, table->rows->pdata[r], widths);
}
