/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard's own process: what model/guard.h promises, as the one keeps it who goes back. It has a
 * model of its own, and so its own connections and its own journal.
 *
 *   {"message":"plan",…}        the papers (guard-papers.h) with URIs: it connects, reads, ARMED
 *   {"message":"adopt","batch"} what another guard left
 *   begin, applied (change, after, uncertain), written, extend, commit, back, detach
 *   {"message":"state",…}       from it: all that it knows, at every change and once a second
 *   {"message":"question",…}    from it: answered by a secret
 *   {"message":"detached"}
 *
 * The end of the socket that it was started with means back, once it is armed, and so does what is
 * no message. Others who connect to FOLDER/ID.socket may say commit and back. Internal to model/.
 */
#ifndef MODEL_GUARD_SERVE_H
#define MODEL_GUARD_SERVE_H

#include "model/guard.h"

#define GUARD_COMMAND "guard" /* the program's argument; its socket is this descriptor: */
#define GUARD_FD 3

struct guard_serving {
    const struct backend *const *backends;
    /* False: this site does not let connect there. */
    bool (*may_connect)(const char *uri, void *data, GError **error);
    void *data;
    struct journal *journal; /* referenced, or NULL */
    int stop_fd;             /* becomes readable when it is told to stop: it goes back; or -1 */
};

/* Takes the socket. Returns once all is done. */
void guard_serve(int fd, const struct guard_serving *serving);

#endif
