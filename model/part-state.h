/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a part of a job is made of. Only whoever carries it out touches it: the owner before it is
 * queued and after it is done, a worker, or the watchdog that takes it from a hung one. Its steps
 * stay until it is freed, since a hung call may still look at one. Internal to model/.
 */
#ifndef MODEL_PART_STATE_H
#define MODEL_PART_STATE_H

#include "model/part.h"
#include "model/strain.h"

/* One change and what became of it. */
struct item {
    struct result result;
    size_t place;       /* in the job */
    bool sent;          /* a step with it was sent */
    bool decided;       /* there is an outcome */
    bool half;          /* its step failed */
    bool halted;        /* the guest did not follow on the way down: the rest is not sent */
    struct value size;  /* of the guest, before: where it converges from */
    bool returning;     /* it is to go back */
    bool returned;      /* a step with its inverse was sent */
    bool told;          /* the owner has this state */
    uint64_t call;      /* in the journal: the last one that carried it, 0 none */
    struct recorded {
        bool any;
        enum outcome outcome;
        struct value after;
        guint text; /* hashed */
    } recorded; /* what the journal has of it */
    char *call_error;   /* of its step */
    int call_code;      /* of its step: enum backend_error */
};

/* A safe shrink under way: what it wrote, and whether the domain follows (part-shrink*.c). */
struct shrink {
    bool changed;    /* a step of it succeeded */
    int code;        /* enum backend_error of the one that failed */
    bool begun;      /* something was sent; cleared once all is there, or back */
    bool back;       /* what was written is being written back */
    GArray *touched; /* struct touched: live values that it writes */
    struct strain strain;
    unsigned n_below;     /* readings in a row at the stop */
    uint64_t nearest;     /* bytes above the stop, at least so far */
    uint64_t watch_ns;    /* until then it is watched */
    unsigned tries;       /* to write back */
    char *success;        /* once all is there: how */
    char *why;            /* it goes back */
    char *trouble;        /* what could not be written back, or NULL */
    uint64_t call;        /* in the journal: of the present step where no item carries it, 0 none */
    enum outcome outcome; /* of that step, to be recorded … */
    GArray *afters;       /* struct value: what each of its changes reads */
    char *text;
    bool due; /* … now */
};

struct touched {
    const struct tunable *tunable;
    struct value old, before, last; /* at first; sent before the last one; sent last */
};

/* One domain's changes: items [first, first + n) of the part. */
struct target {
    struct domain_key key;
    size_t first, n;
    const struct step_list *steps; /* owned by the part; NULL: nothing to send */
    const struct snapshot *picture; /* that the steps were made from, referenced */
    size_t next_step;
    bool stopped;          /* nothing more of it is sent */
    struct shrink *shrink; /* NULL: none */
};

enum stage {
    STAGE_READ,    /* all domains: compare and plan */
    STAGE_NEXT,    /* which domain, which step */
    STAGE_RECHECK, /* this domain, right before its first step */
    STAGE_INTENT,  /* into the journal */
    STAGE_STEP,
    STAGE_READ_BACK,
    STAGE_SETTLE,    /* until the guest has come to a stop on the way */
    STAGE_WAIT,      /* for converging values */
    STAGE_SQUEEZE,   /* safe shrink: until the domain holds less */
    STAGE_WATCH,     /* safe shrink: whether it suffers */
    STAGE_TAKE_BACK, /* safe shrink: what of it is still there */
    STAGE_DONE,
};

enum part_stop {
    PART_GO_ON,
    PART_CANCELLED,
    PART_ELSEWHERE_FAILED, /* all or nothing: another connection failed */
};

struct part {
    gint refs;
    gint stop; /* enum part_stop; atomic */
    struct link *link;
    struct job *job; /* the owner's: no other thread looks at it */
    struct apply_options options;
    bool back; /* going back */

    struct item *items; /* by domain */
    size_t n_items;
    struct target *targets;
    size_t n_targets;
    GPtrArray *lists; /* struct step_list */

    enum stage stage;
    size_t at;            /* target */
    size_t step, n_steps; /* counted over all targets */
    bool sent;            /* something was sent: what was read before may be old */
    bool reopened;        /* the connection was made anew for the present stage */
    const struct step *current;
    GError *step_error;
    uint64_t not_before_ns; /* the next read of a converging value */
    uint64_t give_up_ns;    /* then it is PENDING */
    uint64_t settle_left;   /* bytes to the stop, when last read */
    char *detail;           /* struct apply_progress */
    GError *error;          /* what stopped all of it */
};

/* part-new.c. The changes of one connection with their places in the job. */
struct part *part_new(struct link *link, struct job *job, const struct apply_options *options,
                      const struct change *changes, const size_t *places, size_t n);
/* Turns a done part into one that goes back; false where it wrote nothing. */
bool part_go_back(struct part *part);

