/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/soap.h"
#include "backends/support/soap-certificate.h"
#include "model/text.h"

#include <curl/curl.h>
#include <libxml/parser.h>
#include <string.h>

/* A connection that says nothing for so long is dead (as keepalive finds out elsewhere). */
#define SILENCE_S 20
#define CONNECT_S 10
/* No single page of properties takes longer. */
#define CALL_S 180
/* While open() runs nobody can call interrupt(), so cancelled() is polled. */
#define POLL_MS 200

struct soap {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    char *host, *url, *proxy;
    struct uplink *uplink;
    GByteArray *received;
    char message[CURL_ERROR_SIZE];
    char *fault_type;
    unsigned silence_s;
    uint64_t total;
    gint interrupted; /* atomic */
    bool too_large;
    bool silent; /* the last call got no answer */
};

static size_t receive(char *data, size_t size, size_t count, void *user)
{
    struct soap *soap = user;
    size_t length = size * count;

    if (soap->received->len + length > SOAP_REPLY_MAX) {
        soap->too_large = true;
        return 0;
    }
    g_byte_array_append(soap->received, (const guint8 *)data, (guint)length);
    return length;
}

static void init_libraries(void)
{
    static gsize once;

    if (g_once_init_enter(&once)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        xmlInitParser();
        g_once_init_leave(&once, 1);
    }
}

static void set_options(struct soap *soap, const struct soap_options *options)
{
    CURL *easy = soap->easy;

    curl_easy_setopt(easy, CURLOPT_URL, options->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS | CURLPROTO_HTTP);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a resolver thread */
#endif
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, soap->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "virt-memtune");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->no_verify ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->no_verify ? 0L : 2L);
    if (options->cacert != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->cacert);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (options->proxy != NULL) {
        curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy);
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)soap->silence_s);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)CALL_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, soap->message);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, soap);
}

struct soap *soap_open(const struct soap_options *options, GError **error)
{
    struct soap *soap = g_new0(struct soap, 1);

    init_libraries();
    soap->multi = curl_multi_init();
    soap->easy = curl_easy_init();
    if (soap->multi == NULL || soap->easy == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "libcurl cannot be started");
        soap_close(soap);
        return NULL;
    }
    soap->host = g_strdup(options->host);
    soap->url = g_strdup(options->url);
    soap->proxy = g_strdup(options->proxy);
    soap->uplink = options->uplink;
    soap->silence_s = options->silence_s != 0 ? options->silence_s : SILENCE_S;
    soap->received = g_byte_array_new();
    soap->headers = curl_slist_append(soap->headers, "Content-Type: text/xml; charset=utf-8");
    soap->headers = curl_slist_append(soap->headers, "SOAPAction: urn:vim25/6.5");
    /* No "Expect: 100-continue": it costs a round trip for every larger request. */
    soap->headers = curl_slist_append(soap->headers, "Expect:");
    set_options(soap, options);
    return soap;
}

void soap_close(struct soap *soap)
{
    if (soap == NULL) {
        return;
    }
    curl_easy_cleanup(soap->easy);
    curl_multi_cleanup(soap->multi);
    curl_slist_free_all(soap->headers);
    if (soap->received != NULL) {
        g_byte_array_unref(soap->received);
    }
    g_free(soap->host);
    g_free(soap->url);
    g_free(soap->proxy);
    g_free(soap->fault_type);
    g_free(soap);
}

void soap_interrupt(struct soap *soap)
{
    g_atomic_int_set(&soap->interrupted, 1);
    curl_multi_wakeup(soap->multi);
}

void soap_ready(struct soap *soap)
{
    g_atomic_int_set(&soap->interrupted, 0);
}

void soap_forget_session(struct soap *soap)
{
    curl_easy_setopt(soap->easy, CURLOPT_COOKIELIST, "ALL");
}

bool soap_answers(const struct soap *soap)
{
    return !soap->silent;
}

uint64_t soap_received(const struct soap *soap)
{
    return soap->total;
}

