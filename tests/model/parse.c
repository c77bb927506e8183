/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changeset.h"
#include "model/size.h"
#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

/* "db": hard 16 GiB live and 18 GiB config, soft none, privvmpages 256:512 MiB; "off": not running;
 * swap_max of both cannot be written. */
static struct snapshot *picture(const struct backend *backend)
{
    struct sample samples[] = {sample_new("db"), sample_new("off")};
    struct snapshot *snapshot;

    samples[1].state = DOMAIN_OFF;
    for (size_t i = 0; i < 2; i++) {
        bool off = i == 1;
        struct value none = value_unsupported("off: the domain is off");

        sample_set(&samples[i], "hard_limit", off ? none : value_number(GIB(16)),
                   value_number(GIB(18)));
        sample_writable(&samples[i], "hard_limit", off ? SCOPE_CONFIG : SCOPE_BOTH, NULL);
        sample_set(&samples[i], "maximum", value_unsupported("no_scope: no such scope"),
                   value_number(GIB(32)));
        sample_set(&samples[i], "privvmpages.barrier", value_number(MIB(256)),
                   value_number(MIB(300)));
        sample_set(&samples[i], "privvmpages.limit", value_number(MIB(512)),
                   value_number(MIB(512)));
        sample_writable(&samples[i], "swap_max", 0, "no_swap: this host has no swap");
    }
    snapshot = sample_snapshot(backend, samples, 2, NULL);
    return snapshot;
}

/* "hard_limit live 34359738368; …" */
static char *changes_text(const GArray *changes)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < changes->len; i++) {
        const struct change *change = &g_array_index(changes, struct change, i);
        char to[SIZE_TEXT_MAX];

        size_format_value(change->to, change->tunable->unit, change->tunable->choices, to);
        g_string_append_printf(text, "%s%s %s %s", i ? "; " : "", change->tunable->name,
                               change->scope == SCOPE_LIVE ? "live" : "config", to);
    }
    return g_string_free(text, FALSE);
}

Test(parse, names_values_and_scopes_become_changes)
{
    /* clang-format off */
    static const struct {
        const char *domain, *name, *text;
        unsigned scopes;
        const char *changes;
    } cases[] = {
        {"db", "hard_limit", "18G", SCOPE_BOTH, "hard_limit live 18 GiB; hard_limit config 18 GiB"},
        {"db", "hard", "18G", SCOPE_LIVE, "hard_limit live 18 GiB"},
        {"db", "memory.max", "18G", SCOPE_CONFIG, "hard_limit config 18 GiB"},
        {"db", "min_guarantee", "1G", SCOPE_LIVE, "min live 1 GiB"},
        {"db", "hard", "+2G", SCOPE_BOTH, "hard_limit live 18 GiB; hard_limit config 18 GiB"},
        {"db", "hard", "+2G", SCOPE_CONFIG, "hard_limit config 18 GiB"},
        {"off", "hard", "+2G", SCOPE_BOTH, "hard_limit config 20 GiB"},
        {"db", "hard", "hard", SCOPE_CONFIG, "hard_limit config 16 GiB"},
        {"db", "hard", "50%max", SCOPE_LIVE, "hard_limit live 16 GiB"},
        {"db", "soft", "hard", SCOPE_LIVE, "soft_limit live 16 GiB"},
        {"db", "maximum", "8G", SCOPE_BOTH, "maximum config 8 GiB"},
        {"db", "swappiness", "10", SCOPE_BOTH, "swappiness live 10"},
        {"db", "shares", "high", SCOPE_LIVE, "shares live high"},
        {"db", "privvmpages", "65536:131072", SCOPE_LIVE,
         "privvmpages.barrier live 256 MiB; privvmpages.limit live 512 MiB"},
        {"db", "privvmpages", "1G", SCOPE_LIVE, "privvmpages.barrier live 1 GiB"},
        {"db", "privvmpages", "+1M:none", SCOPE_LIVE,
         "privvmpages.barrier live 257 MiB; privvmpages.limit live none"},
        {"db", "privvmpages.limit", "1G", SCOPE_LIVE, "privvmpages.limit live 1 GiB"},
        {"db", "shmpages", "1G", SCOPE_LIVE,
         "shmpages.barrier live 1 GiB; shmpages.limit live 1 GiB"},
    };
    /* clang-format on */
    struct snapshot *snapshot = picture(&sample_backend);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;

        cr_expect(change_parse(snapshot, sample_domain(snapshot, cases[i].domain), cases[i].name,
                               cases[i].text, cases[i].scopes, changes, &error),
                  "%s=%s: %s", cases[i].name, cases[i].text, error ? error->message : "");
        text = changes_text(changes);
        cr_expect_str_eq(text, cases[i].changes);
    }
    snapshot_unref(snapshot);
}

