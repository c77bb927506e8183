/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/review-file.h"

#include "model/changefile.h"
#include "model/text.h"
#include "ui/change-words.h"

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

char *review_json(const struct review *review)
{
    g_autoptr(GPtrArray) stored = changefile_new();

    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);

        for (size_t at = 0; group->row.domain && at < group->n; at++)
            g_ptr_array_add(stored, stored_change_new(group->row.snapshot, group->row.domain,
                                                      &group->changes[at]));
    }
    return changefile_text(stored);
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