const char *soap_fault_type(const struct soap *soap)
{
    return soap->fault_type != NULL ? soap->fault_type : "";
}

static bool cancelled(struct soap *soap)
{
    return g_atomic_int_get(&soap->interrupted) != 0 ||
           (soap->uplink != NULL && soap->uplink->cancelled != NULL &&
            soap->uplink->cancelled(soap->uplink));
}

bool soap_sleep(struct soap *soap, unsigned ms)
{
    gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;
    gint64 left;

    while (!cancelled(soap) && (left = end - g_get_monotonic_time()) > 0) {
        curl_multi_poll(soap->multi, NULL, 0,
                        MIN(POLL_MS, (int)(left / G_TIME_SPAN_MILLISECOND) + 1), NULL);
    }
    return !cancelled(soap);
}

/* Runs the transfer to its end. CURLE_ABORTED_BY_CALLBACK: cancelled. */
static CURLcode transfer(struct soap *soap)
{
    CURLcode code = CURLE_OK;
    int running = 1;

    curl_multi_add_handle(soap->multi, soap->easy);
    while (running > 0 && code == CURLE_OK) {
        if (cancelled(soap)) {
            code = CURLE_ABORTED_BY_CALLBACK;
        } else if (curl_multi_perform(soap->multi, &running) != CURLM_OK) {
            code = CURLE_FAILED_INIT;
        } else if (running > 0) {
            curl_multi_poll(soap->multi, NULL, 0, POLL_MS, NULL);
        }
    }
    for (int left = 1; code == CURLE_OK && left > 0;) {
        const CURLMsg *message = curl_multi_info_read(soap->multi, &left);

        if (message != NULL && message->msg == CURLMSG_DONE) {
            code = message->data.result;
        }
    }
    curl_multi_remove_handle(soap->multi, soap->easy);
    return code;
}

/* clang-format off */
static const struct {
    CURLcode curl;
    enum backend_error code;
    const char *format; /* takes the host */
} transport_table[] = {
    {CURLE_COULDNT_RESOLVE_HOST,  BACKEND_ERROR_CONNECTION, "the name %s cannot be resolved"},
    {CURLE_COULDNT_RESOLVE_PROXY, BACKEND_ERROR_CONNECTION, "the name of the proxy to %s cannot be resolved"},
    {CURLE_COULDNT_CONNECT,       BACKEND_ERROR_CONNECTION, "%s cannot be reached"},
    {CURLE_SSL_CONNECT_ERROR,     BACKEND_ERROR_CONNECTION, "%s and this machine cannot agree on TLS"},
    {CURLE_SSL_CACERT_BADFILE,    BACKEND_ERROR_CONNECTION, "the file of cacert= for %s cannot be used"},
    {CURLE_PEER_FAILED_VERIFICATION, BACKEND_ERROR_CONNECTION, "the certificate of %s is not trusted (cacert=FILE names its issuer; no_verify=1 looks away)"},
    {CURLE_GOT_NOTHING,           BACKEND_ERROR_CONNECTION, "%s closed the connection without an answer"},
    {CURLE_PARTIAL_FILE,          BACKEND_ERROR_CONNECTION, "the answer of %s was cut short"},
    {CURLE_RECV_ERROR,            BACKEND_ERROR_CONNECTION, "the answer of %s was cut short, or the connection broke"},
    {CURLE_SEND_ERROR,            BACKEND_ERROR_CONNECTION, "the connection to %s broke while sending"},
    {CURLE_UNSUPPORTED_PROTOCOL,  BACKEND_ERROR_URI,        "this libcurl cannot talk to %s"},
    {CURLE_BAD_CONTENT_ENCODING,  BACKEND_ERROR_FAILED,     "the answer of %s makes no sense: it cannot be unpacked"},
};
/* clang-format on */

