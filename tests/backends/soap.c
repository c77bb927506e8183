/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/soap.h"

#include <criterion/criterion.h>
#include <string.h>

#define ENVELOPE(body)                                                                             \
    "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" "    \
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><e:Body>" body                        \
    "</e:Body></e:Envelope>"
#define FAULT(detail)                                                                              \
    ENVELOPE("<e:Fault><faultcode>ServerFaultCode</faultcode><faultstring>It is not right."        \
             "</faultstring><detail>" detail "</detail></e:Fault>")

/* clang-format off */
static const struct {
    const char *says, *text, *part, *type;
    enum backend_error code;
} bad[] = {
    {"nothing", "", "makes no sense"},
    {"no XML", "hello", "it is not XML, or was cut short"},
    {"a page of a web server", "<html><body>no</body></html>", "not a SOAP envelope"},
    {"cut short", "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"x\"><e:Body><a>", "cut short"},
    {"an empty body", ENVELOPE(""), "not a SOAP envelope"},
    {"a billion laughs", "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><e:Envelope xmlns:e=\"x\"><e:Body><r>&b;</r></e:Body></e:Envelope>", "declares a document type"},
    {"an external entity", "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><e:Envelope xmlns:e=\"x\"><e:Body><r>&x;</r></e:Body></e:Envelope>", "declares a document type"},
    {"an external subset", "<!DOCTYPE r SYSTEM \"http://127.0.0.1:1/x.dtd\"><e:Envelope xmlns:e=\"x\"><e:Body><r/></e:Body></e:Envelope>", "declares a document type"},
    {"an entity that nobody declared", ENVELOPE("<r>&nosuch;</r>"), "not XML"},
    {"a fault of no known class", FAULT("<x xsi:type=\"Strange\"/>"), "It is not right. (Strange)", "Strange"},
    {"a fault without detail", ENVELOPE("<e:Fault><faultstring>Oh</faultstring></e:Fault>"), "Oh", ""},
    {"a fault without text", ENVELOPE("<e:Fault/>"), "without any text", ""},
    {"a login that was refused", FAULT("<InvalidLoginFault xsi:type=\"InvalidLogin\"/>"), "user name or password refused", "InvalidLogin", BACKEND_ERROR_AUTH},
    {"the session has ended", FAULT("<f xsi:type=\"vim25:NotAuthenticated\"><object type=\"VirtualMachine\">vm-1</object></f>"), "the session has ended", "NotAuthenticated", BACKEND_ERROR_AUTH},
    {"what the fault carries is said", FAULT("<f xsi:type=\"InvalidArgument\"><invalidProperty>spec.memoryMB</invalidProperty></f>"), "invalidProperty spec.memoryMB", "InvalidArgument"},
    {"and its further messages", FAULT("<f xsi:type=\"VmConfigFault\"><faultMessage><key>k</key><message>The VM is \x1b[2J evil</message></faultMessage></f>"), "makes no sense"},
    {"and its further messages, cleaned", FAULT("<f xsi:type=\"VmConfigFault\"><faultMessage><key>k</key><message>too &#x202e;small</message></faultMessage></f>"), "too \\u202esmall", "VmConfigFault"},
    {"somebody else was faster", FAULT("<f xsi:type=\"ConcurrentAccess\"/>"), "nothing was written", "ConcurrentAccess", BACKEND_ERROR_CONFLICT},
    {"it is gone", FAULT("<f xsi:type=\"ManagedObjectNotFound\"/>"), "not right", "ManagedObjectNotFound", BACKEND_ERROR_GONE},
    {"it is not allowed", FAULT("<f xsi:type=\"NoPermission\"><privilegeId>VirtualMachine.Config.Memory</privilegeId></f>"), "privilegeId VirtualMachine.Config.Memory", "NoPermission", BACKEND_ERROR_PERMISSION},
};
/* clang-format on */

Test(soap, refuses_what_is_no_answer_and_says_what_a_fault_says)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct soap_reply reply = {0};
        struct soap_fault fault = {0};
        GError *error = NULL;

        cr_assert_not(soap_parse(bad[i].text, strlen(bad[i].text), &reply, &fault, &error), "%s",
                      bad[i].says);
        cr_assert_not_null(error, "%s", bad[i].says);
        cr_expect_not_null(strstr(error->message, bad[i].part), "%s: %s", bad[i].says,
                           error->message);
        cr_expect_eq(error->code, (int)bad[i].code, "%s: %d", bad[i].says, error->code);
        cr_expect(g_strcmp0(fault.type, bad[i].type) == 0, "%s: %s", bad[i].says, fault.type);
        cr_expect_null(reply.document, "%s", bad[i].says);
        soap_fault_clear(&fault);
        g_error_free(error);
    }
}

