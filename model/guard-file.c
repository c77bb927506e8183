/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/append.h"
#include "model/guard-channel.h"
#include "model/guard-papers.h"
#include "model/guard.h"
#include "model/journal-file.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".guard"
#define ROOT_FOLDER "/var/lib/virt-memtune"

struct guard_file {
    int fd;
    char *path, *socket;
};

/* --- where --- */

static char *state_folder(void)
{
    const char *named = g_getenv(JOURNAL_VARIABLE), *state = g_getenv("XDG_STATE_HOME");

    if (named != NULL && g_path_is_absolute(named))
        return g_strdup(named);
    if (geteuid() == 0)
        return g_strdup(ROOT_FOLDER);
    if (state != NULL && g_path_is_absolute(state))
        return g_build_filename(state, "virt-memtune", NULL);
    return g_build_filename(g_get_home_dir(), ".local", "state", "virt-memtune", NULL);
}

char *guard_folder(void)
{
    g_autofree char *state = state_folder();

    return g_build_filename(state, "guards", NULL);
}

char *guard_path(const char *batch, const char *suffix)
{
    g_autofree char *folder = guard_folder();
    g_autofree char *name = g_strconcat(batch, suffix, NULL);

    return g_build_filename(folder, name, NULL);
}

/* --- writing --- */

static bool refuse(const char *path, int code, GError **error)
{
    g_autofree char *clean = text_clean(path);

    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s: %s", clean,
                g_strerror(code));
    return false;
}

static bool write_line(struct guard_file *file, JsonBuilder *builder, GError **error)
{
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = json_to_string(root, FALSE);
    g_autofree char *line = g_strconcat(append_torn(file->fd) ? "\n" : "", text, "\n", NULL);
    int code = append_all(file->fd, line, strlen(line));

    if (code == 0 && fdatasync(file->fd) != 0)
        code = errno;
    return code == 0 || refuse(file->path, code, error);
}

static bool write_papers(struct guard_file *file, const struct guard_papers *papers, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    guard_papers_build(builder, papers, false);
    json_builder_end_object(builder);
    return write_line(file, builder, error);
}

static bool sync_folder(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int code = errno;

    if (fd >= 0)
        close(fd);
    return fine || refuse(folder, code, error);
}

/* The lock is the open file's: the process that has it may close others of the same name. */
static bool lock(int fd, int what, struct flock *lock)
{
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, what, lock) == 0;
}

/* Its guard may have removed it, all done, between our opening it and our having the lock: then
 * there is nothing of it to take over. */
static bool still_there(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (status.st_nlink == 0)
        errno = ENOENT;
    return status.st_nlink > 0;
}

static struct guard_file *file_of(const char *batch, int flags, GError **error)
{
    struct guard_file *file = g_new0(struct guard_file, 1);
    struct flock own;

    file->path = guard_path(batch, SUFFIX);
    file->socket = guard_path(batch, ".socket");
    file->fd =
        open(file->path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | flags, 0600);
    if (file->fd >= 0 && lock(file->fd, F_OFD_SETLK, &own) && still_there(file->fd))
        return file;
    if (errno == EAGAIN)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONFLICT, "%s: its guard lives", batch);
    else if (errno == ENOENT)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "%s: there is no guard of it", batch);
    else
        refuse(file->path, errno, error);
    guard_file_free(file);
    return NULL;
}

struct guard_file *guard_file_new(const struct guard_papers *papers, GError **error)
{
    g_autofree char *folder = guard_folder(), *parent = g_path_get_dirname(folder);
    struct guard_file *file;

    if (g_mkdir_with_parents(folder, 0700) != 0) {
        refuse(folder, errno, error);
        return NULL;
    }
    file = file_of(papers->batch, O_CREAT | O_EXCL, error);
    if (file == NULL)
        return NULL;
    /* The folder itself may be new. */
    if (write_papers(file, papers, error) && sync_folder(folder, error) &&
        sync_folder(parent, error))
        return file;
    guard_file_remove(file);
    return NULL;
}

bool guard_file_note(struct guard_file *file, const char *word, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, word);
    json_builder_add_boolean_value(builder, TRUE);
    json_builder_end_object(builder);
    return write_line(file, builder, error);
}

