/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include "model/text.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MS 30000
#define FILE_MAX ((gsize)(16 * 1024 * 1024))
#define ARGUMENTS_MAX 60000 /* bytes of paths in one remote command; the kernel takes 128 KiB */
#define SSH_FAILED 255
#define REMOTE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct ovz_host {
    char *root; /* absolute, no trailing slash; NULL is / */
    char *name; /* NULL: this machine */
    char *user, *keyfile, *known_hosts;
    int port;
    bool no_verify;
    char *control; /* the socket of the shared ssh connection, or NULL */
};

static bool bad_uri(GError **error, const char *uri, const char *what)
{
    g_autofree char *clean = text_clean(uri);

    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s: %s", clean, what);
    return false;
}

/* What ssh, or anything else, could take for an option. */
static bool plain_word(const char *text)
{
    return *text && *text != '-' && !strpbrk(text, " \t\r\n'\"\\`$;&|<>()");
}

static bool take_path(char **field, const char *value)
{
    if (!g_path_is_absolute(value) || strchr(value, '\n'))
        return false;
    g_free(*field);
    *field = g_canonicalize_filename(value, NULL);
    return true;
}

static bool take_parameter(struct ovz_host *host, const char *name, const char *value)
{
    if (!strcmp(name, "root"))
        return take_path(&host->root, value);
    if (!strcmp(name, "no_tty"))
        return true;
    if (!host->name)
        return false;
    if (!strcmp(name, "keyfile"))
        return take_path(&host->keyfile, value);
    if (!strcmp(name, "known_hosts"))
        return take_path(&host->known_hosts, value);
    if (!strcmp(name, "no_verify")) {
        host->no_verify = strcmp(value, "0") != 0;
        return true;
    }
    return false;
}

static bool take_query(struct ovz_host *host, const char *uri, const char *query, GError **error)
{
    GUriParamsIter iter;
    char *name, *value;
    g_autoptr(GError) why = NULL;
    bool ok = true;

    if (!query)
        return true;
    g_uri_params_iter_init(&iter, query, -1, "&;", G_URI_PARAMS_NONE);
    while (ok && g_uri_params_iter_next(&iter, &name, &value, &why)) {
        ok = take_parameter(host, name, value);
        if (!ok) {
            g_autofree char *what = g_strdup_printf("\"%s=%s\" cannot be used here", name, value);
            g_autofree char *clean = text_clean(what);

            bad_uri(error, uri, clean);
        }
        g_free(name);
        g_free(value);
    }
    return ok && (!why || bad_uri(error, uri, why->message));
}

static bool take_authority(struct ovz_host *host, const char *uri, GUri *parsed, GError **error)
{
    const char *name = g_uri_get_host(parsed), *user = g_uri_get_user(parsed);
    bool remote = !strcmp(g_uri_get_scheme(parsed), "openvz+ssh");

    if (remote != (name && *name))
        return bad_uri(error, uri,
                       remote ? "a host is missing: openvz+ssh://root@HOST/system"
                              : "a host needs openvz+ssh://root@HOST/system");
    if (!remote)
        return true;
    if (!plain_word(name) || (user && !plain_word(user)))
        return bad_uri(error, uri, "not the name of a host or a user");
    host->name = g_strdup(name);
    host->user = g_strdup(user);
    host->port = g_uri_get_port(parsed);
    return true;
}

struct ovz_host *ovz_host_new(const char *uri, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GUri) parsed =
        g_uri_parse(uri, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_QUERY, &why);
    struct ovz_host *host = g_new0(struct ovz_host, 1);
    bool ok = true;

    host->port = -1;
    if (!parsed)
        ok = bad_uri(error, uri, why->message);
    else if (strcmp(g_uri_get_scheme(parsed), "openvz") &&
             strcmp(g_uri_get_scheme(parsed), "openvz+ssh"))
        ok = bad_uri(error, uri, "the transport is none or ssh");
    else if (strcmp(g_uri_get_path(parsed), "/system"))
        ok = bad_uri(error, uri, "the path must be /system");
    else
        ok = take_authority(host, uri, parsed, error) &&
             take_query(host, uri, g_uri_get_query(parsed), error);
    if (!ok)
        g_clear_pointer(&host, ovz_host_free);
    return host;
}

void ovz_host_free(struct ovz_host *host)
{
    if (!host)
        return;
    g_free(host->root);
    g_free(host->name);
    g_free(host->user);
    g_free(host->keyfile);
    g_free(host->known_hosts);
    g_free(host->control);
    g_free(host);
}

bool ovz_host_local(const struct ovz_host *host)
{
    return !host->name && !host->root;
}

bool ovz_host_unverified(const struct ovz_host *host)
{
    return host->no_verify;
}

