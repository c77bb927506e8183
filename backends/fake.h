/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted hypervisor for the tests of screens and command line; built with -Dfake=true only,
 * never into a release. `fake:///FILE` plays FILE, a GLib key file (format below). The schemes
 * fake-qemu, fake-lxc, fake-xen, fake-esx and fake-openvz play it with the tunables, figures, rules
 * and commands of that hypervisor, where it is built in; `fake` has a table with one row of every
 * role. What is written lives in the process, shared by all connections to the same FILE
 * (and by processes: see shared).
 *
 * VALUE   34.0G  512M  60 (a bare number counts what the row counts)  none  unset  WORD of a choice
 *         "? code: text" unknown    "- code: text" unsupported    "none" is unlimited
 * MOVING  VALUE [+SIZE/s|min|h | -SIZE/s|min|h]  through VALUE at the moment of the first picture
 *         VALUE; VALUE@-6min; VALUE@+10s         steps, relative to that moment
 * WHEN    23:59 the last such time of day here, or -6min
 * SPAN    250ms 47s 9min 2h
 *
 * [host]
 * name hypervisor version detail   text                 local unverified   yes
 * total available free_for_new swap_total swap_free reserved   MOVING
 * backlog=SPAN backlog_samples=N   pictures of the past are shown first, in quick succession, so
 * that slopes, rates and late targets are there at once lost=SPAN TEXT                   the host
 * stopped answering SPAN ago: TEXT is why open_error write_error=CODE: TEXT   open() fails
 * (write_error: only for writing); CODE of enum backend_error: failed connection permission uri
 * auth unsupported timeout cancelled gone conflict busy open_delay sample_delay apply_delay=SPAN
 * shared=NAME                      what is written is seen by other processes that play FILE, too: by
 * way of the file NAME in the journal's folder VIRT_MEMTUNE_JOURNAL
 * ask=PROMPT                       open() asks for a password and takes any answer but "wrong"
 *
 * [domain NAME]   in the order of the list; NAME may be replaced by name= (with escapes)
 * name id title kind parents detail       id is a UUID or any text
 * state=running|…   ended=CODE: TEXT   ended_time=WHEN   instance=N   pid=N   transient=yes
 * live.TUNABLE config.TUNABLE both.TUNABLE=VALUE    what is not named is unsupported
 * locked.TUNABLE=CODE: TEXT        cannot be written now
 * reclaims=yes                     a soft or hard limit below what is held has dropped what can be
 * round.TUNABLE=SIZE               written values are rounded down further
 * FIGURE=MOVING                    what is not named is "- not_offered"
 * wall.OWNER=LIMIT NEEDED kills|slows|fails
 * balloon=SIZE/s                   how fast a written target is reached (default at once; 0 never)
 *
 * [fail]          of writing
 * N=CODE: TEXT                     the Nth call in this process fails before it writes
 * TUNABLE=CODE: TEXT               every call that carries it fails …
 * after=yes                        … after its first change was written
 * hang=N                           the Nth call never returns unless interrupted
 *
 * [event TRIGGER] what happens by itself; TRIGGER is "3s", "open-write", "apply N" (before the Nth
 *                                  call writes) or "sample N" (before the Nth picture)
 * NAME/KEY=VALUE                   any key of [domain NAME], state and ended included
 * NAME/gone=CODE: TEXT             it vanishes
 * host/KEY=VALUE                   open_error, sample_error, sample_hang=yes, sample_delay, total,
 * …
 */
#ifndef BACKENDS_FAKE_H
#define BACKENDS_FAKE_H

#include "model/backend.h"

extern const struct backend fake_backend;
/* Only those whose hypervisor is built in exist. */
extern struct backend fake_qemu_backend, fake_lxc_backend, fake_xen_backend, fake_esx_backend,
    fake_openvz_backend;

/* --- inside -------------------------------------------------------------------------------- */

/* The backend of the URI's scheme, or NULL. */
const struct backend *fake_for(const char *uri);
bool fake_open(const char *uri, enum access access, struct uplink *uplink, struct connection **ret,
               GError **error);
void fake_close(struct connection *base);
bool fake_sample(struct connection *base, const struct wanted *wanted,
                 const struct snapshot *previous, struct snapshot_builder *builder, GError **error);
void fake_check(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings);
bool fake_plan(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct step_list *steps, GError **error);
bool fake_apply(struct connection *base, const struct step *step, GError **error);
void fake_interrupt(struct connection *base);

#endif
