/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a guard knows, as one message: see guard-state.h. */
#include "model/guard-server-private.h"
#include "model/guard-state.h"

#include "model/size.h"

static void number_member(JsonBuilder *builder, const char *name, int64_t number)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, number);
}

static void value_member(JsonBuilder *builder, const char *name, struct value value,
                         const struct tunable *tunable)
{
    json_builder_set_member_name(builder, name);
    json_value(builder, value, tunable != NULL ? tunable->unit : UNIT_COUNT,
               tunable != NULL ? tunable->choices : NULL);
}

static void figures(JsonBuilder *builder, const char *name, const struct verdict_sample *sample,
                    unsigned rate)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
    value_member(builder, "needed", sample->needed, NULL);
    value_member(builder, "left", sample->left, NULL);
    value_member(builder, "wall", sample->wall, NULL);
    value_member(builder, "pressure", sample->pressure, NULL);
    value_member(builder, "throttled", sample->throttled, NULL);
    value_member(builder, "failcnt", sample->failcnt, NULL);
    value_member(builder, "oom_kills", sample->oom_kills, NULL);
    number_member(builder, "throttle_rate", rate);
    json_member(builder, "state", domain_state_name(sample->state));
    json_builder_end_object(builder);
}

static void domains(JsonBuilder *builder, const struct server *server)
{
    json_builder_set_member_name(builder, "domains");
    json_builder_begin_array(builder);
    for (guint i = 0; server->watched != NULL && i < server->watched->len; i++) {
        const struct watched *watched = &g_array_index(server->watched, struct watched, i);

        json_builder_begin_object(builder);
        json_member(builder, "name", watched->name);
        json_member(builder, "uri", watched->uri);
        json_member(builder, "grade", guard_grade_name(watched->verdict.grade));
        json_member(builder, "verdict", watched->verdict.text);
        figures(builder, "before", &watched->watch.before, 0);
        figures(builder, "now", &watched->now, watched->verdict.throttle_rate);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

/* "db: hard_limit live 6.0 GiB -> 8.0 GiB". Newly allocated. */
static char *what(const struct stored_change *stored, const struct change *change, bool resolved,
                  bool back)
{
    char from[SIZE_TEXT_MAX], to[SIZE_TEXT_MAX];
    const struct tunable *tunable = change->tunable;

    if (!resolved)
        return g_strdup_printf("%s: %s", stored->domain, stored->tunable);
    size_format_value(back ? change->to : change->from, tunable->unit, tunable->choices, from);
    size_format_value(back ? change->from : change->to, tunable->unit, tunable->choices, to);
    return g_strdup_printf("%s: %s %s  %s -> %s", stored->domain, tunable->name,
                           change->scope == SCOPE_LIVE ? "live" : "config", from, to);
}

static void result(JsonBuilder *builder, size_t i, bool saved, const char *text_what,
                   enum outcome outcome, const char *text, struct value after,
                   const struct tunable *tunable)
{
    json_builder_begin_object(builder);
    number_member(builder, "change", (int64_t)i);
    json_builder_set_member_name(builder, "saved");
    json_builder_add_boolean_value(builder, saved);
    json_member(builder, "what", text_what);
    json_member(builder, "outcome", outcome_name(outcome));
    json_member(builder, "text", text);
    if (tunable != NULL)
        value_member(builder, "after", after, tunable);
    json_builder_end_object(builder);
}

static void results(JsonBuilder *builder, const struct server *server)
{
    bool kept = server->phase == GUARD_SAVING || server->ending == GUARD_END_KEPT ||
                server->ending == GUARD_END_KEPT_UNSAVED;

    json_builder_set_member_name(builder, "results");
    json_builder_begin_array(builder);
    for (size_t i = 0; i < server->n_guarded; i++) {
        const struct guarded *guarded = &server->guarded[i];
        g_autofree char *text = what(server->papers->live->pdata[i], &guarded->change,
                                     guarded->resolved, !kept && guarded->outcome != OUTCOME_KEPT);

        if (kept || server->phase == GUARD_RETURNING || server->phase == GUARD_ENDED)
            result(builder, i, false, text, kept ? OUTCOME_KEPT : guarded->outcome, guarded->text,
                   guarded->after, guarded->change.tunable);
    }
    for (size_t i = 0; kept && i < server->n_saved; i++) {
        const struct saved *saved = &server->saved[i];
        g_autofree char *text =
            what(server->papers->saved->pdata[i], &saved->change, saved->resolved, false);

        result(builder, i, true, text, saved->result.outcome, saved->result.text,
               saved->result.after, saved->change.tunable);
    }
    json_builder_end_array(builder);
}

static unsigned left_ms(const struct server *server, uint64_t now)
{
    return server->deadline_ns > now ? (unsigned)((server->deadline_ns - now) / 1000000) : 0;
}

static void build(JsonBuilder *builder, const struct server *server, uint64_t now)
{
    unsigned left = left_ms(server, now);
    uint64_t total =
        server->deadline_ns > server->begin_ns ? server->deadline_ns - server->begin_ns : 0;

    number_member(builder, "schema", GUARD_STATE_SCHEMA);
    json_member(builder, "batch", server->papers != NULL ? server->papers->batch : "");
    json_member(builder, "phase", guard_phase_name(server->phase));
    json_member(builder, "ending", guard_ending_name(server->ending));
    number_member(builder, "pid", (int64_t)getpid());
    json_member(builder, "place", server->place);
    json_member(builder, "warning", server->warning);
    number_member(builder, "seconds", server->papers != NULL ? server->papers->seconds : 0);
    number_member(builder, "total_ms", (int64_t)(total / 1000000));
    number_member(builder, "left_ms", left);
    number_member(builder, "deadline",
                  server->deadline_ns == 0 ? 0 : g_get_real_time() + (int64_t)left * 1000);
    json_member(builder, "reason", server->reason);
    json_member(builder, "error", server->error);
    json_builder_set_member_name(builder, "too_late");
    json_builder_add_boolean_value(builder, server->too_late);
    domains(builder, server);
    results(builder, server);
}

static void tell_one(struct server *server, struct channel *channel)
{
    JsonBuilder *builder = channel_begin("state");

    build(builder, server, guard_clock_ns());
    channel_send(channel, builder);
}

void server_tell(struct server *server)
{
    server->told_ns = guard_clock_ns();
    if (server->owner != NULL)
        tell_one(server, server->owner);
    for (guint i = 0; i < server->visitors->len; i++)
        tell_one(server, server->visitors->pdata[i]);
}
