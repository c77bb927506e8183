/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives the functions of the vSphere backend, without a model and without a screen:
 *
 *   vsphere-probe URI read|write, then one command a line on standard input:
 *   all | changes | only NAME    samples, and prints every domain
 *   quiet                        samples for changes, and prints the cost
 *   set NAME TUNABLE=VALUE…      checks, plans, applies, reads back
 *   interrupt MS                 the next sample is interrupted after so long
 * A question is printed as "ask PROMPT", and the next line of input is its answer.
 */
#include "backends/vsphere.h"
#include "model/changeset.h"
#include "model/checks.h"
#include "model/size.h"
#include "model/snapshot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct probe {
    struct uplink uplink;
    struct connection *connection;
    const struct snapshot *snapshot;
    const char *uri;
    unsigned interrupt_ms;
};

static char *next_line(void)
{
    char *line = NULL;
    size_t size = 0;

    if (getline(&line, &size, stdin) < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static bool ask(struct uplink *uplink, const struct question *question, char **answer)
{
    char *line;

    printf("ask %s%s\n", question->secret ? "secret " : "", question->prompt);
    fflush(stdout);
    line = next_line();
    if (line == NULL || *line == '\0') {
        free(line);
        return false;
    }
    *answer = g_strdup(line);
    explicit_bzero(line, strlen(line));
    free(line);
    return true;
}

static void message(struct uplink *uplink, const char *text)
{
    printf("message %s\n", text);
}

static bool cancelled(struct uplink *uplink)
{
    return false;
}

static gpointer interrupt_later(gpointer data)
{
    struct probe *probe = data;

    g_usleep(probe->interrupt_ms * 1000);
    probe->connection->backend->interrupt(probe->connection);
    return NULL;
}

static bool take(struct probe *probe, const struct wanted *wanted, GError **error)
{
    struct snapshot_builder *builder =
        snapshot_builder_new(probe->connection->backend, 0, probe->uri, probe->snapshot);
    GThread *thread =
        probe->interrupt_ms > 0 ? g_thread_new("interrupt", interrupt_later, probe) : NULL;
    bool ok = probe->connection->backend->sample(probe->connection, wanted, probe->snapshot,
                                                 builder, error);

    if (thread != NULL) {
        g_thread_join(thread);
    }
    probe->interrupt_ms = 0;
    if (!ok) {
        snapshot_builder_free(builder);
        return false;
    }
    snapshot_unref(probe->snapshot);
    probe->snapshot = snapshot_builder_finish(builder);
    return true;
}

static void print_value(const char *name, struct value value, enum unit unit,
                        const char *const *choices)
{
    char text[SIZE_TEXT_MAX];
    char code[32];

    if (value_known(value)) {
        printf(" %s=%s", name, size_format_exact(value, unit, choices, text));
    } else {
        value_reason_code(value, code, sizeof code);
        printf(" %s=(%s)", name, code);
    }
}

static void print_domain(const struct domain *domain)
{
    printf("domain %s|%s|%s|%s\n ", domain->identity->name,
           domain_state_name(domain->identity->state), domain->identity->native_id,
           domain->identity->parents);
    for (unsigned i = 0; i < ROW_COUNT_; i++) {
        print_value(vsphere_tunables[i].name, domain->settings[i].live, vsphere_tunables[i].unit,
                    vsphere_tunables[i].choices);
        printf("%s", domain->settings[i].writable ? "" : "!");
    }
    printf("\n ");
    for (unsigned i = 0; i < SEEN_COUNT_; i++) {
        print_value(vsphere_figures[i].name, domain->figures[i], vsphere_figures[i].unit, NULL);
    }
    for (size_t i = 0; i < domain->n_walls; i++) {
        printf(" [%s %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "]", domain->walls[i].owner,
               domain->walls[i].needed, domain->walls[i].limit);
    }
    printf("\n");
}

static void print_snapshot(const struct snapshot *snapshot)
{
    const struct host *host = &snapshot->host;

    printf("host %s|%s|%s%s", host->name, host->version, host->detail,
           host->unverified ? " unverified" : "");
    print_value("total", host->total, UNIT_BYTES, NULL);
    print_value("available", host->available, UNIT_BYTES, NULL);
    print_value("reserved", host->reserved, UNIT_BYTES, NULL);
    printf("\n");
    for (size_t i = 0; i < snapshot->n_domains; i++) {
        print_domain(&snapshot->domains[i]);
    }
}

static const struct domain *find(const struct probe *probe, const char *name)
{
    for (size_t i = 0; probe->snapshot != NULL && i < probe->snapshot->n_domains; i++) {
        if (strcmp(probe->snapshot->domains[i].identity->raw_name, name) == 0) {
            return &probe->snapshot->domains[i];
        }
    }
    return NULL;
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool sample(struct probe *probe, const struct wanted *wanted, bool quiet, GError **error)
{
    struct soap *soap = ((struct vsphere *)probe->connection)->soap;
    uint64_t received = soap_received(soap);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

    if (!take(probe, wanted, error)) {
        return false;
    }
    if (quiet) {
        printf("cost %zu domains, %" G_GUINT64_FORMAT " bytes, %.1f ms CPU, %.1f ms\n",
               probe->snapshot->n_domains, soap_received(soap) - received,
               (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3,
               (seconds(CLOCK_MONOTONIC) - wall) * 1e3);
    } else {
        print_snapshot(probe->snapshot);
    }
    return true;
}

static bool apply(struct probe *probe, const struct domain *domain, GArray *changes, GError **error)
{
    const struct backend *backend = probe->connection->backend;
    struct step_list *steps = step_list_new();
    struct findings *findings = findings_new();
    const struct change *data = (const struct change *)(void *)changes->data;
    bool ok = true;

    checks_run(probe->snapshot, domain, data, changes->len, findings);
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_get(findings, i);

        printf("%s %s: %s\n", severity_name(finding->severity), finding->code, finding->text);
        ok = ok && finding->severity != SEVERITY_REFUSE;
    }
    if (!ok) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "refused by the checks");
    } else {
        ok = backend->plan(probe->snapshot, domain, data, changes->len, steps, error);
    }
    for (size_t i = 0; ok && i < step_list_count(steps); i++) {
        printf("command %s\n", step_list_get(steps, i)->command);
        ok = backend->apply(probe->connection, step_list_get(steps, i), error);
    }
    findings_free(findings);
    step_list_free(steps);
    return ok;
}

