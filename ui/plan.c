/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `apply`, `diff` and `undo`: changes that were written down, by somebody else maybe, checked
 * against the present and made as `set` makes them. A file never decides where to connect. */
#include "model/changefile.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"
#include "model/journal-undo.h"
#include "model/size.h"
#include "ui/commands.h"
#include "ui/out.h"
#include "ui/set.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- where they come from ------------------------------------------------------------------- */

/* Standard input for "-". One byte more than a file may have is read. */
static bool read_text(const char *path, GString *text, GError **error)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char chunk[16384];
    ssize_t n = fd < 0 ? -1 : 0;
    while (fd >= 0 && text->len <= CHANGEFILE_SIZE_MAX && (n = read(fd, chunk, sizeof chunk)) != 0)
        if (n > 0)
            g_string_append_len(text, chunk, n);
        else if (errno != EINTR)
            break;
    int code = errno;
    if (fd >= 0 && !standard)
        close(fd);
    if (n >= 0)
        return true;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s", g_strerror(code));
    return false;
}

static GPtrArray *from_file(struct order *order)
{
    const char *path = order->options->words[0];
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    GPtrArray *changes = NULL;
    if (read_text(path, text, &error) && changefile_parse(text->str, text->len, &changes, &error))
        return changes;
    order_fail(order, STATUS_USAGE, "%s: %s", path, error->message);
    return NULL;
}

static GPtrArray *from_journal(struct order *order)
{
    g_auto(GStrv) folders = journal_folders();
    struct journal_reader *reader = journal_reader_new((const char *const *)folders, 0);
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    GPtrArray *changes = NULL;
    journal_reader_update(reader);
    if (!journal_undo(journal_reader_book(reader), order->options->words[0], &changes, left,
                      &error))
        order_fail(order, STATUS_USAGE, "%s", error->message);
    for (guint i = 0; i < left->len; i++)
        out_message("%s", (const char *)left->pdata[i]);
    journal_reader_free(reader);
    return changes;
}

/* --- what they are now ------------------------------------------------------------------------ */

static void add_key(struct order *order, const struct domain_key *key)
{
    for (guint i = 0; i < order->keys->len; i++)
        if (domain_key_equal(&g_array_index(order->keys, struct domain_key, i), key))
            return;
    g_array_append_val(order->keys, *key);
}

static enum status status_of(const GError *error)
{
    if (error->domain != CHANGEFILE_ERROR)
        return status_of_error(error);
    return error->code == CHANGEFILE_ERROR_DOMAIN ? STATUS_NO_DOMAIN : STATUS_USAGE;
}

static bool resolve_stored(struct order *order, const GPtrArray *stored)
{
    struct model *model = session_model(order->session);
    size_t n = model_n_connections(model);
    g_autofree const struct snapshot **snapshots = g_new(const struct snapshot *, n + 1);
    for (size_t i = 0; i < n; i++)
        snapshots[i] = model_snapshot(model, (uint16_t)i);
    for (guint i = 0; i < stored->len; i++) {
        struct item item = {.outcome = OUTCOME_WOULD_CHANGE};
        g_autoptr(GError) error = NULL;
        if (!stored_change_resolve(stored->pdata[i], snapshots, n, &item.change, &error)) {
            order_fail(order, status_of(error), "%s", error->message);
            return false;
        }
        item.after = item.change.from;
        add_key(order, &item.change.key);
        g_array_append_val(order->items, item);
    }
    return true;
}

static struct value present(const struct order *order, const struct change *change)
{
    struct row row;
    if (!order_row(order, &change->key, &row))
        return value_unknown(NULL);
    const struct setting *setting = snapshot_setting(row.snapshot, row.domain, change->tunable);
    return change->scope == SCOPE_CONFIG ? setting->config : setting->live;
}

static bool same(const struct tunable *tunable, struct value a, struct value b)
{
    return value_equal(tunable_round(tunable, a), tunable_round(tunable, b));
}

static void conflict(struct item *item, struct value now)
{
    const struct tunable *tunable = item->change.tunable;
    char is[SIZE_TEXT_MAX], was[SIZE_TEXT_MAX];
    size_format_value(now, tunable->unit, tunable->choices, is);
    size_format_value(item->change.from, tunable->unit, tunable->choices, was);
    item->outcome = OUTCOME_CONFLICT;
    item->text = g_strdup_printf("changed since: is %s now, was %s", is, was);
}

/* Compares with the present; false where something was changed since. */
static bool compare_all(struct order *order)
{
    bool may = order_allows(order, "conflict"), fine = true;
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        struct value now = present(order, &item->change);
        item->after = now;
        if (value_known(now) && same(item->change.tunable, now, item->change.to)) {
            item->change.from = now;
            item->outcome = OUTCOME_UNCHANGED;
        } else if (may || !value_known(item->change.from) ||
                   same(item->change.tunable, now, item->change.from)) {
            item->change.from = now;
        } else {
            conflict(item, now);
            fine = false;
        }
    }
    return fine;
}

/* --- the commands ------------------------------------------------------------------------------
 */

static void make(struct order *order, const GPtrArray *stored)
{
    if (!resolve_stored(order, stored)) {
        g_array_set_size(order->items, 0); /* half a plan is none */
        return;
    }
    if (compare_all(order)) {
        order_carry_out(order);
        return;
    }
    if (!order->options->check)
        order_skip_the_rest(order);
    order_fail(order, STATUS_CONFLICT,
               "changed by somebody else since: nothing was written; --allow=conflict does it");
}

static bool understood(struct order *order, const char *what)
{
    const struct options *options = order->options;
    if (!options->words || !options->words[0] || options->words[1])
        order_fail(order, STATUS_USAGE, "%s: say one %s", options->command->name, what);
    else if (options->settings.read_only && !options->check)
        order_fail(order, STATUS_PERMISSION,
                   "read-only: nothing is written; --check says what "
                   "would be");
    return order->status == STATUS_DONE;
}

static enum status run_stored(struct order *order, const char *what,
                              GPtrArray *(*take)(struct order *order))
{
    g_autoptr(GPtrArray) stored = understood(order, what) ? take(order) : NULL;
    if (stored) {
        order_connect(order, NULL, false);
        if (order->status == STATUS_DONE)
            make(order, stored);
    }
    enum status status = stored ? order_status(order) : order->status;
    if (order->items->len || order->options->json)
        order_print(order);
    return status;
}

static int run(const struct options *options, const char *what,
               GPtrArray *(*take)(struct order *order))
{
    struct order order;
    order_init(&order, options);
    enum status status = run_stored(&order, what, take);
    session_close(order.session);
    order_clear(&order);
    return out_end((int)status);
}

int apply_run(const struct options *options)
{
    return run(options, "FILE as the review's w writes it, or - for standard input", from_file);
}

int diff_run(const struct options *options)
{
    struct options check = *options;
    check.check = TRUE;
    return run(&check, "FILE as the review's w writes it, or - for standard input", from_file);
}

int undo_run(const struct options *options)
{
    return run(options, "ID of a batch, as the journal says it", from_journal);
}
