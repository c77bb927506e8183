/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands, and which options each of them takes. */
#include "ui/options-table.h"

#include "ui/commands.h"

enum {
    SCREEN = 1,
    LIST = 2,
    SHOW = 4,
    HOST = 8,
    SET = 16,
    TUNABLES = 32,
    CHECK = 64,
    APPLY = 128,
    DIFF = 256,
    UNDO = 512,
    JOURNAL = 1024,
    KEEP = 2048,
    EVERY = 4095,
    WRITES = SET | APPLY | UNDO,
    JUDGES = WRITES | DIFF,
    PRINTS = LIST | SHOW | HOST,
};

/* clang-format off */
const struct command commands[] = {
    {NULL,       NULL,                        "the screen; with -b one table for each refresh", SCREEN, screen_run},
    {"list",     "[DOMAIN...]",               "every domain, what it holds and what is left", LIST, list_run},
    {"show",     "DOMAIN...",                 "one domain: every figure and every tunable", SHOW, show_run},
    {"host",     NULL,                        "the hosts and what they have promised", HOST, host_run},
    {"set",      "DOMAIN... NAME=VALUE...",   "change, read back and say what is true now", SET, set_run},
    {"apply",    "FILE",                      "make the changes of a file that the review wrote", APPLY, apply_run},
    {"diff",     "FILE",                      "what the changes of a file would do now", DIFF, diff_run},
    {"undo",     "ID",                        "take back a batch of the journal", UNDO, undo_run},
    {"keep",     "ID",                        "keep what set --confirm made", KEEP, keep_run},
    {"back",     "ID",                        "go back now from what set --confirm made", KEEP, back_run},
    {"journal",  "[ID|DOMAIN|USER...]",       "what was written, by whom, and what became of it", JOURNAL, journal_run},
    {"tunables", "[HYPERVISOR]",              "what can be tuned, where it is written and what it breaks", TUNABLES, tunables_run},
    {"check",    "[DOMAIN...]",               "one line and exit 0 to 3, as monitoring plugins do", CHECK, check_run},
    {NULL, NULL, NULL, 0, NULL},
};

