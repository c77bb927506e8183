/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The owner of a model, as a test. */
#include "stub.h"

#define PATIENCE_S 10

static int failures;

void must_hold(const char *file, int line, const char *sentence, bool holds)
{
    if (holds)
        return;
    failures++;
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, sentence);
}

int must_result(void)
{
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void seen_snapshot(void *data, uint16_t connection)
{
    ((struct driver *)data)->snapshots++;
}

static void seen_message(void *data, const char *text)
{
    struct driver *driver = data;

    driver->messages++;
    g_strlcpy(driver->last_message, text, sizeof driver->last_message);
}

static void seen_question(void *data, uint16_t connection, const struct question *question)
{
    struct driver *driver = data;

    driver->questions++;
    if (driver->answer != NULL)
        model_answer(driver->model, connection, driver->answer);
}

void driver_start(struct driver *driver, const struct backend *backend, unsigned delay_ms,
                  bool read_only)
{
    const struct backend *const backends[] = {backend, NULL};
    g_autofree char *uri = g_strdup_printf("%s://user:word@host/", backend->name);
    struct model_options options = {
        .backends = backends,
        .listener = {seen_snapshot, seen_message, seen_question, driver},
        .delay_ms = delay_ms,
        .read_only = read_only,
    };

    driver->snapshots = driver->messages = driver->questions = 0;
    options.context = driver->context = g_main_context_new();
    driver->model = model_new_timed(&options, &stub_timing);
    must("the scheme is taken", model_connect(driver->model, uri, NULL) == 0);
}

bool driver_end(struct driver *driver, unsigned wait_ms)
{
    bool ended = model_free(driver->model, wait_ms);

    driver->model = NULL;
    g_main_context_unref(driver->context);
    return ended;
}

static gboolean tick(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

bool driver_until(struct driver *driver, bool (*holds)(struct driver *driver))
{
    gint64 end = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
    GSource *source = g_timeout_source_new(3);
    bool held;

    g_source_set_callback(source, tick, NULL, NULL);
    g_source_attach(source, driver->context);
    while (!(held = holds(driver)) && g_get_monotonic_time() < end)
        g_main_context_iteration(driver->context, TRUE);
    g_source_destroy(source);
    g_source_unref(source);
    return held;
}

bool driver_connected(struct driver *driver)
{
    return model_snapshot(driver->model, 0)->state == CONNECTION_CONNECTED;
}
