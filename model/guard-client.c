/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side of a guard that starts it and shows it. */
#include "model/guard.h"

struct guard {
    struct guard_state state;
    char batch[BATCH_ID_SIZE];
};

const char *guard_ending_name(enum guard_ending ending)
{
    /* clang-format off */
    static const char *const names[] = {
        [GUARD_END_NONE]         = "none",
        [GUARD_END_REFUSED]      = "refused",
        [GUARD_END_KEPT]         = "kept",
        [GUARD_END_KEPT_UNSAVED] = "kept-unsaved",
        [GUARD_END_GONE_BACK]    = "gone-back",
        [GUARD_END_KEPT_KILLS]   = "kept-kills",
        [GUARD_END_LEFT]         = "left",
        [GUARD_END_DETACHED]     = "detached",
        [GUARD_END_LOST]         = "lost",
    };
    /* clang-format on */

    return names[ending];
}

static struct guard *none(GError **error)
{
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "there is no guard yet");
    return NULL;
}

bool guard_outlook(const struct model *model, const struct change *changes, size_t n,
                   char **sentence)
{
    *sentence = g_strdup("there is no guard yet");
    return false;
}

struct guard *guard_start(struct model *model, const struct guard_plan *plan,
                          const struct guard_listener *listener, GError **error)
{
    return none(error);
}

struct guard *guard_join(GMainContext *context, const char *batch,
                         const struct guard_listener *listener, GError **error)
{
    return none(error);
}

struct guard *guard_adopt(GMainContext *context, const char *batch,
                          const struct guard_listener *listener, GError **error)
{
    return none(error);
}

void guard_free(struct guard *guard)
{
    g_free(guard);
}

const struct guard_state *guard_state(const struct guard *guard)
{
    return &guard->state;
}

const char *guard_batch(const struct guard *guard)
{
    return guard->batch;
}

void guard_answer(struct guard *guard, const char *answer)
{
}

bool guard_begin(struct guard *guard)
{
    return guard->state.phase == GUARD_ARMED;
}

void guard_report(struct guard *guard, const struct apply_progress *progress)
{
}

void guard_extend(struct guard *guard)
{
}

void guard_commit(struct guard *guard)
{
}

void guard_back(struct guard *guard)
{
}

void guard_detach(struct guard *guard)
{
}

char **guard_orphans(void)
{
    return g_new0(char *, 1);
}
