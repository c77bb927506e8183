/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules of trouble say, and how. For trouble-*.c alone. */
#ifndef MODEL_TROUBLE_WORDS_H
#define MODEL_TROUBLE_WORDS_H

#include "model/size.h"
#include "model/trouble-rules.h"

#define SHOWN_SECONDS 3600 /* a time to the wall is worth a word below an hour */

/* What is said: `brief` has room for 14 columns. */
struct trouble_words {
    char why[160];
    char brief[16];
};

/* One line of a table, worst first: the first that holds is told. */
struct rule {
    enum trouble_rank rank;
    char mark;
    const char *code;
    bool (*holds)(const struct trouble_case *c, const struct trouble *trouble,
                  struct trouble_words *words);
};

/* Both are true, so that they can end a rule. */
G_GNUC_PRINTF(2, 3) bool trouble_say(struct trouble_words *words, const char *format, ...);
G_GNUC_PRINTF(2, 3) bool trouble_shortly(struct trouble_words *words, const char *format, ...);
/* "3 % left of hard limit; kill in ~32 min" */
void trouble_say_left(const struct trouble_case *c, const struct trouble *trouble,
                      struct trouble_words *words);

bool trouble_figure(const struct trouble_case *c, int role, uint64_t *number);
/* UNSUPPORTED where the domain has nothing of that role. */
struct value trouble_live(const struct trouble_case *c, enum role role);

/* "48G" for what is whole, "37.5G" for what is not. */
const char *trouble_tidy(uint64_t bytes, char text[SIZE_TEXT_MAX]);
const char *trouble_time(int64_t when, char text[8]);
/* "32 min" */
const char *trouble_span(int64_t seconds, char text[24]);
/* "; kill in ~32 min", or nothing. */
const char *trouble_soon(const struct trouble *trouble, const char *word, char text[48]);

/* trouble-rules.c. The counter that fails, as a short name. */
void trouble_counter_name(const struct trouble_case *c, char name[16]);
/* Reclaim takes only what the host drops by itself. */
bool trouble_only_cache(const struct trouble_case *c, const struct trouble *trouble);
/* Somebody wanted the domain to end so. */
bool trouble_wanted_end(const char *reason);

/* trouble-notes.c: what is no trouble, but worth a word. Ends with a NULL code. */
extern const struct rule trouble_notes[];

#endif
