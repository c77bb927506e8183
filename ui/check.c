/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `check`: one line with performance data, and exit 0 to 3, as monitoring plugins do. */
#include "model/size.h"
#include "ui/commands.h"
#include "ui/out.h"
#include "ui/resolve.h"
#include "ui/rows.h"

#include <stdlib.h>
#include <string.h>

/* The plugins' own exit statuses. */
enum verdict {
    VERDICT_OK,
    VERDICT_WARNING,
    VERDICT_CRITICAL,
    VERDICT_UNKNOWN,
};

static const char *const verdict_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* Less than this left is bad. */
struct threshold {
    bool percent;
    uint64_t number; /* percent or bytes */
};

static bool threshold_parse(const char *text, const char *option, struct threshold *threshold)
{
    g_autoptr(GError) error = NULL;
    char *end = NULL;
    uint64_t number = g_ascii_strtoull(text, &end, 10);
    if (g_ascii_isdigit(*text) && strcmp(end, "%") == 0 && number <= 100) {
        *threshold = (struct threshold){true, number};
        return true;
    }
    if (size_parse(text, &number, &error)) {
        *threshold = (struct threshold){false, number};
        return true;
    }
    out_message("%s %s: %s; write 10%% or 512M", option, text, error->message);
    return false;
}

static uint64_t threshold_bytes(struct threshold threshold, uint64_t limit)
{
    return threshold.percent ? limit / 100 * threshold.number + limit % 100 * threshold.number / 100
                             : threshold.number;
}

struct checking {
    struct threshold warning, critical;
    enum verdict verdict;
    GString *words, *data;
    size_t n_walls;
    char tightest[256];
    int least; /* percent */
};

/* UNKNOWN is worse than OK and better than what is known to be bad. */
static void worsen(struct checking *checking, enum verdict verdict)
{
    static const int badness[] = {
        [VERDICT_OK] = 0, [VERDICT_UNKNOWN] = 1, [VERDICT_WARNING] = 2, [VERDICT_CRITICAL] = 3};
    if (badness[verdict] > badness[checking->verdict])
        checking->verdict = verdict;
}

static void say(struct checking *checking, const struct row *row, enum verdict verdict,
                const char *what)
{
    worsen(checking, verdict);
    g_string_append_printf(checking->words, "%s%s %s", checking->words->len ? "; " : "",
                           row->domain->identity->name, what);
}

/* 'label'=value;warn;crit;min;max: a quote is doubled, "=" and "|" cannot be in a label or text. */
static void perfdata(struct checking *checking, const struct row *row, uint64_t left,
                     uint64_t limit)
{
    g_string_append(checking->data, " '");
    for (const char *p = row->domain->identity->name; *p; p++) {
        if (*p == '\'')
            g_string_append_c(checking->data, '\'');
        g_string_append_c(checking->data, *p == '=' || *p == '|' ? '_' : *p);
    }
    g_string_append_printf(checking->data,
                           "'=%" G_GUINT64_FORMAT "B;%" G_GUINT64_FORMAT ":;%" G_GUINT64_FORMAT
                           ":;0;%" G_GUINT64_FORMAT,
                           left, threshold_bytes(checking->warning, limit),
                           threshold_bytes(checking->critical, limit), limit);
}

static void check_left(struct checking *checking, const struct row *row)
{
    uint64_t left = 0, limit = row->trouble.wall.limit;
    char size[SIZE_TEXT_MAX], what[128];
    if (!value_get(row->trouble.left, &left) || limit == 0)
        return;
    g_snprintf(what, sizeof what, "%d%% (%s) left to %s", row->trouble.percent_left,
               size_format(left, size), wall_owner(row->snapshot, &row->trouble.wall));
    if (checking->n_walls++ == 0 || row->trouble.percent_left < checking->least) {
        checking->least = row->trouble.percent_left;
        g_snprintf(checking->tightest, sizeof checking->tightest, "%s %s",
                   row->domain->identity->name, what);
    }
    perfdata(checking, row, left, limit);
    if (left < threshold_bytes(checking->critical, limit))
        say(checking, row, VERDICT_CRITICAL, what);
    else if (left < threshold_bytes(checking->warning, limit))
        say(checking, row, VERDICT_WARNING, what);
}

