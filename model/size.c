/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"

#include "model/decimal.h"
#include "model/size-text.h"
#include "model/text.h"

#include <string.h>

G_DEFINE_QUARK(virt - memtune - size - error, size_error)

/* clang-format off */
static const struct {
    const char *name;
    uint64_t bytes;
} suffixes[] = {
    {"b", 1}, {"byte", 1}, {"bytes", 1},
    {"k", UINT64_C(1) << 10}, {"kib", UINT64_C(1) << 10}, {"kb", UINT64_C(1000)},
    {"m", UINT64_C(1) << 20}, {"mib", UINT64_C(1) << 20}, {"mb", UINT64_C(1000000)},
    {"g", UINT64_C(1) << 30}, {"gib", UINT64_C(1) << 30}, {"gb", UINT64_C(1000000000)},
    {"t", UINT64_C(1) << 40}, {"tib", UINT64_C(1) << 40}, {"tb", UINT64_C(1000000000000)},
    {"p", UINT64_C(1) << 50}, {"pib", UINT64_C(1) << 50}, {"pb", UINT64_C(1000000000000000)},
    {"e", UINT64_C(1) << 60}, {"eib", UINT64_C(1) << 60}, {"eb", UINT64_C(1000000000000000000)},
};
/* clang-format on */

bool size_refuse(GError **error, enum size_error code, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *cleaned = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    cleaned = text_clean(text);
    g_set_error_literal(error, SIZE_ERROR, (int)code, cleaned);
    return false;
}

static bool unit_find(const char *name, uint64_t page, uint64_t *bytes)
{
    if (!strcmp(name, "p") || !g_ascii_strcasecmp(name, "page") ||
        !g_ascii_strcasecmp(name, "pages")) {
        *bytes = page;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        if (!g_ascii_strcasecmp(name, suffixes[i].name)) {
            *bytes = suffixes[i].bytes;
            return true;
        }
    }
    return false;
}

bool size_parse_bytes(const char *text, uint64_t page, uint64_t bare, uint64_t *bytes,
                      GError **error)
{
    struct decimal decimal;
    size_t read = decimal_scan(text, &decimal);
    const char *unit = text + read;
    uint64_t factor;

    unit += strspn(unit, " ");
    if (!read || (*unit && !unit_find(unit, page, &factor)))
        return size_refuse(error, SIZE_ERROR_JUNK,
                           "\"%s\" is not a size. Write 18G, 512M or bytes as 4096B", text);
    if (!*unit && !decimal.whole && !decimal.n_places)
        factor = 1; /* nothing is nothing in any unit */
    else if (!*unit && !bare)
        return size_refuse(error, SIZE_ERROR_BARE, "%s what? Write %sG, %sM or bytes as %.*sB.",
                           text, text, text, (int)strcspn(text, ". "), text);
    else if (!*unit)
        factor = bare;
    if (factor == 1 && decimal.n_places)
        return size_refuse(error, SIZE_ERROR_JUNK, "\"%s\" is a part of a byte", text);
    if (!decimal_times(&decimal, factor, bytes))
        return size_refuse(error, SIZE_ERROR_OVERFLOW,
                           "%s is too large: the most is 2^64 - 1 bytes, just below 16E", text);
    return true;
}

char *size_trim(const char *text, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text ? text : ""));

    if (!*trimmed)
        size_refuse(error, SIZE_ERROR_JUNK, "nothing is written. Write 18G, 512M or 4096B");
    else if (strlen(trimmed) > SIZE_INPUT_MAX)
        size_refuse(error, SIZE_ERROR_JUNK, "this is too long to be a value");
    else
        return g_steal_pointer(&trimmed);
    return NULL;
}

bool size_parse(const char *text, uint64_t *bytes, GError **error)
{
    g_autofree char *trimmed = size_trim(text, error);
    uint64_t parsed;

    if (!trimmed || !size_parse_bytes(trimmed, 4096, 0, &parsed, error))
        return false;
    *bytes = parsed;
    return true;
}
