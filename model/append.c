/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/append.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int append_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        text += n;
        size -= (size_t)n;
    }
    return 0;
}

bool append_torn(int fd)
{
    struct stat at;
    char last;

    return fstat(fd, &at) == 0 && at.st_size > 0 && pread(fd, &last, 1, at.st_size - 1) == 1 &&
           last != '\n';
}
