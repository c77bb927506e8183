/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-file.h"

#include "model/append.h"
#include "model/journal-line.h"
#include "model/journal-syslog.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESERVE (64 << 10) /* bytes: the outcome of the largest step by far */
#define LOCK_MS 5000
#define LOCK_POLL_US 5000

struct journal_file {
    struct journal journal;
    struct journal_author *author;
    char *folder;
    uint64_t size_max;
    unsigned keep, lock_ms;
    bool syslog;
};

/* --- where --------------------------------------------------------------------------------- */

static bool may_write(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, JOURNAL_FILE, NULL);

    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
        return false;
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 || errno == ENOENT;
}

static char *own_folder(void)
{
    const char *state = g_getenv("XDG_STATE_HOME");

    if (state != NULL && g_path_is_absolute(state))
        return g_build_filename(state, "virt-memtune", NULL);
    return g_build_filename(g_get_home_dir(), ".local", "state", "virt-memtune", NULL);
}

static const char *named_folder(void)
{
    const char *folder = g_getenv(JOURNAL_VARIABLE);

    return folder != NULL && g_path_is_absolute(folder) ? folder : NULL;
}

char *journal_folder(void)
{
    if (named_folder() != NULL)
        return g_strdup(named_folder());
    return may_write(JOURNAL_SHARED_FOLDER) ? g_strdup(JOURNAL_SHARED_FOLDER) : own_folder();
}

char **journal_folders(void)
{
    g_autofree char *own = own_folder();
    const char *const folders[] = {JOURNAL_SHARED_FOLDER, own};
    GPtrArray *found = g_ptr_array_new();

    if (named_folder() != NULL)
        g_ptr_array_add(found, g_strdup(named_folder()));
    for (size_t i = 0; i < G_N_ELEMENTS(folders) && named_folder() == NULL; i++) {
        if (faccessat(AT_FDCWD, folders[i], X_OK, AT_EACCESS) == 0)
            g_ptr_array_add(found, g_strdup(folders[i]));
    }
    g_ptr_array_add(found, NULL);
    return (char **)g_ptr_array_free(found, FALSE);
}

/* --- opening and locking ------------------------------------------------------------------- */

/* One append: the folder and the file, locked. */
struct opened {
    int folder, file;
    struct stat at;
};

static bool refuse(const struct journal_file *self, int code, GError **error)
{
    g_autofree char *raw = g_build_filename(self->folder, JOURNAL_FILE, NULL);
    g_autofree char *path = text_clean(raw);

    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", path,
                code == EWOULDBLOCK ? "another process keeps it locked"
                : code == EMLINK    ? "it is no plain file of one name"
                                    : g_strerror(code));
    return false;
}

/* As the folder's owner made the folder: who may write there may append. */
static mode_t mode_in(int folder)
{
    struct stat at;

    return fstat(folder, &at) == 0 ? (0600 | (at.st_mode & 066)) : 0600;
}

/* The file as its name is now, made where there is none. -1 with errno. */
static int open_file(int folder)
{
    int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    mode_t mode = mode_in(folder);
    int fd = openat(folder, JOURNAL_FILE, flags | O_CREAT | O_EXCL, mode);

    if (fd < 0 && errno == EEXIST)
        return openat(folder, JOURNAL_FILE, flags);
    if (fd >= 0 && (fchmod(fd, mode) != 0 || fsync(folder) != 0))
        errno = 0; /* the umask's mode, a file system without fsync of folders: no reason to stop */
    return fd;
}

/* 0 or an errno. */
static int lock(const struct journal_file *self, int fd, enum journal_how how)
{
    gint64 until = g_get_monotonic_time() + (gint64)self->lock_ms * 1000;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        if (how == JOURNAL_LAZY || g_get_monotonic_time() >= until)
            return EWOULDBLOCK;
        g_usleep(LOCK_POLL_US);
    }
    return 0;
}

