/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a vSphere server may answer, given to everything that reads an answer. */
#include "backends/vsphere.h"
#include "tests/fuzz/target.h"

static void read_everything(xmlNode *result)
{
    struct vsphere vsphere = {.uri = {.vcenter = true, .host = (char *)"vc01"}};
    struct snapshot_builder *builder = snapshot_builder_new(&esx_backend, 0, "vpx://vc01/", NULL);
    struct soap_fault fault = {0};
    struct about about = {0};
    char *token = NULL, *version = NULL;

    inventory_init(&vsphere.inventory);
    inventory_take_page(&vsphere.inventory, result, &token);
    inventory_take_updates(&vsphere.inventory, result, &version);
    picture_draw(&vsphere, builder);
    snapshot_unref(snapshot_builder_finish(builder));
    if (about_read(result, &about, NULL)) {
        g_assert(about.property_collector != NULL);
        about_clear(&about);
    }
    soap_fault_from_localized(result, &fault);
    g_assert(fault.text != NULL && fault.type != NULL);
    soap_fault_clear(&fault);
    inventory_clear(&vsphere.inventory);
    g_free(token);
    g_free(version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct soap_reply reply = {0};
    struct soap_fault fault = {0};
    GError *error = NULL;

    if (soap_parse((const char *)data, size, &reply, &fault, &error)) {
        g_assert(error == NULL && reply.response != NULL);
        read_everything(soap_child(reply.response, "returnval"));
        soap_reply_clear(&reply);
    } else {
        g_assert(error != NULL && reply.document == NULL);
        g_error_free(error);
    }
    soap_fault_clear(&fault);
    return 0;
}
