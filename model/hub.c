/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/hub.h"

#include "model/clock.h"
#include "model/dispatch.h"
#include "model/link.h"
#include "model/text.h"

const struct timing timing_default = {
    .backoff_ms = {1000, 2000, 4000, 8000, 15000},
    /* A daemon's keepalive ends a hung call after 20 s; this is for what keepalive does not see. */
    .call_ms = {[CALL_OPEN] = 25000, [CALL_SAMPLE] = 25000, [CALL_CLOSE] = 5000,
                [CALL_JOURNAL] = 15000},
    .grace_ms = 2000,
    .gap_ms = 100,
    .poll_ms = 250,
    .settle_ms = 15000,
    .watch_ms = 30000,
    .rows_ms = 500,
};

struct hub_source {
    GSource source;
    struct hub *hub;
    struct model *model;
};

static gboolean hub_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    struct hub_source *self = (struct hub_source *)source;

    g_source_set_ready_time(source, -1);
    model_dispatch(self->model);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs hub_source_funcs = {.dispatch = hub_dispatch};

uint64_t hub_in(unsigned ms)
{
    return clock_ns() + (uint64_t)ms * 1000000;
}

void hub_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool hub_wait(struct hub *hub, pthread_cond_t *cond, uint64_t until)
{
    uint64_t monotonic = MAX(until, CLOCK_BEFORE_NS) - CLOCK_BEFORE_NS;
    struct timespec time = {.tv_sec = (time_t)(monotonic / 1000000000),
                            .tv_nsec = (long)(monotonic % 1000000000)};

    if (until == UINT64_MAX)
        return pthread_cond_wait(cond, &hub->lock) == 0;
    return pthread_cond_timedwait(cond, &hub->lock, &time) == 0;
}

struct hub *hub_new(const struct model_options *options, const struct timing *timing,
                    struct model *model)
{
    struct hub *hub = g_new0(struct hub, 1);

    hub->refs = 1;
    pthread_mutex_init(&hub->lock, NULL);
    hub_cond_init(&hub->watch);
    hub_cond_init(&hub->ended);
    g_queue_init(&hub->mail);
    hub->links = g_ptr_array_new_with_free_func((GDestroyNotify)link_free);
    hub->timing = timing;
    hub->delay_ms = options->delay_ms;
    hub->read_only = options->read_only;
    hub->journal = journal_ref(options->journal);
    hub->stamp = options->stamp;
    hub->can_ask = options->listener.question != NULL;
    hub->source = g_source_new(&hub_source_funcs, sizeof(struct hub_source));
    ((struct hub_source *)hub->source)->hub = hub;
    ((struct hub_source *)hub->source)->model = model;
    g_source_set_ready_time(hub->source, -1);
    g_source_attach(hub->source, options->context);
    return hub;
}

struct hub *hub_ref(struct hub *hub)
{
    g_atomic_int_inc(&hub->refs);
    return hub;
}

void hub_unref(struct hub *hub)
{
    if (hub == NULL || !g_atomic_int_dec_and_test(&hub->refs))
        return;
    g_ptr_array_unref(hub->links);
    journal_unref(hub->journal);
    pthread_cond_destroy(&hub->ended);
    pthread_cond_destroy(&hub->watch);
    pthread_mutex_destroy(&hub->lock);
    g_free(hub);
}

void hub_close(struct hub *hub)
{
    GSource *source;
    GQueue mail;
    struct mail *one;

    pthread_mutex_lock(&hub->lock);
    source = g_steal_pointer(&hub->source);
    mail = hub->mail;
    g_queue_init(&hub->mail);
    pthread_mutex_unlock(&hub->lock);
    while ((one = g_queue_pop_head(&mail)) != NULL)
        one->free(one);
    g_source_destroy(source);
    g_source_unref(source);
}

void hub_post(struct hub *hub, struct mail *mail)
{
    if (hub->source == NULL) {
        mail->free(mail);
        return;
    }
    g_queue_push_tail(&hub->mail, mail);
    hub_wake(hub);
}

void hub_wake(struct hub *hub)
{
    if (hub->source != NULL)
        g_source_set_ready_time(hub->source, 0);
}

struct message_mail {
    struct mail mail;
    char *text;
};

static void message_run(struct mail *mail, struct model *model)
{
    model_tell(model, ((struct message_mail *)mail)->text);
}

static void message_free(struct mail *mail)
{
    g_free(((struct message_mail *)mail)->text);
    g_free(mail);
}

void hub_message(struct hub *hub, const struct link *link, const char *format, ...)
{
    struct message_mail *message = g_new0(struct message_mail, 1);
    g_autofree char *text = NULL, *raw = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    raw = link == NULL ? g_steal_pointer(&text) : g_strdup_printf("%s: %s", link->shown_uri, text);
    message->mail = (struct mail){message_run, message_free};
    message->text = text_clean(raw);
    hub_post(hub, &message->mail);
}
