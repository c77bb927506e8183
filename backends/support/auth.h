/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User name and password for a remote host, by libvirt's own rules (libvirt.org/auth.html).
 *
 * The file is the first of: $LIBVIRT_AUTH_FILE, the URI's authfile=, $XDG_CONFIG_HOME/libvirt/
 * auth.conf, /etc/libvirt/auth.conf (the last two where they are readable). In it [auth-SERVICE-
 * HOST], else [auth-SERVICE-default], names a set by credentials=NAME, and [credentials-NAME] holds
 * username= and password=. What is not there is asked for through the uplink. A user in the URI
 * goes before the file's; a file's password of another user is not sent.
 *
 * A password is kept only in memory that is locked and left out of core files where the kernel
 * allows that, and is wiped when the credentials are freed. It is never part of a message.
 */
#ifndef BACKENDS_SUPPORT_AUTH_H
#define BACKENDS_SUPPORT_AUTH_H

#include "model/backend.h"

struct auth_request {
    const char *const *services; /* tried in turn: {"vpx", "esx", NULL} */
    const char *host;
    const char *user;         /* of the URI, or NULL */
    const char *default_user; /* "root": where neither URI nor file name one */
    const char *file;         /* of the URI's authfile=, or NULL */
};

struct credentials;

/* BACKEND_ERROR_AUTH where there is nobody to ask or nothing was answered, or where a file that
 * was named cannot be read or contradicts itself. May block on a person. */
struct credentials *auth_find(const struct auth_request *request, struct uplink *uplink,
                              GError **error);
/* Asks again, whatever the file says (the password was refused). False: no answer. */
bool auth_ask(struct credentials *credentials, const char *host, struct uplink *uplink,
              GError **error);
void credentials_free(struct credentials *credentials);
const char *credentials_user(const struct credentials *credentials);
const char *credentials_password(const struct credentials *credentials);
/* True where the password came out of a file. */
bool credentials_from_file(const struct credentials *credentials);

/* The file by the rules above, or NULL. Newly allocated. */
char *auth_file(const char *from_uri);

/* Looks in the text of a file. `text` is cut up in place. False with an error where an auth section
 * names no credentials or such that are not there; true with *user and *password NULL (pointing
 * into `text` otherwise) where nothing fits. Pure. */
bool auth_look_up(char *text, const char *const *services, const char *host, const char **user,
                  const char **password, GError **error);

#endif
