/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/pin.h"

#include "model/model.h"
#include "ui/pin-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the header of some systems that this is built on. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif
struct rules {
    __u64 files, network, scopes; /* struct landlock_ruleset_attr of all versions so far */
};

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, text);
    return false;
}

static void note(GPtrArray *notes, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void note(GPtrArray *notes, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(notes, g_strdup_vprintf(format, args));
    va_end(args);
}

/* --- which connections --------------------------------------------------------------------- */

/* Why it has to stay the user that it is, or NULL. What is refused, the model refuses. */
static const char *needs_us(const struct backend *const *backends, const char *const *uris)
{
    for (; uris && *uris; uris++) {
        g_autofree char *uri = model_resolve(backends, *uris);
        const struct backend *backend = backend_for_uri(backends, uri);
        const char *why = NULL;

        if (backend && backend->watch && backend->watch(uri, &why) == WATCH_OWNER)
            return why;
    }
    return NULL;
}

/* --- the user ------------------------------------------------------------------------------ */

/* Who called sudo, else nobody. False: there is no such user. */
static bool lesser_user(uid_t *uid, gid_t *gid, char **name)
{
    const char *sudo = g_getenv("SUDO_UID");
    guint64 number = 0;
    const struct passwd *entry = NULL;

    if (sudo && g_ascii_string_to_unsigned(sudo, 10, 1, G_MAXUINT32 - 1, &number, NULL))
        entry = getpwuid((uid_t)number);
    if (!entry)
        entry = getpwnam("nobody");
    if (!entry || entry->pw_uid == 0)
        return false;
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    *name = g_strdup(entry->pw_name);
    return true;
}

static bool drop_root(GError **error)
{
    g_autofree char *name = NULL;
    uid_t uid;
    gid_t gid;

    if (!lesser_user(&uid, &gid, &name))
        return refuse(error, "there is no user to become: neither SUDO_UID nor nobody");
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return refuse(error, "cannot become %s: %s", name, g_strerror(errno));
    if (setuid(0) == 0)
        return refuse(error, "could become root again");
    return true;
}

/* --- what it was started with --------------------------------------------------------------- */

/* A file, a device or a socket that some program before us left open for writing. */
static void close_inherited(void)
{
    int last = (int)sysconf(_SC_OPEN_MAX);

    for (int fd = STDERR_FILENO + 1; fd < MIN(MAX(last, 256), 65536); fd++) {
        int flags = fcntl(fd, F_GETFL);

        if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
            close(fd);
    }
}

/* --- files --------------------------------------------------------------------------------- */

/* Every right that changes something, as far as this version of Landlock knows it. */
static __u64 writing_rights(int version)
{
    __u64 rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                   LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return rights;
}

static void allow_writing(int ruleset, __u64 handled, const char *path)
{
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = handled & (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_IOCTL_DEV),
        .parent_fd = path ? open(path, O_PATH | O_CLOEXEC) : -1,
    };

    if (beneath.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
}

static bool lock_files(GPtrArray *notes, GError **error)
{
    int version =
        (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct rules rules = {.files = writing_rights(version),
                          .scopes = version >= 6 ? LANDLOCK_SCOPE_SIGNAL : 0};
    int ruleset;
    bool locked;

    if (version < 1) {
        note(notes,
             "this kernel has no Landlock (%s): nothing but this program's own care and the "
             "rights of its user keep it from writing files",
             g_strerror(errno));
        return true;
    }
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (ruleset < 0)
        return refuse(error, "Landlock: %s", g_strerror(errno));
    allow_writing(ruleset, rules.files, "/dev/tty");
    allow_writing(ruleset, rules.files, ttyname(STDIN_FILENO));
    allow_writing(ruleset, rules.files, "/dev/null"); /* ssh does not start without */
    locked = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return locked || refuse(error, "Landlock: %s", g_strerror(errno));
}

bool pin_process(const struct backend *const *backends, const char *const *uris, GPtrArray *notes,
                 GError **error)
{
    const char *needs = needs_us(backends, uris);

    close_inherited();
    if (geteuid() == 0 && needs)
        note(notes, "this watch stays root: %s", needs);
    else if (geteuid() == 0 && !drop_root(error))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refuse(error, "no_new_privs: %s", g_strerror(errno));
    if (!pin_calls())
        note(notes,
             "system calls cannot be refused here (%s): modes, owners and times of files, and on "
             "old kernels their length, are kept by this program's own care",
             g_strerror(errno));
    return lock_files(notes, error);
}
