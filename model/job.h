/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as its owner sees it: its parts, and the results so far. Internal to model/. */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include "model/model.h"

void job_free(struct job *job);

#endif
