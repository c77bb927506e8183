/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vzlist prints: the containers of a host. Two forms are read: -j (vzctl 4 and later; CTIDs
 * are numbers on old hosts and UUIDs since 7) and -H -o with blanks between (all).
 */
#ifndef BACKENDS_SUPPORT_UBC_LIST_H
#define BACKENDS_SUPPORT_UBC_LIST_H

#include "backends/support/ubc.h"

struct ubc_container {
    char *ctid;     /* ubc_ctid_valid() holds */
    char *status;   /* "running", "stopped", "mounted", "suspended", … */
    char *name;     /* raw, or NULL */
    char *hostname; /* raw, or NULL */
    /* -j only: what vzlist says of the counters that were asked for. Zeros and not known cannot be
     * told apart in a stopped container: read its configuration. */
    struct ubc counters;
};

/* "[A-Za-z0-9][A-Za-z0-9_.-]*", at most 64: digits, a UUID or a name that cannot be taken for an
 * option, a path or anything of a shell. */
bool ubc_ctid_valid(const char *ctid);

/* Output of vzlist -j -o ctid,…: struct ubc_container, owned by the array. Integers are exact to
 * 2^63-1 and no limit above. Errors (BACKEND_ERROR_FAILED): not JSON, nested too deeply, not the
 * shape described above. */
bool ubc_list_parse_json(const char *text, size_t size, GPtrArray **list, GError **error);

/* Output of vzlist -H -o ctid,status,name. */
bool ubc_list_parse_text(const char *text, size_t size, GPtrArray **list, GError **error);

#endif
