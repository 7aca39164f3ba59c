/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/report-lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* The span of time with which bars are put together the first time, in bits
 * of ns: 65 us. */
#define SHIFT_FIRST 16

/* Frees what 'l' needed. */
void
report_lanes_uninit(struct report_lanes *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->lanes[i]->bars);
        free(l->lanes[i]);
    }
}

/* Bars. */

static int
compare_bars(const void *a_, const void *b_)
{
    const struct report_bar *a = a_;
    const struct report_bar *b = b_;

    return a->from < b->from ? -1 : a->from > b->from;
}

/* Adds 'src', which begins later, to 'dst'.  What both take counts once: a
 * handler does one batch after the other. */
static void
merge(struct report_bar *dst, const struct report_bar *src)
{
    uint64_t both = dst->until > src->from ? dst->until - src->from : 0;

    dst->busy += src->busy - MIN(src->busy, both);
    dst->until = MAX(dst->until, src->until);
    dst->upcalls += src->upcalls;
    dst->batches += src->batches;
}

/* Puts the bars of 'lane', which become sorted, together that begin in the
 * same span of 2 to the power of 'shift' ns. */
static void
thin_lane(struct report_lane *lane, unsigned int shift)
{
    size_t n = 0;

    qsort(lane->bars, lane->n, sizeof *lane->bars, compare_bars);
    for (size_t i = 0; i < lane->n; i++) {
        if (n && shift
            && lane->bars[n - 1].from >> shift
               == lane->bars[i].from >> shift) {
            merge(&lane->bars[n - 1], &lane->bars[i]);
        } else {
            lane->bars[n++] = lane->bars[i];
        }
    }
    lane->n = n;
}

static void
thin_all(struct report_lanes *l)
{
    l->n_bars = 0;
    for (size_t i = 0; i < l->n; i++) {
        thin_lane(l->lanes[i], l->shift);
        l->n_bars += l->lanes[i]->n;
    }
}

/* Puts bars together until there are half as many as there may be: making room
 * for one would have the next one do the same. */
static void
make_room(struct report_lanes *l)
{
    if (l->shift) {
        thin_all(l);
    }
    while (l->n_bars > REPORT_LANES_BARS / 2) {
        l->shift = l->shift ? MIN(l->shift + 1, 63) : SHIFT_FIRST;
        thin_all(l);
    }
}

/* Has a bar of 'lane' that was open stay as it is. */
static void
close_bar(struct report_lanes *l, struct report_lane *lane,
          struct report_bar *bar)
{
    if (!bar->batches) {
        return;
    }
    bar->busy = bar->until - bar->from;
    if (lane->n >= lane->allocated) {
        lane->bars = x2nrealloc(lane->bars, &lane->allocated,
                                sizeof *lane->bars);
    }
    lane->bars[lane->n++] = *bar;
    bar->batches = 0;

    if (++l->n_bars > REPORT_LANES_BARS) {
        make_room(l);
    }
}

/* Upcalls. */

/* Returns the lane of the handler of 'rec', NULL if there are too many. */
static struct report_lane *
get_lane(struct report_lanes *l, const struct upcall_record *rec)
{
    struct report_lane *lane;

    for (size_t i = 0; i < l->n; i++) {
        lane = l->lanes[i];
        if (lane->tid == rec->recv_tid && lane->tgid == rec->recv_tgid) {
            return lane;
        }
    }
    if (l->n >= REPORT_LANES_MAX) {
        return NULL;
    }
    lane = xzalloc(sizeof *lane);
    lane->tid = rec->recv_tid;
    lane->tgid = rec->recv_tgid;
    memcpy(lane->comm, rec->recv_comm, sizeof lane->comm);
    l->lanes[l->n++] = lane;
    return lane;
}

