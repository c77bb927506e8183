/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a part tells the journal. */
#include "model/part-state.h"

#include "model/journal-author.h"
#include "model/link.h"

static struct target *target_of(struct part *part, size_t item)
{
    for (size_t i = 0; i < part->n_targets; i++) {
        struct target *target = &part->targets[i];

        if (item >= target->first && item < target->first + target->n)
            return target;
    }
    return NULL;
}

static struct journal_record record_of(const struct part *part, const struct target *target,
                                       const struct change *change, uint64_t call)
{
    return (struct journal_record){
        .batch = part->options.batch,
        .call = call,
        .snapshot = target->picture,
        .domain = target->picture ? snapshot_find(target->picture, &target->key) : NULL,
        .change = change,
    };
}

static void note_call(struct item *item, uint64_t call)
{
    item->call = call;
    item->recorded.any = false;
}

GArray *part_intent(struct part *part)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(struct journal_record));
    const struct target *target = &part->targets[part->at];
    uint64_t call = journal_next_call(part->link->hub->journal);

    for (size_t i = 0; i < part->current->n_changes; i++) {
        struct journal_record record = record_of(part, target, &part->current->changes[i], call);

        record.kind = JOURNAL_INTENT;
        record.back = part->back || part->options.back ||
                      (part_shrink(part) && part_shrink(part)->back);
        record.command = part->current->command;
        g_array_append_val(records, record);
    }
    if (part_shrink_alone(part)) {
        part_shrink(part)->call = call;
        return records;
    }
    for (size_t i = target->first; i < target->first + target->n; i++) {
        if (item_in_step(&part->items[i], part->current))
            note_call(&part->items[i], call);
    }
    return records;
}

static guint text_hash(const struct result *result)
{
    return result->text == NULL ? 0 : g_str_hash(result->text);
}

static bool unrecorded(const struct item *item)
{
    const struct result *result = &item->result;
    const struct recorded *recorded = &item->recorded;

    return item->call != 0 && item->decided &&
           (!recorded->any || recorded->outcome != result->outcome ||
            recorded->text != text_hash(result) || !value_equal(recorded->after, result->after));
}

/* What became of a step that no item carries. */
static bool shrink_due(const struct part *part)
{
    const struct shrink *shrink = part_shrink(part);

    return shrink != NULL && shrink->due;
}

static void add_shrink(struct part *part, GArray *records)
{
    const struct target *target = &part->targets[part->at];
    struct shrink *shrink = part_shrink(part);

    shrink->due = false;
    for (size_t i = 0; i < part->current->n_changes; i++) {
        struct journal_record record =
            record_of(part, target, &part->current->changes[i], shrink->call);

        record.kind = JOURNAL_OUTCOME;
        record.back = shrink->back;
        record.outcome = shrink->outcome;
        record.text = shrink->text;
        record.after = g_array_index(shrink->afters, struct value, i);
        g_array_append_val(records, record);
    }
}

bool part_unrecorded(const struct part *part)
{
    if (shrink_due(part))
        return true;
    for (size_t i = 0; i < part->n_items; i++) {
        if (unrecorded(&part->items[i]))
            return true;
    }
    return false;
}

GArray *part_outcomes(struct part *part)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(struct journal_record));

    if (shrink_due(part))
        add_shrink(part, records);
    for (size_t i = 0; i < part->n_items; i++) {
        struct item *item = &part->items[i];
        struct journal_record record;

        if (!unrecorded(item))
            continue;
        item->recorded = (struct recorded){true, item->result.outcome, item->result.after,
                                           text_hash(&item->result)};
        record = record_of(part, target_of(part, i), &item->result.change, item->call);
        record.kind = JOURNAL_OUTCOME;
        record.back = item->returned || part->options.back;
        record.after = item->result.after;
        record.outcome = item->result.outcome;
        record.text = item->result.text;
        g_array_append_val(records, record);
    }
    return records;
}

char *part_stamp(const struct part *part)
{
    struct journal_author *author;
    g_autoptr(GDateTime) now = NULL;
    g_autofree char *time = NULL;
    char *text;

    if (!part->link->hub->stamp)
        return NULL;
    author = journal_author_new();
    now = g_date_time_new_now_utc();
    time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    text = g_strdup_printf("%s %s@%s %s", part->options.batch,
                           author->sudo_user ? author->sudo_user : author->user, author->machine,
                           time);
    journal_author_free(author);
    return text;
}

void part_refuse_unrecorded(struct part *part, const GError *error)
{
    struct target *target = &part->targets[part->at];

    struct shrink *shrink = part_shrink(part);

    if (part->back || part->options.back || part->options.unrecorded ||
        (shrink != NULL && shrink->back)) {
        hub_message(part->link->hub, part->link, "written without a record: %s", error->message);
        return;
    }
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        item->call = item->sent ? item->call : 0;
        if (item->decided)
            continue;
        item_decide(item, OUTCOME_FAILED, "nothing was sent: the journal cannot be written: %s",
                    error->message);
        item->result.error = BACKEND_ERROR_UNRECORDED;
    }
    part->stage = STAGE_NEXT;
    if (shrink != NULL && shrink->begun)
        part_shrink_fails(part, "the journal cannot be written");
    part_skip_rest(part, "the journal cannot be written");
}