static bool set(struct probe *probe, char **words, GError **error)
{
    const struct domain *domain = words[1] != NULL ? find(probe, words[1]) : NULL;
    g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(struct change));
    struct domain_key key;
    struct wanted wanted = {.only = &key, .n_only = 1};

    if (domain == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "no such domain");
        return false;
    }
    key = domain->identity->key;
    for (char **word = words + 2; *word != NULL; word++) {
        char *equals = strchr(*word, '=');

        *equals = '\0';
        if (!change_parse(probe->snapshot, domain, *word, equals + 1, SCOPE_BOTH, changes, error)) {
            return false;
        }
    }
    return apply(probe, domain, changes, error) && take(probe, &wanted, error);
}

static bool obey(struct probe *probe, char **words, GError **error)
{
    struct wanted wanted = {0};
    const struct domain *domain;

    if (g_str_equal(words[0], "all")) {
        wanted.everything = true;
        return sample(probe, &wanted, words[1] != NULL, error);
    }
    if (g_str_equal(words[0], "changes") || g_str_equal(words[0], "quiet")) {
        return sample(probe, &wanted, g_str_equal(words[0], "quiet"), error);
    }
    if (g_str_equal(words[0], "only") && (domain = find(probe, words[1])) != NULL) {
        struct domain_key key = domain->identity->key;

        wanted.only = &key;
        wanted.n_only = 1;
        return sample(probe, &wanted, false, error);
    }
    if (g_str_equal(words[0], "interrupt")) {
        probe->interrupt_ms = (unsigned)atoi(words[1]);
        return true;
    }
    if (g_str_equal(words[0], "set")) {
        return set(probe, words, error);
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "what is \"%s\"?", words[0]);
    return false;
}

static void answer(bool ok, GError *error)
{
    if (ok) {
        printf("ok\n");
    } else {
        printf("error %d %s\n", error->code, error->message);
        g_error_free(error);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct probe probe = {
        .uplink = {.ask = ask, .message = message, .cancelled = cancelled},
    };
    GError *error = NULL;
    char *line;
    bool ok;

    if (argc != 3) {
        return 2;
    }
    probe.uri = argv[1];
    ok = esx_backend.open(argv[1], g_str_equal(argv[2], "write") ? ACCESS_WRITE : ACCESS_READ,
                          &probe.uplink, &probe.connection, &error);
    answer(ok, error);
    while (ok && (line = next_line()) != NULL) {
        g_auto(GStrv) words = g_strsplit(line, " ", -1);

        error = NULL;
        ok = obey(&probe, words, &error);
        answer(ok, error);
        ok = true;
        free(line);
    }
    snapshot_unref(probe.snapshot);
    if (probe.connection != NULL) {
        esx_backend.close(probe.connection);
    }
    return ok ? 0 : 1;
}
