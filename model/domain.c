/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/domain.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *name;
    char letter;
    bool active;
} states[] = {
    [DOMAIN_UNKNOWN]      = {"unknown",      '?', false},
    [DOMAIN_RUNNING]      = {"running",      'R', true},
    [DOMAIN_PAUSED]       = {"paused",       'P', true},
    [DOMAIN_SUSPENDED]    = {"suspended",    'S', true},
    [DOMAIN_STARTING]     = {"starting",     'B', true},
    [DOMAIN_STOPPING]     = {"stopping",     'E', true},
    [DOMAIN_OFF]          = {"off",          '-', false},
    [DOMAIN_CRASHED]      = {"crashed",      'C', false},
    [DOMAIN_GONE]         = {"gone",         'G', false},
    [DOMAIN_TEMPLATE]     = {"template",     'T', false},
    [DOMAIN_INACCESSIBLE] = {"inaccessible", 'I', false},
};
/* clang-format on */

bool domain_key_equal(const struct domain_key *a, const struct domain_key *b)
{
    return a->connection == b->connection && !memcmp(a->id, b->id, sizeof(a->id));
}

guint domain_key_hash(gconstpointer key)
{
    const struct domain_key *k = key;
    uint64_t halves[2], hash;

    memcpy(halves, k->id, sizeof halves);
    hash = (halves[0] ^ k->connection) * UINT64_C(0x9e3779b97f4a7c15) + halves[1];
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return (guint)(hash >> 32);
}

gboolean domain_key_same(gconstpointer a, gconstpointer b)
{
    return domain_key_equal(a, b);
}

const char *domain_state_name(enum domain_state state)
{
    return (size_t)state < G_N_ELEMENTS(states) ? states[state].name : "unknown";
}

char domain_state_letter(enum domain_state state)
{
    return (size_t)state < G_N_ELEMENTS(states) ? states[state].letter : '?';
}

bool domain_state_active(enum domain_state state)
{
    return (size_t)state < G_N_ELEMENTS(states) && states[state].active;
}