/* Returns when the last thing that is known to be done for 'rec' ended. */
static uint64_t
get_end(const struct upcall_record *rec)
{
    uint64_t end = rec->recv_ts;

    if (rec->flags & UPCALL_F_TRANSLATED) {
        end = MAX(end, rec->translated_ts);
    }
    if (rec->flags & UPCALL_F_PUT) {
        end = MAX(end, rec->put_ts + (rec->flags & UPCALL_F_PUT_DONE
                                      ? rec->put_duration : 0));
    }
    if (rec->flags & UPCALL_F_EXEC) {
        end = MAX(end, rec->exec_ts + (rec->flags & UPCALL_F_EXEC_DONE
                                       ? rec->exec_duration : 0));
    }
    return end;
}

/* Adds 'rec', which upcall_parse() has accepted, if a handler has received
 * it. */
void
report_lanes_add(struct report_lanes *l, const struct upcall_record *rec)
{
    uint64_t from = rec->recv_ts;
    uint64_t until = get_end(rec);
    struct report_lane *lane;
    struct report_bar *bar;

    if (!(rec->flags & UPCALL_F_RECEIVED)) {
        return;
    }
    lane = get_lane(l, rec);
    if (!lane) {
        l->others++;
        return;
    }
    lane->upcalls++;
    bar = &lane->open[rec->batch % REPORT_LANES_OPEN];
    if (bar->batches && bar->batch == rec->batch) {
        bar->from = MIN(bar->from, from);
        bar->until = MAX(bar->until, until);
        bar->upcalls++;
    } else {
        close_bar(l, lane, bar);
        *bar = (struct report_bar) {
            .from = from, .until = until, .upcalls = 1, .batches = 1,
            .batch = rec->batch,
        };
    }
}

/* Prepares 'l', to which nothing more will be added, for
 * report_lanes_write(). */
void
report_lanes_finish(struct report_lanes *l)
{
    for (size_t i = 0; i < l->n; i++) {
        for (size_t j = 0; j < REPORT_LANES_OPEN; j++) {
            close_bar(l, l->lanes[i], &l->lanes[i]->open[j]);
        }
    }
    thin_all(l);
}

/* JSON. */

static void
write_bar(const struct report_bar *bar, uint64_t origin,
          struct json_writer *w)
{
    json_write_array(w, NULL);
    json_write_integer(w, NULL, (long long int) (bar->from - origin));
    json_write_integer(w, NULL, bar->until - bar->from);
    json_write_integer(w, NULL, bar->busy);
    json_write_integer(w, NULL, bar->batches);
    json_write_integer(w, NULL, bar->upcalls);
    json_write_end_array(w);
}

static void
write_lane(const struct report_lane *lane, uint64_t origin,
           struct json_writer *w)
{
    struct ds comm = DS_EMPTY_INITIALIZER;

    upcall_put_comm(&comm, lane->comm);
    json_write_object(w, NULL);
    json_write_array(w, "bars");
    for (size_t i = 0; i < lane->n; i++) {
        write_bar(&lane->bars[i], origin, w);
    }
    json_write_end_array(w);
    json_write_string(w, "name", ds_cstr(&comm));
    json_write_integer(w, "pid", lane->tgid);
    json_write_integer(w, "tid", lane->tid);
    json_write_integer(w, "upcalls", lane->upcalls);
    json_write_end_object(w);
    ds_destroy(&comm);
}

/* Writes 'l' as a member "lanes".  "span" is the span of time of which batches
 * have become one bar, in ns, null if each has its own; a bar is an array:
 * where it begins, from 'origin', how long it is, how much of it the handler
 * was in batches, all in ns, how many batches and upcalls these are. */
void
report_lanes_write(const struct report_lanes *l, uint64_t origin,
                   struct json_writer *w)
{
    json_write_object(w, "lanes");
    json_write_array(w, "handlers");
    for (size_t i = 0; i < l->n; i++) {
        write_lane(l->lanes[i], origin, w);
    }
    json_write_end_array(w);
    json_write_integer(w, "others", l->others);
    json_write_integer_if(w, "span", l->shift, 1LL << (l->shift & 63));
    json_write_end_object(w);
}