/* Whether the name still leads to what was locked: it may have been rotated meanwhile. */
static bool still_it(const struct opened *opened)
{
    struct stat named;

    return fstatat(opened->folder, JOURNAL_FILE, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_ino == opened->at.st_ino && named.st_dev == opened->at.st_dev;
}

/* 0 or an errno. */
static int open_locked(const struct journal_file *self, struct opened *opened, enum journal_how how)
{
    for (;;) {
        int code;

        opened->file = open_file(opened->folder);
        if (opened->file < 0)
            return errno == ELOOP || errno == ENXIO ? EMLINK : errno;
        code = lock(self, opened->file, how);
        if (code == 0 && fstat(opened->file, &opened->at) != 0)
            code = errno;
        if (code == 0 && (!S_ISREG(opened->at.st_mode) || opened->at.st_nlink > 1))
            code = EMLINK;
        if (code != 0)
            return code;
        if (opened->at.st_nlink == 1 && still_it(opened))
            return 0;
        close(opened->file);
        opened->file = -1;
    }
}

/* --- rotating ------------------------------------------------------------------------------ */

/* With the lock held. False where the folder does not let us: then the file goes on growing. */
static bool rotate(const struct journal_file *self, int folder)
{
    char from[40], to[40];

    for (unsigned i = self->keep; i > 0; i--) {
        g_snprintf(to, sizeof to, JOURNAL_FILE ".%u", i);
        if (i > 1)
            g_snprintf(from, sizeof from, JOURNAL_FILE ".%u", i - 1);
        else
            g_strlcpy(from, JOURNAL_FILE, sizeof from);
        if (renameat(folder, from, folder, to) != 0 && errno != ENOENT)
            return false;
    }
    return true;
}

/* --- appending ----------------------------------------------------------------------------- */

static bool no_room(int code)
{
    return code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO || code == EROFS;
}

/* 0 or an errno. */
static int append_locked(const struct opened *opened, const GString *text, enum journal_how how,
                         bool reserve)
{
    int code;

    if (reserve &&
        fallocate(opened->file, FALLOC_FL_KEEP_SIZE, opened->at.st_size,
                  (off_t)text->len + RESERVE) != 0 &&
        no_room(errno))
        return errno;
    code = append_all(opened->file, text->str, text->len);
    if (code != 0 || how == JOURNAL_LAZY)
        return code;
    return fdatasync(opened->file) == 0 ? 0 : errno;
}

static GString *text_of(const struct journal_file *self, const struct journal_record *records,
                        size_t n)
{
    GString *text = g_string_new(NULL);
    int64_t now = g_get_real_time();

    for (size_t i = 0; i < n; i++) {
        g_autofree char *line = journal_line(&records[i], self->author, now);

        g_string_append(text, line);
    }
    return text;
}

/* 0 or an errno. */
static int append_opened(const struct journal_file *self, struct opened *opened, GString *text,
                         enum journal_how how, bool reserve)
{
    int code = open_locked(self, opened, how);

    if (code != 0)
        return code;
    if (opened->at.st_size > 0 && (uint64_t)opened->at.st_size + text->len > self->size_max &&
        rotate(self, opened->folder)) {
        close(opened->file);
        opened->file = -1;
        code = open_locked(self, opened, how);
        if (code != 0)
            return code;
    }
    if (append_torn(opened->file))
        g_string_prepend_c(text, '\n');
    return append_locked(opened, text, how, reserve);
}

static int append_text(const struct journal_file *self, GString *text, enum journal_how how,
                       bool reserve)
{
    struct opened opened = {.folder = -1, .file = -1};
    int code;

    if (g_mkdir_with_parents(self->folder, 0700) != 0)
        return errno;
    opened.folder = open(self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened.folder < 0)
        return errno;
    code = append_opened(self, &opened, text, how, reserve);
    if (opened.file >= 0)
        close(opened.file); /* and with it the lock */
    close(opened.folder);
    return code;
}

static bool file_append(struct journal *journal, const struct journal_record *records, size_t n,
                        enum journal_how how, GError **error)
{
    const struct journal_file *self = (struct journal_file *)journal;
    g_autoptr(GString) text = text_of(self, records, n);
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(journal_copy_free);
    int code;

    for (size_t i = 0; self->syslog && how == JOURNAL_DURABLE && i < n; i++)
        g_ptr_array_add(copies, journal_copy_new(&records[i], self->author));
    code = append_text(self, text, how, records[0].kind == JOURNAL_INTENT);
    for (guint i = 0; i < copies->len; i++) {
        if (!journal_copy_send(copies->pdata[i], JOURNALD_SOCKET, SYSLOG_SOCKET))
            break;
    }
    return code == 0 || refuse(self, code, error);
}

static void file_free(struct journal *journal)
{
    struct journal_file *self = (struct journal_file *)journal;

    journal_author_free(self->author);
    g_free(self->folder);
    g_free(self);
}

struct journal *journal_file_new(const struct journal_file_options *options,
                                 struct journal_author *author)
{
    struct journal_file *self = g_new0(struct journal_file, 1);

    self->journal = (struct journal){.refs = 1, .append = file_append, .free = file_free};
    self->author = author;
    self->folder = options->folder != NULL ? g_strdup(options->folder) : journal_folder();
    self->size_max = options->size_max != 0 ? options->size_max : JOURNAL_SIZE_MAX;
    self->keep = options->keep != 0 ? options->keep : JOURNAL_KEEP;
    self->lock_ms = options->lock_ms != 0 ? options->lock_ms : LOCK_MS;
    self->syslog = options->syslog;
    return &self->journal;
}

struct journal *journal_of_user(void)
{
    const struct journal_file_options options = {.syslog = named_folder() == NULL};

    return journal_file_new(&options, journal_author_new());
}
