/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever fails and whenever the process ends: every value is the old one, the new one, or told.
 *   survives [RUNS [SEED]]
 * Half of the runs are jobs of one model that meet failures (of calls, of reading, of the journal's
 * disk, somebody else's writes); the other half are processes that are killed at any step, or at
 * any moment. The hypervisor is in shared memory: it outlives them. What is told is told by the
 * results, and by the journal as others read it.
 */
#include "model/changefile.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"
#include "model/journal-undo.h"
#include "stub.h"

#include <glib/gstdio.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 10000
#define BOOK 100 /* runs a journal: it is read from its beginning for each that is taken back */
#define DOMAINS 3
#define ROWS 4
#define COARSE MIB(64) /* what the hypervisor rounds the coarse row to */
#define PATIENCE_US (120 * G_USEC_PER_SEC)

/* clang-format off */
static const struct tunable rows[] = {
    {.name = "hard_limit", .label = "Hard limit", .role = ROLE_HARD, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .wall = WALL_KILLS, .granule = 4096, .unlimited = true, .readback = READBACK_EXACT},
    {.name = "swap_hard_limit", .label = "Memory+swap", .role = ROLE_MEMSW, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .granule = 4096, .unlimited = true, .readback = READBACK_EXACT},
    {.name = "coarse", .label = "Coarse", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .granule = COARSE, .readback = READBACK_EXACT},
    {.name = "memory", .label = "Memory", .role = ROLE_TARGET, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .readback = READBACK_CONVERGES},
    {.name = NULL},
};
static const struct figure figures[] = {
    {.name = "held", .label = "Held", .role = FIGURE_HELD, .unit = UNIT_BYTES},
    {.name = NULL},
};
static const struct timing timing = {
    .backoff_ms = {1, 1, 1, 1, 1}, .call_ms = {0}, .grace_ms = 60000, .gap_ms = 1, .poll_ms = 1, .settle_ms = 1000, .rows_ms = 500,
};
/* clang-format on */

struct cell {
    uint64_t value;
    unsigned ours;     /* how often we wrote it */
    bool theirs_last;  /* somebody else wrote it after us */
    bool theirs_first; /* … before us */
    bool unrecorded;   /* its intent found no room */
};

/* In shared memory; one process at a time has it, its lock keeps the threads apart. */
static struct world {
    struct cell cells[DOMAINS][ROWS][2];
    uint64_t aims[DOMAINS]; /* live memory is on its way to these */
    uint64_t held[DOMAINS];
    uint64_t speed;
    /* What goes wrong. */
    unsigned calls;                       /* of apply */
    unsigned fail_call, fail_n, lie_call; /* which; how much of it is done nevertheless; 0 none */
    unsigned their_call;                  /* before which somebody else writes */
    unsigned fail_samples;                /* so many of the next ones */
    int fail_append, appends;             /* which append of the journal finds no room */
    unsigned events, die_at;              /* 0: never */
} * world;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- the end of the process ------------------------------------------------------------------- */

/* Between any two things that happen. */
static void event(void)
{
    if (++world->events == world->die_at)
        raise(SIGKILL);
}

/* --- the hypervisor --------------------------------------------------------------------------- */

static bool open_it(const char *uri, enum access access, struct uplink *uplink,
                    struct connection **ret, GError **error)
{
    *ret = g_new0(struct connection, 1);
    return true;
}

static void close_it(struct connection *connection)
{
    g_free(connection);
}

static void move(size_t domain)
{
    uint64_t *now = &world->cells[domain][3][0].value, aim = world->aims[domain];
    uint64_t far = *now > aim ? *now - aim : aim - *now, step = MIN(far, world->speed);

    *now = *now > aim ? *now - step : *now + step;
}

static void draft(struct snapshot_builder *builder, size_t i)
{
    struct draft *draft = snapshot_builder_domain(builder, (uint8_t[16]){(uint8_t)(i + 1)});
    g_autofree char *name = g_strdup_printf("vm%zu", i);

    move(i);
    draft->state = DOMAIN_RUNNING;
    draft->persistent = true;
    draft->name = draft->native_id = name;
    for (size_t row = 0; row < ROWS; row++)
        draft->settings[row] =
            (struct setting){.live = value_number(world->cells[i][row][0].value),
                             .config = value_number(world->cells[i][row][1].value),
                             .writable = SCOPE_BOTH};
    draft->figures[0] = value_number(world->held[i]);
    snapshot_builder_add(builder);
}

static bool sample(struct connection *connection, const struct wanted *wanted,
                   const struct snapshot *previous, struct snapshot_builder *builder,
                   GError **error)
{
    bool fine;

    pthread_mutex_lock(&lock);
    event();
    fine = world->fail_samples == 0;
    world->fail_samples -= !fine;
    for (size_t i = 0; fine && i < DOMAINS; i++)
        draft(builder, i);
    event();
    pthread_mutex_unlock(&lock);
    if (!fine)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION, "the line broke");
    return fine;
}

