/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the OpenVZ backend's host: what the URI said. */
#ifndef BACKENDS_OPENVZ_HOST_H
#define BACKENDS_OPENVZ_HOST_H

#include "backends/openvz.h"

struct ovz_host {
    char *root; /* absolute, no trailing slash; NULL is / */
    char *name; /* NULL: this machine */
    char *user, *keyfile, *known_hosts;
    int port;
    bool no_verify;
    char *control; /* the socket of the shared ssh connection, or NULL */
};

/* A path of the host as this machine, or ssh, knows it. Newly allocated. */
char *ovz_host_path(const struct ovz_host *host, const char *path);

#endif