const char *ovz_host_name(const struct ovz_host *host)
{
    return host->name;
}

/* --- running ----------------------------------------------------------------------------- */

/* "DIR/usr/sbin/vzctl" of a root=, for programs that are looked for there first. */
static char *rooted(const struct ovz_host *host, const char *path)
{
    return g_strconcat(host->root ? host->root : "", path, NULL);
}

static void add_option(GPtrArray *argv, const char *option)
{
    g_ptr_array_add(argv, g_strdup("-o"));
    g_ptr_array_add(argv, g_strdup(option));
}

/* ssh and what it needs to know, up to the name of the host. `bare`: only what a person would
 * type. */
static GPtrArray *ssh_arguments(const struct ovz_host *host, bool bare)
{
    static const char *const quiet[] = {
        "BatchMode=yes",         "ConnectTimeout=10",       "ServerAliveInterval=5",
        "ServerAliveCountMax=3", "ClearAllForwardings=yes", "ForwardAgent=no",
        "ForwardX11=no",         "PermitLocalCommand=no",   "RequestTTY=no"};
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup("ssh"));
    for (size_t i = 0; !bare && i < G_N_ELEMENTS(quiet); i++)
        add_option(argv, quiet[i]);
    if (!bare && host->control) {
        g_autofree char *path = g_strconcat("ControlPath=", host->control, NULL);

        add_option(argv, "ControlMaster=auto");
        add_option(argv, "ControlPersist=60");
        add_option(argv, path);
    }
    if (host->no_verify) {
        add_option(argv, "StrictHostKeyChecking=no");
        add_option(argv, "UserKnownHostsFile=/dev/null");
    } else if (host->known_hosts) {
        g_autofree char *path = g_strconcat("UserKnownHostsFile=", host->known_hosts, NULL);

        add_option(argv, path);
    }
    if (host->keyfile) {
        g_ptr_array_add(argv, g_strdup("-i"));
        g_ptr_array_add(argv, g_strdup(host->keyfile));
    }
    if (host->port > 0) {
        g_ptr_array_add(argv, g_strdup("-p"));
        g_ptr_array_add(argv, g_strdup_printf("%d", host->port));
    }
    if (bare && host->user) {
        g_ptr_array_add(argv, g_strconcat(host->user, "@", host->name, NULL));
        return argv;
    }
    if (host->user) {
        g_ptr_array_add(argv, g_strdup("-l"));
        g_ptr_array_add(argv, g_strdup(host->user));
    }
    if (!bare)
        g_ptr_array_add(argv, g_strdup("--"));
    g_ptr_array_add(argv, g_strdup(host->name));
    return argv;
}

/* ssh joins its arguments with blanks and hands them to a shell: each one is quoted. */
static char *remote_line(const struct ovz_host *host, const char *const *argv)
{
    g_autofree char *first = host->root ? g_strconcat(host->root, "/usr/sbin:", NULL) : NULL;
    g_autofree char *path = g_strconcat("PATH=", first ? first : "", REMOTE_PATH, NULL);
    g_autofree char *quoted_path = g_shell_quote(path);
    GString *line = g_string_new("exec env LC_ALL=C ");

    g_string_append(line, quoted_path);
    for (size_t i = 0; argv[i]; i++) {
        g_autofree char *quoted = g_shell_quote(argv[i]);

        g_string_append_printf(line, " %s", quoted);
    }
    return g_string_free(line, FALSE);
}

static bool run_local(struct ovz_host *host, const char *const *argv,
                      const struct run_options *options, struct run_result *result, GError **error)
{
    g_autofree char *first = host->root ? rooted(host, "/usr/sbin") : NULL;
    g_autofree char *program =
        strchr(argv[0], '/') ? rooted(host, argv[0]) : run_find(argv[0], first, error);
    g_autofree const char **copy =
        g_memdup2(argv, (g_strv_length((char **)argv) + 1) * sizeof *argv);

    if (!program)
        return false;
    copy[0] = program;
    return run_program(copy, options, result, error);
}

static bool ssh_failed(const struct ovz_host *host, struct run_result *result, GError **error)
{
    g_autofree char *why = run_complaint(result);
    bool denied = strstr(result->err, "Permission denied") || strstr(result->err, "Host key");

    g_set_error(error, BACKEND_ERROR, denied ? BACKEND_ERROR_AUTH : BACKEND_ERROR_CONNECTION,
                "ssh %s: %s", host->name, why);
    run_result_clear(result);
    return false;
}