#define O(field) true, offsetof(struct options, field)
#define G(field) false, offsetof(struct given, field)
const struct option_row option_rows[] = {
    {EVERY & ~CHECK & ~TUNABLES & ~JOURNAL & ~KEEP, 'c', "connect", G_OPTION_ARG_FILENAME_ARRAY, G(connect), "Connect to this URI or alias of libvirt.conf; more than once for several", "URI"},
    {CHECK,          0,  "connect",   G_OPTION_ARG_FILENAME_ARRAY, G(connect), "Connect to this URI or alias of libvirt.conf; more than once for several", "URI"},
    {EVERY,         'r', "read-only", G_OPTION_ARG_NONE,   G(read_only), "Never open anything for writing", NULL},
    {SCREEN,        'b', "batch",     G_OPTION_ARG_NONE,   O(batch),     "Text without a screen: one table for each refresh", NULL},
    {SCREEN,        'd', "delay",     G_OPTION_ARG_DOUBLE, G(delay),     "Seconds between refreshes (2)", "SEC"},
    {SCREEN,        'n', "count",     G_OPTION_ARG_INT,    O(count),     "End after this many refreshes", "COUNT"},
    {SCREEN | LIST | CHECK, 'f', "filter", G_OPTION_ARG_STRING, G(filter), "Only domains that match, as in \"drv:lxc left<10%\"", "FILTER"},
    {SCREEN | LIST, 's', "sort",      G_OPTION_ARG_STRING, G(sort),      "Sort by this key; with - before it reversed", "COLUMN"},
    {SCREEN | LIST, 'o', "columns",   G_OPTION_ARG_STRING, G(columns),   "These columns, with commas between", "COLUMNS"},
    {SCREEN,        'a', "all",       G_OPTION_ARG_NONE,   O(all),       "Domains that are off, too", NULL},
    {SCREEN,        't', "theme",     G_OPTION_ARG_STRING, G(theme),     "Colours of this theme", "THEME"},
    {SCREEN | PRINTS, 0, "ascii",     G_OPTION_ARG_NONE,   G(ascii),     "Nothing but ASCII", NULL},
    {SCREEN,         0,  "no-mouse",  G_OPTION_ARG_NONE,   G(no_mouse),  "Leave the mouse to the terminal", NULL},
    {SCREEN | PRINTS | JOURNAL, 0, "plain",     G_OPTION_ARG_NONE,   O(plain),     "Tabs between fields, exact values, no heading; on a screen: no lines and bars, for screen readers", NULL},
    {PRINTS | TUNABLES | JOURNAL, 0, "csv",     G_OPTION_ARG_NONE,   O(csv),       "Comma-separated, sizes in bytes", NULL},
    {SCREEN | PRINTS | JUDGES | TUNABLES | JOURNAL | KEEP, 0, "json", G_OPTION_ARG_NONE, O(json), "JSON, one object a line", NULL},
    {EVERY & ~TUNABLES & ~JOURNAL, 0, "timeout", G_OPTION_ARG_INT,    O(timeout),   "Seconds to wait for a host, and for each write (30)", "SEC"},
    {SET | SHOW | CHECK, 0, "domain", G_OPTION_ARG_FILENAME_ARRAY, O(domains), "A domain by name, for names with = or #", "NAME"},
    {SET,            0,  "live",      G_OPTION_ARG_NONE,   O(live),      "The running domain only", NULL},
    {SET,            0,  "config",    G_OPTION_ARG_NONE,   O(config),    "The persistent configuration only", NULL},
    {SET,            0,  "both",      G_OPTION_ARG_NONE,   O(both),      "Both, and refused where that cannot be; without a scope: each that there is", NULL},
    {WRITES,         0,  "check",     G_OPTION_ARG_NONE,   O(check),     "Write nothing, say what would change", NULL},
    {WRITES,         0,  "dry-run",   G_OPTION_ARG_NONE,   O(check),     "The same", NULL},
    {SET,            0,  "expect",    G_OPTION_ARG_FILENAME_ARRAY, O(expect), "Only where this is the value now; else a conflict", "NAME=VALUE"},
    {SET,            0,  "only-raise", G_OPTION_ARG_NONE,  O(only_raise), "Leave what is as high already", NULL},
    {SET,            0,  "only-lower", G_OPTION_ARG_NONE,  O(only_lower), "Leave what is as low already", NULL},
    {JUDGES,         0,  "allow",     G_OPTION_ARG_STRING, O(allow),     "Do it although: kills, danger, no_journal, or the code of a finding, with commas between", "WORD,..."},
    {WRITES,         0,  "wait",      G_OPTION_ARG_INT,    O(wait),      "Seconds to wait for a balloon to arrive (0)", "SEC"},
    {WRITES,         0,  "confirm",   G_OPTION_ARG_INT,    O(confirm),   "Go back after so many seconds (15 to 3600) unless kept; returns at once with an ID", "SEC"},
    {WRITES,         0,  "keep-if",   G_OPTION_ARG_STRING, O(keep_if),   "A command that decides when that time is over: status 0 keeps", "CMD"},
    {JUDGES,         0,  "exit-changed", G_OPTION_ARG_NONE, O(exit_changed), "Exit 10 when something changed, or would", NULL},
    {WRITES,         0,  "all-or-nothing", G_OPTION_ARG_NONE, O(all_or_nothing), "After a failure take back what was written, where that is safe", NULL},
    {WRITES,         0,  "safe-shrink", G_OPTION_ARG_NONE, O(safe_shrink), "Lower in steps that it has to follow, or go back", NULL},
    {CHECK,         'w', "warning",   G_OPTION_ARG_STRING, O(warning),   "Warn where less is left: 10%, 512M (10%)", "LEFT"},
    {CHECK,         'c', "critical",  G_OPTION_ARG_STRING, O(critical),  "Critical where less is left (5%)", "LEFT"},
    {TUNABLES,       0,  "mdoc",      G_OPTION_ARG_NONE,   O(mdoc),      "As the source of virt-memtune-tunables(7)", NULL},
    {SCREEN,         0,  "version",   G_OPTION_ARG_NONE,   O(version),   "Say the version", NULL},
    {0, 0, NULL, G_OPTION_ARG_NONE, false, 0, NULL, NULL},
};
/* clang-format on */
