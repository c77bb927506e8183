/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where screen, model and hypervisors meet. */
#include "backends/backends.h"

int main(void)
{
    return all_backends[0] != NULL;
}
