/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/auth.h"

#include "model/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUTH_FILE_MAX 65536

struct credentials {
    char *user;
    char *password; /* secret_new() */
    bool from_file;
};

/* Of memory from malloc(), which no secret stays in for long. */
static void wipe(char *text, size_t length)
{
    if (text != NULL) {
        explicit_bzero(text, length);
        g_free(text);
    }
}

char *auth_file(const char *from_uri)
{
    const char *named = g_getenv("LIBVIRT_AUTH_FILE");
    char *path;

    if (named != NULL && *named != '\0') {
        return g_strdup(named);
    }
    if (from_uri != NULL && *from_uri != '\0') {
        return g_strdup(from_uri);
    }
    path = g_build_filename(g_get_user_config_dir(), "libvirt", "auth.conf", NULL);
    if (access(path, R_OK) == 0) {
        return path;
    }
    g_free(path);
    path = g_strdup("/etc/libvirt/auth.conf");
    if (access(path, R_OK) == 0) {
        return path;
    }
    g_free(path);
    return NULL;
}

/* --- the file ------------------------------------------------------------------------------ */

/* Not GKeyFile: it would leave copies of the password behind that nobody can wipe. */

struct ini_line {
    const char *section, *key, *value; /* into the text */
};

/* Cuts the text into lines "key = value" with their section, as libvirt's own parser does: "#"
 * starts a comment line, blanks around keys and values do not count. */
static GArray *ini_read(char *text)
{
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(struct ini_line));
    const char *section = "";
    char *next;

    for (char *line = text; line != NULL; line = next) {
        char *equals;

        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        g_strstrip(line);
        if (line[0] == '[' && line[strlen(line) - 1] == ']') {
            line[strlen(line) - 1] = '\0';
            section = line + 1;
        } else if (line[0] != '#' && line[0] != ';' && (equals = strchr(line, '=')) != NULL) {
            struct ini_line found = {section, line, equals + 1};

            *equals = '\0';
            g_strchomp(line);
            found.value += strspn(found.value, " \t");
            g_array_append_val(lines, found);
        }
    }
    return lines;
}

static const char *ini_get(const GArray *lines, const char *section, const char *key)
{
    for (guint i = 0; i < lines->len; i++) {
        const struct ini_line *line = &g_array_index(lines, struct ini_line, i);

        if (strcmp(line->section, section) == 0 && strcmp(line->key, key) == 0) {
            return line->value;
        }
    }
    return NULL;
}

static bool ini_has(const GArray *lines, const char *section)
{
    for (guint i = 0; i < lines->len; i++) {
        if (strcmp(g_array_index(lines, struct ini_line, i).section, section) == 0) {
            return true;
        }
    }
    return false;
}

/* The [auth-…] section that fits, or NULL. */
static char *find_section(const GArray *lines, const char *const *services, const char *host)
{
    const char *hosts[] = {host, "default"};

    for (size_t h = 0; h < G_N_ELEMENTS(hosts); h++) {
        for (size_t s = 0; services[s] != NULL; s++) {
            char *name = g_strdup_printf("auth-%s-%s", services[s], hosts[h]);

            if (ini_has(lines, name)) {
                return name;
            }
            g_free(name);
        }
    }
    return NULL;
}

bool auth_look_up(char *text, const char *const *services, const char *host, const char **user,
                  const char **password, GError **error)
{
    g_autoptr(GArray) lines = ini_read(text);
    g_autofree char *section = find_section(lines, services, host);
    g_autofree char *set = NULL;
    const char *name;

    if (section != NULL) {
        name = ini_get(lines, section, "credentials");
        if (name == NULL) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH,
                        "section [%s] has no line credentials=NAME", section);
            return false;
        }
        set = g_strdup_printf("credentials-%s", name);
        if (!ini_has(lines, set)) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH,
                        "section [%s] names credentials that have no section [%s]", section, set);
            return false;
        }
    }
    *user = set != NULL ? ini_get(lines, set, "username") : NULL;
    *password = set != NULL ? ini_get(lines, set, "password") : NULL;
    return true;
}

