/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to a guard: a new one, one that runs, one that has died. */
#include "model/guard-client.h"
#include "model/guard-papers.h"
#include "model/guard-server-private.h"
#include "model/guard-spawn.h"
#include "model/link.h"
#include "model/model-parts.h"

/* With the passwords that may be in it. Newly allocated. */
static char *whole_uri(struct model *model, uint16_t connection)
{
    char *uri;

    pthread_mutex_lock(&model->hub->lock);
    uri = g_strdup(((struct link *)g_ptr_array_index(model->hub->links, connection))->uri);
    pthread_mutex_unlock(&model->hub->lock);
    return uri;
}

static GPtrArray *store(struct model *model, const struct change *changes, size_t n,
                        GPtrArray *uris, GError **error)
{
    g_autoptr(GPtrArray) stored = changefile_new();

    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);
        const struct domain *domain =
            snapshot == NULL ? NULL : snapshot_find(snapshot, &changes[i].key);
        g_autofree char *uri = NULL;

        if (domain == NULL) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                        "the domain does not exist any more");
            return NULL;
        }
        uri = whole_uri(model, changes[i].key.connection);
        if (!g_ptr_array_find_with_equal_func(uris, uri, g_str_equal, NULL))
            g_ptr_array_add(uris, g_steal_pointer(&uri));
        g_ptr_array_add(stored, stored_change_new(snapshot, domain, &changes[i]));
    }
    return g_steal_pointer(&stored);
}

static struct guard_papers *papers_of(struct model *model, const struct guard_plan *plan,
                                      GError **error)
{
    struct guard_papers *papers = guard_papers_new();
    GPtrArray *uris = g_ptr_array_new();

    if (plan->batch != NULL)
        g_strlcpy(papers->batch, plan->batch, sizeof papers->batch);
    else
        batch_id_new(papers->batch);
    papers->seconds = plan->seconds;
    papers->timeout_ms = plan->timeout_ms;
    papers->unrecorded = plan->unrecorded;
    papers->keep_if = g_strdup(plan->keep_if);
    papers->live = store(model, plan->live, plan->n_live, uris, error);
    if (papers->live != NULL)
        papers->saved = store(model, plan->saved, plan->n_saved, uris, error);
    g_ptr_array_add(uris, NULL);
    papers->uris = (char **)g_ptr_array_free(uris, FALSE);
    if (papers->live != NULL && papers->saved != NULL)
        return papers;
    guard_papers_free(papers);
    return NULL;
}

/* A connection whose values nobody else could take back; NULL: none. */
static const struct snapshot *without_guard(const struct model *model, const struct change *changes,
                                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);

        if (snapshot != NULL &&
            snapshot->backend->flags & (BACKEND_NO_GUARD | BACKEND_ONE_CONNECTION))
            return snapshot;
    }
    return NULL;
}

/* One whose value nobody could bring back; NULL: none. */
static const struct change *without_way_back(const struct guard_plan *plan)
{
    for (size_t i = 0; i < plan->n_live; i++) {
        const struct change *change = &plan->live[i];

        if (!value_known(change->from) || change->tunable->readback == READBACK_NONE)
            return change;
    }
    return NULL;
}

static bool may_start(struct model *model, const struct guard_plan *plan, GError **error)
{
    const struct snapshot *lone = without_guard(model, plan->live, plan->n_live);
    const struct change *blind = without_way_back(plan);

    if (model->options.read_only)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "this is a read-only watch: nothing is written");
    else if (plan->n_live == 0)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "nothing of this acts now: there is nothing to go back from");
    else if (plan->seconds < GUARD_SECONDS_MIN || plan->seconds > GUARD_SECONDS_MAX)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "a countdown takes %d to %d seconds, not %u", GUARD_SECONDS_MIN,
                    GUARD_SECONDS_MAX, plan->seconds);
    else if (lone != NULL)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s has no guard: its values live in this process, and nobody else can take "
                    "them back",
                    lone->uri);
    else if (blind != NULL)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "what %s is cannot be read, so nobody could take it back",
                    blind->tunable->name);
    else
        return true;
    return false;
}

static void copy_plan(struct guard *guard, const struct guard_plan *plan)
{
    guard->plan.live = g_memdup2(plan->live, plan->n_live * sizeof *plan->live);
    guard->plan.n_live = plan->n_live;
    guard->plan.saved = g_memdup2(plan->saved, plan->n_saved * sizeof *plan->saved);
    guard->plan.n_saved = plan->n_saved;
    guard->sent = g_new0(struct sent, plan->n_live);
}

struct guard *guard_start(struct model *model, const struct guard_plan *plan,
                          const struct guard_listener *listener, GError **error)
{
    struct guard_papers *papers = NULL;
    struct guard *guard = NULL;
    JsonBuilder *builder;
    int fd;

    if (!may_start(model, plan, error))
        return NULL;
    papers = papers_of(model, plan, error);
    if (papers != NULL && guard_spawn(&fd, error)) {
        guard = guard_on(fd, model->context, listener);
        guard->model = model;
        g_strlcpy(guard->batch, papers->batch, sizeof guard->batch);
        copy_plan(guard, plan);
        seen_ours(model->seen, plan->live, plan->n_live);
        seen_ours(model->seen, plan->saved, plan->n_saved);
        builder = channel_begin("plan");
        guard_papers_build(builder, papers, true);
        channel_send(guard->channel, builder);
    }
    guard_papers_free(papers);
    return guard;
}

struct guard *guard_join(GMainContext *context, const char *batch,
                         const struct guard_listener *listener, GError **error)
{
    int fd = guard_knock(batch, error);
    struct guard *guard;

    if (fd < 0)
        return NULL;
    guard = guard_on(fd, context, listener);
    guard->joined = true;
    g_strlcpy(guard->batch, batch, sizeof guard->batch);
    return guard;
}

struct guard *guard_adopt(GMainContext *context, const char *batch,
                          const struct guard_listener *listener, GError **error)
{
    g_autofree char *path = guard_path(batch, ".guard");
    struct guard *guard;
    JsonBuilder *builder;
    int fd;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "%s: there is no guard of it", batch);
        return NULL;
    }
    if (!guard_spawn(&fd, error))
        return NULL;
    guard = guard_on(fd, context, listener);
    guard->joined = true;
    g_strlcpy(guard->batch, batch, sizeof guard->batch);
    builder = channel_begin("adopt");
    json_member(builder, "batch", batch);
    channel_send(guard->channel, builder);
    return guard;
}

char **guard_orphans(void)
{
    return guard_file_orphans();
}

bool guard_outlook(const struct model *model, const struct change *changes, size_t n,
                   char **sentence)
{
    const struct snapshot *lone = without_guard(model, changes, n);
    g_autofree char *warning = NULL;
    bool local = true;

    if (lone != NULL) {
        *sentence = g_strdup_printf("none: the values of %s live in this process", lone->uri);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);

        local &= snapshot != NULL && snapshot->host.local;
    }
    warning = guard_login_warning();
    *sentence = g_strdup_printf(local ? "here on %s, %sown connection: ready%s%s"
                                      : "on %s, %sif its network dies the change stays: ready%s%s",
                                g_get_host_name(), guard_may_have_scope() ? "own scope, " : "",
                                warning ? "; " : "", warning ? warning : "");
    return true;
}