static char *transport_detail(const struct soap *soap, CURLcode code)
{
    g_autofree char *trouble = code == CURLE_PEER_FAILED_VERIFICATION
                                   ? soap_certificate_trouble(soap->url, soap->proxy)
                                   : NULL;

    if (trouble != NULL) {
        return text_clean(trouble);
    }
    return text_clean_sentence(soap->message[0] != '\0' ? soap->message : curl_easy_strerror(code));
}

static void transport_error(const struct soap *soap, CURLcode code, GError **error)
{
    g_autofree char *detail = transport_detail(soap, code);

    if (code == CURLE_ABORTED_BY_CALLBACK) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED, "interrupted");
        return;
    }
    if (soap->too_large) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "the answer of %s is larger than %zu MiB", soap->host, SOAP_REPLY_MAX >> 20);
        return;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT, "%s does not answer: %s",
                    soap->host, detail);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(transport_table); i++) {
        if (transport_table[i].curl == code) {
            g_autofree char *what = g_strdup_printf(transport_table[i].format, soap->host);

            g_set_error(error, BACKEND_ERROR, (gint)transport_table[i].code, "%s: %s", what,
                        detail);
            return;
        }
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION, "talking to %s failed: %s",
                soap->host, detail);
}

/* clang-format off */
static const struct {
    long status;
    const char *meaning;
} status_table[] = {
    {401, "a login before SOAP's own, perhaps of a proxy"},
    {403, "forbidden"},
    {404, "there is no vSphere API at this address"},
    {407, "the proxy wants a login"},
    {500, "an error inside the server"},
    {502, "a proxy reached nothing behind it"},
    {503, "its management service is starting, stopping or overloaded"},
    {504, "a proxy got no answer in time"},
};
/* clang-format on */

static void status_error(const struct soap *soap, long status, GError **error)
{
    const char *meaning = "that is no answer of a vSphere API";

    for (size_t i = 0; i < G_N_ELEMENTS(status_table); i++) {
        if (status_table[i].status == status) {
            meaning = status_table[i].meaning;
        }
    }
    g_clear_error(error);
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s answered HTTP status %ld: %s",
                soap->host, status, meaning);
}

static bool understand(struct soap *soap, struct soap_reply *reply, GError **error)
{
    struct soap_fault fault = {0};
    curl_off_t size = 0;
    long status = 0;
    bool ok;

    curl_easy_getinfo(soap->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(soap->easy, CURLINFO_SIZE_DOWNLOAD_T, &size);
    soap->total += (uint64_t)size;
    ok = soap_parse((const char *)soap->received->data, soap->received->len, reply, &fault, error);
    soap->fault_type = g_steal_pointer(&fault.type);
    if (status != 200 && soap->fault_type == NULL) {
        if (ok) {
            soap_reply_clear(reply);
        }
        status_error(soap, status, error);
        ok = false;
    }
    soap_fault_clear(&fault);
    return ok;
}

bool soap_call(struct soap *soap, struct soap_request *request, struct soap_reply *reply,
               GError **error)
{
    size_t size;
    const char *text = soap_request_finish(request, &size);
    CURLcode code;
    bool ok;

    g_clear_pointer(&soap->fault_type, g_free);
    soap->too_large = false;
    soap->message[0] = '\0';
    curl_easy_setopt(soap->easy, CURLOPT_POSTFIELDS, text);
    curl_easy_setopt(soap->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(soap->easy, CURLOPT_FRESH_CONNECT, soap_is_once(request) ? 1L : 0L);
    code = transfer(soap);
    curl_easy_setopt(soap->easy, CURLOPT_POSTFIELDS, "");
    soap->silent = code != CURLE_OK;
    if (soap->silent) {
        transport_error(soap, code, error);
        ok = false;
    } else {
        ok = understand(soap, reply, error);
    }
    if (soap->received->len > 1 << 20) {
        /* A large page is rare: its memory is not kept. */
        g_byte_array_unref(soap->received);
        soap->received = g_byte_array_new();
    }
    g_byte_array_set_size(soap->received, 0);
    return ok;
}
