/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is one file that defines this function. It aborts (g_assert) where something does
 * not hold, and returns 0. To add one: the file, a line in meson.build, a folder corpus/NAME.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
