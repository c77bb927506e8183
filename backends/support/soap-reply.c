/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/soap.h"
#include "model/text.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

static const char schema_instance[] = "http://www.w3.org/2001/XMLSchema-instance";

void soap_fault_clear(struct soap_fault *fault)
{
    g_clear_pointer(&fault->type, g_free);
    g_clear_pointer(&fault->text, g_free);
}

void soap_reply_clear(struct soap_reply *reply)
{
    g_clear_pointer(&reply->document, xmlFreeDoc);
    reply->response = NULL;
}

static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNode *soap_child(xmlNode *node, const char *name)
{
    for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL;
         child = child->next) {
        if (is_element(child, name)) {
            return child;
        }
    }
    return NULL;
}

xmlNode *soap_next(xmlNode *node)
{
    for (xmlNode *next = node != NULL ? node->next : NULL; next != NULL; next = next->next) {
        if (is_element(next, (const char *)node->name)) {
            return next;
        }
    }
    return NULL;
}

static const char *attribute_text(const xmlAttr *attribute)
{
    /* One text node always: there are no entities (soap_parse() refuses documents that could). */
    if (attribute == NULL || attribute->children == NULL || attribute->children->content == NULL) {
        return "";
    }
    return (const char *)attribute->children->content;
}

const char *soap_attribute(xmlNode *node, const char *name)
{
    return attribute_text(node != NULL ? xmlHasNsProp(node, (const xmlChar *)name, NULL) : NULL);
}

const char *soap_type(xmlNode *node)
{
    const xmlAttr *attribute = NULL;
    const char *type, *colon;

    if (node != NULL) {
        attribute = xmlHasNsProp(node, (const xmlChar *)"type", (const xmlChar *)schema_instance);
    }
    type = attribute_text(attribute);
    colon = strrchr(type, ':');
    return colon != NULL ? colon + 1 : type;
}

char *soap_get_text(xmlNode *node)
{
    xmlChar *content = node != NULL ? xmlNodeGetContent(node) : NULL;
    char *text = g_strdup((const char *)content);

    if (content != NULL) {
        xmlFree(content);
    }
    return text;
}

bool soap_get_number(xmlNode *node, int64_t *number)
{
    g_autofree char *text = soap_get_text(node);

    return text != NULL &&
           g_ascii_string_to_signed(g_strstrip(text), 10, G_MININT64, G_MAXINT64, number, NULL);
}

bool soap_get_flag(xmlNode *node, bool *flag)
{
    g_autofree char *text = soap_get_text(node);
    bool yes, no;

    if (text == NULL) {
        return false;
    }
    g_strstrip(text);
    yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    if (yes || no) {
        *flag = yes;
    }
    return yes || no;
}

/* --- faults -------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *type;
    enum backend_error code;
    const char *hint; /* what to do, where the server does not say it */
} fault_table[] = {
    {"NotAuthenticated",       BACKEND_ERROR_AUTH,        "the session has ended"},
    {"InvalidLogin",           BACKEND_ERROR_AUTH,        "user name or password refused"},
    {"InvalidLocale",          BACKEND_ERROR_AUTH,        NULL},
    {"NoPermission",           BACKEND_ERROR_PERMISSION,  "this user lacks a privilege there"},
    {"RestrictedVersion",      BACKEND_ERROR_PERMISSION,  "this host's licence allows only reading through its API"},
    {"RestrictedByAdministrator", BACKEND_ERROR_PERMISSION, NULL},
    {"HostAccessRestrictedToManagementServer", BACKEND_ERROR_PERMISSION, "the host lets only its vCenter write: connect to that"},
    {"ConcurrentAccess",       BACKEND_ERROR_CONFLICT,    "somebody else changed it meanwhile: nothing was written"},
    {"ManagedObjectNotFound",  BACKEND_ERROR_GONE,        NULL},
    {"RequestCanceled",        BACKEND_ERROR_CANCELLED,   NULL},
    {"TaskInProgress",         BACKEND_ERROR_BUSY,        "another task works on it: nothing was written"},
    {"Timedout",               BACKEND_ERROR_TIMEOUT,     NULL},
    {"NotImplemented",         BACKEND_ERROR_UNSUPPORTED, NULL},
    {"NotSupported",           BACKEND_ERROR_UNSUPPORTED, NULL},
    {"MethodNotFound",         BACKEND_ERROR_UNSUPPORTED, NULL},
};
/* clang-format on */

enum backend_error soap_fault_code(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fault_table); i++) {
        if (strcmp(fault_table[i].type, type) == 0) {
            return fault_table[i].code;
        }
    }
    return BACKEND_ERROR_FAILED;
}

