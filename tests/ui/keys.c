/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keys.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

static void write_event(const struct event *event, void *data)
{
    GString *log = data;
    char label[KEY_LABEL_MAX];

    if (log->len)
        g_string_append_c(log, ' ');
    switch (event->kind) {
    case EVENT_KEY:
        g_string_append(log, key_label(event->key, label));
        break;
    case EVENT_PASTE:
        g_string_append_printf(log, "paste(%s)", event->text);
        break;
    case EVENT_CLICK:
        g_string_append_printf(log, "click(%d,%d)", event->row, event->column);
        break;
    case EVENT_WHEEL_UP:
        g_string_append(log, "wheel-up");
        break;
    case EVENT_WHEEL_DOWN:
        g_string_append(log, "wheel-down");
        break;
    case EVENT_STATUS:
        g_string_append(log, "status");
        break;
    }
}

struct sequence {
    const char *what, *bytes, *expected;
};

/* clang-format off */
static const struct sequence sequences[] = {
    /* what really arrives */
    {"PuTTY's F1 is F1 and no digit", "\033[11~", "F1"},
    {"the Linux console's F1 is F1", "\033[[A", "F1"},
    {"the Linux console's F5 is F5", "\033[[E", "F5"},
    {"rxvt's Shift-Up is swallowed and is no a", "\033[a", ""},
    {"rxvt's Ctrl-Right is swallowed and is no c", "\033Oc", ""},
    {"kitty's release of Enter is swallowed", "\033[13;1:3u", ""},
    {"Alt-a is swallowed", "\033a", ""},
    {"a paste is one event", "\033[200~16g\n\033[201~", "paste(16g)"},
    /* keys as terminals send them */
    {"plain letters", "qZ?", "q Z ?"},
    {"Enter, ^J and the keypad's Enter", "\r\n\033OM", "Enter Enter Enter"},
    {"both backspaces", "\x08\x7f", "BS BS"},
    {"cursor keys in both modes", "\033[A\033OB\033[C\033OD", "Up Down Right Left"},
    {"Home and End in all variants", "\033[H\033OH\033[1~\033[7~\033[F\033OF\033[4~\033[8~", "Home Home Home Home End End End End"},
    {"PgUp, PgDn, Ins, Del", "\033[5~\033[6~\033[2~\033[3~", "PgUp PgDn Ins Del"},
    {"function keys of xterm", "\033OP\033OQ\033OR\033OS\033[15~\033[17~\033[18~\033[19~\033[20~\033[21~\033[23~\033[24~", "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12"},
    {"function keys of PuTTY and rxvt", "\033[11~\033[12~\033[13~\033[14~", "F1 F2 F3 F4"},
    {"Shift-Tab", "\033[Z", "S-Tab"},
    {"a UTF-8 letter", "\xc3\xa9", "\xc3\xa9"},
    {"a control key", "\x04\x12", "^D ^R"},
    {"kitty's plain and ctrl keys", "\033[97u\033[97;5u\033[27u", "a ^A Esc"},
    {"kitty's Shift-a", "\033[97;2u", "A"},
    {"xterm's modifyOtherKeys", "\033[27;5;100~", "^D"},
    /* swallowed whole */
    {"modified cursor keys", "\033[1;5C\033[1;2A\033[3;5~", ""},
    {"rxvt's Shift-Delete ends with $", "\033[3$q", "q"},
    {"rxvt's Ctrl and Ctrl-Shift forms", "\033[3^\033[3@", ""},
    {"Alt with a cursor key in rxvt", "\033\033[A\033\033OA", ""},
    {"Alt with a UTF-8 letter", "\033\xc3\xa9q", "q"},
    {"Alt-Enter", "\033\r", ""},
    {"focus in and out", "\033[I\033[O", ""},
    {"an X10 mouse report with letters in it", "\033[Mqa!", ""},
    {"a device attributes answer", "\033[?64;1;2;6;9;15;18;21;22c", ""},
    {"a mode report", "\033[?2026;2$yq", "q"},
    {"an OSC answer ended by BEL or ST", "\033]11;rgb:0000/0000/0000\aq\033]52;c;YQ==\033\\q", "q q"},
    {"a DCS answer", "\033P>|XTerm(370)\033\\q", "q"},
    {"private use keys of kitty", "\033[57399u", ""},
    {"an endless parameter list", "\033[1111111111111111111111111111111111111111111111111111111111111111~q", "q"},
    {"Alt with kitty", "\033[97;3u", ""},
    {"bytes that are not UTF-8", "\xff\xfe\xc3(q", "( q"},
    {"old xterm's modified F1", "\033O5Pq", "q"},
    /* mouse */
    {"a click, and not its release", "\033[<0;10;5M\033[<0;10;5m", "click(4,9)"},
    {"the wheel", "\033[<64;1;1M\033[<65;1;1M", "wheel-up wheel-down"},
    {"other buttons and drags", "\033[<2;3;4M\033[<32;3;4M\033[<4;3;4M", ""},
    /* pastes */
    {"a paste of many lines is one line", "\033[200~a\r\nb\tc\033[201~q", "paste(a  b c) q"},
    {"a paste with a sequence in it", "\033[200~x\033[Ay\033[201~", "paste(x[Ay)"},
    {"an empty paste is nothing", "\033[200~\033[201~q", "q"},
    {"an answer to a status request", "\033[0n", "status"},
};
/* clang-format on */

