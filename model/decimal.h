/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A typed decimal number, exact: "1.5" is never a double. Private to the files that read text.
 */
#ifndef MODEL_DECIMAL_H
#define MODEL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_PLACES 24 /* further ones are read and do not count */

struct decimal {
    uint64_t whole;
    uint8_t places[DECIMAL_PLACES]; /* tenths, hundredths, … */
    size_t n_places;                /* without zeros at the end */
    bool overflow;                  /* whole does not fit: whole is UINT64_MAX */
};

/* Reads "12", "1.5" or ".5" at the beginning of text; the number of bytes read, 0 where there is
 * no number ("5." is none: the point is not read). */
size_t decimal_scan(const char *text, struct decimal *decimal);

/* A hundredth of it. */
struct decimal decimal_percent(const struct decimal *decimal);

/* decimal * factor, rounded down; false where it does not fit. */
bool decimal_times(const struct decimal *decimal, uint64_t factor, uint64_t *product);

#endif
