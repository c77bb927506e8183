/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SOAP 1.1 over HTTPS as the vSphere Web Services API speaks it: requests, the transport, replies
 * and faults. What the calls mean is not known here.
 *
 * Replies are hostile until parsed: at most SOAP_REPLY_MAX bytes after decompression, no document
 * type declaration (so no entities at all), nothing is ever fetched, redirects are not followed.
 * One struct soap belongs to one thread; only soap_interrupt() may come from another.
 *
 * Errors are BACKEND_ERROR: CONNECTION (unreachable, cut, certificate), TIMEOUT, CANCELLED,
 * FAILED (an HTTP status, garbage), or what the fault means (see soap_fault_error()).
 */
#ifndef BACKENDS_SUPPORT_SOAP_H
#define BACKENDS_SUPPORT_SOAP_H

#include "model/backend.h"

#include <libxml/tree.h>

#define SOAP_REPLY_MAX ((size_t)64 << 20)

/* --- requests ------------------------------------------------------------------------------ */

/* A request being written. Text is escaped; what XML cannot carry (control characters) becomes
 * '?'. Its memory is wiped when it is freed. */
struct soap_request;
/* `type` and `id` name the managed object that the method is called on. */
struct soap_request *soap_request_new(const char *method, const char *type, const char *id);
void soap_request_free(struct soap_request *request);
void soap_begin(struct soap_request *request, const char *name, const char *xsi_type);
void soap_end(struct soap_request *request);
void soap_text(struct soap_request *request, const char *name, const char *text);
void soap_typed_text(struct soap_request *request, const char *name, const char *xsi_type,
                     const char *text);
void soap_number(struct soap_request *request, const char *name, int64_t number);
void soap_flag(struct soap_request *request, const char *name, bool flag);
void soap_reference(struct soap_request *request, const char *name, const char *type,
                    const char *id);
/* As soap_text(), but leaves no copy of the text outside of the request. */
void soap_secret(struct soap_request *request, const char *name, const char *text);
/* This call must not arrive twice. libcurl sends a request again by itself where a connection that
 * it kept is closed without an answer, whatever the server did meanwhile: this one gets a new one.
 */
void soap_once(struct soap_request *request);
bool soap_is_once(const struct soap_request *request);
/* Ends the envelope. The text belongs to the request. */
const char *soap_request_finish(struct soap_request *request, size_t *size);

/* --- replies ------------------------------------------------------------------------------- */

struct soap_fault {
    char *type; /* the fault's class, "InvalidArgument"; "" where it has none */
    char *text; /* what the server says, whole, cleaned */
};
void soap_fault_clear(struct soap_fault *fault);

/* A parsed reply; `response` is the one child of the body, owned by `document`. */
struct soap_reply {
    xmlDoc *document;
    xmlNode *response;
};
void soap_reply_clear(struct soap_reply *reply);

/* Parses an envelope. False with `fault` filled where it carries a fault, and with `fault` left
 * alone where it is not an envelope at all. Pure. */
bool soap_parse(const char *data, size_t size, struct soap_reply *reply, struct soap_fault *fault,
                GError **error);

/* Fills `fault` from a LocalizedMethodFault (a task's info.error). */
void soap_fault_from_localized(xmlNode *node, struct soap_fault *fault);
/* The code of BACKEND_ERROR that a class of fault means. */
enum backend_error soap_fault_code(const char *type);
void soap_fault_error(const struct soap_fault *fault, GError **error);

/* First child element of that name, the next sibling of the same name, or NULL. NULL is taken. */
xmlNode *soap_child(xmlNode *node, const char *name);
xmlNode *soap_next(xmlNode *node);
/* The local part of xsi:type, or "" . Valid as long as the document. */
const char *soap_type(xmlNode *node);
/* An attribute's value, or "". Valid as long as the document. */
const char *soap_attribute(xmlNode *node, const char *name);
/* Newly allocated text of the element ("" for an empty one); NULL for a NULL node. */
char *soap_get_text(xmlNode *node);
/* False where the node is NULL or is not that. */
bool soap_get_number(xmlNode *node, int64_t *number);
bool soap_get_flag(xmlNode *node, bool *flag);

/* --- transport ----------------------------------------------------------------------------- */

struct soap_options {
    const char *url;    /* "https://esx-12:443/sdk" */
    const char *host;   /* for sentences */
    const char *cacert; /* a file of certificates, or NULL: the system's */
    const char *proxy;  /* as curl takes it, or NULL: by curl's environment variables */
    bool no_verify;
    unsigned silence_s;    /* without a byte for so long: BACKEND_ERROR_TIMEOUT; 0: 20 */
    struct uplink *uplink; /* its cancelled() ends a call; may be NULL */
};

struct soap;
struct soap *soap_open(const struct soap_options *options, GError **error);
void soap_close(struct soap *soap);

/* Sends and waits. `reply` is filled on success. On a fault, soap_fault_type() tells its class
 * until the next call. */
bool soap_call(struct soap *soap, struct soap_request *request, struct soap_reply *reply,
               GError **error);
const char *soap_fault_type(const struct soap *soap);

/* Ends the call that runs, and every further one until soap_ready(). Any thread. */
void soap_interrupt(struct soap *soap);
void soap_ready(struct soap *soap);
/* Waits. False: interrupted or cancelled. */
bool soap_sleep(struct soap *soap, unsigned ms);

/* False where the last call got no answer. */
bool soap_answers(const struct soap *soap);

/* Forgets the session's cookies. */
void soap_forget_session(struct soap *soap);

/* Bytes of all replies so far, as they came over the wire. */
uint64_t soap_received(const struct soap *soap);

#endif
