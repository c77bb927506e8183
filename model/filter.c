/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/filter-parts.h"

#include "model/size.h"

#include <string.h>

G_DEFINE_QUARK(filter - error - quark, filter_error)

struct word {
    bool inverted;
    GPtrArray *terms; /* struct term: any of them */
};

struct filter {
    GPtrArray *words; /* struct word: all of them */
};

/* clang-format off */
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
    for (size_t i = 0; filter_text_keys[i].name; i++) {
        const struct text_key *key = &filter_text_keys[i];
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
    for (size_t i = 0; !quoted && filter_flags[i].name; i++)
        if (g_ascii_strcasecmp(text, filter_flags[i].name) == 0) {
            term->match = filter_flags[i].match;
            return true;
        }
    if (length && !quoted && text[length] == ':')
        return parse_text_key(term, text, length, error);
    for (size_t i = 0; length && !quoted && i < G_N_ELEMENTS(relations); i++) {
        if (!g_str_has_prefix(text + length, relations[i].text))
            continue;
        term->match = filter_match_comparison;
        term->relation = relations[i].relation;
        term->name = g_ascii_strdown(text, (gssize)length);
        return parse_operand(term, text + length + strlen(relations[i].text), error);
    }
    term->match = filter_match_anything;
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
