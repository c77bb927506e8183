/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file and which key of it each item of a control group is, and reading their text. */
#ifndef BACKENDS_SUPPORT_CGROUP_FILES_H
#define BACKENDS_SUPPORT_CGROUP_FILES_H

#include "backends/support/cgroup.h"

/* Files of a group that are held open, by number; rows without a name are unused. */
#define CGROUP_FILES 13

struct cgroup_file {
    const char *name;
    bool hot; /* read at every refresh */
};
extern const struct cgroup_file cgroup_files[2][CGROUP_FILES];

/* Puts the items of one file's text (terminated) into the reading. Text that is not what the kernel
 * documents makes its items unknown: "unexpected text in a control file". */
void cgroup_parse(enum cgroup_version version, unsigned file, const char *text,
                  struct cgroup_reading *reading);
/* All items of a file get this value (UNKNOWN or UNSUPPORTED with a reason). */
void cgroup_parse_missing(enum cgroup_version version, unsigned file, struct value reason,
                          struct cgroup_reading *reading);
/* Items that this version has no file for become unsupported. */
void cgroup_parse_absent(enum cgroup_version version, struct cgroup_reading *reading);

#endif
