/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bars as they are drawn in the manual: which cell means what. */
#include "ui/bar.h"

#include <criterion/criterion.h>
#include <string.h>

#define G(gib) ((uint64_t)((double)(gib)*1073741824.0))

struct picture {
    const char *what;
    struct bar bar;
    unsigned width;
    bool utf8;
    const char *drawn;
};

#define HELD(held_) .held_known = true, .split_known = true, .held = G(held_)
#define UNSPLIT(held_) .held_known = true, .held = G(held_)

/* clang-format off */
static const struct picture pictures[] = {
    {"needed, what the guest could give, and the soft limit passed",
     {.scale = G(34), .wall = true, HELD(33), .needed = G(32.7), .used = G(28.7), .soft = G(33)}, 21, false,
     "[||||||||||||||||::s]"},
    {"the same in 28 cells",
     {.scale = G(34), .wall = true, HELD(33), .needed = G(32.7), .used = G(28.7), .soft = G(33)}, 30, false,
     "[||||||||||||||||||||||||:::s]"},
    {"the form's wide bar shows the droppable cell",
     {.scale = G(34), .wall = true, HELD(33), .needed = G(32.65), .used = G(28.7), .soft = G(33)}, 66, false,
     "[||||||||||||||||||||||||||||||||||||||||||||||||||||||:::::::.s ]"},
    {"a reservation inside, the rest of what is held unknown",
     {.scale = G(48), .wall = true, UNSPLIT(47.6), .needed = G(47.6), .used = G(20), .guarantee = G(16)}, 21, false,
     "[||||||g|???????????]"},
    {"room before a soft limit that is not reached",
     {.scale = G(34), .wall = true, HELD(30.2), .needed = G(30.2), .used = G(19.3), .soft = G(33)}, 30, false,
     "[||||||||||||||||:::::::::  s]"},
    {"page cache up to the limit is no trouble and looks like none",
     {.scale = G(4), .wall = true, HELD(4), .needed = G(0.7), .used = G(0.7)}, 30, false,
     "[|||||.......................]"},
    {"nothing known of the split, and nothing bites",
     {.scale = G(7.9), UNSPLIT(7.9), .needed = G(7.9)}, 30, false,
     "[??????????????????????????\?\?)"},
    {"a balloon target below the size",
     {.scale = G(48), HELD(35.8), .needed = G(35.8), .used = G(22.3), .target = G(40)}, 30, false,
     "[|||||||||||||::::::::  T    )"},
    {"a target that is passed, split unknown",
     {.scale = G(7.1), UNSPLIT(7.1), .needed = G(7.1), .target = G(6.1)}, 30, false,
     "[????????????????????????T?\?\?)"},
    {"hugepages: almost nothing is held",
     {.scale = G(64), HELD(1.1), .needed = G(1.1), .used = G(1.1)}, 30, false,
     "[                            )"},
    {"what is held is not known",
     {.scale = G(8), .wall = true}, 21, false,
     "[         ?         ]"},
    {"no scale at all",
     {.held_known = true}, 12, false,
     "[          )"},
    {"ballooned away on the scale of the maximum",
     {.scale = G(8), HELD(4), .needed = G(4), .used = G(2), .ballooned = G(3)}, 18, false,
     "[||||::::  oooooo)"},
    {"what is held goes before what was ballooned away",
     {.scale = G(8), HELD(6), .needed = G(6), .used = G(6), .ballooned = G(3)}, 18, false,
     "[||||||||||||oooo)"},
    {"a wall inside the scale of the host",
     {.scale = G(8), .wall = true, HELD(2), .needed = G(2), .used = G(2), .inner_wall = G(4)}, 18, false,
     "[||||    ]       ]"},
    {"more held than the scale stays inside",
     {.scale = G(1), .wall = true, HELD(5), .needed = G(5), .used = G(5), .soft = G(2)}, 8, false,
     "[||||||]"},
    {"a soft limit equal to the wall stands in the last cell",
     {.scale = G(4), .wall = true, HELD(1), .needed = G(1), .used = G(1), .soft = G(4)}, 10, false,
     "[||     s]"},
    {"eighth blocks",
     {.scale = G(16), .wall = true, HELD(4.5), .needed = G(4.5), .used = G(4.5)}, 18, true,
     "[████▌           ]"},
    {"shades for the guest and for what the host drops",
     {.scale = G(16), .wall = true, HELD(9), .needed = G(7), .used = G(4)}, 18, true,
     "[████▓▓▓░░       ]"},
    {"too narrow to be a bar",
     {.scale = G(16), .wall = true, HELD(9), .needed = G(7), .used = G(4)}, 2, false,
     "  "},
};
/* clang-format on */

Test(bar, looks_like_the_pictures)
{
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        const struct picture *p = &pictures[i];
        struct bar_cell cells[80];
        g_autoptr(GString) drawn = g_string_new(NULL);
        bar_draw(&p->bar, p->width, p->utf8, cells);
        for (unsigned c = 0; c < p->width; c++)
            g_string_append(drawn, cells[c].text);
        cr_expect_str_eq(drawn->str, p->drawn, "%s:\n%s\n%s", p->what, drawn->str, p->drawn);
    }
}

Test(bar, a_tick_that_is_passed_is_painted_so)
{
    struct bar bar = {.scale = 100,
                      .wall = true,
                      .held_known = true,
                      .split_known = true,
                      .held = 50,
                      .needed = 50,
                      .used = 50,
                      .soft = 50,
                      .guarantee = 80};
    struct bar_cell cells[12];
    bar_draw(&bar, 12, false, cells);
    cr_expect_eq(cells[6].paint, PAINT_TICK_PASSED);
    cr_expect_eq(cells[9].paint, PAINT_TICK);
}
