/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/decimal.h"

#include <glib.h>
#include <string.h>

static void drop_zeros(struct decimal *decimal)
{
    while (decimal->n_places && !decimal->places[decimal->n_places - 1])
        decimal->n_places--;
}

size_t decimal_scan(const char *text, struct decimal *decimal)
{
    const char *p = text;

    memset(decimal, 0, sizeof(*decimal));
    for (; g_ascii_isdigit(*p); p++) {
        if (!g_uint64_checked_mul(&decimal->whole, decimal->whole, 10) ||
            !g_uint64_checked_add(&decimal->whole, decimal->whole, (uint64_t)(*p - '0'))) {
            decimal->overflow = true;
            decimal->whole = 0; /* the digits that follow must not overflow again */
        }
    }
    if (*p == '.' && g_ascii_isdigit(p[1])) {
        for (p++; g_ascii_isdigit(*p); p++) {
            if (decimal->n_places < DECIMAL_PLACES)
                decimal->places[decimal->n_places++] = (uint8_t)(*p - '0');
        }
    }
    if (decimal->overflow)
        decimal->whole = UINT64_MAX;
    drop_zeros(decimal);
    return (size_t)(p - text);
}

struct decimal decimal_percent(const struct decimal *decimal)
{
    struct decimal percent = {.whole = decimal->whole / 100, .overflow = decimal->overflow};
    size_t kept = MIN(decimal->n_places, (size_t)(DECIMAL_PLACES - 2));

    percent.places[0] = (uint8_t)(decimal->whole / 10 % 10);
    percent.places[1] = (uint8_t)(decimal->whole % 10);
    memcpy(percent.places + 2, decimal->places, kept);
    percent.n_places = kept + 2;
    drop_zeros(&percent);
    return percent;
}

bool decimal_times(const struct decimal *decimal, uint64_t factor, uint64_t *product)
{
    uint64_t whole, part = 0;

    if (decimal->overflow || !g_uint64_checked_mul(&whole, decimal->whole, factor))
        return false;
    /* From the last place to the first, part = (digit * factor + part) / 10: exact, as dividing
     * twice and rounding down each time is dividing once; split so that nothing overflows. */
    for (size_t i = decimal->n_places; i-- > 0;)
        part = decimal->places[i] * (factor / 10) + part / 10 +
               (decimal->places[i] * (factor % 10) + part % 10) / 10;
    return g_uint64_checked_add(product, whole, part);
}
