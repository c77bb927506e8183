/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/fake-share.h"

#include "model/journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* One write, of one size. */
struct line {
    uint8_t id[16];
    uint64_t row, scope, kind, number, choice;
};

/* -1: nothing is shared. */
static int open_locked(const struct fake_world *world)
{
    const char *name = fake_world_host(world, "shared");
    const char *folder = g_getenv(JOURNAL_VARIABLE);
    g_autofree char *path =
        name == NULL ? NULL : g_build_filename(folder ? folder : "/", name, NULL);
    int fd;

    if (path == NULL)
        return -1;
    if (folder != NULL)
        g_mkdir_with_parents(folder, 0700);
    fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        continue;
    return fd;
}

static void take(struct fake_world *world, int fd, double seconds)
{
    struct line line;

    while (pread(fd, &line, sizeof line, world->shared) == (ssize_t)sizeof line) {
        struct fake_domain *domain = fake_world_find(world, line.id);
        const struct value value = {
            .kind = (uint8_t)line.kind, .number = line.number, .choice = (uint8_t)line.choice};

        world->shared += sizeof line;
        if (domain != NULL)
            fake_domain_write(world->backend, domain, line.row, (enum scope)line.scope, value,
                              seconds);
    }
}

void fake_share_read(struct fake_world *world, double seconds)
{
    int fd = open_locked(world);

    if (fd < 0)
        return;
    take(world, fd, seconds);
    close(fd);
}

void fake_share_write(struct fake_world *world, const struct fake_domain *domain, size_t row,
                      enum scope scope, struct value value, double seconds)
{
    struct line line = {.row = row,
                        .scope = scope,
                        .kind = value.kind,
                        .number = value.number,
                        .choice = value.choice};
    int fd = open_locked(world);

    if (fd < 0)
        return;
    take(world, fd, seconds);
    memcpy(line.id, domain->id, sizeof line.id);
    if (write(fd, &line, sizeof line) == (ssize_t)sizeof line)
        world->shared += sizeof line;
    close(fd);
}
