/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as its owner sees it: its parts, and the results so far. Internal to model/. */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "model/part.h"

/* What a part tells: its new results with their places in the job. */
struct job_news {
    struct part *part;
    enum apply_phase phase;
    size_t step, n_steps;
    const struct step *current;
    char *detail;
    struct result *results;
    size_t *places;
    size_t n;
    bool done;     /* the part has ended */
    bool failed;   /* something of it */
    GError *error; /* done only */
};

/* Owner's thread. Takes the results out of the news; frees the job where that was the last. */
void job_take(struct job *job, struct model *model, struct job_news *news);
void job_free(struct job *job);

#endif