static void check(const struct snapshot *snapshot, const struct domain *domain,
                  const struct change *changes, size_t n, struct findings *findings)
{
}

/* Two changes of one scope go in one call, so that a call can be half done. */
static bool plan(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    for (size_t i = 0; i < n;) {
        size_t end = i + 1 + (i + 1 < n && changes[i + 1].scope == changes[i].scope);

        step_list_add(steps, &changes[i], end - i, NULL, g_strdup("set"));
        i = end;
    }
    return true;
}

static struct cell *cell_of(const struct change *change)
{
    return &world->cells[change->key.id[0] - 1][change->tunable - rows]
                        [change->scope == SCOPE_CONFIG];
}

static void set(const struct change *change)
{
    struct cell *cell = cell_of(change);
    uint64_t number = change->to.number;

    number -= change->tunable == &rows[2] ? number % COARSE : 0;
    must("nothing is written without a record before it", !cell->unrecorded);
    cell->ours++;
    cell->theirs_first |= cell->theirs_last;
    cell->theirs_last = false;
    if (change->tunable == &rows[3] && change->scope == SCOPE_LIVE)
        world->aims[change->key.id[0] - 1] = number;
    else
        cell->value = number;
}

static void somebody_else(void)
{
    struct cell *cell = &world->cells[world->calls % DOMAINS][world->calls % 2][0];

    cell->value = GIB(17);
    cell->theirs_last = true;
}

static bool apply(struct connection *connection, const struct step *step, GError **error)
{
    size_t n = step->n_changes;
    bool fine;

    pthread_mutex_lock(&lock);
    world->calls++;
    fine = world->calls != world->fail_call;
    if (world->calls == world->their_call)
        somebody_else();
    if (!fine)
        n = MIN(n, world->fail_n);
    for (size_t i = 0; i < n && world->calls != world->lie_call; i++) {
        event();
        set(&step->changes[i]);
    }
    event();
    pthread_mutex_unlock(&lock);
    if (!fine)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_BUSY, "device or resource busy");
    return fine;
}

static const struct backend backend = {
    .name = "shared",
    .title = "Shared memory",
    .schemes = (const char *const[]){"shared", NULL},
    .tunables = rows,
    .figures = figures,
    .open = open_it,
    .close = close_it,
    .sample = sample,
    .check = check,
    .plan = plan,
    .apply = apply,
};

/* --- a journal whose disk is full now and then ------------------------------------------------ */

struct troubled {
    struct journal journal;
    struct journal *file;
};

static bool append(struct journal *journal, const struct journal_record *records, size_t n,
                   enum journal_how how, GError **error)
{
    bool fine;

    pthread_mutex_lock(&lock);
    event();
    fine = ++world->appends != world->fail_append;
    for (size_t i = 0; !fine && i < n; i++)
        cell_of(records[i].change)->unrecorded |=
            records[i].kind == JOURNAL_INTENT && !records[i].back;
    pthread_mutex_unlock(&lock);
    if (!fine) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");
        return false;
    }
    fine = journal_append(((struct troubled *)journal)->file, records, n, how, error);
    pthread_mutex_lock(&lock);
    event();
    pthread_mutex_unlock(&lock);
    return fine;
}

