/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor that hangs, fails, lies and dawdles on command, and what a threads test needs to
 * drive a model with it. Everything in struct stub is guarded by its lock.
 */
#ifndef TESTS_THREADS_STUB_H
#define TESTS_THREADS_STUB_H

#include "model/dispatch.h"

#include <stdio.h>
#include <stdlib.h>

#define STUB_DOMAINS 4
#define GIB(n) ((uint64_t)(n) << 30)
#define MIB(n) ((uint64_t)(n) << 20)

enum stub_row {
    STUB_HARD,   /* exact, pages */
    STUB_MEMSW,  /* exact */
    STUB_TARGET, /* converges */
    STUB_HINT,   /* cannot be read back */
    STUB_SOFT,   /* exact: what is held comes down to it */
    STUB_ROWS,
};

enum stub_call {
    STUB_OPEN,
    STUB_SAMPLE,
    STUB_APPLY,
    STUB_CLOSE,
    STUB_CALLS,
};

struct stub {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t live[STUB_DOMAINS][STUB_ROWS], config[STUB_DOMAINS][STUB_ROWS];
    uint64_t speed; /* bytes that a target moves with every read; 0: at once */
    uint64_t wanted_target[STUB_DOMAINS];
    bool stops;     /* a lower live target is asked for in two stops first */
    uint64_t stays; /* no target goes below this; 0: any */
    /* The script. */
    unsigned hang[STUB_CALLS]; /* so many of the next calls hang until released */
    unsigned fail[STUB_CALLS]; /* so many of the next calls fail … */
    int code[STUB_CALLS];      /* … with this */
    unsigned fail_at_apply;    /* the n-th apply from the start fails, counted from 1; 0 none */
    unsigned half;             /* a failing apply writes so many of its changes first */
    bool interruptible, released, lies;
    int meddle_domain; /* after the next apply somebody else sets hard of this domain; -1 none */
    uint64_t meddle_value;
    unsigned meddle_at_apply;    /* that apply is the next one for domain 0; 0: none */
    bool meddle_early;           /* before the apply, and before it hangs */
    uint64_t held[STUB_DOMAINS]; /* 0: half a GiB */
    unsigned delay_us;           /* of every call */
    uint64_t needs;              /* what is held goes no lower than that, limit or not */
    uint64_t yields;             /* bytes that what is held comes down with every read */
    uint64_t cache;              /* what of it can be dropped */
    uint64_t kills, stalled_us;  /* of all domains */
    unsigned kill_at_apply, stall_at_apply; /* then that happens; 0: never */
    unsigned fail_from_apply;    /* and from here on all fail; 0: never */
    /* What was seen. */
    unsigned calls[STUB_CALLS], hanging, interrupts;
    unsigned everything;   /* samples that were asked for everything */
    unsigned n_open;       /* connections that are open now */
    bool at_once;          /* two calls on one connection at the same time: never */
    char asked[64];        /* the answer to the password question */
    bool ask;              /* open asks for a password */
    struct uplink *uplink; /* of the connection opened last for reading */
};

extern struct stub stub;
extern const struct backend stub_backend, stub_one_backend;
extern const struct tunable stub_tunables[];
extern const struct timing stub_timing;

void stub_reset(void);
void stub_release(void);
/* Hung calls now, under the lock. */
unsigned stub_hanging(void);
unsigned stub_n_open(void);
unsigned stub_calls(enum stub_call call);

/* A model on "stub://…" in its own context. */
struct driver {
    GMainContext *context;
    struct model *model;
    unsigned snapshots, messages, questions;
    const char *answer; /* to questions, or NULL: none is given */
    char last_message[256];
};
void driver_start(struct driver *driver, const struct backend *backend, unsigned delay_ms,
                  bool read_only);
/* Frees the model; false where threads were left. */
bool driver_end(struct driver *driver, unsigned wait_ms);
/* Iterates until the condition holds; false after 10 s. */
bool driver_until(struct driver *driver, bool (*holds)(struct driver *driver));
bool driver_connected(struct driver *driver);

/* A sentence that must hold; counts, prints and goes on. */
#define must(sentence, holds) must_hold(__FILE__, __LINE__, sentence, holds)
void must_hold(const char *file, int line, const char *sentence, bool holds);
int must_result(void);

#endif
