/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-record.h"

#include <errno.h>
#include <stdlib.h>

#include "file/follow.h"
#include "file/trace-writer.h"
#include "show/record-context.h"
#include "timeval.h"
#include "trace-child.h"
#include "trace-follow.h"
#include "trace-json.h"
#include "util.h"

/* Records that are taken before other work gets its turn. */
#define RECORDS_PER_RUN 2000

/* Nothing more is to be taken.  That the daemon keeps records for this process
 * has no use any more. */
static void
end(struct recording *r)
{
    r->has_ended = true;
    r->is_ours = false;
    follow_close(r->follow);
    r->follow = NULL;
}

/* Notes that a trace begins, of which 'text' is the first line.  Before ours,
 * there may be that of the daemon's --start. */
static void
begin_trace(struct recording *r, const char *text)
{
    r->is_ours = trace_json_text_number(text, "started_ms") == r->started;
    if (r->is_ours) {
        trace_writer_begin(r->writer, text);
    }
}

static void
take_item(struct recording *r, const struct follow_item *item)
{
    const struct record_context context = follow_context(r->follow);

    r->last_item = time_msec();
    if (item->kind == FOLLOW_BEGIN) {
        begin_trace(r, item->text);
    } else if (!r->is_ours) {
        return;
    } else if (item->kind == FOLLOW_END) {
        trace_writer_end(r->writer, item->text, NULL, &context);
        r->end_text = xstrdup(item->text);
        end(r);
    } else {
        trace_writer_put(r->writer, item, &context, time_msec());
    }
}

/* Ends the file because nothing comes any more, and says 'why'. */
void
recording_give_up(struct recording *r, const char *why)
{
    const struct record_context context = follow_context(r->follow);

    trace_writer_end(r->writer, NULL, why, &context);
    ovs_error(0, "record: %s: the trace is not complete%s", why,
              r->child && child_is_running(r->child)
              ? "; the command goes on" : "");
    r->is_incomplete = true;
    end(r);
}

/* Takes what has come. */
void
recording_run_stream(struct recording *r)
{
    struct follow_item item;
    int error = 0;

    for (int i = 0; i < RECORDS_PER_RUN && !error && !r->has_ended; i++) {
        error = follow_next(r->follow, &item);
        if (!error) {
            take_item(r, &item);
        }
    }
    if (error && error != EAGAIN) {
        char *why = follow_why_ended(r->follow, error);

        recording_give_up(r, why);
        free(why);
    }
    if (!r->has_ended) {
        const struct record_context context = follow_context(r->follow);

        trace_writer_run(r->writer, &context, time_msec());
    }
}

/* Arranges for the poll loop to wake up when there is something to take. */
void
recording_wait_stream(struct recording *r)
{
    if (!r->has_ended) {
        follow_wait(r->follow);
        trace_writer_wait(r->writer);
    }
}