Test(soap, reads_numbers_flags_and_types)
{
    static const char text[] =
        ENVELOPE("<R><n> -12 </n><big>99999999999999999999</big><f>true</f><g>1</g><h>maybe</h>"
                 "<empty/><n>2</n><t xsi:type=\"a:Kind\" type=\"VirtualMachine\">vm-1</t></R>");
    struct soap_reply reply = {0};
    struct soap_fault fault = {0};
    int64_t number = 7;
    bool flag = false;
    xmlNode *node;

    cr_assert(soap_parse(text, strlen(text), &reply, &fault, NULL));
    node = reply.response;
    cr_expect(soap_get_number(soap_child(node, "n"), &number) && number == -12);
    cr_expect(soap_get_number(soap_next(soap_child(node, "n")), &number) && number == 2);
    cr_expect_not(soap_get_number(soap_child(node, "big"), &number));
    cr_expect_not(soap_get_number(soap_child(node, "empty"), &number));
    cr_expect_not(soap_get_number(soap_child(node, "nosuch"), &number));
    cr_expect_eq(number, 2, "what is no number touches nothing");
    cr_expect(soap_get_flag(soap_child(node, "f"), &flag) && flag);
    cr_expect(soap_get_flag(soap_child(node, "g"), &flag) && flag);
    cr_expect_not(soap_get_flag(soap_child(node, "h"), &flag));
    cr_expect_str_eq(soap_type(soap_child(node, "t")), "Kind");
    cr_expect_str_eq(soap_attribute(soap_child(node, "t"), "type"), "VirtualMachine");
    cr_expect_str_eq(soap_type(NULL), "");
    cr_expect_null(soap_get_text(NULL));
    soap_reply_clear(&reply);
}

Test(soap, writes_what_any_parser_reads_back)
{
    struct soap_request *request = soap_request_new("Login", "SessionManager", "ha-<session>");
    struct soap_reply reply = {0};
    struct soap_fault fault = {0};
    g_autofree char *user = NULL, *password = NULL;
    size_t size;
    const char *text;

    soap_text(request, "userName", "a<b>&\"c\" \x01\xff \xc3\xa4");
    soap_secret(request, "password", "]]>&amp; '\"<p\xc3\xa4ss>");
    soap_number(request, "n", G_MININT64);
    text = soap_request_finish(request, &size);
    cr_expect_eq(size, strlen(text));
    cr_expect_eq(text, soap_request_finish(request, &size), "finishing twice changes nothing");
    cr_assert(soap_parse(text, size, &reply, &fault, NULL), "%s", text);
    user = soap_get_text(soap_child(reply.response, "userName"));
    password = soap_get_text(soap_child(reply.response, "password"));
    cr_expect_str_eq(user, "a<b>&\"c\" ?\xef\xbf\xbd \xc3\xa4");
    cr_expect_str_eq(password, "]]>&amp; '\"<p\xc3\xa4ss>");
    soap_reply_clear(&reply);
    soap_request_free(request);
}

Test(soap, is_interrupted_before_a_call_begins)
{
    struct soap_options options = {.url = "https://127.0.0.1:1/sdk", .host = "h"};
    struct soap *soap = soap_open(&options, NULL);
    struct soap_request *request = soap_request_new("X", "Y", "z");
    struct soap_reply reply = {0};
    GError *error = NULL;

    soap_interrupt(soap);
    cr_expect_not(soap_call(soap, request, &reply, &error));
    cr_expect_eq(error->code, BACKEND_ERROR_CANCELLED);
    g_clear_error(&error);
    soap_ready(soap);
    cr_expect_not(soap_call(soap, request, &reply, &error));
    cr_expect_eq(error->code, BACKEND_ERROR_CONNECTION, "%s", error->message);
    cr_expect_not_null(strstr(error->message, "h cannot be reached"));
    g_error_free(error);
    soap_request_free(request);
    soap_close(soap);
}
