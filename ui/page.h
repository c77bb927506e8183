/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text that scrolls: what why, detail, help, hosts and messages show. Filled anew for
 * every picture; the scroll position stays. Lines are wrapped to the width, hanging from their
 * label.
 */
#ifndef UI_PAGE_H
#define UI_PAGE_H

#include "ui/canvas.h"
#include "ui/keys.h"

struct page;
struct page *page_new(void);
void page_free(struct page *page);
/* Empties; the position stays. */
void page_begin(struct page *page);
/* `label` (may be NULL) stands in front, `width` columns wide; the text hangs after it. */
void page_line(struct page *page, enum paint paint, const char *label, int width,
               const char *format, ...) G_GNUC_PRINTF(5, 6);
void page_heading(struct page *page, const char *text);
void page_blank(struct page *page);
void page_draw(struct page *page, const struct canvas *canvas);
/* Scrolling keys and the wheel: true where taken. */
bool page_event(struct page *page, const struct event *event);
void page_to_end(struct page *page);
/* Scrolls to the next line that has `text` (casefolded), after the one found last; false: none. */
bool page_find(struct page *page, const char *text, int step);

#endif
