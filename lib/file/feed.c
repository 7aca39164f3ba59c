/* SPDX-License-Identifier: Apache-2.0 */

/* What a follower is sent.
 *
 * A feed has a cursor into the history, and a buffer of FILL bytes, which is
 * filled anew when the socket has taken all of it.  So a follower that does
 * not read costs its buffer, and what the history forgets meanwhile is its
 * gap.  Nothing is kept for it.
 *
 *
 * Phases
 * ======
 *
 *     WAITS --> FOLLOWS --> ENDED
 *       ^  begin   |   end    |
 *       |          v          | another trace
 *       +--------- CUT <------+
 *          end, gap
 *
 * A follower WAITS for a trace to begin, and until all is known that is to be
 * told of it then.  It is told that, and FOLLOWS it until it has all records
 * of a trace that does not run any more: ENDED.  If the history goes before
 * that, because there is another trace, the rest is a gap: CUT means that
 * this, and the end, is still to be told. */

#include <config.h>

#include "file/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "file/frame.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "show/flow-show.h"
#include "store/history.h"
#include "store/name-log.h"
#include "store/port-map.h"
#include "util.h"

/* Bytes that a follower is sent at once.  The last frame may exceed it. */
#define FILL (64 * 1024)

/* Initializes 'f', which begins with what is recorded of 'source' from now on,
 * NULL if there was no trace yet.  The caller frees what is in it with
 * feed_uninit(). */
void
feed_init(struct feed *f, const struct follow_source *source)
{
    memset(f, 0, sizeof *f);
    f->phase = source && !source->running ? FEED_ENDED : FEED_WAITS;
    f->next = source ? history_next(source->history) : 1;
    ofpbuf_init(&f->out, 0);
    frame_put_hello(&f->out);
}

/* Frees what is in 'f', but not 'f' itself. */
void
feed_uninit(struct feed *f)
{
    ofpbuf_uninit(&f->out);
    free(f->end_text);
}

/* Has 'f' begin anew with record 'from' of 'source', 0 for the first that is
 * kept. */
void
feed_start(struct feed *f, const struct follow_source *source, uint64_t from)
{
    f->next = from ? from : source ? history_first(source->history) : 1;
    f->gap = f->missed = 0;
    free(f->end_text);
    f->end_text = NULL;
    f->phase = FEED_WAITS;
    frame_put_position(&f->out, FRAME_START, f->next, NULL);
}

/* Filling the buffer. */

/* Tells 'f' of the records that it has missed, before 'seq'. */
static void
put_gap(struct feed *f, uint64_t seq)
{
    if (f->gap) {
        frame_put_gap(&f->out, seq, f->gap);
        f->lost += f->gap;
        f->gap = 0;
    }
}

static void
put_cut(struct feed *f)
{
    put_gap(f, f->end_seq);
    frame_put_position(&f->out, FRAME_END, f->end_seq, f->end_text);
    free(f->end_text);
    f->end_text = NULL;
    f->gap = f->missed;
    f->missed = 0;
    f->phase = FEED_WAITS;
}

static void
put_begin(struct feed *f, const struct follow_source *source)
{
    char *text = source->begin(source->aux);

    put_gap(f, f->next);
    frame_put_position(&f->out, FRAME_BEGIN, f->next, text);
    free(text);
    if (source->layout) {
        frame_put_layout(&f->out, source->layout);
    }
    f->ports = 0;
    /* Of flows, it needs those whose records it gets, and those that the
     * passes that it gets may hit. */
    f->old_flows = (source->flows && f->next == history_next(source->history)
                    ? flow_table_serial(source->flows) : 0);
    f->since = source->layout && f->next > 1 ? clock_ns() : 0;
    f->flows = f->since ? 0 : f->old_flows;
    f->phase = FEED_FOLLOWS;
}

static void
put_end(struct feed *f, const struct follow_source *source)
{
    char *text = source->end(source->aux);

    frame_put_position(&f->out, FRAME_END, f->next, text);
    free(text);
    f->phase = FEED_ENDED;
}

static bool
put_port(uint32_t dp_ifindex, uint32_t port_no,
         const struct logged_name *name, void *f_)
{
    BUILD_ASSERT_DECL(NAME_LOG_NEVER == UINT64_MAX);
    const struct frame_port port = {
        .from = name->from,
        .until = name->until,
        .dp_ifindex = dp_ifindex,
        .port_no = port_no,
    };
    struct feed *f = f_;

    frame_put_port(&f->out, &port, name->name);
    return f->out.size < FILL;
}

/* Returns 's', or NULL if that is too long for a frame: what comes from the
 * kernel can be as long as an answer of ovs-vswitchd. */
static const char *
limit(const char *s)
{
    return s && strlen(s) <= FLOW_RULES_MAX ? s : NULL;
}