static void free_journal(struct journal *journal)
{
    journal_unref(((struct troubled *)journal)->file);
    g_free(journal);
}

static struct journal *journal_new(const char *folder)
{
    struct troubled *troubled = g_new0(struct troubled, 1);

    troubled->journal = (struct journal){1, 0, append, free_journal};
    troubled->file = journal_file_new(
        &(struct journal_file_options){.folder = folder, .size_max = UINT64_MAX / 2},
        journal_author_new());
    return &troubled->journal;
}

/* --- one run ---------------------------------------------------------------------------------- */

struct run {
    unsigned number;
    bool killed;
    struct change changes[DOMAINS * ROWS * 2];
    uint64_t old[DOMAINS * ROWS * 2];
    size_t n;
    struct apply_options options;
    struct result results[DOMAINS * ROWS * 2]; /* of a run that came to its end */
    bool done;
};

static void world_new(GRand *random)
{
    memset(world, 0, sizeof *world);
    for (size_t i = 0; i < DOMAINS; i++) {
        for (size_t row = 0; row < ROWS; row++)
            for (size_t scope = 0; scope < 2; scope++)
                world->cells[i][row][scope].value =
                    COARSE * (uint64_t)g_rand_int_range(random, 16, 128);
        world->aims[i] = world->cells[i][3][0].value;
        world->held[i] = MIB(g_rand_int_range(random, 256, 6144));
    }
    world->speed = g_rand_boolean(random) ? GIB(64) : MIB(256);
    if (g_rand_int_range(random, 0, 3) == 0)
        world->fail_call = (unsigned)g_rand_int_range(random, 1, 8);
    world->fail_n = (unsigned)g_rand_int_range(random, 0, 3);
    if (g_rand_int_range(random, 0, 6) == 0)
        world->lie_call = (unsigned)g_rand_int_range(random, 1, 8);
    if (g_rand_int_range(random, 0, 6) == 0)
        world->their_call = (unsigned)g_rand_int_range(random, 1, 8);
    if (g_rand_int_range(random, 0, 8) == 0)
        world->fail_append = g_rand_int_range(random, 1, 12);
}

static struct run run_new(GRand *random, unsigned number)
{
    struct run run = {.number = number};

    world_new(random);
    for (size_t i = 0; i < DOMAINS * ROWS * 2; i++) {
        struct change *change = &run.changes[run.n];

        if (g_rand_int_range(random, 0, 3) != 0)
            continue;
        *change = (struct change){.key.id = {(uint8_t)(i / (ROWS * 2) + 1)},
                                  .tunable = &rows[i / 2 % ROWS],
                                  .scope = i % 2 ? SCOPE_CONFIG : SCOPE_LIVE,
                                  .to = value_number(MIB(g_rand_int_range(random, 512, 8192)))};
        run.old[run.n] = cell_of(change)->value;
        change->from = value_number(run.old[run.n]);
        if (g_rand_int_range(random, 0, 16) == 0)
            change->from = value_number(GIB(99)); /* seen before somebody changed it */
        run.n++;
    }
    run.options = (struct apply_options){.wait_ms = g_rand_boolean(random) ? 5 : 0,
                                         .all_or_nothing = g_rand_boolean(random),
                                         .overwrite = g_rand_int_range(random, 0, 8) == 0};
    g_snprintf(run.options.batch, BATCH_ID_SIZE, "20261122T%06u-%04x", number >> 16,
               number & 0xffff);
    return run;
}

static void take(const struct apply_progress *progress, void *data)
{
    struct run *run = data;

    if (progress->phase != APPLY_DONE)
        return;
    run->done = true;
    for (size_t i = 0; i < progress->n_results; i++) {
        run->results[i] = progress->results[i];
        run->results[i].text = g_strdup(progress->results[i].text);
    }
}

static gboolean tick(gpointer data)
{
    return G_SOURCE_CONTINUE;
}

