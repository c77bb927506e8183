/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include "model/text.h"

#include <string.h>
#include <unistd.h>

#define VERSION_MS 30000
#define UBC_FILE "/proc/user_beancounters"
#define BC_DIR "/proc/bc"
#define VSWAP_FILE "/proc/vz/vswap"
#define CGROUP2_FILE "/sys/fs/cgroup/cgroup.controllers"
#define SCRIPT "/usr/sbin/user_beancounters.py"
#define RELEASE_FILE "/proc/sys/kernel/osrelease"

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

/* Whether a program is there at all, and what it printed. */
static bool try_program(struct ovz_host *host, const char *const *argv, GCancellable *cancel,
                        bool *there, char **out, GError **error)
{
    g_autoptr(GError) why = NULL;
    struct run_result result;

    *there = ovz_host_run(host, argv, VERSION_MS, cancel, &result, &why);
    if (!*there && !g_error_matches(why, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (*there) {
        /* env says 127 for a program that a remote host does not have. */
        *there = result.status != 127;
        *out = g_steal_pointer(&result.out);
        run_result_clear(&result);
    }
    return true;
}

static bool read_programs(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                          unsigned *major, GError **error)
{
    static const char *const vzctl[] = {"vzctl", "--version", NULL};
    static const char *const pages[] = {"getconf", "PAGESIZE", NULL};
    g_autofree char *version = NULL, *page = NULL;
    bool there;

    if (!try_program(host, vzctl, cancel, &kernel->has_vzctl, &version, error) ||
        !ovz_host_has(host, "vzlist", cancel, &kernel->has_vzlist, error))
        return false;
    *major = ovz_version_parse(version ? version : "", &kernel->version);
    kernel->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    if (!ovz_host_name(host))
        return true;
    if (!try_program(host, pages, cancel, &there, &page, error))
        return false;
    kernel->page_size = page ? g_ascii_strtoull(page, NULL, 10) : 0;
    if (kernel->page_size == 0)
        kernel->page_size = OVZ_PAGE;
    return true;
}

static bool read_files(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                       GError **error)
{
    static const char *const paths[] = {UBC_FILE, BC_DIR, VSWAP_FILE, CGROUP2_FILE, SCRIPT, NULL};
    static const char *const release[] = {RELEASE_FILE, NULL};
    g_autoptr(GHashTable) found = NULL, texts = NULL;
    const char *text;

    if (!ovz_host_exist(host, paths, cancel, &found, error) ||
        !ovz_host_read(host, release, cancel, &texts, error))
        return false;
    kernel->has_ubc = g_hash_table_contains(found, UBC_FILE);
    kernel->has_bc = g_hash_table_contains(found, BC_DIR);
    kernel->vswap = g_hash_table_contains(found, VSWAP_FILE);
    kernel->cgroup2 = g_hash_table_contains(found, CGROUP2_FILE);
    kernel->has_script = g_hash_table_contains(found, SCRIPT);
    text = g_hash_table_lookup(texts, RELEASE_FILE);
    kernel->release = text ? text_clean_sentence(text) : NULL;
    return true;
}

bool ovz_kernel_read(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                     GError **error)
{
    struct ovz_kernel result = {0};
    unsigned major = 0;
    bool ok = read_files(host, cancel, &result, error) &&
              read_programs(host, cancel, &result, &major, error);

    if (ok && !result.has_vzlist && !result.has_ubc) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "not an OpenVZ host: neither vzlist nor " UBC_FILE " is there");
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
