/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/kept.h"

#include "backends/support/protection.h"

#include <libxml/parser.h>
#include <string.h>

#define XML_MAX (16 * 1024 * 1024)

const struct kept_name kept_names[] = {
    {CGROUP_SWAPPINESS, "swappiness"}, {CGROUP_LOW, "low"},
    {CGROUP_MIN, "min"},               {CGROUP_SWAP_MAX, "swap_max"},
    {CGROUP_SWAP_HIGH, "swap_high"},   {CGROUP_ZSWAP_MAX, "zswap_max"},
    {CGROUP_ITEMS_, NULL},
};

void kept_clear(struct kept *kept)
{
    for (unsigned i = 0; i < CGROUP_ITEMS_; i++) {
        kept->items[i] = value_unset();
    }
}

bool kept_is_empty(const struct kept *kept)
{
    for (const struct kept_name *row = kept_names; row->name; row++) {
        if (kept->items[row->item].kind != VALUE_UNSET) {
            return false;
        }
    }
    return true;
}

static bool parse_item(const char *name, const char *text, struct value *value, GError **error)
{
    g_autofree char *number = g_strstrip(g_strdup(text));
    guint64 parsed;

    if (!strcmp(number, "max")) {
        *value = value_unlimited();
        return true;
    }
    if (!g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT64, &parsed, NULL)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "the domain's metadata keep a %s that is no number", name);
        return false;
    }
    *value = value_number(parsed);
    return true;
}

static bool parse_settings(const xmlNode *settings, struct kept *kept, GError **error)
{
    for (const xmlNode *node = settings->children; node; node = node->next) {
        for (const struct kept_name *row = kept_names; node->type == XML_ELEMENT_NODE && row->name;
             row++) {
            if (strcmp((const char *)node->name, row->name) != 0) {
                continue;
            }
            xmlChar *text = xmlNodeGetContent(node);
            bool done = parse_item(row->name, (const char *)text, &kept->items[row->item], error);
            xmlFree(text);
            if (!done) {
                return false;
            }
        }
    }
    return true;
}

static bool is_ours(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, "settings") &&
           node->ns && !strcmp((const char *)node->ns->href, KEPT_NAMESPACE);
}

static const xmlNode *child_named(const xmlNode *parent, const char *name)
{
    for (const xmlNode *node = parent ? parent->children : NULL; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name)) {
            return node;
        }
    }
    return NULL;
}

/* The root itself, or a child of the domain's <metadata>: never another program's element deeper. */
static const xmlNode *find_settings(const xmlNode *root)
{
    if (is_ours(root) || !strcmp((const char *)root->name, "settings")) {
        /* virDomainGetMetadata() leaves the namespace declaration out. */
        return root;
    }
    const xmlNode *metadata = child_named(root, "metadata");
    for (const xmlNode *node = metadata ? metadata->children : NULL; node; node = node->next) {
        if (is_ours(node)) {
            return node;
        }
    }
    return NULL;
}

bool kept_parse(const char *xml, struct kept *kept, GError **error)
{
    struct kept parsed;

    kept_clear(&parsed);
    if (!xml || !*xml) {
        *kept = parsed;
        return true;
    }
    size_t length = strlen(xml);
    xmlDoc *document =
        length > XML_MAX
            ? NULL
            : xmlReadMemory(xml, (int)length, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    if (!root) {
        xmlFreeDoc(document);
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                            "the domain's XML cannot be read");
        return false;
    }
    const xmlNode *settings = find_settings(root);
    bool done = !settings || parse_settings(settings, &parsed, error);
    xmlFreeDoc(document);
    if (done) {
        *kept = parsed;
    }
    return done;
}

char *kept_format(const struct kept *kept)
{
    if (kept_is_empty(kept)) {
        return NULL;
    }
    GString *xml = g_string_new("<settings>");
    for (const struct kept_name *row = kept_names; row->name; row++) {
        struct value value = kept->items[row->item];
        if (value.kind == VALUE_UNLIMITED) {
            g_string_append_printf(xml, "<%s>max</%s>", row->name, row->name);
        } else if (value.kind == VALUE_NUMBER) {
            g_string_append_printf(xml, "<%s>%" G_GUINT64_FORMAT "</%s>", row->name, value.number,
                                   row->name);
        }
    }
    g_string_append(xml, "</settings>");
    return g_string_free(xml, FALSE);
}

static bool write_item(struct cgroup *group, enum cgroup_item item, struct value value,
                       GError **error)
{
    return item == CGROUP_LOW || item == CGROUP_MIN ? protection_write(group, item, value, error)
                                                    : cgroup_write(group, item, value, error);
}

bool kept_write(const struct kept *kept, struct cgroup *group, GError **error)
{
    g_autoptr(GString) failed = g_string_new(NULL);

    for (const struct kept_name *row = kept_names; row->name; row++) {
        g_autoptr(GError) problem = NULL;
        struct value value = kept->items[row->item];
        if (value.kind != VALUE_UNSET && !write_item(group, row->item, value, &problem)) {
            g_string_append_printf(failed, "%s%s", failed->len ? "; " : "", problem->message);
        }
    }
    if (failed->len) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, failed->str);
    }
    return failed->len == 0;
}