/* The whole file in newly allocated memory that never moved; NULL where it cannot be read. */
static char *read_file(const char *path, GError **error)
{
    struct stat status;
    char *text = NULL;
    size_t length = 0;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size <= AUTH_FILE_MAX) {
        text = g_malloc0((size_t)status.st_size + 1);
        do {
            got = read(fd, text + length, (size_t)status.st_size - length);
            length += got > 0 ? (size_t)got : 0;
        } while (got > 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (got != 0) {
        wipe(text, length);
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH,
                    "credentials: %s cannot be read, or is no small file", path);
        return NULL;
    }
    return text;
}

/* --- credentials --------------------------------------------------------------------------- */

static bool set_password(struct credentials *credentials, const char *password)
{
    char *copy = secret_new(password);

    secret_free(credentials->password);
    credentials->password = copy;
    return copy != NULL;
}

void credentials_free(struct credentials *credentials)
{
    if (credentials == NULL) {
        return;
    }
    secret_free(credentials->password);
    g_free(credentials->user);
    g_free(credentials);
}

const char *credentials_user(const struct credentials *credentials)
{
    return credentials->user;
}

const char *credentials_password(const struct credentials *credentials)
{
    return credentials->password;
}

bool credentials_from_file(const struct credentials *credentials)
{
    return credentials->from_file;
}

static bool from_file(struct credentials *credentials, const struct auth_request *request,
                      GError **error)
{
    g_autofree char *path = auth_file(request->file);
    const char *user = NULL, *password = NULL;
    size_t length;
    char *text;
    bool ok;

    if (path == NULL) {
        return true;
    }
    text = read_file(path, error);
    if (text == NULL) {
        return false;
    }
    length = strlen(text);
    ok = auth_look_up(text, request->services, request->host, &user, &password, error);
    if (ok && credentials->user == NULL) {
        credentials->user = g_strdup(user);
    }
    /* Another user's password only counts as a failed login, and those lock accounts. */
    if (ok && password != NULL && (user == NULL || g_strcmp0(user, credentials->user) == 0)) {
        credentials->from_file = set_password(credentials, password);
    }
    if (!ok) {
        g_prefix_error(error, "credentials: %s: ", path);
    }
    wipe(text, length);
    return ok;
}

bool auth_ask(struct credentials *credentials, const char *host, struct uplink *uplink,
              GError **error)
{
    g_autofree char *prompt = g_strdup_printf("Password of %s on %s", credentials->user, host);
    struct question question = {.prompt = prompt, .secret = true};
    char *answer = NULL;
    bool ok = uplink != NULL && uplink->ask != NULL && uplink->ask(uplink, &question, &answer) &&
              answer != NULL && set_password(credentials, answer);

    wipe(answer, answer != NULL ? strlen(answer) : 0);
    credentials->from_file = false;
    if (!ok) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH,
                    "no password of %s was given: put it into libvirt's auth.conf, or answer the "
                    "question on the screen",
                    credentials->user);
    }
    return ok;
}

/* Somebody who just presses Enter, or nobody to ask, means the default. */
static char *ask_user(const struct auth_request *request, struct uplink *uplink)
{
    g_autofree char *prompt =
        g_strdup_printf("User name on %s (Enter: %s)", request->host, request->default_user);
    struct question question = {.prompt = prompt};
    char *answer = NULL;

    if (uplink != NULL && uplink->ask != NULL && uplink->ask(uplink, &question, &answer) &&
        answer != NULL && *g_strstrip(answer) != '\0') {
        return answer;
    }
    g_free(answer);
    return g_strdup(request->default_user);
}

struct credentials *auth_find(const struct auth_request *request, struct uplink *uplink,
                              GError **error)
{
    struct credentials *credentials = g_new0(struct credentials, 1);

    credentials->user = g_strdup(request->user);
    if (!from_file(credentials, request, error)) {
        credentials_free(credentials);
        return NULL;
    }
    if (credentials->user == NULL) {
        credentials->user = ask_user(request, uplink);
    }
    if (credentials->password == NULL && !auth_ask(credentials, request->host, uplink, error)) {
        credentials_free(credentials);
        return NULL;
    }
    return credentials;
}
