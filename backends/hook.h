/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hook that gives a starting domain the settings that are kept in its metadata
 * (backends/support/kept.h), and the commands around it: `restore` (what the hook runs) and `hook`
 * (shows, installs and removes it). See https://libvirt.org/hooks.html: libvirt calls the program
 * with NAME OPERATION SUB-OPERATION EXTRA and the domain's XML on standard input, and waits for it
 * with the domain locked: calling libvirt back from it would deadlock the start.
 */
#ifndef BACKENDS_HOOK_H
#define BACKENDS_HOOK_H

#include <glib.h>
#include <stdbool.h>

/* The drivers that have the hook: {"qemu", "lxc", NULL}. */
extern const char *const hook_drivers[];

/* Where the hook of a driver goes, and its whole text for this program's path. Newly allocated. */
char *hook_path(const char *driver);
char *hook_text(const char *driver, const char *program);

/* 0: not there, 1: as hook_text() has it, -1: another file is there. */
int hook_installed(const char *driver, const char *program);

/* Writes the file (0755, atomically), or removes ours; refuses to touch another's. Then libvirtd
 * is told to read its hooks (SIGHUP to the pid of its pid file, if that is still its own); `*told`
 * is false where no daemon ran. */
bool hook_install(const char *driver, const char *program, bool *told, GError **error);
bool hook_remove(const char *driver, const char *program, bool *told, GError **error);

/* Reads the domain's XML from `input`, finds its group by libvirt's pid file and writes what is
 * kept. Opens no connection. True where nothing is kept. */
bool hook_restore(const char *driver, const char *name, int input, GError **error);

#endif
