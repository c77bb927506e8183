/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/resolve.h"

#include "model/text.h"

#include <string.h>

#define NEAREST_LETTERS 60

bool resolve_split(const char *text, char **uri, const char **name)
{
    const char *hash = strrchr(text, '#'), *scheme = strstr(text, "://");
    if (!hash || !scheme || scheme > hash || hash[1] == '\0')
        return false;
    *uri = g_strndup(text, (size_t)(hash - text));
    *name = hash + 1;
    return true;
}

static bool is_called(const struct domain *domain, const char *text, bool name_only)
{
    const struct identity *identity = domain->identity;
    if (identity->state == DOMAIN_GONE)
        return false;
    if (strcmp(identity->raw_name, text) == 0 || strcmp(identity->name, text) == 0)
        return true;
    return !name_only && identity->native_id &&
           g_ascii_strcasecmp(identity->native_id, text) == 0 &&
           !g_str_equal(identity->native_id, "");
}

static bool is_at(struct session *session, uint16_t connection, const char *uri)
{
    const struct snapshot *snapshot = model_snapshot(session_model(session), connection);
    return !uri || g_strcmp0(snapshot->uri, uri) == 0 ||
           strcmp(session_uri(session, connection), uri) == 0;
}

struct search {
    GPtrArray *found; /* of const struct domain */
    GString *listed;
    bool unanswered;
};

static void search_in(struct session *session, uint16_t connection, const char *name,
                      bool name_only, struct search *search)
{
    const struct snapshot *snapshot = model_snapshot(session_model(session), connection);
    search->unanswered |= snapshot->taken_ns == 0;
    for (size_t i = 0; i < snapshot->n_domains; i++) {
        const struct domain *domain = &snapshot->domains[i];
        if (!is_called(domain, name, name_only))
            continue;
        g_ptr_array_add(search->found, (void *)domain);
        g_string_append_printf(search->listed, "\n  %s#%s  %s  %s",
                               session_uri(session, connection), domain->identity->name,
                               domain->identity->native_id ? domain->identity->native_id : "",
                               domain_state_name(domain->identity->state));
    }
}

static bool fail(enum status *status, enum status value, char **message, char *text)
{
    *status = value;
    *message = text;
    return false;
}

static bool not_found(struct session *session, const char *text, bool unanswered,
                      enum status *status, char **message)
{
    g_autofree char *shown = text_clean(text);
    if (unanswered)
        return fail(status, STATUS_CONNECTION, message,
                    g_strdup_printf("there is no domain \"%s\" on the hosts that answered", shown));
    g_autofree char *nearest = resolve_nearest(session, text);
    return fail(status, STATUS_NO_DOMAIN, message,
                g_strdup_printf("there is no domain \"%s\"%s%s", shown,
                                *nearest ? "; did you mean " : "", nearest));
}

bool resolve_domain(struct session *session, const char *text, bool name_only,
                    struct domain_key *key, enum status *status, char **message)
{
    g_autofree char *uri = NULL;
    const char *name = text;
    struct search search = {g_ptr_array_new(), g_string_new(NULL), false};
    if (!name_only)
        resolve_split(text, &uri, &name);
    for (size_t i = 0; i < model_n_connections(session_model(session)); i++)
        if (is_at(session, (uint16_t)i, uri))
            search_in(session, (uint16_t)i, name, name_only, &search);
    g_autoptr(GPtrArray) found = search.found;
    g_autofree char *listed = g_string_free(search.listed, FALSE);
    if (found->len == 0)
        return not_found(session, text, search.unanswered, status, message);
    if (found->len > 1) {
        g_autofree char *shown = text_clean(text);
        return fail(status, STATUS_USAGE, message,
                    g_strdup_printf("\"%s\" is more than one domain; say URI#NAME or the UUID:%s",
                                    shown, listed));
    }
    *key = ((const struct domain *)found->pdata[0])->identity->key;
    return true;
}

/* --- what could have been meant ------------------------------------------------------------- */

static unsigned letters_apart(const char *a, const char *b)
{
    unsigned line[NEAREST_LETTERS + 1];
    size_t n = MIN(strlen(b), NEAREST_LETTERS);
    for (size_t j = 0; j <= n; j++)
        line[j] = (unsigned)j;
    for (size_t i = 0; a[i] && i < NEAREST_LETTERS; i++) {
        unsigned diagonal = line[0]++;
        for (size_t j = 1; j <= n; j++) {
            bool same = g_ascii_tolower(a[i]) == g_ascii_tolower(b[j - 1]);
            unsigned next = MIN(MIN(line[j], line[j - 1]) + 1, diagonal + !same);
            diagonal = line[j];
            line[j] = next;
        }
    }
    return line[n];
}

struct guess {
    const char *name;
    unsigned apart;
};

static int compare_guesses(const void *a, const void *b)
{
    const struct guess *x = a, *y = b;
    return x->apart != y->apart ? (x->apart < y->apart ? -1 : 1) : name_compare(x->name, y->name);
}

char *resolve_nearest(struct session *session, const char *text)
{
    g_autoptr(GArray) guesses = g_array_new(FALSE, FALSE, sizeof(struct guess));
    size_t n = 0, length = strlen(text);
    const struct row *rows = model_rows(session_model(session), &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = rows[i].domain->identity->name;
        struct guess guess = {name, letters_apart(text, name)};
        if (strstr(name, text) && length > 1)
            guess.apart = MIN(guess.apart, 1);
        if (guess.apart <= MAX(2, length / 3))
            g_array_append_val(guesses, guess);
    }
    g_array_sort(guesses, compare_guesses);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < guesses->len && i < 3; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               g_array_index(guesses, struct guess, i).name);
    return g_string_free(names, FALSE);
}
