/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change of one tunable of one domain in one scope, the findings about it, and the steps that
 * carry it out. Plain data; copied and freed by the functions here.
 */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include "model/domain.h"
#include "model/figure.h"

struct change {
    struct domain_key key;
    const struct tunable *tunable;
    enum scope scope;      /* exactly one of LIVE and CONFIG */
    struct value from;     /* what was seen when the change was made */
    struct value to;       /* what is wanted, not yet rounded */
};

bool change_tightens(const struct change *change);
/* After the hypervisor's rounding nothing would change. */
bool change_is_noop(const struct change *change);

enum severity {
    SEVERITY_NOTE,
    SEVERITY_WARN,
    SEVERITY_DANGER, /* asks for the typed name */
    SEVERITY_KILLS,  /* kills at once: no countdown is offered */
    SEVERITY_REFUSE, /* cannot be done or is never wanted; nothing allows it */
};
const char *severity_name(enum severity severity); /* "note", "warn", "danger", "kills", "refuse" */

struct finding {
    enum severity severity;
    const struct tunable *tunable; /* what it is about, or NULL */
    enum scope scope;              /* LIVE, CONFIG or BOTH */
    const char *code;              /* literal, [a-z_]+ */
    char *text;                    /* one sentence, no final stop: "needs 13.9 GiB, …" */
    struct value safe;             /* a value that would be safe now, NUMBER, or UNKNOWN */
    bool safe_is_most;             /* what is above it is not safe; else what is below it */
};

/* A list that owns its findings. DANGER and KILLS about a change that does not tighten are added
 * as NOTE. */
struct findings;
struct findings *findings_new(void);
void findings_free(struct findings *findings);
void findings_add(struct findings *findings, enum severity severity, const struct change *change,
                  const char *code, const char *format, ...) G_GNUC_PRINTF(5, 6);
/* The same with a value that would be safe. */
void findings_add_safe(struct findings *findings, enum severity severity,
                       const struct change *change, struct value safe, const char *code,
                       const char *format, ...) G_GNUC_PRINTF(6, 7);
size_t findings_count(const struct findings *findings);
const struct finding *findings_get(const struct findings *findings, size_t index);
/* The worst, or NULL where there is none. */
const struct finding *findings_worst(const struct findings *findings);

/* What a step is to a safe shrink (model/shrink.h). */
enum shrink_part {
    SHRINK_NONE,  /* no part of one */
    SHRINK_DOWN,  /* a stop on the way, or a value that is set only meanwhile */
    SHRINK_THERE, /* what was asked for, once all stops were reached */
    SHRINK_UNDO,  /* what was set only meanwhile is again what it was */
};

/* Exactly one call of the hypervisor. Owned by a step list. */
struct step {
    struct domain_key key;
    enum scope scope;         /* one or both: what this call writes */
    struct change *changes;   /* what it carries; a change in BOTH scopes appears twice */
    size_t n_changes;
    char *command;            /* the equivalent command, one shell line, or NULL */
    char *shared;             /* writes beside the change: "machine.slice memory.low 0 -> 12.0 GiB", or NULL */
    const struct carrier *carrier; /* the backend's own */
    /* A stop on the way to what the plan was made for: its change asks for less than all, and the
     * next step is sent once the guest has come that far (FIGURE_SIZE), or never. */
    bool settle;
    enum shrink_part shrink;
    enum figure_role figure; /* DOWN, THERE: the next step is sent once this figure of the domain … */
    uint64_t below;          /* … is at most so much, twice in a row; 0: at once */
    bool watch;              /* the last live one of a shrink: afterwards the domain is watched */
};

struct step_list;
struct step_list *step_list_new(void);
void step_list_free(struct step_list *list);
/* Copies the changes; takes `command` (may be NULL). Returns the step, owned by the list, valid
 * until the list is freed. */
struct step *step_list_add(struct step_list *list, const struct change *changes, size_t n,
                           const struct carrier *carrier, char *command);
size_t step_list_count(const struct step_list *list);
const struct step *step_list_get(const struct step_list *list, size_t index);

enum outcome {
    OUTCOME_CHANGED,
    OUTCOME_UNCHANGED,
    OUTCOME_WOULD_CHANGE, /* --check */
    OUTCOME_PENDING,      /* accepted, on its way (a balloon), or cannot be read back */
    OUTCOME_ROUNDED,      /* changed, the hypervisor rounded it */
    OUTCOME_REFUSED,      /* by our checks: nothing was sent */
    OUTCOME_CONFLICT,     /* somebody else changed it: nothing was sent */
    OUTCOME_FAILED,       /* the hypervisor refused or failed; `after` is what is true now */
    OUTCOME_SKIPPED,      /* not sent because something before it failed */
    OUTCOME_GONE_BACK,
    OUTCOME_KEPT,
};
const char *outcome_name(enum outcome outcome); /* as in JSON: "would-change", "gone-back" */

struct result {
    struct change change;
    struct value before; /* read right before the step; `change.from` where nothing was read */
    struct value after;  /* read back after it, or UNKNOWN with the reason */
    enum outcome outcome;
    int error;           /* FAILED, CONFLICT, SKIPPED: enum backend_error of why; else 0 */
    char *text;          /* one sentence where outcome needs one, or NULL */
};
void result_clear(struct result *result); /* frees what it owns; GDestroyNotify-like for GArray */

#endif
