/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"
#include "model/select.h"
#include "model/size.h"

#include <string.h>

G_DEFINE_QUARK(filter - error - quark, filter_error)

enum relation {
    LESS = 1,
    EQUAL = 2,
    GREATER = 4,
};

enum operand {
    OPERAND_VALUE, /* bytes, or unlimited */
    OPERAND_BARE,  /* a number of whatever the row counts */
    OPERAND_PERCENT,
    OPERAND_WORD, /* one of the row's choices */
};

struct term;
typedef bool term_match(const struct term *term, const struct row *row);

/* One alternative of a word. */
struct term {
    term_match *match;
    char *name;         /* of a comparison */
    GPatternSpec *glob; /* of a text, case folded */
    unsigned relation;
    enum operand operand;
    struct value value;
    double number; /* bare or percent */
    char *text;
};

struct word {
    bool inverted;
    GPtrArray *terms; /* struct term: any of them */
};

struct filter {
    GPtrArray *words; /* struct word: all of them */
};

/* --- texts ------------------------------------------------------------------------------- */

static bool glob_matches(const struct term *term, const char *text)
{
    g_autofree char *folded = text ? g_utf8_casefold(text, -1) : NULL;
    return folded && g_pattern_spec_match_string(term->glob, folded);
}

static bool match_name(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->name);
}

static bool match_title(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->title);
}

static bool match_host(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->snapshot->host.name);
}

static bool match_driver(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->snapshot->host.hypervisor) ||
           glob_matches(term, row->snapshot->backend->name);
}

static bool match_state(const struct term *term, const struct row *row)
{
    return glob_matches(term, domain_state_name(row->domain->identity->state));
}

static bool match_uuid(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->native_id);
}

static bool match_pool(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->parents);
}

static bool match_kind(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->kind);
}

static bool match_why(const struct term *term, const struct row *row)
{
    return row->trouble.why[0] && glob_matches(term, row->trouble.why);
}

static bool match_anything(const struct term *term, const struct row *row)
{
    return match_name(term, row) || match_title(term, row) || match_host(term, row);
}

/* --- flags ------------------------------------------------------------------------------- */

static bool match_trouble(const struct term *term, const struct row *row)
{
    return row->trouble.rank != TROUBLE_NONE;
}

static bool match_stale(const struct term *term, const struct row *row)
{
    return row->trouble.stale;
}

static bool match_tagged(const struct term *term, const struct row *row)
{
    return row->tagged;
}

static bool match_differs(const struct term *term, const struct row *row)
{
    const struct tunable *rows = row->snapshot->backend->tunables;
    for (size_t i = 0; rows[i].name; i++)
        if (trouble_differs(&rows[i], &row->domain->settings[i]))
            return true;
    return false;
}

/* --- comparisons ------------------------------------------------------------------------- */

struct operand_value {
    struct value value;
    enum unit unit;
    const char *const *choices;
};

static struct value setting_value(const struct setting *setting)
{
    return value_known(setting->live) ? setting->live : setting->config;
}

/* What `name` is of this row; false where its hypervisor has nothing of that name. */
static bool look_up(const struct row *row, const char *name, struct operand_value *found)
{
    const struct backend *backend = row->snapshot->backend;
    *found = (struct operand_value){.unit = UNIT_BYTES};
    if (strcmp(name, "needed") == 0)
        found->value = row->trouble.needed;
    else if (strcmp(name, "left") == 0)
        found->value = row->trouble.left;
    else if (strcmp(name, "limit") == 0 && !tunable_find(backend->tunables, name))
        found->value = row->trouble.limit;
    if (found->value.reason || found->value.kind != VALUE_UNKNOWN)
        return true;
    const struct tunable *tunable = tunable_find(backend->tunables, name);
    if (tunable) {
        const struct setting *setting = &row->domain->settings[tunable - backend->tunables];
        *found = (struct operand_value){setting_value(setting), tunable->unit, tunable->choices};
        if (value_known(found->value))
            return true;
    }
    int index = figure_index(backend->figures, name);
    if (index >= 0)
        *found =
            (struct operand_value){row->domain->figures[index], backend->figures[index].unit, NULL};
    return index >= 0 || tunable;
}

