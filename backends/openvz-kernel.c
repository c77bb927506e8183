/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include "model/text.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define VERSION_MS 30000
#define UBC_FILE "/proc/user_beancounters"
#define BC_DIR "/proc/bc"
#define VSWAP_FILE "/proc/vz/vswap"
#define CGROUP2_FILE "/sys/fs/cgroup/cgroup.controllers"
#define SCRIPT "/usr/sbin/user_beancounters.py"
#define RELEASE_FILE "/proc/sys/kernel/osrelease"

/* Files that tell by being there. */
static const struct {
    const char *path;
    size_t offset;
} marks[] = {
    {UBC_FILE, offsetof(struct ovz_kernel, has_ubc)},
    {BC_DIR, offsetof(struct ovz_kernel, has_bc)},
    {VSWAP_FILE, offsetof(struct ovz_kernel, vswap)},
    {CGROUP2_FILE, offsetof(struct ovz_kernel, cgroup2)},
    {SCRIPT, offsetof(struct ovz_kernel, has_script)},
};

static bool *mark_of(struct ovz_kernel *kernel, size_t index)
{
    return (bool *)((char *)kernel + marks[index].offset);
}

unsigned ovz_version_parse(const char *text, char **version)
{
    const char *found = strstr(text, "vzctl version ");
    size_t length;

    *version = NULL;
    if (found)
        found += strlen("vzctl version ");
    else if ((found = strstr(text, "vzctl v.")))
        found += strlen("vzctl v.");
    if (!found || !g_ascii_isdigit(*found))
        return 0;
    length = strspn(found, G_CSET_DIGITS ".");
    while (length && found[length - 1] == '.')
        length--;
    *version = g_strndup(found, length);
    return (unsigned)g_ascii_strtoull(found, NULL, 10);
}

static char *take_release(const char *text)
{
    return text ? text_clean_sentence(text) : NULL;
}

/* --- here -------------------------------------------------------------------------------- */

/* Whether vzctl is there at all, and what it printed. */
static bool try_vzctl(struct ovz_host *host, GCancellable *cancel, bool *there, char **out,
                      GError **error)
{
    static const char *const argv[] = {"vzctl", "--version", NULL};
    g_autoptr(GError) why = NULL;
    struct run_result result;

    *there = ovz_host_run(host, argv, VERSION_MS, cancel, &result, &why);
    if (!*there && !g_error_matches(why, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (*there) {
        *out = g_steal_pointer(&result.out);
        run_result_clear(&result);
    }
    return true;
}

static bool look_here(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                      unsigned *major, GError **error)
{
    static const char *const release[] = {RELEASE_FILE, NULL};
    g_autoptr(GHashTable) texts = NULL;
    g_autofree char *version = NULL;

    if (!ovz_host_read(host, release, cancel, &texts, error) ||
        !try_vzctl(host, cancel, &kernel->has_vzctl, &version, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (ovz_host_exists(host, marks[i].path))
            *mark_of(kernel, i) = true;
    kernel->has_vzlist = ovz_host_has(host, "vzlist");
    kernel->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    kernel->release = take_release(g_hash_table_lookup(texts, RELEASE_FILE));
    *major = ovz_version_parse(version ? version : "", &kernel->version);
    return true;
}

/* --- there ------------------------------------------------------------------------------- */

/* All of it in one call: each costs the way there and back. What a file of that host holds cannot
 * look like a line of ours: the release is the last but for vzctl, and one line. */
static const char probe[] = "root=$1; release=$2; shift 2; "
                            "for path; do [ -e \"$root$path\" ] && echo \"there $path\"; done; "
                            "echo \"page $(getconf PAGESIZE)\"; "
                            "command -v vzlist >/dev/null && echo vzlist; "
                            "command -v vzctl >/dev/null && echo vzctl; "
                            "echo \"release $(head -n 1 \"$root$release\")\"; "
                            "vzctl --version; true";

static void take_answer(struct ovz_kernel *kernel, const char *line)
{
    if (g_str_has_prefix(line, "there ")) {
        for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
            if (!strcmp(line + strlen("there "), marks[i].path))
                *mark_of(kernel, i) = true;
    } else if (g_str_has_prefix(line, "page ")) {
        kernel->page_size = g_ascii_strtoull(line + strlen("page "), NULL, 10);
    } else if (!strcmp(line, "vzlist")) {
        kernel->has_vzlist = true;
    } else if (!strcmp(line, "vzctl")) {
        kernel->has_vzctl = true;
    } else if (g_str_has_prefix(line, "release ") && line[strlen("release ")]) {
        kernel->release = take_release(line + strlen("release "));
    }
}

static bool look_there(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                       unsigned *major, GError **error)
{
    const char *argv[6 + G_N_ELEMENTS(marks) + 1] = {
        "sh", "-c", probe, "sh", ovz_host_root(host), RELEASE_FILE};
    g_auto(GStrv) lines = NULL;
    struct run_result result;

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        argv[6 + i] = marks[i].path;
    if (!ovz_host_run(host, argv, VERSION_MS, cancel, &result, error))
        return false;
    lines = g_strsplit(result.out, "\n", -1);
    for (size_t i = 0; lines[i] && !kernel->release; i++)
        take_answer(kernel, lines[i]);
    *major = ovz_version_parse(result.out, &kernel->version);
    if (kernel->page_size == 0)
        kernel->page_size = OVZ_PAGE;
    run_result_clear(&result);
    return true;
}

bool ovz_kernel_read(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                     GError **error)
{
    struct ovz_kernel result = {0};
    unsigned major = 0;
    bool ok = ovz_host_name(host) ? look_there(host, cancel, &result, &major, error)
                                  : look_here(host, cancel, &result, &major, error);

    if (ok && !result.has_vzlist && !result.has_ubc && !result.has_bc) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "not an OpenVZ host: neither vzlist nor " UBC_FILE " nor " BC_DIR " is there");
        ok = false;
    }
    if (!ok) {
        ovz_kernel_clear(&result);
        return false;
    }
    if (major < 7)
        result.generation = OVZ_LEGACY;
    else
        result.generation = result.has_ubc || result.has_bc ? OVZ_7 : OVZ_8;
    result.vswap = result.vswap || result.generation != OVZ_LEGACY;
    *kernel = result;
    return true;
}

void ovz_kernel_clear(struct ovz_kernel *kernel)
{
    if (!kernel)
        return;
    g_free(kernel->version);
    g_free(kernel->release);
    memset(kernel, 0, sizeof *kernel);
}