void soap_fault_error(const struct soap_fault *fault, GError **error)
{
    const char *hint = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(fault_table); i++) {
        if (strcmp(fault_table[i].type, fault->type) == 0) {
            hint = fault_table[i].hint;
        }
    }
    g_set_error(error, BACKEND_ERROR, (gint)soap_fault_code(fault->type), "%s%s%s",
                hint != NULL ? hint : "", hint != NULL ? ": " : "", fault->text);
}

/* What a fault says beside its message: its own properties, and the messages of its causes. */
static void append_details(GString *text, xmlNode *detail)
{
    for (xmlNode *child = detail != NULL ? detail->children : NULL; child != NULL;
         child = child->next) {
        g_autofree char *content = NULL;
        xmlNode *message;

        if (child->type != XML_ELEMENT_NODE || is_element(child, "faultCause")) {
            continue;
        }
        message = soap_child(child, "message");
        content = soap_get_text(message != NULL ? message : child);
        g_strstrip(content);
        if (*content == '\0' || strstr(text->str, content) != NULL) {
            continue;
        }
        if (message != NULL) {
            g_string_append_printf(text, "; %s", content);
        } else {
            g_string_append_printf(text, "; %s %s", (const char *)child->name, content);
        }
    }
}

static void fault_fill(struct soap_fault *fault, xmlNode *detail, xmlNode *message)
{
    GString *text = g_string_new(NULL);
    g_autofree char *said = soap_get_text(message);
    const char *type = soap_type(detail);

    if (said != NULL) {
        g_string_append(text, g_strstrip(said));
    }
    if (*type != '\0' && strstr(text->str, type) == NULL) {
        g_string_append_printf(text, text->len > 0 ? " (%s)" : "%s", type);
    }
    append_details(text, detail);
    if (text->len == 0) {
        g_string_append(text, "a fault without any text");
    }
    soap_fault_clear(fault);
    fault->type = g_strdup(type);
    fault->text = text_clean(text->str);
    g_string_free(text, TRUE);
}

void soap_fault_from_localized(xmlNode *node, struct soap_fault *fault)
{
    fault_fill(fault, soap_child(node, "fault"), soap_child(node, "localizedMessage"));
}

static void fault_from_envelope(xmlNode *node, struct soap_fault *fault)
{
    xmlNode *detail = soap_child(node, "detail");

    detail = detail != NULL ? xmlFirstElementChild(detail) : NULL;
    fault_fill(fault, detail, soap_child(node, "faultstring"));
}

/* --- parsing ------------------------------------------------------------------------------- */

/* A document type declaration is the door to entities, internal and external: the end. */
static void refuse_doctype(void *data, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    xmlParserCtxt *context = data;

    context->_private = context;
    xmlStopParser(context);
}

static xmlDoc *parse_document(const char *data, size_t size, const char **why)
{
    xmlParserCtxt *context = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    xmlDoc *document = NULL;

    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                   XML_PARSE_NOBLANKS | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    context->sax->internalSubset = refuse_doctype;
    context->sax->externalSubset = refuse_doctype;
    for (size_t at = 0; at < size && !context->disableSAX;) {
        int part = (int)MIN(size - at, 1 << 16);

        if (xmlParseChunk(context, data + at, part, 0) != 0) {
            break;
        }
        at += (size_t)part;
    }
    xmlParseChunk(context, NULL, 0, 1);
    if (context->_private != NULL) {
        *why = "it declares a document type, which SOAP forbids";
    } else if (!context->wellFormed) {
        *why = "it is not XML, or was cut short";
    } else {
        document = g_steal_pointer(&context->myDoc);
    }
    if (context->myDoc != NULL) {
        xmlFreeDoc(context->myDoc);
    }
    xmlFreeParserCtxt(context);
    return document;
}

bool soap_parse(const char *data, size_t size, struct soap_reply *reply, struct soap_fault *fault,
                GError **error)
{
    const char *why = "it is not a SOAP envelope";
    xmlDoc *document = size <= SOAP_REPLY_MAX ? parse_document(data, size, &why) : NULL;
    xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    xmlNode *body = root != NULL && is_element(root, "Envelope") ? soap_child(root, "Body") : NULL;
    xmlNode *response = body != NULL ? xmlFirstElementChild(body) : NULL;

    if (response == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "the reply makes no sense: %s",
                    why);
    } else if (is_element(response, "Fault")) {
        fault_from_envelope(response, fault);
        soap_fault_error(fault, error);
    } else {
        reply->document = document;
        reply->response = response;
        return true;
    }
    if (document != NULL) {
        xmlFreeDoc(document);
    }
    return false;
}
