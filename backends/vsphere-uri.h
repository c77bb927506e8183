/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's URIs of VMware: esx://[user@]host[:port]/ is one ESX host, vpx://[user@]host[:port]/
 * [datacenter[/folder…][/cluster][/host]] a vCenter or a part of its inventory (libvirt.org/
 * drvesx.html). Parameters: no_verify=1, cacert=FILE (ours), proxy=[type://]host[:port],
 * transport=http|https, authfile=FILE; auto_answer and vcenter are libvirt's and mean nothing here.
 */
#ifndef BACKENDS_VSPHERE_URI_H
#define BACKENDS_VSPHERE_URI_H

#include "model/backend.h"

struct vsphere_uri {
    bool vcenter; /* vpx */
    bool no_verify;
    bool plain; /* transport=http */
    char *host, *user, *cacert, *proxy, *authfile;
    char *path;    /* "datacenter/cluster", decoded, without outer slashes; or NULL */
    char *url;     /* "https://esx-12:443/sdk" */
    char *strange; /* a parameter that means nothing here, or NULL */
};

/* BACKEND_ERROR_URI with a sentence that never holds a password. */
bool vsphere_uri_parse(const char *text, struct vsphere_uri *uri, GError **error);
void vsphere_uri_clear(struct vsphere_uri *uri);

#endif
