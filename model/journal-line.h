/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a journal file: a JSON object, with no line break in it.
 *
 * {"schema":1,"record":"intent","time":"2026-11-22T20:15:00.250Z","batch":"20261122T201500-1a2b",
 *  "call":1,"user":"anna","sudo_user":"anna","ssh_address":"192.0.2.7","machine":"kvm07","pid":4711,
 *  "hypervisor":"qemu","connection":"qemu:///system","host":"kvm07","uuid":"…","domain":"db",
 *  "tunable":"hard_limit","scope":"live","before":18790481920,"wanted":19327352832,
 *  "command":"virsh …"}
 *
 * An outcome has "after" and "outcome", what goes back has "back":true, a note has "code" and
 * "text", a seen change "before" and "after" without "wanted". "hypervisor" is the program's own
 * word, "host" the machine of the hypervisor, "machine" the one that virt-memtune ran on, "uuid"
 * the hypervisor's own id. Values as in json-value.h. Members that are not there are left out; a
 * reader skips those that it does not know.
 */
#ifndef MODEL_JOURNAL_LINE_H
#define MODEL_JOURNAL_LINE_H

#include "model/journal-author.h"
#include "model/journal.h"
#include "model/json-value.h"

#define JOURNAL_SCHEMA 1
#define JOURNAL_LINE_MAX (64u << 10) /* bytes: a longer one is none of ours */

/* What a record tells, as it was read. Texts are as in the file, not cleaned; NULL where missing.
 */
struct journal_entry {
    enum journal_kind kind; /* INTENT: with its outcome, where there is one */
    int64_t time_us;        /* of the first record, since the epoch */
    int64_t outcome_us;     /* of the last outcome; 0: there is none */
    int64_t pid;
    uint64_t call;
    bool back;
    char *batch;
    char *user, *sudo_user, *ssh_address, *machine;
    char *hypervisor, *connection, *host, *uuid, *domain;
    char *tunable, *scope, *command;
    char *outcome, *code, *text;
    JsonNode *before, *wanted, *after;
    unsigned times; /* SEEN: how often within the 60 s before it, itself counted */
};
void journal_entry_free(struct journal_entry *entry);

/* With its line break. Newly allocated. */
char *journal_line(const struct journal_record *record, const struct journal_author *author,
                   int64_t time_us);
/* NULL where it is no record. */
struct journal_entry *journal_line_read(const char *line, size_t length);

/* The members of an entry and of its outcome, for who writes JSON of his own: "record" is "change",
 * "note" or "seen". */
void journal_entry_members(JsonBuilder *builder, const struct journal_entry *entry);

/* "anna: db on qemu:///system: hard_limit live 17.5 GiB -> 18.0 GiB: changed": for system logs.
 * Newly allocated. */
char *journal_sentence(const struct journal_record *record, const struct journal_author *author);

#endif