/* Returns what there is to say of 'flow' in numbers. */
static struct frame_flow
get_numbers(const struct dp_flow *flow)
{
    return (struct frame_flow) {
        .id = flow->id,
        .n_installed = flow->n_installed,
        .packets = flow->counters.packets,
        .bytes = flow->counters.bytes,
        .state = flow->state,
        .flags = ((flow->modified ? FRAME_FLOW_MODIFIED : 0)
                  | (flow->has_counters ? FRAME_FLOW_COUNTERS : 0)),
    };
}

/* Puts what is known of 'flow' for who has the record of its put. */
static void
put_put_flow(struct feed *f, const struct dp_flow *flow)
{
    BUILD_ASSERT_DECL(3 * FLOW_RULES_MAX < FRAME_MAX);
    const char *strings[FRAME_FLOW_STRINGS] = {
        flow->error, flow->source, flow->rules, limit(flow->now),
        limit(flow->installed_as)
    };
    const struct frame_flow numbers = get_numbers(flow);

    frame_put_flow(&f->out, &numbers, strings);
}

/* Puts the same for who has passes that hit it, and not that record. */
static void
put_found_flow(struct feed *f, const struct dp_flow *flow)
{
    struct ds told = DS_EMPTY_INITIALIZER;
    bool is_told = flow_show_put_flow(flow, &told);
    const char *strings[FRAME_FLOW_STRINGS] = {
        flow->error, flow->source, flow->rules,
        is_told ? limit(ds_cstr(&told)) : NULL, limit(flow->installed_as)
    };
    const struct frame_flow numbers = get_numbers(flow);
    struct frame_found found = {
        .since = flow->put_ts,
        .failed_at = flow->state == FLOW_FAILED ? flow->failed_at : 0,
        .dp_ifindex = flow->dp_ifindex,
    };

    memcpy(found.ufid, flow->ufid, sizeof found.ufid);
    frame_put_found(&f->out, &numbers, &found, strings);
    ds_destroy(&told);
}

static bool
put_flow(const struct dp_flow *flow, void *f_)
{
    struct feed *f = f_;

    if (!flow->found && flow->serial > f->old_flows) {
        put_put_flow(f, flow);
    }
    if (flow->is_last && (flow->found || flow->put_ts < f->since)) {
        put_found_flow(f, flow);
    }
    return f->out.size < FILL;
}

/* Notes that 'f' has missed 'n' records. */
static void
miss(struct feed *f, const struct follow_source *source, uint64_t n)
{
    f->gap += n;
    f->next += n;
    source->note_gap(source->aux, n);
}

static void
put_records(struct feed *f, const struct follow_source *source)
{
    struct history_walk walk;

    history_walk_init(&walk, source->history, HISTORY_ALL, f->next);
    while (f->out.size < FILL && f->next < history_next(source->history)) {
        uint64_t seq;
        size_t size;
        const void *record = history_walk_next(&walk, &seq, &size);

        if (seq > f->next) {
            miss(f, source, seq - f->next);
        }
        put_gap(f, f->next);
        if (record) {
            frame_put_record(&f->out, f->next++, record, size);
            f->sent++;
        }
    }
}

/* Puts what 'f' has to be sent next of 'source', NULL if there was no trace,
 * into its buffer, which is empty. */
void
feed_fill(struct feed *f, const struct follow_source *source)
{
    if (f->phase == FEED_CUT) {
        put_cut(f);
    }
    if (!source) {
        return;
    }
    if (f->phase == FEED_WAITS && source->is_ready) {
        put_begin(f, source);
    }
    if (f->phase == FEED_FOLLOWS) {
        port_map_changes(source->ports, &f->ports, put_port, f);
        put_records(f, source);
        if (source->flows && f->out.size < FILL) {
            flow_table_changes(source->flows, &f->flows, put_flow, f);
        }
        if (!source->running && f->out.size < FILL) {
            put_end(f, source);
        }
    }
}

/* 'source' is about to go, with its history: what is left of it is missed. */
void
feed_forget(struct feed *f, const struct follow_source *source)
{
    uint64_t end = history_next(source->history);
    uint64_t rest = end - f->next;

    switch (f->phase) {
    case FEED_FOLLOWS:
        f->gap += rest;
        f->end_seq = end;
        f->end_text = source->end(source->aux);
        f->phase = FEED_CUT;
        break;
    case FEED_CUT:
        f->missed += rest;
        break;
    case FEED_WAITS:
        f->gap += rest;
        break;
    case FEED_ENDED:
        f->phase = FEED_WAITS;
        break;
    }
    f->next = 1;
}

/* Stores in '*stats' what 'f' knows of how the follower stands, who gets the
 * records of 'source': 'lag', 'sent', and 'lost'. */
void
feed_get_stats(const struct feed *f, const struct follow_source *source,
               struct follower_stats *stats)
{
    stats->sent = f->sent;
    stats->lost = f->lost + f->gap + f->missed;
    stats->lag = 0;
    if (source && f->phase != FEED_ENDED) {
        const struct history *h = source->history;

        stats->lag = history_count(h, HISTORY_ALL, f->next);
        stats->lost += history_next(h) - f->next - stats->lag;
    }
}
