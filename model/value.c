/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/value.h"

#include <string.h>

static const char not_read[] = "not_read: not read yet";

struct value value_number(uint64_t number)
{
    return (struct value){.kind = VALUE_NUMBER, .number = number};
}

struct value value_choice(unsigned choice, uint64_t number)
{
    return (struct value){.kind = VALUE_CHOICE, .choice = (uint8_t)choice, .number = number};
}

struct value value_unlimited(void)
{
    return (struct value){.kind = VALUE_UNLIMITED};
}

struct value value_unset(void)
{
    return (struct value){.kind = VALUE_UNSET};
}

struct value value_unknown(const char *reason)
{
    return (struct value){.kind = VALUE_UNKNOWN, .reason = reason};
}

struct value value_unsupported(const char *reason)
{
    return (struct value){.kind = VALUE_UNSUPPORTED, .reason = reason};
}

static const char *reason_of(struct value value)
{
    return value.reason ? value.reason : not_read;
}

bool value_equal(struct value a, struct value b)
{
    if (a.kind != b.kind)
        return false;
    switch ((enum value_kind)a.kind) {
    case VALUE_UNKNOWN:
    case VALUE_UNSUPPORTED:
        return a.reason == b.reason || !strcmp(reason_of(a), reason_of(b));
    case VALUE_NUMBER:
        return a.number == b.number;
    case VALUE_CHOICE:
        return a.choice == b.choice;
    case VALUE_UNSET:
    case VALUE_UNLIMITED:
        return true;
    }
    return false;
}

bool value_known(struct value value)
{
    return value.kind != VALUE_UNKNOWN && value.kind != VALUE_UNSUPPORTED;
}

bool value_get(struct value value, uint64_t *number)
{
    if (value.kind != VALUE_NUMBER)
        return false;
    *number = value.number;
    return true;
}

/* Where a kind stands beside numbers: below, among or above them. */
static int value_rank(struct value value)
{
    if (value.kind == VALUE_UNLIMITED)
        return 2;
    return value.kind == VALUE_NUMBER || value.kind == VALUE_CHOICE;
}

int value_compare(struct value a, struct value b)
{
    int difference = value_rank(a) - value_rank(b);

    if (difference || value_rank(a) != 1)
        return difference;
    return (a.number > b.number) - (a.number < b.number);
}

const char *value_reason_text(struct value value)
{
    const char *reason = reason_of(value);
    const char *text = strstr(reason, ": ");

    if (value_known(value))
        return "";
    return text ? text + 2 : reason;
}

void value_reason_code(struct value value, char *code, size_t size)
{
    const char *reason = reason_of(value);
    const char *end = strstr(reason, ": ");
    size_t length = end ? (size_t)(end - reason) : strlen(reason);

    if (!size)
        return;
    length = value_known(value) ? 0 : MIN(length, size - 1);
    memcpy(code, reason, length);
    code[length] = '\0';
}
