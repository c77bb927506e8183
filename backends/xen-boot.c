/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/xen-private.h"

#include "backends/support/run.h"

#include <string.h>

#define XL_CONF "/etc/xen/xl.conf"
#define LIBXL_CONF "/etc/libvirt/libxl.conf"

static const char unread[] = "unread: Xen's command line could not be read on this machine";

/* "448M" of "dom0_mem=min:128M,448M,max:1G", in bytes; a bare number is KiB. Xen's
 * docs/misc/xen-command-line.pandoc. */
static struct value parse_dom0_mem(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (size_t i = 0; parts[i]; i++) {
        static const char units[] = "bkmgt";
        char *end;
        uint64_t number = g_ascii_strtoull(parts[i], &end, 10), scale = 1024;
        const char *unit = strchr(units, g_ascii_tolower(*end));

        if (end == parts[i])
            continue; /* min:, max:, a fraction alone */
        if (*end && !unit)
            continue;
        if (*end)
            scale = UINT64_C(1) << (10 * (unit - units));
        if (number <= G_MAXUINT64 / scale)
            return value_number(number * scale);
    }
    return value_unset();
}

/* The last `key = value` of a configuration file, without quotes; NULL where there is none. */
static char *conf_value(const char *text, const char *key)
{
    g_autofree char *pattern = g_strdup_printf("^[ \\t]*%s[ \\t]*=[ \\t]*[\"']?(\\w+)", key);
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    char *found = NULL;

    if (!text || !g_utf8_validate(text, -1, NULL))
        return NULL;
    g_regex_match(regex, text, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_free(found);
        found = g_match_info_fetch(match, 1);
    }
    return found;
}

static bool is_one_of(const char *text, const char *const *words)
{
    return text && g_strv_contains(words, text);
}

struct xen_boot xen_boot_parse(const char *command_line, const char *xl_conf,
                               const char *libxl_conf)
{
    static const char *const on[] = {"on", "1", NULL}, *const off[] = {"off", "0", NULL};
    g_autofree char *xl = conf_value(xl_conf, "autoballoon");
    g_autofree char *libxl = conf_value(libxl_conf, "autoballoon");
    struct xen_boot boot = {value_unknown(unread), value_unknown(unread)};
    bool given;

    if (command_line) {
        g_auto(GStrv) words = g_strsplit_set(command_line, " \t\n", -1);

        boot.dom0_mem = value_unset();
        for (size_t i = 0; words[i]; i++) {
            if (g_str_has_prefix(words[i], "dom0_mem="))
                boot.dom0_mem = parse_dom0_mem(words[i] + strlen("dom0_mem="));
        }
    }
    given = boot.dom0_mem.kind == VALUE_NUMBER;
    /* Either tool takes memory from Domain-0 by its own setting. */
    if (is_one_of(xl, on) || is_one_of(libxl, on))
        boot.autoballoon = value_choice(1, 0);
    else if (is_one_of(xl, off) && is_one_of(libxl, off))
        boot.autoballoon = value_choice(0, 0);
    else if (command_line)
        boot.autoballoon = value_choice(!given, 0);
    return boot;
}

/* "xen_commandline        : …" of what `xl info` prints; newly allocated, or NULL. */
static char *read_command_line(void)
{
    g_autofree char *xl = run_find("xl", NULL, NULL);
    const char *const argv[] = {xl, "info", NULL};
    const struct run_options options = {.timeout_ms = 5000};
    struct run_result result;
    g_auto(GStrv) lines = NULL;

    if (!xl || !run_program(argv, &options, &result, NULL))
        return NULL;
    lines = g_strsplit(result.out, "\n", -1);
    run_result_clear(&result);
    for (size_t i = 0; lines[i]; i++) {
        const char *colon = strchr(lines[i], ':');

        if (g_str_has_prefix(lines[i], "xen_commandline") && colon)
            return g_strdup(colon + 1);
    }
    return NULL;
}

struct xen_boot xen_boot_read(bool local)
{
    g_autofree char *command_line = NULL, *xl_conf = NULL, *libxl_conf = NULL;

    if (!local)
        return (struct xen_boot){
            value_unknown("remote: Xen's command line is read on the host itself only"),
            value_unknown("remote: xl.conf is read on the host itself only")};
    command_line = read_command_line();
    g_file_get_contents(XL_CONF, &xl_conf, NULL, NULL);
    g_file_get_contents(LIBXL_CONF, &libxl_conf, NULL, NULL);
    return xen_boot_parse(command_line, xl_conf, libxl_conf);
}
