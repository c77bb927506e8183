/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz-host.h"

#include "model/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MS 30000

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

const char *ovz_host_root(const struct ovz_host *host)
{
    return host->root ? host->root : "";
}

char *ovz_host_path(const struct ovz_host *host, const char *path)
{
    return g_strconcat(ovz_host_root(host), path, NULL);
}

bool ovz_host_exists(const struct ovz_host *host, const char *path)
{
    g_autofree char *real = ovz_host_path(host, path);

    return g_file_test(real, G_FILE_TEST_EXISTS);
}

bool ovz_host_has(const struct ovz_host *host, const char *program)
{
    g_autofree char *first = host->root ? ovz_host_path(host, "/usr/sbin") : NULL;
    g_autofree char *found = run_find(program, first, NULL);

    return found != NULL;
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

/* Who asks how is part of the name: a connection that verified nothing, or was let in by another
 * key, is not shared. */
static char *control_name(const struct ovz_host *host)
{
    g_autofree char *all =
        g_strdup_printf("%s\n%s\n%d\n%s\n%s\n%d", host->user ? host->user : "", host->name,
                        host->port, host->keyfile ? host->keyfile : "",
                        host->known_hosts ? host->known_hosts : "", host->no_verify);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, all, -1);
}

/* A directory of our own for the socket. Without one every command connects anew. */
static void prepare_control(struct ovz_host *host)
{
    g_autofree char *directory = g_build_filename(g_get_user_runtime_dir(), "virt-memtune", NULL);
    g_autofree char *name = control_name(host);
    struct stat status;

    /* The address of a socket holds 107 bytes; 40 are the name's, ssh adds 17 while it connects. */
    if (strlen(directory) > 45)
        return;
    if (g_mkdir_with_parents(directory, 0700) || lstat(directory, &status))
        return;
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        !(status.st_mode & (S_IRWXG | S_IRWXO)))
        host->control = g_build_filename(directory, name, NULL);
}

bool ovz_host_prepare(struct ovz_host *host, GCancellable *cancel, GError **error)
{
    if (host->name)
        prepare_control(host);
    return !host->root || trust_root(host, cancel, error);
}
