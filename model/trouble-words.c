/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/trouble-words.h"

#include "model/backend.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool trouble_say(struct trouble_words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(words->why, sizeof words->why, format, args);
    va_end(args);
    return true;
}

bool trouble_shortly(struct trouble_words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(words->brief, sizeof words->brief, format, args);
    va_end(args);
    return true;
}

bool trouble_figure(const struct trouble_case *c, int role, uint64_t *number)
{
    return value_get(snapshot_figure(c->snapshot, c->domain, role), number);
}

struct value trouble_live(const struct trouble_case *c, enum role role)
{
    const struct setting *setting = snapshot_role(c->snapshot, c->domain, role);
    return setting ? setting->live : value_unsupported(NULL);
}

const char *trouble_tidy(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    size_format_short(bytes, text);
    char *point = strstr(text, ".0");
    if (point && g_ascii_isalpha(point[2]) && bytes % (UINT64_C(1) << 20) == 0)
        memmove(point, point + 2, strlen(point + 2) + 1);
    return text;
}

const char *trouble_time(int64_t when, char text[8])
{
    struct tm tm;
    time_t seconds = (time_t)when;
    if (!localtime_r(&seconds, &tm) || !strftime(text, 8, "%H:%M", &tm))
        strcpy(text, "?");
    return text;
}

const char *trouble_span(int64_t seconds, char text[24])
{
    if (seconds < 30)
        snprintf(text, 24, "%d s", (int)seconds);
    else if (seconds < 5400)
        snprintf(text, 24, "%d min", (int)((seconds + 30) / 60));
    else
        snprintf(text, 24, "%d h", (int)((seconds + 1800) / 3600));
    return text;
}

const char *trouble_soon(const struct trouble *trouble, const char *word, char text[48])
{
    char time[24];
    text[0] = '\0';
    if (trouble->wall.kind == WALL_KILLS && trouble->seconds_left >= 0 &&
        trouble->seconds_left <= SHOWN_SECONDS)
        snprintf(text, 48, "; %s ~%s", word, trouble_span(trouble->seconds_left, time));
    return text;
}

void trouble_say_left(const struct trouble_case *c, const struct trouble *trouble,
                      struct trouble_words *words)
{
    char time[24], left[SIZE_TEXT_MAX], more[48];
    uint64_t bytes = (uint64_t)MAX(trouble->wall.left, 0);
    if (trouble->percent_left >= 5 && trouble->seconds_left >= 0 &&
        trouble->seconds_left <= SHOWN_SECONDS && trouble->wall.kind == WALL_KILLS) {
        trouble_span(trouble->seconds_left, time);
        trouble_shortly(words, "kill ~%s", time);
        trouble_say(words, "kill in ~%s; %s left of %s", time, size_format_short(bytes, left),
                    wall_owner(c->snapshot, &trouble->wall));
        return;
    }
    trouble_shortly(words, "%d %% left", trouble->percent_left);
    trouble_say(words, "%d %% left of %s%s", trouble->percent_left,
                wall_owner(c->snapshot, &trouble->wall), trouble_soon(trouble, "kill in", more));
}
