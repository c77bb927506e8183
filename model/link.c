/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/link.h"

#include "model/part.h"
#include "model/secret.h"
#include "model/text.h"
#include "model/uri-text.h"
#include "model/worker.h"

#include <string.h>

static void key_free(void *key)
{
    g_free(key);
}

static void answer_free(void *data)
{
    struct answer *answer = data;

    secret_free(answer->text);
    g_free(answer);
}

const struct answer *link_answer(const struct link *link, const char *prompt)
{
    return g_hash_table_lookup(link->answers, prompt);
}

const struct answer *link_answer_put(struct link *link, const char *prompt, const char *text)
{
    struct answer *answer = g_new0(struct answer, 1);

    answer->text = secret_new(text);
    answer->number = ++link->n_answers;
    g_hash_table_replace(link->answers, g_strdup(prompt), answer);
    return answer;
}

void link_forget_answer(struct link *link, const char *prompt)
{
    g_hash_table_remove(link->answers, prompt);
}

void link_forget_answers(struct link *link)
{
    g_hash_table_remove_all(link->answers);
}

struct link *link_new(struct hub *hub, const struct backend *backend, const char *uri)
{
    struct link *link = g_new0(struct link, 1);
    g_autofree char *plain = uri_without_password(uri);

    link->hub = hub;
    link->backend = backend;
    link->uri = g_strdup(uri);
    link->shown_uri = text_clean(plain);
    link->index = (uint16_t)hub->links->len;
    link->changed = g_hash_table_new_full(domain_key_hash, domain_key_same, key_free, NULL);
    link->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
    link->visible = g_array_new(FALSE, FALSE, sizeof(struct domain_key));
    g_queue_init(&link->parts);
    g_queue_init(&link->openings);
    link->last = snapshot_with_state(backend, link->index, link->shown_uri, NULL,
                                     CONNECTION_CONNECTING, NULL, 0);
    return link;
}

static void opening_free(struct mail *mail)
{
    g_clear_error(&((struct opening *)mail)->error);
    g_free(mail);
}

void link_free(struct link *link)
{
    struct part *part;
    struct mail *opening;

    if (link == NULL)
        return;
    while ((part = g_queue_pop_head(&link->parts)) != NULL)
        part_unref(part);
    while ((opening = g_queue_pop_head(&link->openings)) != NULL)
        opening_free(opening);
    worker_unref(link->reader);
    worker_unref(link->writer);
    snapshot_unref(link->last);
    g_hash_table_unref(link->changed);
    g_array_unref(link->visible);
    secret_free(link->answer);
    g_hash_table_unref(link->answers);
    g_free(link->prompt);
    g_free(link->shown_uri);
    g_free(link->uri);
    g_free(link);
}

void link_publish(struct link *link, struct snapshot *snapshot)
{
    snapshot->serial = ++link->serial;
    snapshot_unref(link->last);
    link->last = snapshot;
    link->fresh = true;
    hub_wake(link->hub);
}

void link_state(struct link *link, enum connection_state state, const char *error)
{
    uint64_t retry_ns = state == CONNECTION_LOST ? link->retry_ns : 0;

    if (state != CONNECTION_CONNECTED)
        link->connected_ns = 0;
    link_publish(link, snapshot_with_state(link->backend, link->index, link->shown_uri, link->last,
                                           state, error, retry_ns));
}

/* What trying again cannot mend waits for a person. */
static bool worth_retrying(const GError *error)
{
    /* clang-format off */
    static const bool hopeless[] = {
        [BACKEND_ERROR_PERMISSION]  = true,
        [BACKEND_ERROR_URI]         = true,
        [BACKEND_ERROR_AUTH]        = true,
        [BACKEND_ERROR_UNSUPPORTED] = true,
    };
    /* clang-format on */

    return error->domain != BACKEND_ERROR || (size_t)error->code >= G_N_ELEMENTS(hopeless) ||
           !hopeless[error->code];
}

static void link_back_off(struct link *link)
{
    const struct timing *timing = link->hub->timing;
    unsigned place = MIN(link->attempt, TIMING_BACKOFF - 1);

    link->retry_ns = hub_in(timing->backoff_ms[place]);
    link->attempt++;
}

static void link_tell(struct link *link, enum connection_state state, const char *why)
{
    g_autofree char *clean = text_clean_sentence(why);

    if (link->last->state != state || g_strcmp0(link->last->error, clean) != 0)
        hub_message(link->hub, link, "%s: %s", connection_state_name(state), clean);
    link_state(link, state, clean);
}

void link_give_up(struct link *link, const char *why)
{
    link->given_up = true;
    link_tell(link, CONNECTION_FAILED, why);
}

void link_failed(struct link *link, const GError *error)
{
    if (!worth_retrying(error)) {
        link_give_up(link, error->message);
        return;
    }
    link_back_off(link);
    link_tell(link, CONNECTION_LOST, error->message);
}

void link_lost(struct link *link, const char *why)
{
    /* One that breaks as soon as it is made would be made without a pause for ever. */
    uint64_t settled = (uint64_t)link->hub->timing->backoff_ms[0] * 1000000;

    if (link->connected_ns != 0 && clock_ns() - link->connected_ns >= settled)
        link->retry_ns = clock_ns();
    else
        link_back_off(link);
    link_tell(link, CONNECTION_LOST, why);
}

void link_succeeded(struct link *link)
{
    link->attempt = 0;
    link->retry_ns = 0;
    if (link->connected_ns != 0)
        return;
    link->connected_ns = clock_ns();
    if (link->last->error != NULL)
        hub_message(link->hub, link, "connected again");
}

void link_changed(struct link *link, const uint8_t *id, bool forced)
{
    struct domain_key *key;

    if (id == NULL) {
        link->list_changed = true;
    } else {
        key = g_new0(struct domain_key, 1);
        memcpy(key->id, id, sizeof key->id);
        key->connection = link->index;
        g_hash_table_add(link->changed, key);
    }
    link->forced |= forced;
    worker_wake(link->reader);
}

static void opening_run(struct mail *mail, struct model *model)
{
    struct opening *opening = (struct opening *)mail;

    if (opening->done != NULL)
        opening->done(opening->connection, opening->error, opening->data);
}

struct opening *opening_new(uint16_t connection,
                            void (*done)(uint16_t connection, const GError *error, void *data),
                            void *data)
{
    struct opening *opening = g_new0(struct opening, 1);

    opening->mail = (struct mail){opening_run, opening_free};
    opening->connection = connection;
    opening->done = done;
    opening->data = data;
    return opening;
}

void link_answer_openings(struct link *link, const GError *error)
{
    struct opening *opening;

    while ((opening = g_queue_pop_head(&link->openings)) != NULL) {
        opening->error = error == NULL ? NULL : g_error_copy(error);
        link->may_write |= error == NULL;
        hub_post(link->hub, &opening->mail);
    }
}