static bool relation_holds(unsigned relation, int order)
{
    return relation & (order < 0 ? LESS : order > 0 ? GREATER : EQUAL);
}

static bool compare_numbers(const struct term *term, double a, double b)
{
    return relation_holds(term->relation, (a > b) - (a < b));
}

/* N% is of the wall for what is left, of the maximum for another size, and itself for a share. */
static bool compare_percent(const struct term *term, const struct row *row,
                            const struct operand_value *found)
{
    struct operand_value maximum;
    uint64_t number, whole;
    if (strcmp(term->name, "left") == 0)
        return row->trouble.percent_left >= 0 &&
               compare_numbers(term, row->trouble.percent_left, term->number);
    if (!value_get(found->value, &number))
        return false;
    if (found->unit == UNIT_PERCENT)
        return compare_numbers(term, (double)number, term->number);
    if (found->unit == UNIT_CENTI_PERCENT)
        return compare_numbers(term, (double)number / 100, term->number);
    if (found->unit != UNIT_BYTES || !look_up(row, "maximum", &maximum) ||
        !value_get(maximum.value, &whole) || !whole)
        return false;
    return compare_numbers(term, (double)number * 100 / (double)whole, term->number);
}

static bool compare_bare(const struct term *term, const struct operand_value *found)
{
    if (found->value.kind != VALUE_NUMBER && found->value.kind != VALUE_CHOICE)
        return false;
    double scale = found->unit == UNIT_CENTI_PERCENT ? 100 : 1;
    if (found->unit == UNIT_BYTES && term->number > 0)
        return false; /* 2 what? */
    return compare_numbers(term, (double)found->value.number / scale, term->number);
}

static bool compare_word(const struct term *term, const struct operand_value *found)
{
    if (found->value.kind != VALUE_CHOICE || !found->choices)
        return false;
    bool same = g_ascii_strcasecmp(found->choices[found->value.choice], term->text) == 0;
    return relation_holds(term->relation, same ? 0 : 1);
}

static bool match_comparison(const struct term *term, const struct row *row)
{
    struct operand_value found;
    if (!look_up(row, term->name, &found) || !value_known(found.value))
        return false;
    switch (term->operand) {
    case OPERAND_PERCENT:
        return compare_percent(term, row, &found);
    case OPERAND_BARE:
        return compare_bare(term, &found);
    case OPERAND_WORD:
        return compare_word(term, &found);
    case OPERAND_VALUE:
        break;
    }
    if (found.value.kind == VALUE_UNSET || found.value.kind == VALUE_CHOICE)
        return false;
    return relation_holds(term->relation, value_compare(found.value, term->value));
}

/* --- parsing ----------------------------------------------------------------------------- */

struct text_key {
    const char *name;
    term_match *match;
    bool anywhere;
};

/* clang-format off */
static const struct text_key text_keys[] = {
    {"name",  match_name,   true},
    {"host",  match_host,   false},
    {"drv",   match_driver, false},
    {"state", match_state,  false},
    {"title", match_title,  true},
    {"uuid",  match_uuid,   false},
    {"pool",  match_pool,   true},
    {"kind",  match_kind,   false},
    {"why",   match_why,    true},
};

static const struct text_key flags[] = {
    {"trouble", match_trouble, false},
    {"stale",   match_stale,   false},
    {"tagged",  match_tagged,  false},
    {"differs", match_differs, false},
};

static const struct {
    const char *text;
    unsigned relation;
} relations[] = {
    {"<=", LESS | EQUAL}, {">=", GREATER | EQUAL}, {"!=", LESS | GREATER},
    {"<", LESS}, {">", GREATER}, {"=", EQUAL},
};
/* clang-format on */

static void term_free(gpointer data)
{
    struct term *term = data;
    g_free(term->name);
    g_free(term->text);
    g_clear_pointer(&term->glob, g_pattern_spec_free);
    g_free(term);
}

