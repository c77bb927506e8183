/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/cgroup-io.h"
#include "backends/support/cgroup-private.h"
#include "backends/support/cgroup.h"

#include <errno.h>
#include <string.h>

/* What EINVAL means for a file: the rule that the value broke. */
static const struct {
    const char *file, *rule;
} rules[] = {
    {"memory.limit_in_bytes", "the hard limit must not be above the memory+swap limit"},
    {"memory.memsw.limit_in_bytes", "the memory+swap limit must not be below the hard limit"},
    {"memory.swappiness", "swappiness is 0 to 200 on this kernel, 0 to 100 on older ones"},
};

static const struct {
    int number;
    enum backend_error code;
    const char *text;
} reasons[] = {
    {EBUSY, BACKEND_ERROR_BUSY,
     "this kernel cannot drop or swap out that much (EBUSY); nothing changed"},
    {EACCES, BACKEND_ERROR_PERMISSION, "permission denied: only root may write control groups"},
    {EPERM, BACKEND_ERROR_PERMISSION, "permission denied: only root may write control groups"},
    {EROFS, BACKEND_ERROR_PERMISSION, "the control groups are mounted read-only here"},
    {ENOENT, BACKEND_ERROR_GONE, "there is no such file: the domain stopped, or the kernel has none"},
    {ENODEV, BACKEND_ERROR_GONE, "the control group is gone: the domain stopped"},
    {EINTR, BACKEND_ERROR_CANCELLED, "interrupted; read it back to see what is true"},
};

static bool explain(int number, const char *path, const char *file, GError **error)
{
    for (size_t i = 0; number == EINVAL && i < G_N_ELEMENTS(rules); i++) {
        if (!strcmp(rules[i].file, file)) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s of %s: %s", file, path,
                        rules[i].rule);
            return false;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (reasons[i].number == number) {
            g_set_error(error, BACKEND_ERROR, reasons[i].code, "%s of %s: %s", file, path,
                        reasons[i].text);
            return false;
        }
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s of %s: %s", file, path,
                g_strerror(number));
    return false;
}

static bool write_text(struct cgroup *group, enum cgroup_item item, const char *text, GError **error)
{
    const char *file = cgroup_file(group->cgroups->version, item);

    if (!file) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            group->cgroups->version == CGROUP_V2 ? "no counterpart on cgroup v2"
                                                                 : "no counterpart on cgroup v1");
        return false;
    }
    int number = cgroup_io_write(group->cgroups->mount_point, group->path, file, text);
    return number == 0 || explain(number, group->path, file, error);
}

bool cgroup_write(struct cgroup *group, enum cgroup_item item, struct value value, GError **error)
{
    char text[24];

    if (value.kind == VALUE_UNLIMITED) {
        strcpy(text, group->cgroups->version == CGROUP_V2 ? "max" : "-1");
    } else if (value.kind == VALUE_NUMBER) {
        g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value.number);
    } else {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            "a control file takes a number or none");
        return false;
    }
    return write_text(group, item, text, error);
}

bool cgroup_reset(struct cgroup *group, enum cgroup_item item, GError **error)
{
    return write_text(group, item, "0", error);
}