static bool run_remote(struct ovz_host *host, const char *const *argv,
                       const struct run_options *options, struct run_result *result, GError **error)
{
    g_autofree char *program = run_find("ssh", NULL, error);
    g_autoptr(GPtrArray) ssh = NULL;

    if (!program)
        return false;
    ssh = ssh_arguments(host, false);
    g_free(ssh->pdata[0]);
    ssh->pdata[0] = g_steal_pointer(&program);
    g_ptr_array_add(ssh, remote_line(host, argv));
    g_ptr_array_add(ssh, NULL);
    if (!run_program((const char *const *)ssh->pdata, options, result, error))
        return false;
    return result->status != SSH_FAILED || ssh_failed(host, result, error);
}

bool ovz_host_run(struct ovz_host *host, const char *const *argv, unsigned timeout_ms,
                  GCancellable *cancel, struct run_result *result, GError **error)
{
    struct run_options options = {.timeout_ms = timeout_ms, .cancel = cancel};

    return host->name ? run_remote(host, argv, &options, result, error)
                      : run_local(host, argv, &options, result, error);
}

bool ovz_host_has(struct ovz_host *host, const char *program, GCancellable *cancel, bool *has,
                  GError **error)
{
    const char *const argv[] = {"which", program, NULL};
    g_autofree char *first = host->root ? rooted(host, "/usr/sbin") : NULL;
    g_autofree char *found = host->name ? NULL : run_find(program, first, NULL);
    struct run_result result;

    if (host->name) {
        if (!ovz_host_run(host, argv, READ_MS, cancel, &result, error))
            return false;
        found = result.status == 0 ? g_strdup(result.out) : NULL;
        run_result_clear(&result);
    }
    *has = found != NULL;
    return true;
}

char *ovz_host_command(const struct ovz_host *host, const char *const *argv)
{
    GString *line = g_string_new(NULL);

    if (host->name) {
        g_autoptr(GPtrArray) ssh = ssh_arguments(host, true);

        for (unsigned i = 0; i < ssh->len; i++) {
            g_autofree char *quoted = text_shell_quote(ssh->pdata[i]);

            g_string_append_printf(line, "%s ", quoted);
        }
    }
    for (size_t i = 0; argv[i]; i++) {
        g_autofree char *quoted = text_shell_quote(argv[i]);

        g_string_append_printf(line, "%s%s", i ? " " : "", quoted);
    }
    return g_string_free(line, FALSE);
}

/* --- files ------------------------------------------------------------------------------- */

static bool read_local(struct ovz_host *host, const char *path, GHashTable *texts, GError **error)
{
    g_autofree char *real = rooted(host, path);
    g_autoptr(GString) text = g_string_new(NULL);
    FILE *file = g_fopen(real, "re");
    char buffer[16384];
    size_t n;

    if (!file && (errno == EACCES || errno == EPERM)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "%s may not be read: be root on this host", path);
        return false;
    }
    if (!file)
        return true;
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0 && text->len < FILE_MAX)
        g_string_append_len(text, buffer, (gssize)n);
    fclose(file);
    g_hash_table_insert(texts, g_strdup(path), g_string_free(g_steal_pointer(&text), FALSE));
    return true;
}

/* grep -H '' prints every line behind the name of its file and a colon: nothing in a file can look
 * like another file. */
static void take_lines(struct ovz_host *host, const char *const *paths, size_t n, char *out,
                       GHashTable *texts)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);

    for (size_t i = 0; i < n; i++)
        g_hash_table_insert(by_name, rooted(host, paths[i]), (gpointer)paths[i]);
    for (size_t i = 0; lines[i]; i++) {
        char *colon = strchr(lines[i], ':');
        const char *path;
        char *joined;

        if (!colon)
            continue;
        *colon = '\0';
        path = g_hash_table_lookup(by_name, lines[i]);
        if (!path)
            continue;
        joined = g_hash_table_lookup(texts, path);
        joined = g_strconcat(joined ? joined : "", colon + 1, "\n", NULL);
        g_hash_table_insert(texts, g_strdup(path), joined);
    }
}

static bool read_remote(struct ovz_host *host, const char *const *paths, size_t n,
                        GCancellable *cancel, GHashTable *texts, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    struct run_result result;

    for (size_t i = 0; i < 5; i++)
        g_ptr_array_add(argv, g_strdup(((const char *[]){"grep", "-a", "-H", "", "--"})[i]));
    for (size_t i = 0; i < n; i++)
        g_ptr_array_add(argv, rooted(host, paths[i]));
    g_ptr_array_add(argv, NULL);
    if (!ovz_host_run(host, (const char *const *)argv->pdata, READ_MS, cancel, &result, error))
        return false;
    take_lines(host, paths, n, result.out, texts);
    if (strstr(result.err, "Permission denied")) {
        g_autofree char *why = run_complaint(&result);

        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "%s: be root on that host",
                    why);
        run_result_clear(&result);
        return false;
    }
    run_result_clear(&result);
    return true;
}