static void word_free(gpointer data)
{
    struct word *word = data;
    g_ptr_array_unref(word->terms);
    g_free(word);
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    g_ptr_array_unref(filter->words);
    g_free(filter);
}

static void set_glob(struct term *term, const char *text, bool anywhere)
{
    bool wild = strpbrk(text, "*?") != NULL;
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_autofree char *pattern =
        wild ? g_strdup(folded) : g_strconcat(anywhere ? "*" : "", folded, "*", NULL);
    term->glob = g_pattern_spec_new(pattern);
}

static bool parse_number(const char *text, double *number, bool *percent)
{
    char *end;
    size_t length = strspn(text, "0123456789.");
    if (!length || (text[length] && strcmp(text + length, "%") != 0))
        return false;
    *number = g_ascii_strtod(text, &end);
    *percent = text[length] == '%';
    return end == text + length;
}

static bool is_unlimited(const char *text)
{
    static const char *const words[] = {"none", "unlimited", "inf", "infinity", "max", "-1", NULL};
    for (size_t i = 0; words[i]; i++)
        if (g_ascii_strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

/* Roles of limits count bytes whatever the hypervisor: "hard<2" says nothing. */
static bool is_size_name(const char *name)
{
    static const char *const names[] = {"needed", "left",    "limit",     "hard",
                                        "soft",   "memsw",   "held",      "target",
                                        "guest",  "maximum", "guarantee", NULL};
    return g_strv_contains(names, name);
}

static bool is_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalpha(*c) && *c != '_')
            return false;
    return true;
}

static bool parse_operand(struct term *term, const char *text, GError **error)
{
    bool percent = false;
    uint64_t bytes;
    g_autoptr(GError) why = NULL;
    if (!*text) {
        g_set_error(error, FILTER_ERROR, FILTER_ERROR_SYNTAX,
                    "%s: compared with what? Write a size such as %s<2G", term->name, term->name);
        return false;
    }
    if (is_unlimited(text)) {
        term->operand = OPERAND_VALUE;
        term->value = value_unlimited();
        return true;
    }
    if (parse_number(text, &term->number, &percent)) {
        term->operand = percent ? OPERAND_PERCENT : OPERAND_BARE;
        if (percent || term->number <= 0 || !is_size_name(term->name))
            return true;
        g_set_error(error, FILTER_ERROR, FILTER_ERROR_VALUE,
                    "%s: %s what? Write %sG, %sM or bytes as %sB", term->name, text, text, text,
                    text);
        return false;
    }
    if (size_parse(text, &bytes, &why)) {
        term->operand = OPERAND_VALUE;
        term->value = value_number(bytes);
        return true;
    }
    if (is_word(text)) {
        term->operand = OPERAND_WORD;
        term->text = g_strdup(text);
        return true;
    }
    g_set_error(error, FILTER_ERROR, FILTER_ERROR_VALUE, "%s: %s", term->name, why->message);
    return false;
}

static bool parse_text_key(struct term *term, const char *text, size_t length, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_keys); i++) {
        const struct text_key *key = &text_keys[i];
        if (strlen(key->name) != length || g_ascii_strncasecmp(text, key->name, length) != 0)
            continue;
        if (!text[length + 1]) {
            g_set_error(error, FILTER_ERROR, FILTER_ERROR_SYNTAX,
                        "%s: is followed by what it must be, as in %s:web*", key->name, key->name);
            return false;
        }
        term->match = key->match;
        set_glob(term, text + length + 1, key->anywhere);
        return true;
    }
    g_set_error(error, FILTER_ERROR, FILTER_ERROR_KEY,
                "there is no \"%.*s:\"; there are name: host: drv: state: title: uuid: pool: kind: "
                "and why:",
                (int)length, text);
    return false;
}

/* The length of the leading name of a comparison or key, 0 where the text begins otherwise. */
static size_t name_length(const char *text)
{
    return g_ascii_isalpha(text[0])
               ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
               : 0;
}

