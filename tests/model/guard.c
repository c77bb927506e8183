/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes between a guard and others, and what it leaves on the disk: garbage, torn, out of
 * order. */
#include "model/guard-channel.h"
#include "model/guard-frame.h"
#include "model/guard-papers.h"
#include "model/guard-state.h"
#include "model/journal-file.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- frames --- */

static GByteArray *two_frames(void)
{
    GByteArray *bytes = g_byte_array_new();

    frame_write(bytes, FRAME_JSON, "{\"message\":\"begin\"}", 19);
    frame_write(bytes, FRAME_SECRET, "hunter2", 7);
    return bytes;
}

Test(guard_frame, frames_come_out_as_they_went_in_however_they_are_cut)
{
    g_autoptr(GByteArray) bytes = two_frames();

    for (guint piece = 1; piece <= bytes->len; piece++) {
        struct frame_reader *reader = frame_reader_new();
        struct frame frame = {0};
        unsigned n = 0;

        for (guint at = 0; at < bytes->len; at += piece) {
            frame_reader_feed(reader, (const char *)bytes->data + at, MIN(piece, bytes->len - at));
            while (frame_reader_take(reader, &frame) == FRAME_TAKEN) {
                cr_expect_eq(frame.kind, n == 0 ? FRAME_JSON : FRAME_SECRET);
                cr_expect_str_eq(frame.body, n == 0 ? "{\"message\":\"begin\"}" : "hunter2");
                frame_clear(&frame);
                n++;
            }
        }
        cr_expect_eq(n, 2, "in pieces of %u", piece);
        frame_reader_free(reader);
    }
}

Test(guard_frame, what_is_cut_off_is_no_frame)
{
    g_autoptr(GByteArray) bytes = two_frames();

    for (guint length = 0; length < 27; length++) {
        struct frame_reader *reader = frame_reader_new();
        struct frame frame = {0};

        frame_reader_feed(reader, (const char *)bytes->data, length);
        cr_expect_eq(frame_reader_take(reader, &frame), FRAME_PARTIAL, "%u bytes", length);
        frame_reader_free(reader);
    }
}

static const struct {
    const char *sentence;
    guint32 kind, size;
} garbage[] = {
    {"no such kind", 0, 5},
    {"a later kind", 3, 5},
    {"text of another protocol", 0x20544547, 0x5448202f},
    {"a body of 2 GiB", FRAME_JSON, 0x80000000},
    {"one byte more than may be", FRAME_JSON, FRAME_SIZE_MAX + 1},
    {"a secret that is a book", FRAME_SECRET, FRAME_SECRET_MAX + 1},
};

Test(guard_frame, after_garbage_nothing_is_read_any_more)
{
    for (size_t i = 0; i < G_N_ELEMENTS(garbage); i++) {
        g_autoptr(GByteArray) good = two_frames();
        struct frame_reader *reader = frame_reader_new();
        struct frame frame = {0};

        frame_reader_feed(reader, (const char *)&garbage[i].kind, 4);
        frame_reader_feed(reader, (const char *)&garbage[i].size, 4);
        cr_expect_eq(frame_reader_take(reader, &frame), FRAME_GARBAGE, "%s", garbage[i].sentence);
        frame_reader_feed(reader, (const char *)good->data, good->len);
        cr_expect_eq(frame_reader_take(reader, &frame), FRAME_GARBAGE, "%s", garbage[i].sentence);
        frame_reader_free(reader);
    }
}

/* --- channels --- */

struct heard {
    GString *all;
    bool closed;
};

static void on_message(struct channel *channel, const char *name, JsonObject *object, void *data)
{
    g_string_append_printf(((struct heard *)data)->all, "%s ", name);
}

static void on_secret(struct channel *channel, const char *text, void *data)
{
    g_string_append_printf(((struct heard *)data)->all, "secret:%s ", text ? text : "refused");
}

static void on_closed(struct channel *channel, const char *why, void *data)
{
    ((struct heard *)data)->closed = true;
}