static void run_to_its_end(struct model *model, GMainContext *context, struct run *run)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    GSource *source = g_timeout_source_new(1000);

    g_source_set_callback(source, tick, NULL, NULL);
    g_source_attach(source, context);
    if (model_apply(model, run->changes, run->n, &run->options, take, run, NULL) == NULL)
        run->done = true;
    while (!run->done && g_get_monotonic_time() < end)
        g_main_context_iteration(context, TRUE);
    must("it comes to its end", run->done);
    g_source_destroy(source);
    g_source_unref(source);
}

static struct model *model_of(GMainContext *context, struct journal *journal)
{
    static const struct backend *const backends[] = {&backend, NULL};
    struct model_options options = {.backends = backends, .context = context, .journal = journal};
    struct model *model = model_new_timed(&options, &timing);

    must("the scheme is taken", model_connect(model, "shared:///", NULL) == 0);
    return model;
}

/* What was met, so that a run which meets nothing is seen. */
static struct {
    unsigned outcomes[OUTCOME_KEPT + 1], killed, unfinished, not_old;
} met;

static void all_was_met(unsigned runs)
{
    static const enum outcome wanted[] = {OUTCOME_CHANGED, OUTCOME_UNCHANGED, OUTCOME_PENDING,
                                          OUTCOME_ROUNDED, OUTCOME_CONFLICT,  OUTCOME_FAILED,
                                          OUTCOME_SKIPPED, OUTCOME_GONE_BACK};

    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        printf("%u %s, ", met.outcomes[wanted[i]], outcome_name(wanted[i]));
        must("every outcome was met", runs < RUNS || met.outcomes[wanted[i]] > 0);
    }
    printf("%u processes killed with %u calls unfinished and %u values not old\n", met.killed,
           met.unfinished, met.not_old);
    must("processes were killed in a call", runs < RUNS || (met.unfinished > 0 && met.not_old > 0));
}

/* --- what must hold --------------------------------------------------------------------------- */

#define must_of(run, i, sentence, holds)                                                           \
    G_STMT_START                                                                                   \
    {                                                                                              \
        if (!(holds))                                                                              \
            explain(run, i);                                                                       \
        must(sentence, holds);                                                                     \
    }                                                                                              \
    G_STMT_END

static void explain(const struct run *run, size_t i)
{
    const struct change *change = &run->changes[i];
    const struct result *result = &run->results[i];

    fprintf(stderr,
            "run %u, change %zu of %zu: vm%d %s %s: %" PRIu64 " -> %" PRIu64 ", is %" PRIu64
            ", %s, %s\n",
            run->number, i, run->n, change->key.id[0] - 1, change->tunable->name,
            change->scope == SCOPE_CONFIG ? "config" : "live", run->old[i] >> 20,
            change->to.number >> 20, cell_of(change)->value >> 20,
            run->killed ? "killed" : outcome_name(result->outcome),
            result->text ? result->text : "-");
}

static bool on_its_way(const struct change *change)
{
    return change->tunable == &rows[3] && change->scope == SCOPE_LIVE;
}

static uint64_t rounded(const struct change *change)
{
    uint64_t number = change->to.number;

    return number - (change->tunable == &rows[2] ? number % COARSE : 0);
}

static bool same_change(const struct journal_entry *entry, const struct run *run, size_t i)
{
    const struct change *change = &run->changes[i];
    g_autofree char *name = g_strdup_printf("vm%d", change->key.id[0] - 1);

    return entry->kind == JOURNAL_INTENT && g_strcmp0(entry->batch, run->options.batch) == 0 &&
           g_strcmp0(entry->uuid, name) == 0 &&
           strcmp(entry->tunable, change->tunable->name) == 0 &&
           strcmp(entry->scope, change->scope == SCOPE_CONFIG ? "config" : "live") == 0;
}

/* The last of the change, or NULL; from the end, where this run's are. */
static const struct journal_entry *recorded(const struct journal_book *book, const struct run *run,
                                            size_t i, guint *index)
{
    guint seen = 0;

    for (*index = book->entries->len; (*index)-- > 0 && seen < 200; seen++) {
        if (same_change(book->entries->pdata[*index], run, i))
            return book->entries->pdata[*index];
    }
    return NULL;
}

