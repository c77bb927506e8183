/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/select.h"

#include <string.h>

/* Orders two runs of digits by their number, whatever their length; leading zeros are skipped. */
static int compare_digits(const char **a, const char **b)
{
    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    size_t left = strspn(*a, "0123456789"), right = strspn(*b, "0123456789");
    int order = left != right ? (left > right) - (left < right) : memcmp(*a, *b, left);
    *a += left;
    *b += right;
    return order;
}

int name_compare(const char *a, const char *b)
{
    const char *left = a, *right = b;
    while (*left && *right) {
        if (*left == *right && g_ascii_isprint(*left) && !g_ascii_isdigit(*left)) {
            left++;
            right++;
            continue;
        }
        if (g_ascii_isdigit(*left) && g_ascii_isdigit(*right)) {
            int order = compare_digits(&left, &right);
            if (order)
                return order < 0 ? -1 : 1;
            continue;
        }
        gunichar x = g_unichar_tolower(g_utf8_get_char(left));
        gunichar y = g_unichar_tolower(g_utf8_get_char(right));
        if (x != y)
            return x < y ? -1 : 1;
        left = g_utf8_next_char(left);
        right = g_utf8_next_char(right);
    }
    if (*left || *right)
        return *left ? 1 : -1;
    int order = strcmp(a, b);
    return (order > 0) - (order < 0);
}
