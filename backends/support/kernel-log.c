/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/kernel-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX 8192 /* CONSOLE_EXT_LOG_MAX */

/* As the kernel escapes what is not printable, and backslashes with it. */
static char *escape(const char *text)
{
    GString *escaped = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        if (*at < ' ' || *at > '~' || *at == '\\')
            g_string_append_printf(escaped, "\\x%02x", (unsigned char)*at);
        else
            g_string_append_c(escaped, *at);
    }
    return g_string_free(escaped, FALSE);
}

/* The text after ",key=", up to the next comma. */
static const char *field(const char *line, const char *key, size_t *length)
{
    g_autofree char *wanted = g_strdup_printf(",%s=", key);
    const char *found = strstr(line, wanted);

    if (!found)
        return NULL;
    found += strlen(wanted);
    *length = strcspn(found, ",\n");
    return found;
}

char *kernel_log_victim(const char *record, const char *group, uint64_t *time_us)
{
    const char *line = strchr(record, ';'), *path, *task;
    g_autofree char *wanted = escape(group);
    size_t length, path_length, wanted_length = strlen(wanted);
    g_autofree char *prefix = g_strndup(record, line ? (gsize)(line - record) : 0);
    g_auto(GStrv) head = g_strsplit(prefix, ",", 4);

    if (!line || !g_str_has_prefix(line, ";oom-kill:") || g_strv_length(head) < 4 ||
        !(path = field(line, "task_memcg", &path_length)) || !(task = field(line, "task", &length)))
        return NULL;
    if (path_length < wanted_length || strncmp(path, wanted, wanted_length) != 0 ||
        (path_length > wanted_length && path[wanted_length] != '/'))
        return NULL;
    *time_us = g_ascii_strtoull(head[2], NULL, 10);
    return g_strndup(task, length);
}

char *kernel_log_last_victim(const char *group, unsigned seconds)
{
    gint64 oldest = g_get_monotonic_time() - (gint64)seconds * G_USEC_PER_SEC;
    int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char record[RECORD_MAX + 1], *last = NULL;
    ssize_t length;

    while (log >= 0 && ((length = read(log, record, RECORD_MAX)) > 0 ||
                        (length < 0 && (errno == EPIPE || errno == EINTR)))) {
        uint64_t time_us;

        if (length < 0)
            continue; /* overwritten while it was read: it goes on with the oldest that is left */
        record[length] = '\0';
        char *victim = kernel_log_victim(record, group, &time_us);
        if (victim && (gint64)time_us >= oldest) {
            g_free(last);
            last = g_steal_pointer(&victim);
        }
        g_free(victim);
    }
    if (log >= 0)
        close(log);
    return last;
}