static const struct {
    const char *sentence, *body, *heard;
    bool closed;
} bodies[] = {
    {"a message", "{\"message\":\"begin\"}", "begin ", false},
    {"a message with what nobody knows", "{\"message\":\"begin\",\"x\":[1,{}]}", "begin ", false},
    {"no JSON", "begin", "", true},
    {"JSON that is cut off", "{\"message\":\"begin\"", "", true},
    {"a list", "[\"begin\"]", "", true},
    {"no name", "{\"x\":1}", "", true},
    {"a name that is a number", "{\"message\":1}", "", true},
    {"a name that is an object", "{\"message\":{}}", "", true},
    {"nothing", "", "", true},
    {"brackets without end", "{\"message\":[[[[[[[[[[[[[[[[[[[[[[[[", "", true},
};

Test(guard_channel, what_is_no_message_closes_it)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        GMainContext *context = g_main_context_new();
        struct heard heard = {g_string_new(NULL), false};
        const struct channel_listener listener = {on_message, on_secret, on_closed, &heard};
        struct channel *channel;
        int ends[2];

        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        channel = channel_new(ends[0], context, &listener);
        frame_write(bytes, FRAME_JSON, bodies[i].body, strlen(bodies[i].body));
        cr_assert_eq(write(ends[1], bytes->data, bytes->len), (ssize_t)bytes->len);
        while (g_main_context_iteration(context, FALSE))
            continue;
        cr_expect_str_eq(heard.all->str, bodies[i].heard, "%s", bodies[i].sentence);
        cr_expect_eq(heard.closed, bodies[i].closed, "%s", bodies[i].sentence);
        channel_free(channel);
        close(ends[1]);
        g_string_free(heard.all, TRUE);
        g_main_context_unref(context);
    }
}

Test(guard_channel, messages_and_secrets_arrive_and_the_end_is_told)
{
    GMainContext *context = g_main_context_new();
    struct heard heard = {g_string_new(NULL), false};
    const struct channel_listener listener = {on_message, on_secret, on_closed, &heard};
    struct channel *here, *there;
    int ends[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    here = channel_new(ends[0], context, &listener);
    there = channel_new(ends[1], context, &listener);
    channel_say(here, "begin");
    channel_send_secret(here, "hunter2");
    channel_send_secret(here, NULL);
    cr_expect(channel_idle(here));
    while (g_main_context_iteration(context, FALSE))
        continue;
    cr_expect_str_eq(heard.all->str, "begin secret:hunter2 secret:refused ");
    cr_expect_not(heard.closed);
    channel_free(here);
    while (g_main_context_iteration(context, FALSE))
        continue;
    cr_expect(heard.closed);
    channel_free(there);
    g_string_free(heard.all, TRUE);
    g_main_context_unref(context);
}

/* --- papers --- */

static struct guard_papers *some_papers(void)
{
    struct sample sample = sample_new("db");
    struct guard_papers *papers = guard_papers_new();
    const struct snapshot *snapshot;
    struct change live, saved;

    sample_set(&sample, "hard_limit", value_number(GIB(16)), value_number(GIB(20)));
    snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);
    live = sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, value_number(GIB(8)));
    saved = sample_change(snapshot, "db", "hard_limit", SCOPE_CONFIG, value_number(GIB(8)));
    g_strlcpy(papers->batch, "20261122T201500-1a2b", sizeof papers->batch);
    papers->seconds = 60;
    papers->timeout_ms = 30000;
    papers->keep_if = g_strdup("curl -f http://\"db\"/\n");
    papers->boot = g_strdup("b00t");
    papers->uris = g_strsplit("sample://root:secret@host/", " ", -1);
    papers->live = changefile_new();
    papers->saved = changefile_new();
    g_ptr_array_add(papers->live,
                    stored_change_new(snapshot, sample_domain(snapshot, "db"), &live));
    g_ptr_array_add(papers->saved,
                    stored_change_new(snapshot, sample_domain(snapshot, "db"), &saved));
    guard_papers_ready(papers);
    papers->known[0].instance = 4711;
    snapshot_unref(snapshot);
    return papers;
}

