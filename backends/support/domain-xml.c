/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/domain-xml.h"

#include "model/backend.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#define MAX_BYTES (16 * 1024 * 1024)
#define KIB_UNLIMITED 9007199254740991ULL /* libvirt-domain.h: VIR_DOMAIN_MEMORY_PARAM_UNLIMITED   \
                                           */

static const xmlNode *child(const xmlNode *node, const char *name)
{
    for (const xmlNode *at = node ? node->children : NULL; at; at = at->next) {
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
            return at;
    }
    return NULL;
}

/* Newly allocated by GLib, or NULL. */
static char *text_of(const xmlNode *node)
{
    xmlChar *text = node ? xmlNodeGetContent(node) : NULL;
    char *copy = text ? g_strstrip(g_strdup((const char *)text)) : NULL;

    xmlFree(text);
    return copy;
}

static char *attribute(const xmlNode *node, const char *name)
{
    xmlChar *text = node ? xmlGetProp(node, (const xmlChar *)name) : NULL;
    char *copy = g_strdup((const char *)text);

    xmlFree(text);
    return copy;
}

static bool attribute_is(const xmlNode *node, const char *name, const char *wanted)
{
    g_autofree char *text = attribute(node, name);

    return g_strcmp0(text, wanted) == 0;
}

/* libvirt writes KiB; the format knows more. 0 where the unit is none of its own. */
static uint64_t unit_bytes(const char *unit)
{
    /* clang-format off */
    static const struct { const char *name; uint64_t bytes; } units[] = {
        {"b", 1}, {"bytes", 1},
        {"k", 1ULL << 10}, {"KiB", 1ULL << 10}, {"KB", 1000ULL},
        {"M", 1ULL << 20}, {"MiB", 1ULL << 20}, {"MB", 1000000ULL},
        {"G", 1ULL << 30}, {"GiB", 1ULL << 30}, {"GB", 1000000000ULL},
        {"T", 1ULL << 40}, {"TiB", 1ULL << 40}, {"TB", 1000000000000ULL},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (!unit || g_ascii_strcasecmp(unit, units[i].name) == 0)
            return unit ? units[i].bytes : 1024;
    }
    return 0;
}

static struct value size_of(const xmlNode *node)
{
    g_autofree char *text = text_of(node), *unit = attribute(node, "unit");
    uint64_t number, scale = unit_bytes(unit);

    if (!node)
        return value_unset();
    if (!scale || !g_ascii_string_to_unsigned(text ? text : "", 10, 0, G_MAXUINT64, &number, NULL))
        return value_unknown("bad_xml: the domain's description has a size that is none");
    if (number >= KIB_UNLIMITED * 1024 / scale)
        return value_unlimited();
    return value_number(number * scale);
}

static void read_balloon(const xmlNode *devices, struct domain_xml *xml)
{
    const xmlNode *balloon = child(devices, "memballoon");
    const xmlNode *stats = child(balloon, "stats");
    g_autofree char *period = attribute(stats, "period");
    uint64_t seconds;

    xml->stats_period = value_unset();
    if (!balloon)
        return;
    xml->balloon = attribute_is(balloon, "model", "none")  ? BALLOON_NONE
                   : attribute_is(balloon, "model", "xen") ? BALLOON_XEN
                                                           : BALLOON_VIRTIO;
    if (period && g_ascii_string_to_unsigned(period, 10, 0, G_MAXINT32, &seconds, NULL))
        xml->stats_period = value_number(seconds);
    else if (xml->balloon == BALLOON_VIRTIO)
        xml->stats_period = value_number(0);
}

static void read_domain(const xmlNode *root, struct domain_xml *xml)
{
    const xmlNode *memtune = child(root, "memtune"), *backing = child(root, "memoryBacking");
    const xmlNode *devices = child(root, "devices"), *title = child(root, "title");

    xml->memory = size_of(child(root, "memory"));
    xml->current = size_of(child(root, "currentMemory"));
    if (xml->current.kind == VALUE_UNSET)
        xml->current = xml->memory;
    xml->hard_limit = size_of(child(memtune, "hard_limit"));
    xml->soft_limit = size_of(child(memtune, "soft_limit"));
    xml->swap_hard_limit = size_of(child(memtune, "swap_hard_limit"));
    xml->min_guarantee = size_of(child(memtune, "min_guarantee"));
    xml->hugepages = child(backing, "hugepages") != NULL;
    xml->locked = child(backing, "locked") != NULL;
    for (const xmlNode *at = devices ? devices->children : NULL; at; at = at->next) {
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, "hostdev") == 0)
            xml->locked |= attribute_is(at, "type", "pci") || attribute_is(at, "type", "mdev");
    }
    read_balloon(devices, xml);
    xml->title = text_of(title);
    xml->type = attribute(root, "type");
    xml->os_type = text_of(child(child(root, "os"), "type"));
}

bool domain_xml_parse(const char *text, struct domain_xml *xml, GError **error)
{
    size_t length = strnlen(text, MAX_BYTES + 1);
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    struct domain_xml read = {0};
    xmlDoc *document;
    xmlNode *root;

    if (length > MAX_BYTES) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                            "the domain's description is larger than 16 MiB");
        return false;
    }
    document = xmlReadMemory(text, (int)length, NULL, NULL, options);
    root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    if (!root || strcmp((const char *)root->name, "domain") != 0) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                            "the domain's description is not what libvirt documents");
        xmlFreeDoc(document);
        return false;
    }
    read_domain(root, &read);
    xmlFreeDoc(document);
    *xml = read;
    return true;
}

void domain_xml_clear(struct domain_xml *xml)
{
    g_free(xml->title);
    g_free(xml->type);
    g_free(xml->os_type);
    *xml = (struct domain_xml){0};
}
