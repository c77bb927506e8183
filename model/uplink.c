/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a connection tells its worker, from any thread. */
#include "model/dispatch.h"
#include "model/link.h"
#include "model/secret.h"
#include "model/text.h"
#include "model/watchdog.h"
#include "model/worker.h"

struct question_mail {
    struct mail mail;
    uint16_t connection;
    char *prompt;
    bool secret;
};

static void question_run(struct mail *mail, struct model *model)
{
    struct question_mail *self = (struct question_mail *)mail;

    model_question(model, self->connection,
                   &(struct question){.prompt = self->prompt, .secret = self->secret});
}

static void question_free(struct mail *mail)
{
    g_free(((struct question_mail *)mail)->prompt);
    g_free(mail);
}

static void question_post(struct link *link, const struct question *question, bool again)
{
    g_autofree char *prompt = g_strconcat(again ? "Refused. " : "", question->prompt, NULL);
    struct question_mail *mail = g_new0(struct question_mail, 1);

    mail->mail = (struct mail){question_run, question_free};
    mail->connection = link->index;
    mail->prompt = text_clean(prompt);
    mail->secret = question->secret;
    hub_post(link->hub, &mail->mail);
}

static bool going_on(const struct worker *worker)
{
    return !worker->abandoned && !worker->hub->stopping;
}

/* With the lock held. NULL: refused, or nobody is there any more. */
static const struct answer *ask_person(struct worker *worker, const struct question *question,
                                       bool again)
{
    struct link *link = worker->link;
    const struct answer *answer = NULL;

    link->asking = worker;
    link->answered = false;
    question_post(link, question, again);
    while (!link->answered && going_on(worker))
        pthread_cond_wait(&worker->wake, &worker->hub->lock);
    if (link->answered && link->answer != NULL)
        answer = link_answer_put(link, question->prompt, link->answer);
    g_clear_pointer(&link->answer, secret_free);
    link->asking = NULL;
    worker_wake(link->reader);
    worker_wake(link->writer);
    return answer;
}

/* With the lock held. Who asks a second time was not helped by what it was told the first time;
 * unless another thread has a newer answer, a person is asked. */
static const struct answer *find_answer(struct worker *worker, const struct question *question)
{
    struct link *link = worker->link;
    unsigned told = GPOINTER_TO_UINT(g_hash_table_lookup(worker->told, question->prompt));
    const struct answer *answer = link_answer(link, question->prompt);

    if (answer == NULL || answer->number == told) {
        link_forget_answer(link, question->prompt);
        answer = ask_person(worker, question, told != 0);
    }
    if (answer != NULL)
        g_hash_table_replace(worker->told, g_strdup(question->prompt),
                             GUINT_TO_POINTER(answer->number));
    return answer;
}

/* With the lock held; the time that a person needs does not count against the call. */
static bool ask_and_wait(struct worker *worker, const struct question *question, char **ret)
{
    struct hub *hub = worker->hub;
    const struct answer *answer;

    worker->deadline_ns = 0;
    while (worker->link->asking != NULL && going_on(worker))
        pthread_cond_wait(&worker->wake, &hub->lock);
    if (!going_on(worker))
        return false;
    answer = find_answer(worker, question);
    if (answer != NULL)
        *ret = g_strdup(answer->text);
    if (hub->timing->call_ms[worker->call] != 0)
        worker->deadline_ns = hub_in(hub->timing->call_ms[worker->call]);
    watchdog_wake(hub);
    return answer != NULL;
}

static bool uplink_ask(struct uplink *uplink, const struct question *question, char **answer)
{
    struct worker *worker = (struct worker *)uplink;
    bool answered = false;

    pthread_mutex_lock(&worker->hub->lock);
    if (worker->hub->can_ask && going_on(worker))
        answered = ask_and_wait(worker, question, answer);
    pthread_mutex_unlock(&worker->hub->lock);
    return answered;
}

static void uplink_changed(struct uplink *uplink, const uint8_t *id)
{
    struct worker *worker = (struct worker *)uplink;

    pthread_mutex_lock(&worker->hub->lock);
    if (going_on(worker))
        link_changed(worker->link, id, false);
    pthread_mutex_unlock(&worker->hub->lock);
}

static void uplink_lost(struct uplink *uplink, const char *why)
{
    struct worker *worker = (struct worker *)uplink;

    pthread_mutex_lock(&worker->hub->lock);
    if (going_on(worker) && !worker->lost) {
        worker->lost = true;
        g_free(worker->why_lost);
        worker->why_lost = g_strdup(why == NULL ? "the connection broke" : why);
        worker_wake(worker);
    }
    pthread_mutex_unlock(&worker->hub->lock);
}

static void uplink_message(struct uplink *uplink, const char *text)
{
    struct worker *worker = (struct worker *)uplink;

    pthread_mutex_lock(&worker->hub->lock);
    if (going_on(worker))
        hub_message(worker->hub, worker->link, "%s", text);
    pthread_mutex_unlock(&worker->hub->lock);
}

static bool uplink_cancelled(struct uplink *uplink)
{
    struct worker *worker = (struct worker *)uplink;
    bool cancelled;

    pthread_mutex_lock(&worker->hub->lock);
    cancelled = !going_on(worker) || (worker->call != CALL_NONE && worker->interrupted);
    pthread_mutex_unlock(&worker->hub->lock);
    return cancelled;
}

static bool uplink_ending(struct uplink *uplink)
{
    struct worker *worker = (struct worker *)uplink;
    bool ending;

    pthread_mutex_lock(&worker->hub->lock);
    ending = worker->hub->stopping;
    pthread_mutex_unlock(&worker->hub->lock);
    return ending;
}

void uplink_init(struct uplink *uplink)
{
    *uplink = (struct uplink){
        .ask = uplink_ask,
        .changed = uplink_changed,
        .lost = uplink_lost,
        .message = uplink_message,
        .cancelled = uplink_cancelled,
        .ending = uplink_ending,
    };
}
