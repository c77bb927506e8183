/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <criterion/criterion.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *name, *raw, *cleaned;
} cases[] = {
    {"plain text stays", "web-01 (prod)", "web-01 (prod)"},
    {"a backslash stays", "a\\x1b", "a\\x1b"},
    {"letters of all languages stay", "žluťoučký 日本 مرحبا", "žluťoučký 日本 مرحبا"},
    {"combining characters stay", "e\xcc\x81", "e\xcc\x81"},
    {"emoji stay, with their variation", "\xf0\x9f\x90\xa7 \xe2\x9d\xa4\xef\xb8\x8f", "\xf0\x9f\x90\xa7 \xe2\x9d\xa4\xef\xb8\x8f"},
    {"the zero-width joiner does not", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\\u200d\xf0\x9f\x92\xbb"},
    {"tab, newline, return", "a\tb\nc\rd", "a\\tb\\nc\\rd"},
    {"escape", "\033[31mred", "\\x1b[31mred"},
    {"bell and backspace", "\a\b", "\\x07\\x08"},
    {"DEL", "\x7f", "\\x7f"},
    {"C1 as UTF-8", "\xc2\x9b""31m\xc2\x85", "\\x9b31m\\x85"},
    {"C1 as a raw byte", "\x9b""31m", "\\x9b31m"},
    {"override of direction", "a\xe2\x80\xae""b", "a\\u202eb"},
    {"isolates of direction", "\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},
    {"marks of direction", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u200e\\u200f\\u061c"},
    {"zero-width space and no-break", "\xe2\x80\x8b\xef\xbb\xbf\xe2\x81\xa0", "\\u200b\\ufeff\\u2060"},
    {"soft hyphen", "a\xc2\xad""b", "a\\xadb"},
    {"line and paragraph separators", "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},
    {"noncharacters", "\xef\xbf\xbe\xef\xb7\x90\xf0\x9f\xbf\xbf", "\\ufffe\\ufdd0\\U0001ffff"},
    {"tags", "\xf3\xa0\x81\x81", "\\U000e0041"},
    {"letters that show nothing", "\xe3\x85\xa4\xef\xbe\xa0\xcd\x8f", "\\u3164\\uffa0\\u034f"},
    {"bytes that are not UTF-8", "\xff\xc3(\xe2\x82", "\\xff\\xc3(\\xe2\\x82"},
    {"surrogates and overlong forms", "\xed\xa0\x80\xc0\xaf", "\\xed\\xa0\\x80\\xc0\\xaf"},
    {"nothing", "", ""},
};
/* clang-format on */

Test(text, what_could_harm_a_terminal_becomes_visible)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *cleaned = text_clean(cases[i].raw);
        g_autofree char *twice = text_clean(cleaned);

        cr_expect_str_eq(cleaned, cases[i].cleaned, "%s: %s", cases[i].name, cleaned);
        cr_expect_str_eq(twice, cleaned, "%s", cases[i].name);
        cr_expect_eq(text_is_clean(cases[i].raw), !strcmp(cases[i].raw, cleaned), "%s",
                     cases[i].name);
    }
}

Test(text, every_control_character_is_escaped)
{
    for (unsigned c = 1; c < 0xa0; c++) {
        char raw[8] = "", *cleaned;

        if (c >= 0x20 && c < 0x7f)
            continue;
        g_unichar_to_utf8(c, raw);
        cleaned = text_clean(raw);
        cr_expect(*cleaned == '\\' && g_str_is_ascii(cleaned), "U+%04X", c);
        g_free(cleaned);
    }
}

Test(text, no_text_at_all_is_empty)
{
    g_autofree char *cleaned = text_clean(NULL);
    g_autofree char *sentence = text_clean_sentence(NULL);

    cr_expect_str_eq(cleaned, "");
    cr_expect_str_eq(sentence, "");
    cr_expect_not(text_is_clean(NULL));
}

Test(text, long_text_ends_at_a_character_with_an_ellipsis)
{
    static const char *const units[] = {"a",    "\033",      "é", "日", "\xf0\x9f\x90\xa7",
                                        "\xff", "ab\xc2\x9b"};

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *raw = g_string_new(NULL);
        g_autofree char *cleaned = NULL;

        while (raw->len < 5000)
            g_string_append(raw, units[i]);
        cleaned = text_clean(raw->str);
        cr_expect_leq(strlen(cleaned), 4096);
        cr_expect_geq(strlen(cleaned), 4096 - 12);
        cr_expect(g_str_has_suffix(cleaned, "…"));
        cr_expect(g_utf8_validate(cleaned, -1, NULL));
        cr_expect_not(text_is_clean(raw->str));
        g_string_free(raw, TRUE);
    }
}

Test(text, exactly_what_fits_is_whole)
{
    char raw[4097];
    g_autofree char *cleaned = NULL;

    memset(raw, 'x', 4096);
    raw[4096] = '\0';
    cleaned = text_clean(raw);
    cr_expect_str_eq(cleaned, raw);
    cr_expect(text_is_clean(raw));
}

Test(text, an_error_becomes_one_sentence_without_a_stop)
{
    static const char *const errors[][2] = {
        {"Failed to connect.", "Failed to connect"},
        {"  Failed to connect.\nTry again.\n", "Failed to connect"},
        {"Not permitted. Ask root.", "Not permitted"},
        {"cannot parse 1.5 of e.g. this", "cannot parse 1.5 of e.g. this"},
        {"no server at 'St. Mary'", "no server at 'St. Mary'"},
        {"bad \033[31m", "bad \\x1b[31m"},
        {"...", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autofree char *sentence = text_clean_sentence(errors[i][0]);

        cr_expect_str_eq(sentence, errors[i][1]);
    }
}

Test(text, words_for_a_shell_are_quoted_only_where_they_must_be)
{
    static const char *const words[][2] = {
        {"web01", "web01"},
        {"qemu+ssh://host/system", "qemu+ssh://host/system"},
        {"", "''"},
        {"two words", "'two words'"},
        {"it's", "'it'\\''s'"},
        {"$(rm)", "'$(rm)'"},
        {"~root", "'~root'"},
        {"=ls", "'=ls'"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *quoted = text_shell_quote(words[i][0]);

        cr_expect_str_eq(quoted, words[i][1]);
    }
}
