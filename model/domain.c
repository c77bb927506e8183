/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/domain.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *name;
    char letter;
    bool active, ended;
} states[] = {
    [DOMAIN_UNKNOWN]      = {"unknown",      '?', false, false},
    [DOMAIN_RUNNING]      = {"running",      'R', true,  false},
    [DOMAIN_PAUSED]       = {"paused",       'P', true,  false},
    [DOMAIN_SUSPENDED]    = {"suspended",    'S', true,  false},
    [DOMAIN_STARTING]     = {"starting",     'B', true,  false},
    [DOMAIN_STOPPING]     = {"stopping",     'E', true,  false},
    [DOMAIN_OFF]          = {"off",          '-', false, true},
    [DOMAIN_CRASHED]      = {"crashed",      'C', false, true},
    [DOMAIN_GONE]         = {"gone",         'G', false, true},
    [DOMAIN_TEMPLATE]     = {"template",     'T', false, true},
    [DOMAIN_INACCESSIBLE] = {"inaccessible", 'I', false, false},
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

bool domain_state_ended(enum domain_state state)
{
    return (size_t)state < G_N_ELEMENTS(states) && states[state].ended;
}

bool domain_started_anew(uint64_t before, uint64_t now)
{
    return before != 0 && now != 0 && before != now;
}
