/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/review-file.h"

#include "model/text.h"
#include "ui/change-words.h"
#include "ui/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool held_back(const struct review_group *group)
{
    return group->verdict == REVIEW_BLOCKED || group->verdict == REVIEW_ASKS_KILL;
}

static void add_group(GString *text, const struct review_group *group, size_t index)
{
    const char *host = group->row.domain ? group->row.snapshot->host.name : NULL;

    g_string_append_printf(text, "\n# %zu %s%s%s\n", index + 1, review_name(group),
                           host ? " on " : "", host ? host : "");
    for (size_t i = 0; i < group->n; i++) {
        const struct change *change = &group->changes[i];
        g_autofree char *label = words_label(change->tunable);
        g_autofree char *pair = words_pair(change->tunable, change->from, change->to);

        g_string_append_printf(text, "#   %s %s %s\n", label, words_scope(change->scope), pair);
    }
    for (size_t i = 0; i < findings_count(group->findings); i++) {
        g_autofree char *found = words_finding(findings_get(group->findings, i));

        g_string_append_printf(text, "#   %s\n", found);
    }
    if (group->blocked)
        g_string_append_printf(text, "#   blocked: %s\n", group->blocked);
    for (size_t i = 0; i < step_list_count(group->steps); i++) {
        const struct step *step = step_list_get(group->steps, i);

        if (step->shared)
            g_string_append_printf(text, "#   writes too: %s\n", step->shared);
        if (step->command)
            g_string_append_printf(text, "%s%s\n", held_back(group) ? "# " : "", step->command);
        else
            g_string_append(text, "# no command does the same\n");
    }
}

char *review_script(const struct review *review, int64_t now)
{
    GString *text = g_string_new("#!/bin/sh\n");
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(now);
    g_autofree char *clock = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");

    g_string_append_printf(text,
                           "# %zu changes of %zu domains, as virt-memtune would make them.\n"
                           "# What is said here was true on %s; nothing is checked again.\n"
                           "set -e\n",
                           review_n_changes(review), review_count(review), clock);
    for (size_t i = 0; i < review_count(review); i++)
        add_group(text, review_get(review, i), i);
    return g_string_free(text, FALSE);
}

static void member(JsonBuilder *builder, const char *name, const char *text)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, text ? text : "");
}

static void value_member(JsonBuilder *builder, const char *name, const struct change *change,
                         struct value value)
{
    json_builder_set_member_name(builder, name);
    json_value(builder, value, change->tunable->unit, change->tunable->choices);
}

static void add_change(JsonBuilder *builder, const struct review_group *group,
                       const struct change *change)
{
    const struct identity *identity = group->row.domain ? group->row.domain->identity : NULL;

    json_builder_begin_object(builder);
    member(builder, "domain", review_name(group));
    member(builder, "uuid", identity ? identity->native_id : NULL);
    member(builder, "connection", identity ? group->row.snapshot->uri : NULL);
    member(builder, "tunable", change->tunable->name);
    member(builder, "scope", words_scope(change->scope));
    value_member(builder, "before", change, change->from);
    value_member(builder, "wanted", change, change->to);
    json_builder_end_object(builder);
}

char *review_json(const struct review *review)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, JSON_SCHEMA);
    json_builder_set_member_name(builder, "changes");
    json_builder_begin_array(builder);
    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);

        for (size_t at = 0; at < group->n; at++)
            add_change(builder, group, &group->changes[at]);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}

static bool refuse(GError **error, const char *path, int code)
{
    g_autofree char *clean = text_clean(path);

    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", clean,
                g_strerror(code));
    return false;
}

static bool write_new(const char *path, const char *text, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t left = strlen(text);
    int failed;

    if (fd < 0)
        return refuse(error, path, errno);
    while (left) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        text += n;
        left -= (size_t)n;
    }
    failed = left ? errno : 0;
    if (close(fd) < 0 && !failed)
        failed = errno;
    if (!failed)
        return true;
    unlink(path);
    return refuse(error, path, failed);
}

bool review_save(const struct review *review, const char *path, int64_t now, bool replace,
                 GError **error)
{
    g_autofree char *text =
        g_str_has_suffix(path, ".json") ? review_json(review) : review_script(review, now);

    if (!replace)
        return write_new(path, text, error);
    return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}
