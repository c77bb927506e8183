/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The making and the end of a part, and what it tells the owner. */
#include "model/part-state.h"

#include "model/job.h"

static void add_target(struct part *part, const struct domain_key *key,
                       const struct change *changes, const size_t *places, size_t n)
{
    struct target *target = &part->targets[part->n_targets++];

    *target = (struct target){.key = *key, .first = part->n_items};
    for (size_t i = 0; i < n; i++) {
        struct item *item = &part->items[part->n_items];

        if (!domain_key_equal(&changes[i].key, key))
            continue;
        item->place = places[i];
        item->result.change = changes[i];
        item->result.before = changes[i].from;
        item->result.outcome = OUTCOME_SKIPPED;
        item->told = true;
        part->n_items++;
        target->n++;
    }
}

struct part *part_new(struct link *link, struct job *job, const struct apply_options *options,
                      const struct change *changes, const size_t *places, size_t n)
{
    struct part *part = g_new0(struct part, 1);
    GHashTable *seen = g_hash_table_new(domain_key_hash, domain_key_same);

    part->refs = 1;
    part->link = link;
    part->job = job;
    part->options = *options;
    part->items = g_new0(struct item, n);
    part->targets = g_new0(struct target, n);
    part->lists = g_ptr_array_new_with_free_func((GDestroyNotify)step_list_free);
    for (size_t i = 0; i < n; i++) {
        if (g_hash_table_add(seen, (gpointer)&changes[i].key))
            add_target(part, &changes[i].key, changes, places, n);
    }
    g_hash_table_unref(seen);
    return part;
}

bool part_go_back(struct part *part)
{
    bool any = false;

    for (size_t i = 0; i < part->n_items; i++) {
        struct item *item = &part->items[i];

        item->returning = item_written(item);
        item->half = false;
        g_clear_pointer(&item->call_error, g_free);
        any |= item->returning;
    }
    for (size_t i = 0; i < part->n_targets; i++) {
        struct target *target = &part->targets[i];

        target->stopped = false;
        target->steps = NULL;
        target->next_step = 0;
        g_clear_pointer(&target->shrink, shrink_free);
    }
    part->back = true;
    part->stage = STAGE_READ;
    part->at = part->step = part->n_steps = 0;
    part->sent = part->reopened = false;
    part->not_before_ns = 0;
    g_atomic_int_set(&part->stop, PART_GO_ON);
    return any;
}

struct part *part_ref(struct part *part)
{
    g_atomic_int_inc(&part->refs);
    return part;
}

void part_unref(struct part *part)
{
    if (part == NULL || !g_atomic_int_dec_and_test(&part->refs))
        return;
    for (size_t i = 0; i < part->n_items; i++) {
        result_clear(&part->items[i].result);
        g_free(part->items[i].call_error);
    }
    for (size_t i = 0; i < part->n_targets; i++) {
        snapshot_unref(part->targets[i].picture);
        shrink_free(part->targets[i].shrink);
    }
    g_free(part->detail);
    g_ptr_array_unref(part->lists);
    g_clear_error(&part->step_error);
    g_clear_error(&part->error);
    g_free(part->targets);
    g_free(part->items);
    g_free(part);
}

/* --- mail --- */

struct part_mail {
    struct mail mail;
    struct part *part; /* keeps the step */
    struct job *job;
    struct job_news news;
};

static void part_mail_run(struct mail *mail, struct model *model)
{
    struct part_mail *self = (struct part_mail *)mail;

    job_take(self->job, model, &self->news);
}

static void part_mail_free(struct mail *mail)
{
    struct part_mail *self = (struct part_mail *)mail;

    for (size_t i = 0; i < self->news.n; i++)
        result_clear(&self->news.results[i]);
    g_free(self->news.results);
    g_free(self->news.places);
    g_free(self->news.detail);
    g_clear_error(&self->news.error);
    part_unref(self->part);
    g_free(self);
}

static void add_news(struct part *part, struct job_news *news)
{
    news->results = g_new(struct result, part->n_items);
    news->places = g_new(size_t, part->n_items);
    for (size_t i = 0; i < part->n_items; i++) {
        struct item *item = &part->items[i];

        news->failed |= item_failed(item);
        if (item->told)
            continue;
        item->told = true;
        news->results[news->n] = item->result;
        news->results[news->n].text = g_strdup(item->result.text);
        news->places[news->n++] = item->place;
    }
}

static void post(struct part *part, enum apply_phase phase, const struct step *step, bool done)
{
    struct part_mail *mail = g_new0(struct part_mail, 1);

    mail->mail = (struct mail){part_mail_run, part_mail_free};
    mail->part = part_ref(part);
    mail->job = part->job;
    mail->news.phase = phase;
    mail->news.step = part->step;
    mail->news.n_steps = part->n_steps;
    mail->news.current = step;
    if (phase >= APPLY_SQUEEZING && phase <= APPLY_RESTORING)
        mail->news.detail = g_strdup(part->detail);
    mail->news.done = done;
    mail->news.part = part;
    mail->news.error = done && part->error != NULL ? g_error_copy(part->error) : NULL;
    add_news(part, &mail->news);
    hub_post(part->link->hub, &mail->mail);
}

void part_tell(struct part *part, enum apply_phase phase, const struct step *step)
{
    post(part, phase, step, false);
}

void part_tell_done(struct part *part)
{
    post(part, APPLY_DONE, NULL, true);
}
