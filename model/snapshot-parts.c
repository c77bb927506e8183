/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot-parts.h"

#include "model/text.h"

#include <string.h>

struct counted_identity {
    atomic_uint refs;
    struct identity identity;
};

struct counted_settings {
    atomic_uint refs;
    struct setting settings[];
};

static struct counted_identity *counted_identity(const struct identity *identity)
{
    return (struct counted_identity *)((char *)identity -
                                       offsetof(struct counted_identity, identity));
}

static struct counted_settings *counted_settings(const struct setting *settings)
{
    return (struct counted_settings *)((char *)settings -
                                       offsetof(struct counted_settings, settings));
}

static char *clean_or_null(const char *raw)
{
    return raw ? text_clean(raw) : NULL;
}

const struct identity *identity_new(const struct domain_key *key, const struct draft *draft)
{
    struct counted_identity *counted = g_new0(struct counted_identity, 1);
    const char *name = draft->name ? draft->name : "";

    atomic_init(&counted->refs, 1);
    counted->identity = (struct identity){
        .key = *key,
        .state = draft->state,
        .persistent = draft->persistent,
        .name = text_clean(name),
        .raw_name = g_strdup(name),
        .native_id = text_clean(draft->native_id),
        .title = clean_or_null(draft->title),
        .kind = clean_or_null(draft->kind),
        .parents = clean_or_null(draft->parents),
        .detail = clean_or_null(draft->detail),
        .ended = draft->ended,
        .ended_time = draft->ended_time,
        .pid = draft->pid,
        .instance = draft->instance,
    };
    return &counted->identity;
}

const struct identity *identity_new_gone(const struct identity *identity, const char *ended,
                                         int64_t time)
{
    struct counted_identity *counted = g_new0(struct counted_identity, 1);
    struct identity *gone = &counted->identity;

    atomic_init(&counted->refs, 1);
    *gone = *identity;
    gone->name = g_strdup(identity->name);
    gone->raw_name = g_strdup(identity->raw_name);
    gone->native_id = g_strdup(identity->native_id);
    gone->title = g_strdup(identity->title);
    gone->kind = g_strdup(identity->kind);
    gone->parents = g_strdup(identity->parents);
    gone->detail = g_strdup(identity->detail);
    gone->state = DOMAIN_GONE;
    gone->ended = ended ? ended : identity->ended;
    gone->ended_time = time;
    gone->pid = 0;
    return gone;
}

/* `kept` is what text_clean() made of `raw`. */
static bool same_text(const char *kept, const char *raw)
{
    g_autofree char *cleaned = NULL;

    if (!kept || !raw)
        return !kept && !raw;
    if (!strcmp(kept, raw))
        return text_is_clean(raw);
    if (text_is_clean(raw))
        return false;
    cleaned = text_clean(raw);
    return !strcmp(kept, cleaned);
}

bool identity_matches(const struct identity *identity, const struct draft *draft)
{
    return identity->state == draft->state && identity->persistent == draft->persistent &&
           !g_strcmp0(identity->raw_name, draft->name ? draft->name : "") &&
           same_text(identity->native_id, draft->native_id ? draft->native_id : "") &&
           same_text(identity->title, draft->title) && same_text(identity->kind, draft->kind) &&
           same_text(identity->parents, draft->parents) &&
           same_text(identity->detail, draft->detail) &&
           !g_strcmp0(identity->ended, draft->ended) && identity->ended_time == draft->ended_time &&
           identity->pid == draft->pid && identity->instance == draft->instance;
}

const struct identity *identity_ref(const struct identity *identity)
{
    atomic_fetch_add_explicit(&counted_identity(identity)->refs, 1, memory_order_relaxed);
    return identity;
}

void identity_unref(const struct identity *identity)
{
    struct counted_identity *counted = identity ? counted_identity(identity) : NULL;

    if (!counted || atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel) != 1)
        return;
    g_free(counted->identity.name);
    g_free(counted->identity.raw_name);
    g_free(counted->identity.native_id);
    g_free(counted->identity.title);
    g_free(counted->identity.kind);
    g_free(counted->identity.parents);
    g_free(counted->identity.detail);
    g_free(counted);
}

const struct setting *settings_new(const struct setting *settings, size_t n)
{
    struct counted_settings *counted = g_malloc(sizeof(*counted) + n * sizeof(*settings));

    atomic_init(&counted->refs, 1);
    if (n)
        memcpy(counted->settings, settings, n * sizeof(*settings));
    return counted->settings;
}

/* Unlike value_equal() also what a choice amounts to. */
static bool same_value(struct value a, struct value b)
{
    return value_equal(a, b) && (a.kind != VALUE_CHOICE || a.number == b.number);
}

bool settings_match(const struct setting *a, const struct setting *b, size_t n)
{
    /* Most are, to the byte. */
    if (!memcmp(a, b, n * sizeof *a))
        return true;
    for (size_t i = 0; i < n; i++) {
        if (!same_value(a[i].live, b[i].live) || !same_value(a[i].config, b[i].config) ||
            a[i].writable != b[i].writable || g_strcmp0(a[i].why_not, b[i].why_not))
            return false;
    }
    return true;
}

const struct setting *settings_ref(const struct setting *settings)
{
    atomic_fetch_add_explicit(&counted_settings(settings)->refs, 1, memory_order_relaxed);
    return settings;
}

void settings_unref(const struct setting *settings)
{
    struct counted_settings *counted = settings ? counted_settings(settings) : NULL;

    if (counted && atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel) == 1)
        g_free(counted);
}
