/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a watch that cannot write can still do: pins itself as the program does, then tries to
 * write in every way there is, and prints "WHAT RESULT" of each: "done", or the error's name.
 *   pinned FOLDER CONTROL-FILE OTHER-PID URI...
 * FOLDER holds "file", "read" (both writable by all), "empty/", and is writable by all; descriptor
 * 7 is "read", open for reading, descriptor 8 is "inherited", open for writing.
 */
#include "backends/backends.h"
#include "ui/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *folder, *control;
static pid_t other;

static const char *in(const char *name)
{
    return g_intern_string(g_build_filename(folder, name, NULL));
}

static int opened(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);

    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

static int socket_to(const char *path, int (*call)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), result, code;

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    result = call(fd, (struct sockaddr *)&address, sizeof address);
    code = errno;
    close(fd);
    errno = code;
    return result;
}

static int write_file(void)
{
    return opened(in("file"), O_WRONLY);
}

static int append_file(void)
{
    return opened(in("file"), O_WRONLY | O_APPEND);
}

static int read_and_write_file(void)
{
    return opened(in("file"), O_RDWR);
}

static int truncate_by_opening(void)
{
    return opened(in("file"), O_RDONLY | O_TRUNC);
}

static int truncate_by_opening_for_nothing(void)
{
    return opened(in("file"), O_ACCMODE | O_TRUNC);
}

static int truncate_file(void)
{
    return truncate(in("file"), 0);
}

static int change_mode(void)
{
    return chmod(in("file"), 0600);
}

static int change_mode_of_open(void)
{
    return fchmod(7, 0600);
}

static int change_owner(void)
{
    return chown(in("file"), getuid(), (gid_t)-1);
}

static int change_times(void)
{
    return utimensat(AT_FDCWD, in("file"), NULL, 0);
}

static int set_attribute(void)
{
    return setxattr(in("file"), "user.x", "x", 1, 0);
}

static int create_file(void)
{
    return opened(in("new"), O_WRONLY | O_CREAT);
}

static int create_nameless(void)
{
    return opened(folder, O_WRONLY | O_TMPFILE);
}

static int make_folder(void)
{
    return mkdir(in("new"), 0777);
}

static int make_pipe(void)
{
    return mkfifo(in("new"), 0666);
}

static int make_socket(void)
{
    return socket_to(in("new"), bind);
}

static int make_symlink(void)
{
    return symlink("file", in("new"));
}

static int make_link(void)
{
    return link(in("file"), in("new"));
}

static int rename_file(void)
{
    return rename(in("file"), in("new"));
}

static int remove_file(void)
{
    return unlink(in("file"));
}

static int remove_folder(void)
{
    return rmdir(in("empty"));
}

static int reopen_for_writing(void)
{
    return opened("/proc/self/fd/7", O_WRONLY);
}

static int write_inherited(void)
{
    return write(8, "x", 1) == 1 ? 0 : -1;
}

static int write_control_file(void)
{
    return opened(control, O_WRONLY);
}

static int write_by_a_child(void)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(write_file() == 0 ? 0 : errno);
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    return errno == 0 ? 0 : -1;
}

static int write_by_a_program(void)
{
    g_autofree char *command = g_strdup_printf("echo x 2>/dev/null >'%s'", in("file"));

    errno = EACCES;
    return system(command) == 0 ? 0 : -1;
}

static int become_root(void)
{
    return setresuid(0, 0, 0);
}

static int gain_rights(void)
{
    errno = EPERM;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? -1 : 0;
}

static int signal_another(void)
{
    return kill(other, 0);
}

static int connect_for_writing(void)
{
    return socket_to("/run/libvirt/libvirt-sock", connect);
}

static int connect_for_reading(void)
{
    return socket_to("/run/libvirt/libvirt-sock-ro", connect);
}

static int read_file(void)
{
    return opened(in("file"), O_RDONLY);
}

static int read_control_file(void)
{
    return opened(control, O_RDONLY);
}

static int write_nothing(void)
{
    return opened("/dev/null", O_RDWR);
}

static int read_inherited(void)
{
    char c;

    return read(7, &c, 1) >= 0 ? 0 : -1;
}

#define TRY(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }
/* clang-format off */
static const struct {
    const char *name;
    int (*act)(void);
} tries[] = {
    TRY(write_file), TRY(append_file), TRY(read_and_write_file), TRY(truncate_by_opening), TRY(truncate_by_opening_for_nothing), TRY(truncate_file),
    TRY(change_mode), TRY(change_mode_of_open), TRY(change_owner), TRY(change_times), TRY(set_attribute), TRY(create_file), TRY(create_nameless), TRY(make_folder), TRY(make_pipe), TRY(make_socket),
    TRY(make_symlink), TRY(make_link), TRY(rename_file), TRY(remove_file), TRY(remove_folder),
    TRY(reopen_for_writing), TRY(write_inherited), TRY(write_control_file), TRY(write_by_a_child),
    TRY(write_by_a_program), TRY(become_root), TRY(gain_rights), TRY(signal_another),
    TRY(connect_for_writing), TRY(connect_for_reading), TRY(read_file), TRY(read_control_file),
    TRY(write_nothing), TRY(read_inherited),
};
/* clang-format on */

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    if (argc < 4)
        return 2;
    folder = argv[1];
    control = argv[2];
    other = (pid_t)g_ascii_strtoll(argv[3], NULL, 10);
    if (!pin_process(all_backends, (const char *const *)argv + 4, notes, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    for (guint i = 0; i < notes->len; i++)
        fprintf(stderr, "%s\n", (const char *)notes->pdata[i]);
    printf("user %d\n", (int)getuid());
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++)
        printf("%s %s\n", tries[i].name, tries[i].act() == 0 ? "done" : strerrorname_np(errno));
    return 0;
}