Test(parse, what_cannot_be_set_says_why_and_appends_nothing)
{
    /* clang-format off */
    static const struct {
        const char *domain, *name, *text;
        unsigned scopes;
        bool size; /* a SIZE_ERROR, else BACKEND_ERROR_UNSUPPORTED */
        const char *sentence;
    } cases[] = {
        {"db", "hard", "18", SCOPE_BOTH, true, "18 what? Write 18G, 18M or bytes as 18B."},
        {"db", "hrad_limit", "18G", SCOPE_BOTH, false,
         "Sample has no \"hrad_limit\". Did you mean hard_limit? It has hard_limit, soft_limit, "},
        {"db", "frobnicate", "18G", SCOPE_BOTH, false, "Sample has no \"frobnicate\". It has hard_limit, "},
        {"db", "a\033[31mb", "1", SCOPE_BOTH, false, "Sample has no \"a\\x1b[31mb\". "},
        {"db", "swap", "1G", SCOPE_BOTH, false, "swap_max cannot be set: this host has no swap"},
        {"off", "hard", "1G", SCOPE_LIVE, false, "hard_limit cannot be set live: the domain is off"},
        {"db", "maximum", "1G", SCOPE_LIVE, false, "maximum cannot be set live: "},
        {"db", "swappiness", "1", SCOPE_CONFIG, false, "swappiness cannot be set in the configuration: "},
        {"db", "held_pages", "1G", SCOPE_BOTH, false, "held_pages cannot be set: "},
        {"db", "privvmpages", "1:2:3", SCOPE_BOTH, true,
         "\"1:2:3\" has 3 parts: privvmpages takes one value or barrier:limit"},
        {"db", "privvmpages", "1:x", SCOPE_BOTH, true, "limit: \"x\" is not a size"},
        {"db", "privvmpages.limit", "1:2", SCOPE_BOTH, true, "\"1:2\" is not a size"},
    };
    /* clang-format on */
    struct snapshot *snapshot = picture(&sample_backend);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
        g_autoptr(GError) error = NULL;

        cr_assert_not(change_parse(snapshot, sample_domain(snapshot, cases[i].domain),
                                   cases[i].name, cases[i].text, cases[i].scopes, changes, &error),
                      "%s=%s", cases[i].name, cases[i].text);
        cr_expect_eq(error->domain, cases[i].size ? SIZE_ERROR : BACKEND_ERROR);
        cr_expect(cases[i].size || error->code == BACKEND_ERROR_UNSUPPORTED);
        cr_expect(g_str_has_prefix(error->message, cases[i].sentence), "%s", error->message);
        cr_expect_eq(changes->len, 0);
    }
    snapshot_unref(snapshot);
}

Test(parse, where_there_is_one_scope_every_scope_means_live)
{
    struct snapshot *snapshot = picture(&sample_backend_one_scope);

    for (unsigned scopes = SCOPE_LIVE; scopes <= SCOPE_BOTH; scopes++) {
        g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
        g_autofree char *text = NULL;

        cr_expect(change_parse(snapshot, sample_domain(snapshot, "db"), "hard", "1G", scopes,
                               changes, NULL));
        text = changes_text(changes);
        cr_expect_str_eq(text, "hard_limit live 1 GiB");
    }
    snapshot_unref(snapshot);
}

Test(parse, a_change_carries_what_was_seen_in_its_own_scope)
{
    struct snapshot *snapshot = picture(&sample_backend);
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));

    cr_assert(change_parse(snapshot, sample_domain(snapshot, "db"), "hard", "+2G", SCOPE_BOTH,
                           changes, NULL));
    cr_assert_eq(changes->len, 2);
    cr_expect(value_equal(g_array_index(changes, struct change, 0).from, value_number(GIB(16))));
    cr_expect(value_equal(g_array_index(changes, struct change, 1).from, value_number(GIB(18))));
    cr_expect(change_is_noop(&g_array_index(changes, struct change, 1)));
    snapshot_unref(snapshot);
}
