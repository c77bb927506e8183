/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/target.h"
#include "tests/model/scene.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct scene scene = {
        .name = "web1",
        .live = {[ROW_HARD] = G(2), [ROW_MAXIMUM] = G(4)},
        .figures = {[COLUMN_HELD] = G(1), [COLUMN_PSI_FULL] = 350},
    };
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    struct filter *filter = NULL;

    if (!filter_parse(text, &filter, &error)) {
        g_assert(error && !filter && !strchr(error->message, '\n'));
        return 0;
    }
    g_assert_no_error(error);
    struct trouble_clock clock = scene_clock(SECOND);
    struct snapshot *picture = scene_take(&scene, 1, SECOND);
    struct row row = {.snapshot = picture, .domain = &picture->domains[0]};
    trouble_find(picture, row.domain, NULL, NULL, &clock, &row.trouble);
    g_autofree char *inverted = g_strconcat("!", text, NULL);
    bool matches = filter_match(filter, &row), one_word = !strpbrk(text, " \t\r\n\f\v!\"'");
    struct filter *inverse = NULL;
    if (one_word && *text && filter_parse(inverted, &inverse, NULL))
        g_assert(filter_match(inverse, &row) != matches);
    filter_free(inverse);
    filter_free(filter);
    snapshot_unref(picture);
    return 0;
}
