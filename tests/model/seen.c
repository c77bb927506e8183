/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others change, and what is ours, told by two pictures. */
#include "model/seen.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>

#define S UINT64_C(1000000000)

/* A journal that counts. */
struct counting {
    struct journal journal;
    unsigned n;
    bool busy;
    struct value from, to;
    enum scope scope;
};

static bool count(struct journal *journal, const struct journal_record *records, size_t n,
                  enum journal_how how, GError **error)
{
    struct counting *self = (struct counting *)journal;

    cr_assert_eq(how, JOURNAL_LAZY);
    if (self->busy)
        return false;
    self->n += (unsigned)n;
    self->from = records[0].change->from;
    self->to = records[0].change->to;
    self->scope = records[0].change->scope;
    cr_assert_eq(records[0].kind, JOURNAL_SEEN);
    cr_assert_str_eq(records[0].domain->identity->name, "db");
    return true;
}

static struct snapshot *with_hard(struct value live, struct value config)
{
    struct sample sample = sample_new("db");

    sample_set(&sample, "hard_limit", live, config);
    return sample_snapshot(&sample_backend, &sample, 1, NULL);
}

/* What is seen at `now_ns` when the live hard limit goes from `from` to `to`. */
static unsigned look(struct seen *seen, struct counting *journal, uint64_t from, uint64_t to,
                     uint64_t now_ns)
{
    struct snapshot *before = with_hard(value_number(from), value_unset());
    struct snapshot *after = with_hard(value_number(to), value_unset());

    journal->n = 0;
    seen_compare(seen, before, after, &journal->journal, now_ns);
    snapshot_unref(before);
    snapshot_unref(after);
    return journal->n;
}

static struct change to_hard(uint64_t to)
{
    struct snapshot *snapshot = with_hard(value_number(GIB(1)), value_unset());
    struct change change =
        sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, value_number(to));

    snapshot_unref(snapshot);
    return change;
}

Test(seen, a_limit_that_moves_under_us_is_told)
{
    struct seen *seen = seen_new();
    struct counting journal = {.journal = {.refs = 1, .append = count}};

    cr_assert_eq(look(seen, &journal, GIB(1), GIB(2), S), 1);
    cr_assert_eq(journal.from.number, GIB(1));
    cr_assert_eq(journal.to.number, GIB(2));
    cr_assert_eq(journal.scope, SCOPE_LIVE);
    cr_assert_eq(look(seen, &journal, GIB(2), GIB(2), 2 * S), 0, "nothing moved");
    seen_free(seen);
}

Test(seen, what_we_write_is_ours_and_what_is_made_of_it_is_not)
{
    struct seen *seen = seen_new();
    struct counting journal = {.journal = {.refs = 1, .append = count}};
    const struct change change = to_hard(GIB(2));
    const struct result result = {.change = change, .after = value_number(GIB(2))};

    seen_ours(seen, &change, 1);
    cr_expect_eq(look(seen, &journal, GIB(1), GIB(2), 1 * S), 0, "while it is written");
    seen_done(seen, &result, 1, 2 * S);
    cr_expect_eq(look(seen, &journal, GIB(1), GIB(2), 40 * S), 0, "a late picture of ours");
    cr_expect_eq(look(seen, &journal, GIB(2), GIB(3), 3 * S), 1, "somebody else, at once");
    cr_expect_eq(look(seen, &journal, GIB(1), GIB(2), 90 * S), 1, "long after ours");
    seen_free(seen);
}

Test(seen, starts_and_ends_and_what_was_not_known_are_nobodys_change)
{
    struct seen *seen = seen_new();
    struct counting journal = {.journal = {.refs = 1, .append = count}};
    struct sample samples[] = {sample_new("db"), sample_new("db")};
    struct snapshot *on, *off;

    sample_set(&samples[0], "hard_limit", value_number(GIB(1)), value_number(GIB(1)));
    sample_set(&samples[1], "hard_limit", value_unsupported("off: it is off"),
               value_number(GIB(1)));
    samples[1].state = DOMAIN_OFF;
    on = sample_snapshot(&sample_backend, &samples[0], 1, NULL);
    off = sample_snapshot(&sample_backend, &samples[1], 1, NULL);
    seen_compare(seen, off, on, &journal.journal, S);
    seen_compare(seen, on, off, &journal.journal, S);
    cr_expect_eq(journal.n, 0);
    snapshot_unref(on);
    snapshot_unref(off);
    seen_free(seen);
}

Test(seen, what_the_journal_has_no_time_for_comes_with_the_next_picture)
{
    struct seen *seen = seen_new();
    struct counting journal = {.journal = {.refs = 1, .append = count}, .busy = true};

    cr_assert_eq(look(seen, &journal, GIB(1), GIB(2), S), 0);
    journal.busy = false;
    cr_assert_eq(look(seen, &journal, GIB(2), GIB(2), 2 * S), 1);
    cr_assert_eq(look(seen, &journal, GIB(2), GIB(2), 3 * S), 0, "once");
    seen_free(seen);
}
