/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-process.h"

#include <string.h>
#include <unistd.h>

#define LOOK_AGAIN_US (5 * G_USEC_PER_SEC)

struct virt_processes {
    const char *driver;
    GHashTable *by_uuid; /* text to GINT_TO_POINTER(pid); NULL: not looked */
    gint64 looked_us;
};

struct virt_processes *virt_processes_new(const char *driver)
{
    struct virt_processes *processes = g_new0(struct virt_processes, 1);

    processes->driver = driver;
    return processes;
}

void virt_processes_free(struct virt_processes *processes)
{
    virt_processes_forget(processes);
    g_free(processes);
}

void virt_processes_forget(struct virt_processes *processes)
{
    if (processes)
        g_clear_pointer(&processes->by_uuid, g_hash_table_unref);
}

void virt_processes_new_tick(struct virt_processes *processes)
{
    if (g_get_monotonic_time() - processes->looked_us > LOOK_AGAIN_US)
        virt_processes_forget(processes);
}

static pid_t parse_pid(const char *text)
{
    guint64 pid;

    return g_ascii_string_to_unsigned(text, 10, 2, G_MAXINT, &pid, NULL) ? (pid_t)pid : 0;
}

static bool alive(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%ld", (long)pid);

    return access(path, F_OK) == 0;
}

pid_t virt_process_by_file(const char *driver, const char *name)
{
    g_autofree char *path = g_strdup_printf("/run/libvirt/%s/%s.pid", driver, name);
    g_autofree char *text = NULL;

    if (strchr(name, '/') || !g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    pid_t pid = parse_pid(g_strstrip(text));
    return pid && alive(pid) ? pid : 0;
}

/* "… -uuid UUID …" of QEMU; words end with a zero byte. */
static void take_process(struct virt_processes *processes, const char *pid_text)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", pid_text);
    g_autofree char *text = NULL;
    pid_t pid = parse_pid(pid_text);
    bool next = false;
    gsize length;

    if (!pid || !g_file_get_contents(path, &text, &length, NULL))
        return;
    for (const char *word = text; word < text + length; word += strlen(word) + 1) {
        if (next) {
            g_hash_table_insert(processes->by_uuid, g_ascii_strdown(word, -1),
                                GINT_TO_POINTER(pid));
            return;
        }
        next = strcmp(word, "-uuid") == 0;
    }
}

static void look(struct virt_processes *processes)
{
    GDir *directory = g_dir_open("/proc", 0, NULL);
    const char *name;

    processes->by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    processes->looked_us = g_get_monotonic_time();
    while (directory && (name = g_dir_read_name(directory)))
        take_process(processes, name);
    if (directory)
        g_dir_close(directory);
}

pid_t virt_process_of(struct virt_processes *processes, const char *name, const char *uuid, int id)
{
    pid_t pid = virt_process_by_file(processes->driver, name);

    if (pid)
        return pid;
    if (strcmp(processes->driver, "lxc") == 0)
        return id > 1 && alive((pid_t)id) ? (pid_t)id : 0;
    if (!processes->by_uuid)
        look(processes);
    pid = GPOINTER_TO_INT(g_hash_table_lookup(processes->by_uuid, uuid));
    return pid && alive(pid) ? pid : 0;
}
