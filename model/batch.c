/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/batch.h"

#include <glib.h>
#include <string.h>
#include <time.h>

void batch_id_new(char id[BATCH_ID_SIZE])
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(id, BATCH_ID_SIZE, "%Y%m%dT%H%M%S", &utc);
    g_snprintf(id + strlen(id), 6, "-%04x", g_random_int_range(0, 0x10000));
}

bool batch_id_valid(const char *text)
{
    static const char pattern[] = "ddddddddTdddddd-xxxx";
    size_t i;

    if (text == NULL || strlen(text) != sizeof pattern - 1)
        return false;
    for (i = 0; pattern[i] != '\0'; i++) {
        bool fits = pattern[i] == 'd'   ? g_ascii_isdigit(text[i])
                    : pattern[i] == 'x' ? g_ascii_isxdigit(text[i]) && !g_ascii_isupper(text[i])
                                        : text[i] == pattern[i];
        if (!fits)
            return false;
    }
    return true;
}
