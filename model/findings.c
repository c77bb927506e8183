/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/change.h"
#include "model/text.h"

#include <string.h>

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"note", "warn", "danger", "kills", "refuse"};

    return (size_t)severity < G_N_ELEMENTS(names) ? names[severity] : "refuse";
}

struct findings {
    GArray *list; /* struct finding */
};

static void finding_clear(gpointer data)
{
    g_free(((struct finding *)data)->text);
}

struct findings *findings_new(void)
{
    struct findings *findings = g_new0(struct findings, 1);

    findings->list = g_array_new(FALSE, FALSE, sizeof(struct finding));
    g_array_set_clear_func(findings->list, finding_clear);
    return findings;
}

void findings_free(struct findings *findings)
{
    if (!findings)
        return;
    g_array_unref(findings->list);
    g_free(findings);
}

/* The same sentence about the other scope is one finding about both. */
static bool merge(struct findings *findings, const struct finding *finding)
{
    for (guint i = 0; i < findings->list->len; i++) {
        struct finding *old = &g_array_index(findings->list, struct finding, i);

        if (old->severity == finding->severity && old->tunable == finding->tunable &&
            !strcmp(old->code, finding->code) && !strcmp(old->text, finding->text) &&
            value_equal(old->safe, finding->safe)) {
            old->scope |= finding->scope;
            return true;
        }
    }
    return false;
}

static void add(struct findings *findings, enum severity severity, const struct change *change,
                struct value safe, const char *code, const char *format, va_list arguments)
{
    /* What takes room away from others can be as dangerous. */
    bool loosens = change && !change_tightens(change) && !change->tunable->may_hurt_up;
    g_autofree char *raw = g_strdup_vprintf(format, arguments);
    struct finding finding = {
        .severity = severity,
        .tunable = change ? change->tunable : NULL,
        .scope = change ? change->scope : SCOPE_BOTH,
        .code = code,
        .safe = safe,
        .safe_is_most = change && safe.kind == VALUE_NUMBER && value_compare(safe, change->to) < 0,
    };

    if (loosens && (severity == SEVERITY_DANGER || severity == SEVERITY_KILLS))
        finding.severity = SEVERITY_NOTE;
    finding.text = text_clean(raw);
    if (merge(findings, &finding))
        g_free(finding.text);
    else
        g_array_append_val(findings->list, finding);
}

void findings_add(struct findings *findings, enum severity severity, const struct change *change,
                  const char *code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(findings, severity, change, value_unknown(NULL), code, format, arguments);
    va_end(arguments);
}

void findings_add_safe(struct findings *findings, enum severity severity,
                       const struct change *change, struct value safe, const char *code,
                       const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(findings, severity, change, safe, code, format, arguments);
    va_end(arguments);
}

size_t findings_count(const struct findings *findings)
{
    return findings->list->len;
}

const struct finding *findings_get(const struct findings *findings, size_t index)
{
    return &g_array_index(findings->list, struct finding, index);
}

const struct finding *findings_worst(const struct findings *findings)
{
    const struct finding *worst = NULL;

    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_get(findings, i);

        if (!worst || finding->severity > worst->severity)
            worst = finding;
    }
    return worst;
}