static bool parse_term(struct term *term, const char *text, bool quoted, GError **error)
{
    size_t length = name_length(text);
    for (size_t i = 0; !quoted && i < G_N_ELEMENTS(flags); i++)
        if (g_ascii_strcasecmp(text, flags[i].name) == 0) {
            term->match = flags[i].match;
            return true;
        }
    if (length && !quoted && text[length] == ':')
        return parse_text_key(term, text, length, error);
    for (size_t i = 0; length && !quoted && i < G_N_ELEMENTS(relations); i++) {
        if (!g_str_has_prefix(text + length, relations[i].text))
            continue;
        term->match = match_comparison;
        term->relation = relations[i].relation;
        term->name = g_ascii_strdown(text, (gssize)length);
        return parse_operand(term, text + length + strlen(relations[i].text), error);
    }
    term->match = match_anything;
    set_glob(term, text, true);
    return true;
}

/* Takes one alternative out of *cursor, without its quotes; stops at a blank or "|". `*quoted`: it
 * began with a quote and so is a plain text. */
static char *take_alternative(const char **cursor, bool *quoted, GError **error)
{
    GString *text = g_string_new(NULL);
    const char *c = *cursor;
    char quote = 0;
    *quoted = *c == '"' || *c == '\'';
    for (; *c && (quote || (!g_ascii_isspace(*c) && *c != '|')); c++) {
        if (quote ? *c == quote : *c == '"' || *c == '\'')
            quote = quote ? 0 : *c;
        else
            g_string_append_c(text, *c);
    }
    if (quote || !text->len) {
        if (quote)
            g_set_error(error, FILTER_ERROR, FILTER_ERROR_SYNTAX, "the quote %c is not closed",
                        quote);
        else
            g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_SYNTAX,
                                "something is missing beside \"!\" or \"|\"");
        g_string_free(text, TRUE);
        return NULL;
    }
    *cursor = c;
    return g_string_free(text, FALSE);
}

static bool is_bare_text(const char *text)
{
    size_t length = name_length(text);
    return !length || !strchr(":<>=!", text[length]) || !text[length];
}

static bool parse_word(struct word *word, const char **cursor, GError **error)
{
    g_autofree char *key = NULL;
    word->inverted = **cursor == '!';
    *cursor += word->inverted;
    for (;;) {
        bool quoted;
        g_autofree char *text = take_alternative(cursor, &quoted, error);
        if (!text)
            return false;
        struct term *term = g_new0(struct term, 1);
        g_ptr_array_add(word->terms, term);
        size_t length = name_length(text);
        if (key && is_bare_text(text)) {
            char *keyed = g_strconcat(key, text, NULL);
            g_free(text);
            text = keyed;
            quoted = false;
        } else if (!quoted && length && text[length] == ':') {
            g_free(key);
            key = g_strndup(text, length + 1);
        }
        if (!parse_term(term, text, quoted, error))
            return false;
        if (**cursor != '|')
            return true;
        ++*cursor;
    }
}

bool filter_parse(const char *text, struct filter **ret, GError **error)
{
    struct filter *filter = g_new0(struct filter, 1);
    filter->words = g_ptr_array_new_with_free_func(word_free);
    if (!g_utf8_validate(text, -1, NULL)) {
        g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_SYNTAX, "the filter is not UTF-8");
        filter_free(filter);
        return false;
    }
    for (;;) {
        while (g_ascii_isspace(*text))
            text++;
        if (!*text)
            break;
        struct word *word = g_new0(struct word, 1);
        word->terms = g_ptr_array_new_with_free_func(term_free);
        g_ptr_array_add(filter->words, word);
        if (!parse_word(word, &text, error)) {
            filter_free(filter);
            return false;
        }
    }
    *ret = filter;
    return true;
}

static bool word_matches(const struct word *word, const struct row *row)
{
    for (guint i = 0; i < word->terms->len; i++) {
        const struct term *term = word->terms->pdata[i];
        if (term->match(term, row))
            return !word->inverted;
    }
    return word->inverted;
}

bool filter_match(const struct filter *filter, const struct row *row)
{
    for (guint i = 0; filter && i < filter->words->len; i++)
        if (!word_matches(filter->words->pdata[i], row))
            return false;
    return true;
}
