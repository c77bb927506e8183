/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of keys for people. */
#include "ui/keys.h"

static const struct {
    int key;
    const char *label;
} labels[] = {
    {K_TAB, "Tab"},        {K_ENTER, "Enter"}, {K_ESC, "Esc"},    {K_BACKSPACE, "BS"},
    {' ', "Space"},        {K_UP, "Up"},       {K_DOWN, "Down"},  {K_LEFT, "Left"},
    {K_RIGHT, "Right"},    {K_HOME, "Home"},   {K_END, "End"},    {K_PAGE_UP, "PgUp"},
    {K_PAGE_DOWN, "PgDn"}, {K_INSERT, "Ins"},  {K_DELETE, "Del"}, {K_BACKTAB, "S-Tab"},
};

const char *key_label(int key, char text[KEY_LABEL_MAX])
{
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        if (labels[i].key == key) {
            g_strlcpy(text, labels[i].label, KEY_LABEL_MAX);
            return text;
        }
    }
    if (key >= K_F1 && key <= K_F12)
        g_snprintf(text, KEY_LABEL_MAX, "F%d", key - K_F1 + 1);
    else if (key < ' ')
        g_snprintf(text, KEY_LABEL_MAX, "^%c", key + '@');
    else
        text[key < 0x110000 ? g_unichar_to_utf8((gunichar)key, text) : 0] = '\0';
    return text;
}
