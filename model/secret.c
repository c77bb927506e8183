/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/secret.h"

#include <string.h>
#include <sys/mman.h>

/* The length stands before the text, so that all of it is unmapped whatever was written. */
char *secret_new(const char *text)
{
    size_t length, size;
    char *place;

    if (text == NULL)
        return NULL;
    length = strlen(text);
    size = sizeof size + length + 1;
    place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        return NULL;
    /* Refused above RLIMIT_MEMLOCK: then it is only wiped. */
    if (mlock(place, size) == 0)
        madvise(place, size, MADV_DONTDUMP);
    memcpy(place, &size, sizeof size);
    memcpy(place + sizeof size, text, length + 1);
    return place + sizeof size;
}

void secret_free(char *secret)
{
    char *place;
    size_t size;

    if (secret == NULL)
        return;
    place = secret - sizeof size;
    memcpy(&size, place, sizeof size);
    explicit_bzero(place, size);
    munlock(place, size);
    munmap(place, size);
}
