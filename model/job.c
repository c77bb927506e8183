/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/job.h"

void job_free(struct job *job)
{
}