static char *text_of(const struct guard_papers *papers, bool whole)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;

    json_builder_begin_object(builder);
    guard_papers_build(builder, papers, whole);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    return json_to_string(root, FALSE);
}

static struct guard_papers *papers_in(const char *text)
{
    g_autoptr(JsonObject) object = channel_parse(text, strlen(text));
    struct guard_papers *papers = NULL;
    g_autoptr(GError) error = NULL;

    if (object == NULL)
        return NULL;
    if (!guard_papers_read(object, &papers, &error))
        cr_expect(error != NULL && papers == NULL);
    return papers;
}

Test(guard_papers, what_was_written_is_read_back)
{
    struct guard_papers *papers = some_papers(), *again;
    g_autofree char *text = text_of(papers, true);

    again = papers_in(text);
    cr_assert(again != NULL);
    cr_expect_str_eq(again->batch, papers->batch);
    cr_expect_eq(again->seconds, 60);
    cr_expect_eq(again->timeout_ms, 30000);
    cr_expect_str_eq(again->keep_if, papers->keep_if);
    cr_expect_str_eq(again->uris[0], papers->uris[0]);
    cr_expect_eq(again->live->len, 1);
    cr_expect_eq(again->saved->len, 1);
    cr_expect_eq(((struct stored_change *)again->saved->pdata[0])->scope, SCOPE_CONFIG);
    guard_papers_free(papers);
    guard_papers_free(again);
}

Test(guard_papers, the_disk_never_sees_a_password)
{
    struct guard_papers *papers = some_papers();
    g_autofree char *text = text_of(papers, false);

    cr_expect(strstr(text, "secret") == NULL);
    guard_papers_free(papers);
}

static const char *const no_papers[] = {
    "{}",
    "{\"schema\":2}",
    "{\"schema\":\"1\"}",
    "{\"schema\":1,\"batch\":\"../../etc/passwd\",\"seconds\":60,\"timeout_ms\":0,\"live\":[],\"saved\":[]}",
    "{\"schema\":1,\"batch\":\"20261122T201500-1a2b\",\"seconds\":5,\"timeout_ms\":0,\"live\":[],\"saved\":[]}",
    "{\"schema\":1,\"batch\":\"20261122T201500-1a2b\",\"seconds\":60,\"timeout_ms\":-1,\"live\":[],\"saved\":[]}",
    "{\"schema\":1,\"batch\":\"20261122T201500-1a2b\",\"seconds\":60,\"timeout_ms\":0,\"live\":[],\"saved\":[]}",
    "{\"schema\":1,\"batch\":\"20261122T201500-1a2b\",\"seconds\":60,\"timeout_ms\":0,\"live\":{},\"saved\":[]}",
    "{\"schema\":1,\"batch\":\"20261122T201500-1a2b\",\"seconds\":60,\"timeout_ms\":0,\"live\":[7],\"saved\":[]}",
    "{\"schema\":1,\"batch\":[],\"seconds\":{},\"timeout_ms\":\"\",\"keep_if\":{},\"boot\":[]}",
};

Test(guard_papers, what_makes_no_sense_is_refused)
{
    for (size_t i = 0; i < G_N_ELEMENTS(no_papers); i++)
        cr_expect_eq(papers_in(no_papers[i]), NULL, "%s", no_papers[i]);
}

/* --- the file --- */

static char *folder;

static void make_folder(void)
{
    folder = g_dir_make_tmp("guard-XXXXXX", NULL);
    g_setenv(JOURNAL_VARIABLE, folder, TRUE);
}

static void remove_folder(void)
{
    g_autofree char *guards = g_build_filename(folder, "guards", NULL);

    g_rmdir(guards);
    g_rmdir(folder);
    g_free(folder);
}

TestSuite(guard_file, .init = make_folder, .fini = remove_folder);

static struct guard_file *made(const struct guard_papers *papers)
{
    g_autoptr(GError) error = NULL;
    struct guard_file *file = guard_file_new(papers, &error);

