/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the two files that read sizes: size.c (absolute ones) and size-value.c (what is typed
 * for a tunable). */
#ifndef MODEL_SIZE_TEXT_H
#define MODEL_SIZE_TEXT_H

#include "model/size.h"

#define SIZE_INPUT_MAX 256 /* bytes: nobody types more for one value */

/* Sets a SIZE_ERROR, cleaned for screens. Always false. */
bool size_refuse(GError **error, enum size_error code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* A copy without blanks around; NULL with the error where nothing or too much is written. */
char *size_trim(const char *text, GError **error);

/* Trimmed text with a unit; `page` is what "p" counts, `bare` what a number without a unit counts
 * (0: refused). */
bool size_parse_bytes(const char *text, uint64_t page, uint64_t bare, uint64_t *bytes,
                      GError **error);

#endif