static void result_is_true(const struct run *run, size_t i)
{
    const struct result *result = &run->results[i];
    const struct change *change = &run->changes[i];
    const struct cell *cell = cell_of(change);
    bool moves = on_its_way(change), told = result->text != NULL;
    uint64_t after = 0;

    if (cell->theirs_last || cell->theirs_first)
        return;
    if (!moves && value_get(result->after, &after))
        must_of(run, i, "what was read back is what it is", cell->value == after);
    must_of(run, i, "it is old, or new, or told",
            cell->value == run->old[i] || cell->value == rounded(change) || told);
    switch (result->outcome) {
    case OUTCOME_CHANGED:
        must_of(run, i, "changed is new", told || moves || cell->value == change->to.number);
        break;
    case OUTCOME_ROUNDED:
        must_of(run, i, "rounded is new", cell->value == rounded(change));
        break;
    case OUTCOME_UNCHANGED:
    case OUTCOME_REFUSED:
    case OUTCOME_SKIPPED:
    case OUTCOME_WOULD_CHANGE:
        must_of(run, i, "what was not sent is old", cell->value == run->old[i] && !cell->ours);
        break;
    case OUTCOME_GONE_BACK:
        must_of(run, i, "gone back is old", told || moves || cell->value == run->old[i]);
        break;
    case OUTCOME_CONFLICT:
    case OUTCOME_FAILED:
    case OUTCOME_PENDING:
    case OUTCOME_KEPT:
        must_of(run, i, "what is not plain is told", told);
        break;
    }
}

/* A record found no room: of a call that goes back, which does not wait for one. */
static bool missed(void)
{
    return world->fail_append != 0 && world->appends >= world->fail_append;
}

static void journal_is_true(const struct journal_book *book, const struct run *run, size_t i)
{
    const struct cell *cell = cell_of(&run->changes[i]);
    guint index;
    const struct journal_entry *entry = recorded(book, run, i, &index);

    if (cell->ours)
        must_of(run, i, "what was written has a record", entry != NULL);
    if (entry == NULL || missed())
        return;
    must_of(run, i, "the record has the outcome",
            g_strcmp0(entry->outcome, outcome_name(run->results[i].outcome)) == 0);
}

/* Nobody lived to tell: only the journal does. */
static void journal_tells(const struct journal_book *book, const struct run *run, size_t i)
{
    const struct change *change = &run->changes[i];
    const struct cell *cell = cell_of(change);
    guint index;
    const struct journal_entry *entry = recorded(book, run, i, &index);
    g_autoptr(GPtrArray) undo = NULL;

    if (cell->ours)
        must_of(run, i, "what was written has a record", entry != NULL);
    else
        must_of(run, i, "what was not written is old",
                cell->theirs_last || cell->value == run->old[i]);
    if (entry == NULL || cell->theirs_last || cell->theirs_first)
        return;
    met.unfinished += entry->outcome == NULL;
    met.not_old += cell->value != run->old[i];
    if (entry->outcome == NULL)
        must_of(run, i, "a call without an outcome is shown as one",
                journal_book_unfinished(book, index));
    else if (!on_its_way(change) && json_node_get_value_type(entry->after) == G_TYPE_INT64)
        must_of(run, i, "the record has what it is",
                (uint64_t)json_node_get_int(entry->after) == cell->value ||
                    (missed() && cell->value == run->old[i]));
    if (cell->value != run->old[i] && !on_its_way(change))
        must_of(run, i, "what is not old can be taken back",
                journal_undo(book, run->options.batch, &undo, NULL, NULL));
}

static void judge(const struct journal_book *book, const struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        if (run->killed) {
            journal_tells(book, run, i);
            continue;
        }
        met.outcomes[run->results[i].outcome]++;
        result_is_true(run, i);
        journal_is_true(book, run, i);
    }
}

/* --- both kinds of runs ----------------------------------------------------------------------- */

