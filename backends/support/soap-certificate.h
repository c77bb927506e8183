/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BACKENDS_SUPPORT_SOAP_CERTIFICATE_H
#define BACKENDS_SUPPORT_SOAP_CERTIFICATE_H

#include <glib.h>

/* After a refused certificate: looks at it once more, over a connection on which nothing is sent.
 * "it expired on …", newly allocated, or NULL where its dates are right. Blocks at most 5 s.
 * `proxy` may be NULL. */
char *soap_certificate_trouble(const char *url, const char *proxy);

#endif
