/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket in the guards' folder: for its owner and root alone. */
#include "model/guard-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define VISITORS_MAX 32

/* A name of any length: by way of its folder's descriptor, which is to be closed. -1 with errno. */
static int address_of(const char *batch, struct sockaddr_un *address)
{
    g_autofree char *folder = guard_folder();
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd >= 0)
        g_snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s.socket", fd,
                   batch);
    return fd;
}

static bool fail(const char *batch, int code, GError **error)
{
    g_autofree char *path = guard_path(batch, ".socket");

    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", path,
                g_strerror(code));
    return false;
}

static bool is_ours(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static void visitor_closed(struct channel *channel, const char *why, void *data)
{
    struct server *server = data;

    g_ptr_array_remove_fast(server->visitors, channel);
}

static void visitor_secret(struct channel *channel, const char *text, void *data)
{
}

static void visitor_message(struct channel *channel, const char *name, JsonObject *object,
                            void *data)
{
    struct server *server = data;

    if (strcmp(name, "commit") == 0)
        server_keep(server);
    else if (strcmp(name, "back") == 0)
        server_back(server, "virt-memtune back said so");
}

static gboolean on_visitor(int fd, GIOCondition condition, void *data)
{
    struct server *server = data;
    const struct channel_listener listener = {visitor_message, visitor_secret, visitor_closed,
                                              server};
    int socket = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (socket < 0)
        return G_SOURCE_CONTINUE;
    if (!is_ours(socket) || server->visitors->len >= VISITORS_MAX) {
        close(socket);
        return G_SOURCE_CONTINUE;
    }
    g_ptr_array_add(server->visitors, channel_new(socket, server->context, &listener));
    server_tell(server);
    return G_SOURCE_CONTINUE;
}

bool server_open_door(struct server *server, GError **error)
{
    const char *batch = server->papers->batch;
    struct sockaddr_un address;
    int folder = address_of(batch, &address);
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    bool open = fd >= 0;

    /* One that a dead guard left: the lock on its file says that it is dead. */
    if (open)
        unlink(address.sun_path);
    open = open && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(fd, VISITORS_MAX) == 0;
    int code = errno;
    umask(mask);
    if (folder >= 0)
        close(folder);
    if (!open) {
        if (fd >= 0)
            close(fd);
        return fail(batch, code, error);
    }
    server->door_fd = fd;
    server->door = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(server->door, G_SOURCE_FUNC(on_visitor), server, NULL);
    g_source_attach(server->door, server->context);
    return true;
}

void server_close_door(struct server *server)
{
    if (server->door == NULL)
        return;
    g_source_destroy(server->door);
    g_source_unref(server->door);
    server->door = NULL;
    close(server->door_fd);
}

int guard_knock(const char *batch, GError **error)
{
    struct sockaddr_un address;
    int folder = address_of(batch, &address);
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        close(folder);
        return fd;
    }
    if (errno == ENOENT || errno == ECONNREFUSED)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "%s: no guard of it runs", batch);
    else
        fail(batch, errno, error);
    if (folder >= 0)
        close(folder);
    if (fd >= 0)
        close(fd);
    return -1;
}
