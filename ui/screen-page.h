/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What screens that are one page have in common: keys, scrolling, Esc. */
#ifndef UI_SCREEN_PAGE_H
#define UI_SCREEN_PAGE_H

#include "ui/page.h"
#include "ui/screen.h"

/* A page about one domain or nothing; `fill` makes its text. */
struct page_screen {
    struct screen screen;
    struct page *page;
    struct domain_key key;
    char *search;
    void (*fill)(struct page_screen *about);
    GString *status;
};

/* NULL key: about no domain. */
struct screen *page_screen_new(const struct screen_ops *ops, const struct domain_key *key,
                               void (*fill)(struct page_screen *about));
/* The same in zeroed memory of one's own, whose first member it is. */
void page_screen_init(struct page_screen *about, const struct screen_ops *ops,
                      const struct domain_key *key, void (*fill)(struct page_screen *about));
void page_screen_draw(struct screen *screen, const struct canvas *canvas);
bool page_screen_event(struct screen *screen, const struct event *event);
const char *page_screen_status(struct screen *screen);
void page_screen_free(struct screen *screen);
/* Rows for their tables. */
void page_screen_find(struct screen *screen);
void page_screen_find_next(struct screen *screen);
void page_screen_find_previous(struct screen *screen);
void page_screen_back(struct screen *screen);

/* clang-format off */
#define PAGE_BINDINGS \
    {'/', K_F(3), "Find", "find", "searches this page", 0, page_screen_find}, \
    {'n', 0, NULL, NULL, "next match", 0, page_screen_find_next}, \
    {'N', 0, NULL, NULL, "previous match", 0, page_screen_find_previous}, \
    {K_ESC, K_LEFT, "Back", "back", "back to the screen before", 0, page_screen_back}
/* clang-format on */

#endif