bool guard_file_begun(struct guard_file *file, GError **error)
{
    return guard_file_note(file, "begun", error);
}

bool guard_file_applied(struct guard_file *file, size_t change, const struct guard_known *known,
                        GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "applied");
    json_builder_add_int_value(builder, (gint64)change);
    json_builder_set_member_name(builder, "uncertain");
    json_builder_add_boolean_value(builder, known->uncertain);
    json_builder_set_member_name(builder, "after");
    if (known->after != NULL)
        json_builder_add_value(builder, json_node_copy(known->after));
    else
        json_builder_add_null_value(builder);
    json_builder_end_object(builder);
    return write_line(file, builder, error);
}

void guard_file_free(struct guard_file *file)
{
    if (file == NULL)
        return;
    if (file->fd >= 0)
        close(file->fd);
    g_free(file->path);
    g_free(file->socket);
    g_free(file);
}

void guard_file_remove(struct guard_file *file)
{
    if (file == NULL)
        return;
    unlink(file->socket);
    unlink(file->path);
    guard_file_free(file);
}

/* --- reading --- */

static void take_event(struct guard_papers *papers, JsonObject *event)
{
    gint64 change = member_number(event, "applied", -1);
    JsonNode *after = json_object_get_member(event, "after");
    struct guard_known *known;

    papers->begun |= json_object_has_member(event, "begun");
    papers->written |= json_object_has_member(event, "written");
    papers->committed |= json_object_has_member(event, "committed");
    if (change < 0 || change >= papers->live->len)
        return;
    known = &papers->known[change];
    known->uncertain = member_yes(event, "uncertain");
    known->applied = after != NULL && !JSON_NODE_HOLDS_NULL(after);
    g_clear_pointer(&known->after, json_node_unref);
    known->after = known->applied ? json_node_copy(after) : NULL;
}

/* A last line that was torn off by the end of its machine tells nothing. */
static bool read_lines(char **lines, struct guard_papers **ret, GError **error)
{
    g_autoptr(JsonObject) first = lines[0] ? channel_parse(lines[0], strlen(lines[0])) : NULL;
    struct guard_papers *papers = NULL;

    if (first == NULL) {
        g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_SYNTAX, "it is no guard's plan");
        return false;
    }
    if (!guard_papers_read(first, &papers, error))
        return false;
    for (char **line = lines + 1; *line != NULL; line++) {
        g_autoptr(JsonObject) event = channel_parse(*line, strlen(*line));

        if (event != NULL)
            take_event(papers, event);
    }
    *ret = papers;
    return true;
}

static bool read_file(struct guard_file *file, struct guard_papers **papers, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    struct stat at;
    ssize_t n;

    if (fstat(file->fd, &at) != 0 || at.st_size > GUARD_FILE_MAX)
        return refuse(file->path, EFBIG, error);
    text = g_malloc0((size_t)at.st_size + 1);
    n = pread(file->fd, text, (size_t)at.st_size, 0);
    if (n < 0)
        return refuse(file->path, errno, error);
    lines = g_strsplit(text, "\n", -1);
    if (read_lines(lines, papers, error))
        return true;
    g_prefix_error(error, "%s: ", file->path);
    return false;
}

struct guard_file *guard_file_adopt(const char *batch, struct guard_papers **papers, GError **error)
{
    struct guard_file *file = file_of(batch, 0, error);

    if (file == NULL || read_file(file, papers, error))
        return file;
    guard_file_free(file);
    return NULL;
}

static bool lives(const char *batch)
{
    g_autofree char *path = guard_path(batch, SUFFIX);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct flock found;
    bool locked = fd >= 0 && lock(fd, F_OFD_GETLK, &found) && found.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return locked;
}

static int by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **guard_file_orphans(void)
{
    g_autofree char *folder = guard_folder();
    GPtrArray *found = g_ptr_array_new();
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *batch =
            g_str_has_suffix(name, SUFFIX) ? g_strndup(name, strlen(name) - strlen(SUFFIX)) : NULL;

        if (batch_id_valid(batch) && !lives(batch))
            g_ptr_array_add(found, g_steal_pointer(&batch));
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_ptr_array_sort(found, by_text);
    g_ptr_array_add(found, NULL);
    return (char **)g_ptr_array_free(found, FALSE);
}