    cr_assert(file != NULL, "%s", error ? error->message : "");
    return file;
}

Test(guard_file, one_that_is_guarded_is_no_orphan_and_cannot_be_taken_over)
{
    struct guard_papers *papers = some_papers(), *other = NULL;
    struct guard_file *file = made(papers);
    g_auto(GStrv) orphans = guard_file_orphans();
    g_autoptr(GError) error = NULL;

    cr_expect_eq(orphans[0], NULL);
    cr_expect_eq(guard_file_adopt(papers->batch, &other, &error), NULL);
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CONFLICT));
    guard_file_remove(file);
    guard_papers_free(papers);
}

Test(guard_file, nobody_else_may_read_it)
{
    struct guard_papers *papers = some_papers();
    struct guard_file *file = made(papers);
    g_autofree char *path = guard_path(papers->batch, ".guard"), *guards = guard_folder();
    struct stat at;

    cr_expect(stat(path, &at) == 0 && (at.st_mode & 0777) == 0600);
    cr_expect(stat(guards, &at) == 0 && (at.st_mode & 0777) == 0700);
    guard_file_remove(file);
    cr_expect_neq(stat(path, &at), 0);
    guard_papers_free(papers);
}

Test(guard_file, what_became_of_it_is_found_again_and_a_torn_last_line_tells_nothing)
{
    struct guard_papers *papers = some_papers();
    struct guard_file *file = made(papers);
    g_autofree char *path = guard_path(papers->batch, ".guard"), *whole = NULL;
    gsize size, first;

    papers->known[0].after = json_from_string("8589934592", NULL);
    cr_expect(guard_file_begun(file, NULL) &&
              guard_file_applied(file, 0, &papers->known[0], NULL) &&
              guard_file_note(file, "committed", NULL));
    guard_file_free(file);
    cr_assert(g_file_get_contents(path, &whole, &size, NULL));
    first = (gsize)(strchr(whole, '\n') - whole);
    for (gsize length = size; length > 0; length--) {
        struct guard_papers *left = NULL;

        cr_assert(g_file_set_contents(path, whole, (gssize)length, NULL));
        file = guard_file_adopt(papers->batch, &left, NULL);
        cr_expect_eq(file != NULL, length >= first, "cut at %zu of %zu", length, size);
        if (length >= size - 1)
            cr_expect(left->begun && left->known[0].applied && left->committed &&
                      left->known[0].instance == 4711 &&
                      json_node_get_int(left->known[0].after) == INT64_C(8589934592));
        guard_file_free(file);
        guard_papers_free(left);
    }
    g_unlink(path);
    guard_papers_free(papers);
}

Test(guard_file, what_is_noted_after_a_torn_line_is_not_lost_with_it)
{
    struct guard_papers *papers = some_papers(), *left = NULL;
    g_autofree char *path = guard_path(papers->batch, ".guard"), *whole = NULL;
    struct guard_file *file = made(papers);
    gsize size;

    papers->known[0].after = json_from_string("8589934592", NULL);
    cr_expect(guard_file_begun(file, NULL) && guard_file_applied(file, 0, &papers->known[0], NULL));
    guard_file_free(file);
    cr_assert(g_file_get_contents(path, &whole, &size, NULL));
    cr_assert(g_file_set_contents(path, whole, (gssize)size - 8, NULL));
    file = guard_file_adopt(papers->batch, &left, NULL);
    cr_assert(file != NULL);
    guard_papers_free(left);
    cr_expect(guard_file_note(file, "committed", NULL));
    guard_file_free(file);
    file = guard_file_adopt(papers->batch, &left, NULL);
    cr_expect(left->begun && !left->known[0].applied && left->committed);
    guard_file_remove(file);
    guard_papers_free(left);
    guard_papers_free(papers);
}

