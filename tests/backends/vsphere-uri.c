/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere-uri.h"

#include <criterion/criterion.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *says, *uri, *url, *user, *path, *proxy, *cacert, *authfile, *strange;
    bool vcenter, no_verify;
} good[] = {
    {"a host alone is HTTPS at 443",    "esx://esx-12/", "https://esx-12:443/sdk"},
    {"no slash is needed",              "esx://esx-12", "https://esx-12:443/sdk"},
    {"user and port",                   "esx://root@esx-12:8443/", "https://esx-12:8443/sdk", "root"},
    {"an encoded domain user",          "vpx://CORP%5cjane%40x@vc01/", "https://vc01:443/sdk", "CORP\\jane@x", .vcenter = true},
    {"an address of IPv6",              "esx://[fe80::1]:444/", "https://[fe80::1]:444/sdk"},
    {"no_verify=1",                     "esx://h/?no_verify=1", "https://h:443/sdk", .no_verify = true},
    {"no_verify=0",                     "esx://h/?no_verify=0", "https://h:443/sdk"},
    {"a file of certificates",          "esx://h/?cacert=/etc/a%20b.pem", "https://h:443/sdk", .cacert = "/etc/a b.pem"},
    {"a proxy, and libvirt's socks",    "esx://h/?proxy=socks://p:1080", "https://h:443/sdk", .proxy = "socks5://p:1080"},
    {"a proxy without type",            "esx://h/?proxy=p:3128", "https://h:443/sdk", .proxy = "p:3128"},
    {"a credentials file",              "esx://h/?authfile=/a&no_verify=1", "https://h:443/sdk", .authfile = "/a", .no_verify = true},
    {"transport=http",                  "esx://h/?transport=http", "http://h:80/sdk"},
    {"libvirt's own are let through",   "esx://h/?auto_answer=1&vcenter=*", "https://h:443/sdk"},
    {"what means nothing is named",     "esx://h/?noverify=1", "https://h:443/sdk", .strange = "noverify"},
    {"a part of a vCenter",             "vpx://vc/dc1/cl%2f1/esx-12/", "https://vc:443/sdk", .path = NULL, .vcenter = true},
    {"a datacenter",                    "vpx://vc/dc1", "https://vc:443/sdk", .path = "dc1", .vcenter = true},
};

static const struct {
    const char *says, *uri, *part;
} bad[] = {
    {"a password in the URI",      "esx://root:hunter2@esx-12/", "a password does not belong"},
    {"no host",                    "esx:///", "names no host"},
    {"not a URI",                  "esx://[::1", "not a URI"},
    {"no_verify=yes",              "esx://h/?no_verify=yes", "no_verify is 0 or 1"},
    {"a proxy of another type",    "esx://h/?proxy=gopher://p", "proxy is [type://]host[:port]"},
    {"an empty proxy",             "esx://h/?proxy=", "proxy is"},
    {"another transport",          "esx://h/?transport=ftp", "transport is https or http"},
    {"a path behind one host",     "esx://h/dc1", "takes no path"},
};
/* clang-format on */

static bool same(const char *a, const char *b)
{
    return g_strcmp0(a, b) == 0;
}

Test(vsphere_uri, says_what_libvirts_uri_means)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        struct vsphere_uri uri = {0};
        GError *error = NULL;

        cr_assert(vsphere_uri_parse(good[i].uri, &uri, &error), "%s: %s", good[i].says,
                  error != NULL ? error->message : "");
        cr_expect_str_eq(uri.url, good[i].url, "%s: %s", good[i].says, uri.url);
        cr_expect(same(uri.user, good[i].user), "%s: user %s", good[i].says, uri.user);
        cr_expect(same(uri.proxy, good[i].proxy), "%s: proxy %s", good[i].says, uri.proxy);
        cr_expect(same(uri.cacert, good[i].cacert), "%s: cacert %s", good[i].says, uri.cacert);
        cr_expect(same(uri.authfile, good[i].authfile), "%s", good[i].says);
        cr_expect(same(uri.strange, good[i].strange), "%s: %s", good[i].says, uri.strange);
        cr_expect(good[i].path == NULL || same(uri.path, good[i].path), "%s: %s", good[i].says,
                  uri.path);
        cr_expect_eq(uri.vcenter, good[i].vcenter, "%s", good[i].says);
        cr_expect_eq(uri.no_verify, good[i].no_verify, "%s", good[i].says);
        vsphere_uri_clear(&uri);
    }
}

Test(vsphere_uri, refuses_with_one_sentence_and_without_the_password)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct vsphere_uri uri = {.user = (char *)"untouched"};
        GError *error = NULL;

        cr_assert_not(vsphere_uri_parse(bad[i].uri, &uri, &error), "%s", bad[i].says);
        cr_expect_eq(error->code, BACKEND_ERROR_URI, "%s", bad[i].says);
        cr_expect_not_null(strstr(error->message, bad[i].part), "%s: %s", bad[i].says,
                           error->message);
        cr_expect_null(strstr(error->message, "hunter2"), "%s: %s", bad[i].says, error->message);
        cr_expect_str_eq(uri.user, "untouched", "%s", bad[i].says);
        g_error_free(error);
    }
}