static void check_row(struct checking *checking, const struct row *row)
{
    switch (row->trouble.rank) {
    case TROUBLE_KILLED:
        say(checking, row, VERDICT_CRITICAL, row->trouble.why);
        break;
    case TROUBLE_SLOWED:
    case TROUBLE_FAILING:
    case TROUBLE_SLOW_WALL:
        say(checking, row, VERDICT_WARNING, row->trouble.why);
        break;
    case TROUBLE_STALE:
        say(checking, row, VERDICT_UNKNOWN, "does not answer");
        break;
    case TROUBLE_NEAR: /* the thresholds given decide */
    case TROUBLE_NOTE:
    case TROUBLE_NONE:
        break;
    }
    if (domain_state_active(row->domain->identity->state))
        check_left(checking, row);
}

static void check_connections(struct checking *checking, struct session *session)
{
    struct model *model = session_model(session);
    if (session_status(session) != STATUS_DONE)
        worsen(checking, VERDICT_UNKNOWN);
    for (size_t i = 0; i < model_n_connections(model); i++) {
        const struct snapshot *snapshot = model_snapshot(model, (uint16_t)i);
        if (snapshot->state == CONNECTION_CONNECTED && snapshot->taken_ns)
            continue;
        g_string_append_printf(checking->words, "%s%s: %s", checking->words->len ? "; " : "",
                               session_uri(session, (uint16_t)i),
                               snapshot->error ? snapshot->error : "no answer");
    }
}

static void print_verdict(struct checking *checking, size_t n)
{
    g_strdelimit(checking->words->str, "|\n", ' ');
    g_strdelimit(checking->tightest, "|\n", ' ');
    g_autofree char *summary = g_strdup_printf(
        "%zu domain%s%s%s", n, n == 1 ? "" : "s",
        checking->n_walls ? ", least left: " : ", none with a limit", checking->tightest);
    out_line("MEMORY %s: %s%s%s", verdict_words[checking->verdict],
             checking->words->len ? checking->words->str : summary, checking->data->len ? " |" : "",
             checking->data->str);
}

static bool keep_named(struct session *session, const struct options *options,
                       struct checking *checking, struct row *rows, size_t *n)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct domain_key));
    char **lists[] = {options->words, options->domains};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **word = lists[i]; word && *word; word++) {
            struct domain_key key;
            enum status status;
            g_autofree char *message = NULL;
            if (!resolve_domain(session, *word, i == 1, &key, &status, &message)) {
                g_string_append(checking->words, message);
                worsen(checking, VERDICT_UNKNOWN);
                return false;
            }
            g_array_append_val(keys, key);
        }
    if (keys->len)
        *n = rows_keep(rows, *n, (const struct domain_key *)(void *)keys->data, keys->len);
    return true;
}

int check_run(const struct options *options)
{
    struct checking checking = {.words = g_string_new(NULL), .data = g_string_new(NULL)};
    size_t n = 0;
    bool ok = threshold_parse(options->warning ? options->warning : "10%", "-w", &checking.warning);
    ok &= threshold_parse(options->critical ? options->critical : "5%", "-c", &checking.critical);
    if (ok) {
        struct session *session = session_open(options, NULL, false, true, 0);
        g_autofree struct row *rows = rows_select(session_model(session), options, ROWS_LIVE, &n);
        if (keep_named(session, options, &checking, rows, &n))
            for (size_t i = 0; i < n; i++)
                check_row(&checking, &rows[i]);
        check_connections(&checking, session);
        print_verdict(&checking, n);
        session_close(session);
    }
    g_string_free(checking.words, TRUE);
    g_string_free(checking.data, TRUE);
    return ok ? out_end((int)checking.verdict) : VERDICT_UNKNOWN;
}
