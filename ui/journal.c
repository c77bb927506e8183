/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `journal`: what was written, by whom, and what became of it. */
#include "model/guard.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"
#include "model/text.h"
#include "ui/commands.h"
#include "ui/journal-words.h"
#include "ui/json.h"
#include "ui/out.h"

#include <string.h>

/* Without words all; else what a word names: a batch, a domain's name or its id, a user. */
static bool wanted(const struct options *options, const struct journal_entry *entry)
{
    const char *const names[] = {entry->batch, entry->domain, entry->uuid, entry->user};
    if (!options->words || !*options->words)
        return true;
    for (char **word = options->words; *word; word++)
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            if (g_strcmp0(names[i], *word) == 0)
                return true;
    return false;
}

static void print_json(const struct options *options, const struct journal_book *book)
{
    for (guint i = 0; i < book->entries->len; i++) {
        const struct journal_entry *entry = book->entries->pdata[i];
        g_autoptr(JsonBuilder) builder = json_builder_new();
        if (!wanted(options, entry))
            continue;
        json_builder_begin_object(builder);
        json_builder_set_member_name(builder, "schema");
        json_builder_add_int_value(builder, JSON_SCHEMA);
        journal_entry_members(builder, entry);
        json_builder_set_member_name(builder, "unfinished");
        json_builder_add_boolean_value(builder, journal_book_unfinished(book, i));
        json_builder_end_object(builder);
        json_print(builder);
    }
}

static void cell(struct out_table *table, char *text)
{
    out_table_cell(table, text, false);
    g_free(text);
}

static void print_table(const struct options *options, const struct journal_book *book)
{
    static const char *const titles[] = {"TIME", "WHO", "DOMAIN", "CHANGE", "OUTCOME", "ID", NULL};
    static const bool right[G_N_ELEMENTS(titles)];
    struct out_table *table = out_table_new(options_format(options));
    out_table_heading(table, titles, right);
    for (guint i = 0; i < book->entries->len; i++) {
        const struct journal_entry *entry = book->entries->pdata[i];
        if (!wanted(options, entry))
            continue;
        cell(table, journal_words_time(entry));
        cell(table, journal_words_who(entry));
        cell(table, journal_words_where(entry));
        cell(table, journal_words_change(entry, options->backends));
        cell(table, journal_words_outcome(entry, journal_book_unfinished(book, i)));
        cell(table, text_clean(entry->batch));
        out_table_end_row(table);
    }
    out_table_print(table);
    out_table_free(table);
}

static void say_orphans(void)
{
    g_auto(GStrv) orphans = guard_orphans();
    for (char **batch = orphans; *batch; batch++)
        out_message(
            "%s was neither kept nor taken back: its guard has died. virt-memtune back %s or "
            "keep %s",
            *batch, *batch, *batch);
}

int journal_run(const struct options *options)
{
    g_auto(GStrv) folders = journal_folders();
    struct journal_reader *reader = journal_reader_new((const char *const *)folders, 0);
    journal_reader_update(reader);
    const GPtrArray *problems = journal_reader_problems(reader);
    for (guint i = 0; i < problems->len; i++)
        out_message("%s", (const char *)problems->pdata[i]);
    if (options->json)
        print_json(options, journal_reader_book(reader));
    else
        print_table(options, journal_reader_book(reader));
    journal_reader_free(reader);
    say_orphans();
    return out_end(STATUS_DONE);
}