Test(guard_file, what_was_left_is_listed_and_other_files_are_not)
{
    struct guard_papers *papers = some_papers();
    g_autofree char *stranger = guard_path("../x", ".guard"),
                    *note = guard_path("README", ".guard");
    g_autofree char *path = guard_path(papers->batch, ".guard");

    guard_file_free(made(papers));
    cr_assert(g_file_set_contents(note, "{}", -1, NULL) &&
              g_file_set_contents(stranger, "{}", -1, NULL));
    g_auto(GStrv) orphans = guard_file_orphans();
    cr_expect_eq(g_strv_length(orphans), 1);
    cr_expect_str_eq(orphans[0], papers->batch);
    g_unlink(note);
    g_unlink(stranger);
    g_unlink(path);
    guard_papers_free(papers);
}

/* --- states --- */

static const struct {
    const char *text;
    bool is;
} states[] = {
    {"{\"message\":\"state\",\"schema\":1,\"phase\":\"counting\",\"ending\":\"none\",\"left_ms\":43000}",
     true},
    {"{\"schema\":1,\"phase\":\"ended\",\"ending\":\"gone_back\",\"results\":[{\"outcome\":\"gone-back\"}]}",
     true},
    {"{\"schema\":1,\"phase\":\"ended\",\"ending\":\"none\",\"results\":[7],\"domains\":[[]],\"pid\":\"x\"}",
     true},
    {"{\"schema\":1,\"phase\":\"ended\",\"ending\":\"none\",\"results\":{},\"domains\":7,\"left_ms\":-5}",
     true},
    {"{\"schema\":2,\"phase\":\"counting\",\"ending\":\"none\"}", false},
    {"{\"schema\":1,\"phase\":\"dancing\",\"ending\":\"none\"}", false},
    {"{\"schema\":1,\"phase\":3,\"ending\":\"none\"}", false},
    {"{\"schema\":1,\"phase\":\"counting\"}", false},
    {"{}", false},
};

Test(guard_state, a_state_is_read_whole_or_not_at_all)
{
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autoptr(JsonObject) object = channel_parse(states[i].text, strlen(states[i].text));
        struct guard_told told;

        guard_told_init(&told);
        cr_assert(object != NULL);
        cr_expect_eq(guard_told_read(&told, object, NULL), states[i].is, "%s", states[i].text);
        if (!states[i].is)
            cr_expect_eq(told.state.phase, GUARD_STARTING, "%s", states[i].text);
        guard_told_clear(&told);
    }
}

Test(guard_state, figures_and_results_arrive)
{
    static const char text[] =
        "{\"schema\":1,\"phase\":\"returning\",\"ending\":\"none\",\"reason\":\"the time is over\","
        "\"domains\":[{\"name\":\"db\",\"uri\":\"u\",\"grade\":\"worse\",\"verdict\":\"slow\","
        "\"before\":{\"left\":314572800,\"state\":\"running\"},"
        "\"now\":{\"left\":{\"unknown\":{\"code\":\"x\",\"text\":\"y\"}},\"throttle_rate\":14,\"state\":\"paused\"}}],"
        "\"results\":[{\"change\":0,\"saved\":false,\"what\":\"db: hard\\u001b\",\"outcome\":\"kept\",\"text\":\"t\"}]}";
    g_autoptr(JsonObject) object = channel_parse(text, strlen(text));
    struct guard_told told;

    guard_told_init(&told);
    cr_assert(object != NULL && guard_told_read(&told, object, NULL));
    cr_assert_eq(told.state.n_domains, 1);
    cr_expect_eq(told.state.domains[0].grade, GUARD_GRADE_WORSE);
    cr_expect_eq(told.state.domains[0].before.left.number, 314572800);
    cr_expect_eq(told.state.domains[0].now.left.kind, VALUE_UNKNOWN);
    cr_expect_eq(told.state.domains[0].now.throttle_rate, 14);
    cr_expect_eq(told.state.domains[0].now.state, DOMAIN_PAUSED);
    cr_assert_eq(told.state.n_results, 1);
    cr_expect_eq(told.state.results[0].outcome, OUTCOME_KEPT);
    cr_expect(strchr(told.state.results[0].what, '\033') == NULL);
    guard_told_clear(&told);
}