static void in_a_process(struct run *run, const char *folder)
{
    GMainContext *context = g_main_context_new();
    struct journal *journal = journal_new(folder);
    struct model *model = model_of(context, journal);

    run_to_its_end(model, context, run);
    _exit(0);
}

static void kill_one(struct run *run, GRand *random, const char *folder)
{
    bool any_moment = g_rand_int_range(random, 0, 4) == 0;
    unsigned moment_us = (unsigned)g_rand_int_range(random, 0, 4000);
    pid_t child;
    int status;

    world->die_at = any_moment ? 0 : (unsigned)g_rand_int_range(random, 1, 60);
    child = fork();
    if (child == 0)
        in_a_process(run, folder);
    if (any_moment) {
        g_usleep(moment_us);
        kill(child, SIGKILL);
    }
    must("the process ended", waitpid(child, &status, 0) == child);
    must("by itself or by our signal",
         WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
    met.killed += WIFSIGNALED(status);
    run->killed = true;
}

/* --- journals of a few runs each -------------------------------------------------------------- */

struct book {
    char *folder, *path;
    struct journal_reader *reader;
};

/* In memory where there is such a place: 100,000 records wait for no disk. */
static struct book book_new(void)
{
    struct book book = {.folder = g_mkdtemp(g_strdup("/dev/shm/survives-XXXXXX"))};

    if (book.folder == NULL)
        book.folder = g_dir_make_tmp("survives-XXXXXX", NULL);
    book.path = g_build_filename(book.folder, JOURNAL_FILE, NULL);
    book.reader = journal_reader_new((const char *const[]){book.folder, NULL}, 0);
    return book;
}

static void book_clear(struct book *book)
{
    journal_reader_free(book->reader);
    g_unlink(book->path);
    g_rmdir(book->folder);
    g_free(book->path);
    g_free(book->folder);
}

static void judge_with(struct book *book, const struct run *run)
{
    journal_reader_update(book->reader);
    judge(journal_reader_book(book->reader), run);
}

/* Returns what comes next. */
static unsigned some_are_killed(unsigned number, unsigned end, GRand *random)
{
    struct book book = book_new();

    for (unsigned i = 0; i < BOOK && number < end; i++, number++) {
        struct run run = run_new(random, number);

        kill_one(&run, random, book.folder);
        judge_with(&book, &run);
    }
    book_clear(&book);
    return number;
}

static unsigned some_meet_failures(unsigned number, unsigned end, GRand *random)
{
    GMainContext *context = g_main_context_new();
    struct book book = book_new();
    struct journal *journal = journal_new(book.folder);
    struct model *model = model_of(context, journal);

    for (unsigned i = 0; i < BOOK && number < end; i++, number++) {
        struct run run;

        pthread_mutex_lock(&lock);
        run = run_new(random, number);
        world->fail_samples = g_rand_int_range(random, 0, 8) == 0 ? 1 : 0;
        pthread_mutex_unlock(&lock);
        run_to_its_end(model, context, &run);
        pthread_mutex_lock(&lock);
        judge_with(&book, &run);
        pthread_mutex_unlock(&lock);
        for (size_t k = 0; k < run.n; k++)
            g_free(run.results[k].text);
    }
    must("all threads end", model_free(model, 10000));
    journal_unref(journal);
    g_main_context_unref(context);
    book_clear(&book);
    return number;
}

int main(int argc, char **argv)
{
    unsigned runs = argc > 1 ? (unsigned)g_ascii_strtoull(argv[1], NULL, 10) : RUNS;
    guint32 seed =
        argc > 2 ? (guint32)g_ascii_strtoull(argv[2], NULL, 10) : (guint32)g_get_real_time();
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    unsigned number = 0;

    printf("seed %u\n", seed);
    fflush(stdout);
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (world == MAP_FAILED)
        return EXIT_FAILURE;
    while (number < runs / 2) /* before this process has a thread */
        number = some_are_killed(number, runs / 2, random);
    while (number < runs)
        number = some_meet_failures(number, runs, random);
    all_was_met(runs);
    munmap(world, sizeof *world);
    return must_result();
}
