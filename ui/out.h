/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output of the commands: data on stdout, messages on stderr. A reader that went away ends the
 * output quietly; any other failure to write is told once, at the end.
 */
#ifndef UI_OUT_H
#define UI_OUT_H

#include "ui/options.h"
#include "ui/status.h"

/* Before anything else is opened: where the caller closed a standard file, nothing that is opened
 * later takes its place and gets what is meant for people. Writing to it fails. */
void out_begin(void);
/* text_clean() of every line; the line breaks stay. Newly allocated. */
char *out_clean(const char *raw);
/* A line or lines on stderr, with the program's name before it. The text is cleaned. */
void out_message(const char *format, ...) G_GNUC_PRINTF(1, 2);

void out_text(const char *text);
/* One line. */
void out_line(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Sends what is buffered; false once nobody reads any more. */
bool out_flush(void);
/* Last: `status`, or FAILURE where data could not be written ("No space left"). */
int out_end(int status);

/* A table, row by row: columns as wide as their widest cell in text, tabs in plain, quoted where
 * needed in CSV. */
struct out_table;
struct out_table *out_table_new(enum format format);
void out_table_free(struct out_table *table);
/* Adds a cell to the row; the text is copied. `right`: aligned so in text. */
void out_table_cell(struct out_table *table, const char *text, bool right);
void out_table_end_row(struct out_table *table);
/* The same for a heading, which FORMAT_PLAIN leaves out. */
void out_table_heading(struct out_table *table, const char *const *titles, const bool *right);
void out_table_print(struct out_table *table);

#endif
