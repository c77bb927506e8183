/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model for a command: connects to what the options say, waits until each host has answered or
 * failed, and runs the main loop until something is done. SIGINT and SIGTERM interrupt a wait. One
 * thread.
 */
#ifndef UI_SESSION_H
#define UI_SESSION_H

#include "model/model.h"
#include "ui/options.h"
#include "ui/status.h"

struct session;

/* Blocks SIGINT, SIGTERM and SIGPIPE for the thread and those it will start: first of all. */
void session_block_signals(void);

/* Connects to the options' URIs (`more`, NULL-terminated or NULL, are added: `only_more` leaves the
 * options' defaults out where no -c was given) and waits for all of them. Messages are on stderr.
 * Never NULL. `delay_ms` 0: sampled once. */
struct session *session_open(const struct options *options, const char *const *more, bool only_more,
                             bool read_only, unsigned delay_ms);
void session_close(struct session *session);

struct model *session_model(struct session *session);
/* DONE where every host answered and nothing interrupted; else CONNECTION, USAGE, INTERRUPTED, … */
enum status session_status(const struct session *session);
bool session_interrupted(const struct session *session);
/* The URI of a connection as it was typed. */
const char *session_uri(const struct session *session, uint16_t connection);

/* Runs the main loop until done(data), an interrupt, or so many milliseconds (0: without end) went
 * by. True where done. */
bool session_run(struct session *session, bool (*done)(void *data), void *data, unsigned max_ms);
/* The same for what must come to its end: an interrupt does not stop it. */
bool session_finish(struct session *session, bool (*done)(void *data), void *data, unsigned max_ms);

#endif