/* outcome.c: what became of changes. Pure. */
void item_decide(struct item *item, enum outcome outcome, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Why it was decided so: the code of the error, if it is a backend's. */
void item_blame(struct item *item, const GError *error);
/* The value of the change in a picture; unknown with the reason where the domain is gone. */
struct value value_in(const struct snapshot *snapshot, const struct change *change);
/* After a step: `snapshot` is what was read back, or NULL with `unread`, the reason. */
void item_read_back(struct item *item, const struct snapshot *snapshot, const char *unread);
/* A converging live value: how far the guest has come, UNKNOWN where nothing tells. */
struct value size_in(const struct snapshot *snapshot, const struct change *change);
/* Near enough to be there. */
bool size_reached(uint64_t size, uint64_t wanted);
/* The same of an item that goes back to result.before. */
void item_went_back(struct item *item, const struct snapshot *snapshot, const char *unread);
/* Sent and on its way. */
bool item_converging(const struct item *item);
bool item_failed(const struct item *item);
/* Something of it was written, so that it could go back. */
bool item_written(const struct item *item);

/* prepare.c: compares and plans one domain. With a fresh picture. */
void target_prepare(struct part *part, struct target *target, const struct snapshot *snapshot);
void target_prepare_back(struct part *part, struct target *target, const struct snapshot *snapshot);
/* Everything of it without an outcome is skipped, or keeps what it is while going back. */
void target_skip(struct part *part, struct target *target, const char *why);

/* part-stages.c. What the call of the present stage brought: a picture, or an error, or neither
 * after a step that was accepted. Where the call hangs it is told as an error. */
void part_took(struct part *part, const struct snapshot *snapshot, const GError *error);
/* The present step carries the change of this item. */
bool item_in_step(const struct item *item, const struct step *step);
/* settle.c: waits for the guest between the stops of one change. After a step with stops was read
 * back: true where it has to be waited for. */
bool part_settle(struct part *part, const struct snapshot *snapshot);
void part_settling(struct part *part, const struct snapshot *snapshot, const GError *error);
/* Every item of the target that was sent, by what was read. */
void part_look_again(struct part *part, struct target *target, const struct snapshot *snapshot,
                     const char *unread);
/* part-shrink.c. The target is carried out as a safe shrink: begins it, ends what there was of it.
 */
void shrink_begin(struct target *target, const struct snapshot *snapshot);
void shrink_free(struct shrink *shrink);
/* The shrink of the present target, or NULL. */
struct shrink *part_shrink(const struct part *part);
/* The present step is one of a shrink that carries none of the items. */
bool part_shrink_alone(const struct part *part);
/* The present step of a shrink was sent. */
void part_shrink_sent(struct part *part);
/* It was read back, and `fine`: the stage that comes next was set. False: as of any other step. */
bool part_shrink_read_back(struct part *part, const struct snapshot *snapshot, const GError *error,
                           bool fine);
/* STAGE_SQUEEZE, STAGE_WATCH, STAGE_TAKE_BACK. */
void part_squeezing(struct part *part, const struct snapshot *snapshot, const GError *error);
void part_watching(struct part *part, const struct snapshot *snapshot, const GError *error);
void part_taking_back(struct part *part, const struct snapshot *snapshot, const GError *error);
/* Between calls: true where a shrink has to go back, or goes, and the stage was set. */
bool part_shrink_next(struct part *part);
/* What was written of the present target's shrink goes back. */
void part_shrink_fails(struct part *part, const char *why);
/* The items of a shrink that got there say so. */
void shrink_tell_success(struct part *part, struct target *target);
/* No call can be made any more: tells what is left as it is. */
void part_shrink_left(struct part *part, const char *why);
/* part-shrink-back.c: after a step on the way back. */
void part_shrink_went_back(struct part *part, const struct snapshot *snapshot);
/* Of the present target, what somebody else changed since: one sentence, newly allocated; or NULL.
 */
char *part_shrink_meddled(const struct part *part, const struct snapshot *snapshot);
/* The value that was there before the shrink. */
bool shrink_is_old(const struct touched *touched, struct value now);

/* part-journal.c. Records of an array of struct journal_record, borrowing from the part: the intent
 * of the present step, … */
GArray *part_intent(struct part *part);
/* … and what became of items and was not recorded yet; they count as recorded from here on. */
GArray *part_outcomes(struct part *part);
bool part_unrecorded(const struct part *part);
/* Who writes, for the domain itself: newly allocated, or NULL where that was not asked for. */
char *part_stamp(const struct part *part);
/* The intent could not be recorded: nothing is sent, unless that was allowed. */
void part_refuse_unrecorded(struct part *part, const GError *error);
/* Between calls: which domain and step, or the end. */
void part_next(struct part *part);
/* Nothing that was not sent yet is sent. */
void part_skip_rest(struct part *part, const char *why);

/* With the lock held. */
void part_tell(struct part *part, enum apply_phase phase, const struct step *step);
void part_tell_done(struct part *part);

#endif
