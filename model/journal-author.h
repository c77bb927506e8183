/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who writes: what a record says of the person and the process behind it. */
#ifndef MODEL_JOURNAL_AUTHOR_H
#define MODEL_JOURNAL_AUTHOR_H

#include <stdint.h>

struct journal_author {
    char *user;        /* the name of the real user id, or its number */
    char *sudo_user;   /* who called sudo, as sudo said, or NULL */
    char *ssh_address; /* where an ssh login came from, as sshd said, or NULL */
    char *machine;     /* the name of this machine */
    int64_t pid;
};

/* Of this process: asks the user database, and the environment for SUDO_USER and SSH_CONNECTION. */
struct journal_author *journal_author_new(void);
void journal_author_free(struct journal_author *author);

#endif