static void check(const struct sequence *sequence, size_t at_once)
{
    GString *log = g_string_new(NULL);
    struct key_decoder *decoder = key_decoder_new(write_event, log);
    size_t n = strlen(sequence->bytes);

    for (size_t i = 0; i < n; i += at_once)
        key_decoder_feed(decoder, (const uint8_t *)sequence->bytes + i, MIN(at_once, n - i));
    cr_expect_str_eq(log->str, sequence->expected, "%s, %zu bytes at once: \"%s\"", sequence->what,
                     at_once, log->str);
    cr_expect_eq(key_decoder_wait_ms(decoder), -1, "%s: still waits", sequence->what);
    key_decoder_free(decoder);
    g_string_free(log, TRUE);
}

Test(keys, every_sequence_is_one_key_or_nothing)
{
    setlocale(LC_ALL, "C.UTF-8");
    for (size_t i = 0; i < G_N_ELEMENTS(sequences); i++) {
        check(&sequences[i], 1);
        check(&sequences[i], 1000);
    }
}

Test(keys, a_lone_esc_is_esc_after_a_wait_under_50_ms)
{
    GString *log = g_string_new(NULL);
    struct key_decoder *decoder = key_decoder_new(write_event, log);

    key_decoder_feed(decoder, (const uint8_t *)"\033", 1);
    cr_expect_str_eq(log->str, "");
    cr_expect_gt(key_decoder_wait_ms(decoder), 0);
    cr_expect_lt(key_decoder_wait_ms(decoder), 50);
    key_decoder_expire(decoder);
    cr_expect_str_eq(log->str, "Esc");
    key_decoder_feed(decoder, (const uint8_t *)"\033\033", 2);
    key_decoder_expire(decoder);
    cr_expect_str_eq(log->str, "Esc Esc Esc");
    key_decoder_free(decoder);
    g_string_free(log, TRUE);
}

Test(keys, what_was_begun_and_never_ended_is_dropped)
{
    static const char *const begun[] = {"\033[",      "\033[1;", "\033O",
                                        "\033]52;c;", "\xc3",    "\033[M!"};

    for (size_t i = 0; i < G_N_ELEMENTS(begun); i++) {
        GString *log = g_string_new(NULL);
        struct key_decoder *decoder = key_decoder_new(write_event, log);

        key_decoder_feed(decoder, (const uint8_t *)begun[i], strlen(begun[i]));
        cr_expect_gt(key_decoder_wait_ms(decoder), 0, "%s", begun[i]);
        key_decoder_expire(decoder);
        key_decoder_feed(decoder, (const uint8_t *)"q", 1);
        cr_expect_str_eq(log->str, "q");
        key_decoder_free(decoder);
        g_string_free(log, TRUE);
    }
}

Test(keys, a_huge_paste_keeps_its_beginning_and_ends)
{
    GString *log = g_string_new(NULL);
    struct key_decoder *decoder = key_decoder_new(write_event, log);

    key_decoder_feed(decoder, (const uint8_t *)"\033[200~", 6);
    for (int i = 0; i < 100000; i++)
        key_decoder_feed(decoder, (const uint8_t *)"x", 1);
    key_decoder_feed(decoder, (const uint8_t *)"\033[201~q", 7);
    cr_expect(g_str_has_prefix(log->str, "paste(xxx"));
    cr_expect(g_str_has_suffix(log->str, ") q"));
    cr_expect_lt(log->len, 5000);
    key_decoder_free(decoder);
    g_string_free(log, TRUE);
}
