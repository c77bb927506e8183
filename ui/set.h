/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of `set`: an order of changes, what is found about them, and what became of them. The
 * form writes by the very same path: change_parse(), checks_run(), model_apply().
 */
#ifndef UI_SET_H
#define UI_SET_H

#include "model/checks.h"
#include "ui/session.h"

/* One change and what became of it. */
struct item {
    struct change change;
    struct value after;   /* read back; before and unless anything is sent: change.from */
    enum outcome outcome; /* WOULD_CHANGE until it is known better */
    int error;            /* as in struct result */
    char *text;           /* a sentence, or NULL */
};

struct found {
    struct domain_key key;
    enum severity severity;
    enum scope scope;
    const struct tunable *tunable; /* or NULL */
    char code[32];
    char *text;
    struct value safe;
    bool safe_is_most;
    bool allowed; /* by --allow */
};

struct order {
    const struct options *options;
    struct session *session;
    GPtrArray *assignments;    /* of char *: "hard=18G" */
    GArray *keys;              /* of struct domain_key */
    GArray *items;             /* of struct item */
    GArray *found;             /* of struct found, worst first for each domain */
    char batch[BATCH_ID_SIZE]; /* "": nothing was sent */
    bool unanswered;           /* some connection: what could be done on others was */
    bool counting;             /* a guard goes back from it unless it is kept */
    GError *error;             /* what stopped it before or while writing, or NULL */
    char *failure;             /* the same as one sentence for JSON, or NULL */
    enum status status;
};

/* set.c */
void order_init(struct order *order, const struct options *options);
void order_clear(struct order *order);
/* As session_open(): it may be on a host that answered, so that others do not stop it; the exit
 * status says that they did not. */
void order_connect(struct order *order, const char *const *more, bool only_more);
/* What was found may or may not be written: says so, and writes. */
void order_carry_out(struct order *order);
/* Nothing that is still to be written is. */
void order_skip_the_rest(struct order *order);
/* The exit status by what became of all. */
enum status order_status(const struct order *order);

/* set-judge.c: each false with order->status and a message given. */
bool order_parse(struct order *order);  /* assignments into items */
bool order_expect(struct order *order); /* --expect */
void order_narrow(struct order *order); /* what is so already, --only-raise, --only-lower */
bool order_judge(struct order *order);  /* checks; false where something is refused */

/* --allow has this word. */
bool order_allows(const struct order *order, const char *word);

/* set-confirm.c: writes what acts now under a guard. */
void order_confirm(struct order *order);

/* set-print.c */
void order_print(const struct order *order);
void order_print_findings(const struct order *order);
/* The sentence on stderr, kept for JSON; order->status is `status`. */
void order_fail(struct order *order, enum status status, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* What a person calls the domain of a key; valid until the main loop runs. */
const char *order_name(const struct order *order, const struct domain_key *key);
bool order_row(const struct order *order, const struct domain_key *key, struct row *row);

#endif
