/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands run: one function each, in a file of its own. They return the exit status and
 * have said on stderr what went wrong. */
#ifndef UI_COMMANDS_H
#define UI_COMMANDS_H

struct options;

int screen_run(const struct options *options);   /* start.c: without a command */
int batch_run(const struct options *options);    /* batch.c: -b */
int list_run(const struct options *options);     /* list.c */
int show_run(const struct options *options);     /* show.c */
int host_run(const struct options *options);     /* list.c */
int set_run(const struct options *options);      /* set.c */
int apply_run(const struct options *options);    /* plan.c */
int diff_run(const struct options *options);     /* plan.c */
int undo_run(const struct options *options);     /* plan.c */
int keep_run(const struct options *options);     /* keep.c */
int back_run(const struct options *options);     /* keep.c */
int journal_run(const struct options *options);  /* journal.c */
int tunables_run(const struct options *options); /* tunables.c */
int check_run(const struct options *options);    /* check.c */

#endif
