/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/job.h"

#include "model/link.h"
#include "model/model-parts.h"
#include "model/part-state.h"
#include "model/worker.h"

struct share {
    struct part *part;
    size_t step, n_steps;
};

struct job {
    struct hub *hub;
    struct apply_options options;
    void (*progress)(const struct apply_progress *progress, void *data);
    void *data;
    struct result *results;
    size_t n_results;
    GArray *shares; /* struct share, one per connection */
    size_t n_running;
    bool back, cancelled;
    GError *error;
};

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    for (guint i = 0; i < job->shares->len; i++)
        part_unref(g_array_index(job->shares, struct share, i).part);
    for (size_t i = 0; i < job->n_results; i++)
        result_clear(&job->results[i]);
    g_array_unref(job->shares);
    g_clear_error(&job->error);
    g_free(job->results);
    g_free(job);
}

/* With the lock held. */
static void start_part(struct job *job, struct part *part)
{
    struct link *link = part->link;
    struct worker *worker;
    g_autoptr(GError) refusal = NULL;

    job->n_running++;
    g_queue_push_tail(&link->parts, part_ref(part));
    worker = worker_for_writing(link);
    if (worker != NULL) {
        worker_wake(worker);
        return;
    }
    refusal = worker_refusal(link);
    parts_fail(link, refusal);
}

static void add_share(struct job *job, struct link *link, const struct change *changes, size_t n)
{
    g_autofree struct change *mine = g_new(struct change, n);
    g_autofree size_t *places = g_new(size_t, n);
    struct share share = {0};
    size_t n_mine = 0;

    for (size_t i = 0; i < n; i++) {
        if (changes[i].key.connection != link->index)
            continue;
        places[n_mine] = i;
        mine[n_mine++] = changes[i];
    }
    if (n_mine == 0)
        return;
    share.part = part_new(link, job, &job->options, mine, places, n_mine);
    g_array_append_val(job->shares, share);
    start_part(job, share.part);
}

static struct job *job_new(struct model *model, const struct change *changes, size_t n,
                           const struct apply_options *options)
{
    struct job *job = g_new0(struct job, 1);

    job->hub = model->hub;
    job->options = *options;
    if (job->options.batch[0] == '\0')
        batch_id_new(job->options.batch);
    job->shares = g_array_new(FALSE, FALSE, sizeof(struct share));
    job->results = g_new0(struct result, n);
    job->n_results = n;
    for (size_t i = 0; i < n; i++)
        job->results[i] = (struct result){
            .change = changes[i], .before = changes[i].from, .outcome = OUTCOME_SKIPPED};
    return job;
}

struct job *model_apply(struct model *model, const struct change *changes, size_t n,
                        const struct apply_options *options,
                        void (*progress)(const struct apply_progress *progress, void *data),
                        void *data, GError **error)
{
    struct hub *hub = model->hub;
    struct job *job;

    if (hub->read_only) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "this is a read-only watch: nothing is written");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (changes[i].key.connection < model->shown->len)
            continue;
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "there is no such connection");
        return NULL;
    }
    if (n == 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "there is nothing to write");
        return NULL;
    }
    job = job_new(model, changes, n, options);
    job->progress = progress;
    job->data = data;
    g_ptr_array_add(model->jobs, job);
    seen_ours(model->seen, changes, n);
    pthread_mutex_lock(&hub->lock);
    for (guint i = 0; i < hub->links->len; i++)
        add_share(job, g_ptr_array_index(hub->links, i), changes, n);
    pthread_mutex_unlock(&hub->lock);
    return job;
}

const char *job_batch(const struct job *job)
{
    return job->options.batch;
}

static void stop_parts(struct job *job, enum part_stop why)
{
    pthread_mutex_lock(&job->hub->lock);
    for (guint i = 0; i < job->shares->len; i++) {
        struct part *part = g_array_index(job->shares, struct share, i).part;

        if (g_atomic_int_get(&part->stop) == PART_GO_ON)
            g_atomic_int_set(&part->stop, why);
        worker_wake(part->link->reader);
        worker_wake(part->link->writer);
    }
    pthread_mutex_unlock(&job->hub->lock);
}

void job_cancel(struct job *job)
{
    if (job == NULL)
        return;
    job->cancelled = true;
    stop_parts(job, PART_CANCELLED);
}

static bool job_failed(const struct job *job)
{
    for (size_t i = 0; i < job->n_results; i++) {
        enum outcome outcome = job->results[i].outcome;

        if (outcome == OUTCOME_FAILED || outcome == OUTCOME_CONFLICT ||
            outcome == OUTCOME_SKIPPED || outcome == OUTCOME_REFUSED ||
            (outcome == OUTCOME_GONE_BACK && !job->options.back))
            return true;
    }
    return false;
}

static void go_back(struct job *job)
{
    job->back = true;
    pthread_mutex_lock(&job->hub->lock);
    for (guint i = 0; i < job->shares->len; i++) {
        struct share *share = &g_array_index(job->shares, struct share, i);

        share->step = share->n_steps = 0;
        if (part_go_back(share->part))
            start_part(job, share->part);
    }
    pthread_mutex_unlock(&job->hub->lock);
}

static void tell(struct job *job, enum apply_phase phase, const struct step *current,
                 const char *detail)
{
    struct apply_progress progress = {
        .batch = job->options.batch,
        .phase = phase,
        .current = current,
        .results = job->results,
        .n_results = job->n_results,
        .error = phase == APPLY_DONE ? job->error : NULL,
        .detail = detail,
    };

    for (guint i = 0; i < job->shares->len; i++) {
        progress.step += g_array_index(job->shares, struct share, i).step;
        progress.n_steps += g_array_index(job->shares, struct share, i).n_steps;
    }
    if (job->progress != NULL)
        job->progress(&progress, job->data);
}

static void take_results(struct job *job, struct job_news *news)
{
    for (size_t i = 0; i < news->n; i++) {
        struct result *result = &job->results[news->places[i]];

        result_clear(result);
        *result = news->results[i];
        news->results[i].text = NULL;
    }
    for (guint i = 0; i < job->shares->len; i++) {
        struct share *share = &g_array_index(job->shares, struct share, i);

        if (share->part != news->part)
            continue;
        share->step = news->step;
        share->n_steps = news->n_steps;
    }
}

/* What ended without a worker: its connection could not be made again. */
static void record_leftovers(struct job *job, struct part *part)
{
    g_autoptr(GArray) records = part_outcomes(part);

    journal_append(job->hub->journal, (const struct journal_record *)(void *)records->data,
                   records->len, JOURNAL_LAZY, NULL);
}

void job_take(struct job *job, struct model *model, struct job_news *news)
{
    bool undo;

    take_results(job, news);
    if (!news->done) {
        tell(job, news->phase, news->current, news->detail);
        return;
    }
    job->n_running--;
    record_leftovers(job, news->part);
    if (job->error == NULL)
        job->error = g_steal_pointer(&news->error);
    undo = job->options.all_or_nothing && !job->back && !job->cancelled;
    /* A part that has not been heard of yet counts as skipped in results: look when all ended. */
    if (job->n_running > 0) {
        if (undo && news->failed)
            stop_parts(job, PART_ELSEWHERE_FAILED);
        return;
    }
    if (undo && job_failed(job))
        go_back(job);
    if (job->n_running > 0)
        return;
    seen_done(model->seen, job->results, job->n_results, clock_ns());
    tell(job, APPLY_DONE, NULL, NULL);
    g_ptr_array_remove_fast(model->jobs, job);
}
