/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long things may take. One constant table; tests hand in a faster one. */
#ifndef MODEL_TIMING_H
#define MODEL_TIMING_H

#define TIMING_BACKOFF 5

/* What a worker is doing inside a backend, and so what may hang. */
enum call {
    CALL_NONE,
    CALL_OPEN,
    CALL_SAMPLE,
    CALL_APPLY, /* its deadline is the job's own */
    CALL_CLOSE,
    CALL_JOURNAL, /* no call of the backend: a disk may hang, too */
    CALL_COUNT_,
};

struct timing {
    unsigned backoff_ms[TIMING_BACKOFF]; /* before the 1st, 2nd, … try; the last one repeats */
    unsigned call_ms[CALL_COUNT_];       /* then the call is interrupted; 0: never */
    unsigned grace_ms;                   /* and after this its thread is abandoned */
    unsigned gap_ms;                     /* between samples that events ask for */
    unsigned poll_ms;                    /* between reads of a converging value */
    unsigned settle_ms;                  /* a guest that comes no nearer for so long does not follow */
    unsigned watch_ms;                   /* a domain is watched for so long after a safe shrink */
    unsigned rows_ms;                    /* ages in rows are at most this old */
};

extern const struct timing timing_default;

#endif
