/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/soap.h"

#include <libxml/xmlwriter.h>
#include <string.h>

struct soap_request {
    xmlBuffer *buffer;
    xmlTextWriter *writer;
    GString *secret; /* escaped; put in where the marker stands */
    GString *text;   /* finished */
    bool once;
};

/* A control character: xml_safe() lets none of them through, so no other text can hold it. */
static const char marker[] = "\x01";

static const char envelope[] = "http://schemas.xmlsoap.org/soap/envelope/";
static const char schema_instance[] = "http://www.w3.org/2001/XMLSchema-instance";
static const char schema[] = "http://www.w3.org/2001/XMLSchema";

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

/* XML 1.0 has no way to write control characters, and libxml2 writes broken UTF-8 as it is. */
static char *xml_safe(const char *text)
{
    char *safe = g_utf8_make_valid(text, -1);

    for (char *at = safe; *at != '\0'; at++) {
        if ((guchar)*at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r') {
            *at = '?';
        }
    }
    return safe;
}

void soap_reference(struct soap_request *request, const char *name, const char *type,
                    const char *id)
{
    g_autofree char *safe = xml_safe(id);

    xmlTextWriterStartElement(request->writer, xml(name));
    xmlTextWriterWriteAttribute(request->writer, xml("type"), xml(type));
    xmlTextWriterWriteString(request->writer, xml(safe));
    xmlTextWriterEndElement(request->writer);
}

struct soap_request *soap_request_new(const char *method, const char *type, const char *id)
{
    struct soap_request *request = g_new0(struct soap_request, 1);

    request->buffer = xmlBufferCreate();
    request->writer = xmlNewTextWriterMemory(request->buffer, 0);
    xmlTextWriterStartDocument(request->writer, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(request->writer, xml("soapenv:Envelope"));
    xmlTextWriterWriteAttribute(request->writer, xml("xmlns:soapenv"), xml(envelope));
    xmlTextWriterWriteAttribute(request->writer, xml("xmlns:xsi"), xml(schema_instance));
    xmlTextWriterWriteAttribute(request->writer, xml("xmlns:xsd"), xml(schema));
    xmlTextWriterStartElement(request->writer, xml("soapenv:Body"));
    xmlTextWriterStartElement(request->writer, xml(method));
    xmlTextWriterWriteAttribute(request->writer, xml("xmlns"), xml("urn:vim25"));
    soap_reference(request, "_this", type, id);
    return request;
}

void soap_begin(struct soap_request *request, const char *name, const char *xsi_type)
{
    xmlTextWriterStartElement(request->writer, xml(name));
    if (xsi_type != NULL) {
        xmlTextWriterWriteAttribute(request->writer, xml("xsi:type"), xml(xsi_type));
    }
}

void soap_end(struct soap_request *request)
{
    xmlTextWriterEndElement(request->writer);
}

void soap_typed_text(struct soap_request *request, const char *name, const char *xsi_type,
                     const char *text)
{
    g_autofree char *safe = xml_safe(text);

    soap_begin(request, name, xsi_type);
    xmlTextWriterWriteString(request->writer, xml(safe));
    soap_end(request);
}

void soap_text(struct soap_request *request, const char *name, const char *text)
{
    soap_typed_text(request, name, NULL, text);
}

void soap_number(struct soap_request *request, const char *name, int64_t number)
{
    char text[24];

    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, number);
    soap_text(request, name, text);
}

void soap_flag(struct soap_request *request, const char *name, bool flag)
{
    soap_text(request, name, flag ? "true" : "false");
}

void soap_secret(struct soap_request *request, const char *name, const char *text)
{
    /* Room for the longest escape of every byte: it never moves, so leaves nothing behind. */
    request->secret = g_string_sized_new(strlen(text) * 6 + 1);
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("&<>\"'", *at) != NULL || (guchar)*at < 0x20) {
            g_string_append_printf(request->secret, "&#%d;", *at);
        } else {
            g_string_append_c(request->secret, *at);
        }
    }
    soap_begin(request, name, NULL);
    xmlTextWriterWriteRaw(request->writer, xml(marker));
    soap_end(request);
}

void soap_once(struct soap_request *request)
{
    request->once = true;
}

bool soap_is_once(const struct soap_request *request)
{
    return request->once;
}

const char *soap_request_finish(struct soap_request *request, size_t *size)
{
    const char *body, *at;

    if (request->text == NULL) {
        xmlTextWriterEndDocument(request->writer);
        xmlTextWriterFlush(request->writer);
        body = (const char *)xmlBufferContent(request->buffer);
        at = request->secret != NULL ? strstr(body, marker) : NULL;
        request->text = g_string_sized_new(
            strlen(body) + (request->secret != NULL ? request->secret->len : 0) + 1);
        if (at != NULL) {
            g_string_append_len(request->text, body, at - body);
            g_string_append(request->text, request->secret->str);
            body = at + strlen(marker);
        }
        g_string_append(request->text, body);
    }
    *size = request->text->len;
    return request->text->str;
}

static void wipe(GString *text)
{
    if (text != NULL) {
        explicit_bzero(text->str, text->allocated_len);
        g_string_free(text, TRUE);
    }
}

void soap_request_free(struct soap_request *request)
{
    if (request == NULL) {
        return;
    }
    xmlFreeTextWriter(request->writer);
    xmlBufferFree(request->buffer);
    wipe(request->secret);
    wipe(request->text);
    g_free(request);
}
