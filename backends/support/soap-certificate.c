/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a certificate was refused: not every TLS library behind libcurl says it. */
#include "backends/support/soap-certificate.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define LOOK_S 5

/* The value behind "Expire date:" in what libcurl tells of the server's own certificate. */
static const char *find(const struct curl_certinfo *info, const char *name)
{
    size_t length = strlen(name);

    for (const struct curl_slist *line = info->num_of_certs > 0 ? info->certinfo[0] : NULL;
         line != NULL; line = line->next) {
        if (g_ascii_strncasecmp(line->data, name, length) == 0 && line->data[length] == ':') {
            return line->data + length + 1;
        }
    }
    return NULL;
}

/* Seconds since the epoch, or -1. GnuTLS's form is "2026-11-21 23:21:27 GMT", OpenSSL's
 * "Nov 21 23:21:27 2026 GMT". */
static gint64 moment(const char *text)
{
    g_autoptr(GDateTime) when = NULL;
    int year, month, day, hour, minute, second;

    if (text == NULL) {
        return -1;
    }
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6) {
        return curl_getdate(text, NULL);
    }
    when = g_date_time_new_utc(year, month, day, hour, minute, second);
    return when != NULL ? g_date_time_to_unix(when) : -1;
}

static char *judge(const struct curl_certinfo *info)
{
    const char *begin = find(info, "Start date"), *end = find(info, "Expire date");
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    if (moment(end) > 0 && moment(end) < now) {
        return g_strdup_printf("it expired on %s", end);
    }
    if (moment(begin) > now) {
        return g_strdup_printf("it is not valid before %s; is this machine's clock right?", begin);
    }
    return NULL;
}

char *soap_certificate_trouble(const char *url, const char *proxy)
{
    const struct curl_certinfo *info = NULL;
    CURL *easy = curl_easy_init();
    char *trouble = NULL;

    if (easy == NULL) {
        return NULL;
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)LOOK_S);
    if (proxy != NULL) {
        curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
    }
    if (curl_easy_perform(easy) == CURLE_OK &&
        curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) == CURLE_OK && info != NULL) {
        trouble = judge(info);
    }
    curl_easy_cleanup(easy);
    return trouble;
}
