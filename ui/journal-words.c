/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/journal-words.h"

#include "model/json-value.h"
#include "model/size.h"
#include "model/text.h"
#include "ui/change-words.h"

#include <string.h>

char *journal_words_time(const struct journal_entry *entry)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(entry->time_us / G_USEC_PER_SEC);

    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
}

char *journal_words_who(const struct journal_entry *entry)
{
    g_autoptr(GString) text = g_string_new(entry->user ? entry->user : "?");

    if (entry->kind == JOURNAL_SEEN)
        return g_strdup("not ours");
    if (entry->sudo_user)
        g_string_append_printf(text, " (%s)", entry->sudo_user);
    if (entry->ssh_address)
        g_string_append_printf(text, " from %s", entry->ssh_address);
    return text_clean(text->str);
}

char *journal_words_where(const struct journal_entry *entry)
{
    g_autofree char *raw = NULL;

    if (!entry->domain)
        return g_strdup("");
    raw = entry->host && g_strcmp0(entry->host, g_get_host_name())
              ? g_strdup_printf("%s on %s", entry->domain, entry->host)
              : g_strdup(entry->domain);
    return text_clean(raw);
}

static const struct tunable *tunable_of(const struct journal_entry *entry,
                                        const struct backend *const *backends)
{
    for (; backends && *backends; backends++)
        if (!g_strcmp0((*backends)->name, entry->hypervisor))
            for (const struct tunable *t = (*backends)->tunables; t && t->name; t++)
                if (!g_strcmp0(t->name, entry->tunable))
                    return t;
    return NULL;
}

/* As JSON has it where the program has no such tunable. */
static char *as_json(JsonNode *node)
{
    g_autofree char *raw = node ? json_to_string(node, FALSE) : g_strdup("?");

    return text_clean(raw);
}

/* What it came to be where it did, else what was wanted: the outcome says the rest. */
static JsonNode *aim_of(const struct journal_entry *entry)
{
    static const char *const there[] = {"changed", "rounded", "unchanged", NULL};
    bool came =
        entry->kind == JOURNAL_SEEN || (entry->outcome && g_strv_contains(there, entry->outcome));

    return entry->after && (came || !entry->wanted) ? entry->after : entry->wanted;
}

static char *change_text(const struct journal_entry *entry, const struct tunable *tunable)
{
    JsonNode *to = aim_of(entry);
    struct value before, after, wanted;

    if (tunable && json_value_read(entry->before, tunable, &before, NULL) &&
        json_value_read(to, tunable, &after, NULL)) {
        if (!value_known(after) && entry->wanted &&
            json_value_read(entry->wanted, tunable, &wanted, NULL))
            after = wanted;
        return words_pair(tunable, before, after);
    }
    g_autofree char *from = as_json(entry->before), *json = as_json(to);
    return g_strdup_printf("%s -> %s", from, json);
}

char *journal_words_change(const struct journal_entry *entry, const struct backend *const *backends)
{
    g_autofree char *pair = NULL, *raw = NULL;

    if (entry->kind == JOURNAL_NOTE)
        return text_clean(entry->text);
    pair = change_text(entry, tunable_of(entry, backends));
    raw = g_strdup_printf("%s %s %s%s", entry->tunable, entry->scope, pair,
                          entry->back ? ", back" : "");
    return text_clean(raw);
}

char *journal_words_outcome(const struct journal_entry *entry, bool unfinished)
{
    g_autofree char *raw = NULL;

    switch (entry->kind) {
    case JOURNAL_NOTE:
        return text_clean(entry->code);
    case JOURNAL_SEEN:
        if (entry->times < 2)
            return g_strdup("changed by somebody else");
        return g_strdup_printf("another agent changes this, %u times in 60 s", entry->times);
    case JOURNAL_INTENT:
    case JOURNAL_OUTCOME:
        break;
    }
    if (!entry->outcome)
        return g_strdup(unfinished ? "no outcome: nobody knows whether it was done"
                        : journal_entry_running(entry) ? "at work"
                                                       : "no outcome; changed since");
    raw = g_strdup_printf("%s%s%s", entry->outcome, entry->text ? ": " : "",
                          entry->text ? entry->text : "");
    return text_clean(raw);
}

char *journal_words_brief(const struct journal_entry *entry, bool unfinished)
{
    switch (entry->kind) {
    case JOURNAL_NOTE:
        return text_clean(entry->code);
    case JOURNAL_SEEN:
        return entry->times < 2 ? g_strdup("seen") : g_strdup_printf("%ux in 60 s", entry->times);
    case JOURNAL_INTENT:
    case JOURNAL_OUTCOME:
        break;
    }
    if (entry->outcome)
        return text_clean(entry->outcome);
    return g_strdup(unfinished                     ? "unknown"
                    : journal_entry_running(entry) ? "at work"
                                                   : "no outcome");
}

bool journal_words_mine(const struct journal_entry *entry, const struct journal_author *me)
{
    return entry->kind != JOURNAL_SEEN && !g_strcmp0(entry->user, me->user) &&
           !g_strcmp0(entry->sudo_user, me->sudo_user) && !g_strcmp0(entry->machine, me->machine);
}