bool ovz_host_read(struct ovz_host *host, const char *const *paths, GCancellable *cancel,
                   GHashTable **texts, GError **error)
{
    g_autoptr(GHashTable) result = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bool ok = true;

    for (size_t i = 0; ok && paths[i];) {
        size_t n = 0, bytes = 0;

        if (!host->name) {
            ok = read_local(host, paths[i++], result, error);
            continue;
        }
        while (paths[i + n] && bytes < ARGUMENTS_MAX)
            bytes += strlen(paths[i + n++]) + (host->root ? strlen(host->root) : 0) + 4;
        ok = read_remote(host, paths + i, n, cancel, result, error);
        i += n;
    }
    if (ok)
        *texts = g_steal_pointer(&result);
    return ok;
}

bool ovz_host_exist(struct ovz_host *host, const char *const *paths, GCancellable *cancel,
                    GHashTable **found, GError **error)
{
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = NULL;
    struct run_result result = {0};

    for (size_t i = 0; i < 3; i++)
        g_ptr_array_add(argv, g_strdup(((const char *[]){"ls", "-d", "--"})[i]));
    for (size_t i = 0; paths[i]; i++)
        g_ptr_array_add(argv, rooted(host, paths[i]));
    g_ptr_array_add(argv, NULL);
    if (host->name &&
        !ovz_host_run(host, (const char *const *)argv->pdata, READ_MS, cancel, &result, error))
        return false;
    lines = g_strsplit(result.out ? result.out : "", "\n", -1);
    for (size_t i = 0; paths[i]; i++) {
        const char *real = argv->pdata[i + 3];

        if (host->name ? g_strv_contains((const char *const *)lines, real)
                       : g_file_test(real, G_FILE_TEST_EXISTS))
            g_hash_table_add(set, g_strdup(paths[i]));
    }
    run_result_clear(&result);
    *found = g_steal_pointer(&set);
    return true;
}

/* --- trust ------------------------------------------------------------------------------- */

static bool distrust(const char *path, const char *what, GError **error)
{
    g_autofree char *clean = text_clean(path);

    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                "root=%s: %s: programs are run from there, so it must be a directory of root that "
                "nobody else may write",
                clean, what);
    return false;
}

static bool owned_by_root(const char *path, bool must_exist, GError **error)
{
    struct stat status;

    if (stat(path, &status))
        return must_exist ? distrust(path, g_strerror(errno), error) : true;
    if (!S_ISDIR(status.st_mode))
        return distrust(path, "not a directory", error);
    if (status.st_uid != 0)
        return distrust(path, "not owned by root", error);
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return distrust(path, "others may write it", error);
    return true;
}

static bool owned_by_root_there(struct ovz_host *host, const char *path, GCancellable *cancel,
                                GError **error)
{
    const char *const argv[] = {"stat", "-L", "-c", "%u %a %F", "--", path, NULL};
    struct run_result result;
    unsigned owner, mode;
    bool ok;

    if (!ovz_host_run(host, argv, READ_MS, cancel, &result, error))
        return false;
    ok = result.status == 0 && sscanf(result.out, "%u %o", &owner, &mode) == 2 && owner == 0 &&
         (mode & (S_IWGRP | S_IWOTH)) == 0 && strstr(result.out, "directory");
    run_result_clear(&result);
    return ok || distrust(path, "not such a directory on that host", error);
}

static bool trust_root(struct ovz_host *host, GCancellable *cancel, GError **error)
{
    static const char *const below[] = {"", "/usr", "/usr/sbin"};

    for (size_t i = 0; i < G_N_ELEMENTS(below); i++) {
        g_autofree char *path = g_strconcat(host->root, below[i], NULL);

        if (host->name ? i == 0 && !owned_by_root_there(host, path, cancel, error)
                       : !owned_by_root(path, i == 0, error))
            return false;
    }
    return true;
}

/* A directory of our own for the socket; the rest of its name is a hash by ssh. Without one every
 * command connects anew. */
static void prepare_control(struct ovz_host *host)
{
    g_autofree char *directory = g_build_filename(g_get_user_runtime_dir(), "virt-memtune", NULL);
    struct stat status;

    /* The address of a socket holds 107 bytes; ssh adds 40 of hash and 17 while it connects. */
    if (strlen(directory) > 45)
        return;
    if (g_mkdir_with_parents(directory, 0700) || lstat(directory, &status))
        return;
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        !(status.st_mode & (S_IRWXG | S_IRWXO)))
        host->control = g_build_filename(directory, "%C", NULL);
}

bool ovz_host_prepare(struct ovz_host *host, GCancellable *cancel, GError **error)
{
    if (host->name)
        prepare_control(host);
    return !host->root || trust_root(host, cancel, error);
}
