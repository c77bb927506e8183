/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/tunable.h"

#include <string.h>

/* What taking a value away means for a role. */
enum sense {
    SENSE_ROOM,  /* less is tighter, and nothing set is no limit */
    SENSE_GRANT, /* less is tighter, and nothing set is nothing granted */
    SENSE_SIZE,  /* less is tighter, and nothing set is not known */
    SENSE_FREE,  /* never tighter */
};

/* clang-format off */
static const struct {
    const char *name;
    enum sense sense;
} roles[ROLE_COUNT_] = {
    [ROLE_NONE]         = {NULL,        SENSE_SIZE},
    [ROLE_HARD]         = {"hard",      SENSE_ROOM},
    [ROLE_SOFT]         = {"soft",      SENSE_ROOM},
    [ROLE_MEMSW]        = {"memsw",     SENSE_ROOM},
    [ROLE_SWAP]         = {"swap",      SENSE_ROOM},
    [ROLE_GUARANTEE]    = {"guarantee", SENSE_GRANT},
    [ROLE_PROTECTION]   = {NULL,        SENSE_GRANT},
    [ROLE_TARGET]       = {"target",    SENSE_SIZE},
    [ROLE_MAXIMUM]      = {"maximum",   SENSE_SIZE},
    [ROLE_SHARES]       = {"shares",    SENSE_SIZE},
    [ROLE_SWAPPINESS]   = {NULL,        SENSE_SIZE},
    [ROLE_LIMIT_SLOW]   = {NULL,        SENSE_ROOM},
    [ROLE_STATS_PERIOD] = {NULL,        SENSE_FREE},
};
/* clang-format on */

size_t tunable_count(const struct tunable *table)
{
    size_t n = 0;

    while (table && table[n].name)
        n++;
    return n;
}

static bool is_name(const struct tunable *row, const char *name)
{
    return !strcmp(row->name, name);
}

static bool is_alias(const struct tunable *row, const char *name)
{
    return row->aliases && g_strv_contains(row->aliases, name);
}

static bool is_libvirt(const struct tunable *row, const char *name)
{
    return row->libvirt && !strcmp(row->libvirt, name);
}

static bool is_role(const struct tunable *row, const char *name)
{
    const char *role = role_name(row->role);

    return role && !strcmp(role, name);
}

static bool is_group(const struct tunable *row, const char *name)
{
    return row->group && !strcmp(row->group, name);
}

const struct tunable *tunable_find(const struct tunable *table, const char *name)
{
    /* The hypervisor's own word wins over everybody else's. */
    static bool (*const ways[])(const struct tunable *, const char *) = {
        is_name, is_alias, is_libvirt, is_role, is_group,
    };

    for (size_t way = 0; table && name && way < G_N_ELEMENTS(ways); way++) {
        for (const struct tunable *row = table; row->name; row++) {
            if (ways[way](row, name))
                return row;
        }
    }
    return NULL;
}

const struct tunable *tunable_by_role(const struct tunable *table, enum role role)
{
    if (role == ROLE_NONE)
        return NULL;
    for (const struct tunable *row = table; row && row->name; row++) {
        if (row->role == role)
            return row;
    }
    return NULL;
}

const char *role_name(enum role role)
{
    return (size_t)role < ROLE_COUNT_ ? roles[role].name : NULL;
}

struct value tunable_round(const struct tunable *tunable, struct value value)
{
    if (value.kind == VALUE_NUMBER && tunable->granule > 1)
        value.number -= value.number % tunable->granule;
    return value;
}

/* Choices stand in order of growth; what they amount to is compared where both say it. */
static bool choice_tightens(struct value from, struct value to)
{
    if (from.number && to.number)
        return to.number < from.number;
    if (from.kind == VALUE_CHOICE && to.kind == VALUE_CHOICE)
        return to.choice < from.choice;
    return true;
}

bool tunable_tightens(const struct tunable *tunable, struct value from, struct value to)
{
    enum sense sense = roles[tunable->role].sense;

    from = tunable_round(tunable, from);
    to = tunable_round(tunable, to);
    if (sense == SENSE_FREE || value_equal(from, to))
        return false;
    if (sense == SENSE_ROOM) {
        from = from.kind == VALUE_UNSET ? value_unlimited() : from;
        to = to.kind == VALUE_UNSET ? value_unlimited() : to;
    } else if (sense == SENSE_GRANT) {
        from = from.kind == VALUE_UNSET ? value_number(0) : from;
        to = to.kind == VALUE_UNSET ? value_number(0) : to;
    }
    if (to.kind == VALUE_UNLIMITED)
        return false;
    if (!value_known(from) || from.kind == VALUE_UNSET || to.kind == VALUE_UNSET)
        return true;
    if (from.kind == VALUE_CHOICE || to.kind == VALUE_CHOICE)
        return choice_tightens(from, to);
    return value_compare(to, from) < 0;
}
