/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes over a guard's socket: each frame is looked at as everything that it could be. */
#include "model/guard-channel.h"
#include "model/guard-frame.h"
#include "model/guard-papers.h"
#include "model/guard-state.h"
#include "tests/fuzz/target.h"

static void look_at(const struct frame *frame)
{
    g_autoptr(JsonObject) object =
        frame->kind == FRAME_JSON ? channel_parse(frame->body, frame->size) : NULL;
    struct guard_papers *papers = NULL;
    g_autoptr(GError) error = NULL;
    struct guard_told told;

    if (object == NULL)
        return;
    member_text(object, "message");
    if (guard_papers_read(object, &papers, &error))
        g_assert(papers->live->len > 0 && papers->known != NULL && batch_id_valid(papers->batch));
    else
        g_assert(error != NULL && papers == NULL);
    guard_papers_free(papers);
    guard_told_init(&told);
    if (guard_told_read(&told, object, NULL))
        for (size_t i = 0; i < told.state.n_domains; i++)
            g_assert(told.state.domains[i].name != NULL);
    guard_told_clear(&told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_reader *reader = frame_reader_new();
    struct frame frame = {0};

    frame_reader_feed(reader, (const char *)data, size);
    while (frame_reader_take(reader, &frame) == FRAME_TAKEN) {
        look_at(&frame);
        frame_clear(&frame);
    }
    frame_reader_free(reader);
    return 0;
}
