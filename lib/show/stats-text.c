/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics for people, on a terminal of 80 columns: the second half of
 * stats-show.h. */

#include <config.h>

#include "base/printable.h"
#include "show/stats-show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/stats-rows.h"
#include "show/stats-times.h"
#include "store/upcall-stats.h"
#include "timeval.h"
#include "util.h"

/* Columns of a bar. */
#define BAR_WIDTH 30

static void
put_stages(const struct upcall_stats *s, struct ds *ds)
{
    stats_put_times_title("stage", ds);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        struct histogram h;

        upcall_stats_get_stage(s, i, &h);
        if (h.count) {
            stats_put_times(upcall_stage_name(i), &h, ds);
        }
        histogram_clear(&h);
    }
}

/* A histogram, with a line for each power of two. */

struct bar {
    uint64_t from, until;       /* ns, 'until' not included. */
    uint64_t count;
};

static void
put_bar(const struct bar *bar, uint64_t max, uint64_t all, struct ds *ds)
{
    uint64_t width = DIV_ROUND_UP(bar->count * BAR_WIDTH, max);

    stats_put_time(bar->from, ds);
    ds_put_cstr(ds, " -");
    stats_put_time(bar->until, ds);
    ds_put_format(ds, "%11"PRIu64" ", bar->count);
    stats_put_share(bar->count, all, ds);
    ds_put_cstr(ds, bar->count ? "  |" : "");
    ds_put_char_multiple(ds, '#', width);
    ds_put_char(ds, '\n');
}

/* Sets 'bars' to the powers of two that 'h' has numbers of.  Returns how many
 * there are. */
static size_t
get_bars(const struct histogram *h, struct bar bars[64])
{
    struct histogram_bucket b;
    size_t pos = 0, n = 0;

    memset(bars, 0, 64 * sizeof *bars);
    while (histogram_next(h, &pos, &b)) {
        size_t i = b.from > 1 ? log_2_floor(b.from) : 0;

        bars[i].count += b.count;
    }
    for (size_t i = 0; i < 64; i++) {
        bars[i].from = i ? UINT64_C(1) << i : 0;
        bars[i].until = i < 63 ? UINT64_C(2) << i : UINT64_MAX;
        n = bars[i].count ? i + 1 : n;
    }
    return n;
}

static void
put_bars(const struct upcall_stats *s, enum upcall_stage stage, struct ds *ds)
{
    struct bar bars[64];
    struct histogram h;
    uint64_t max = 1;
    bool any = false;
    size_t n;

    upcall_stats_get_stage(s, stage, &h);
    n = get_bars(&h, bars);
    ds_put_format(ds, "\nstage %s:\n", upcall_stage_name(stage));
    for (size_t i = 0; i < n; i++) {
        max = MAX(max, bars[i].count);
    }
    for (size_t i = 0; i < n; i++) {
        any = any || bars[i].count;
        if (any) {
            put_bar(&bars[i], max, h.count, ds);
        }
    }
    if (!n) {
        ds_put_cstr(ds, "(no upcall with this stage)\n");
    }
    histogram_clear(&h);
}

/* Tables of outcomes, classes, datapaths, ports and handlers. */

static void
put_row(const struct stats_row *row, struct ds *ds)
{
    const struct stats_group *group = stats_row_upcalls(row);

    ds_put_format(ds, "%9"PRIu64" ", group->outcomes[UPCALL_LOST]);
    stats_put_percentile(&group->total, 500, ds);
    stats_put_percentile(&group->total, 990, ds);
    stats_put_percentile(&group->total, 1000, ds);
}

/* Appends the rows of 'kind'; datapaths if there are several. */
static void
put_rows(const struct upcall_stats *s, enum stats_kind kind, struct ds *ds)
{
    const struct stats_table table = {
        .title = stats_kind_name(kind),
        .plural = stats_kind_plural(kind),
        .records = "upcalls",
        .columns = "     lost      p50     p99     max",
        .all = s->count,
        .put = put_row,
    };
    struct stats_rows rows;

    stats_rows_get(s, kind, &rows);
    if (kind != STATS_DATAPATH || rows.n > 1) {
        stats_rows_format(&rows, &table, ds);
    }
    stats_rows_destroy(&rows);
}

/* Batches and losses. */

/* Appends how many batches had 1, 2, 3 or 4, 5 to 8... upcalls. */
static void
put_batches(const struct upcall_stats *s, struct ds *ds)
{
    ds_put_format(ds, "\nbatches: %"PRIu64, s->n_batches);
    for (size_t from = 1, until = 1; from <= STATS_BATCH_MAX;
         from = until + 1, until = MIN(2 * until, STATS_BATCH_MAX)) {
        uint64_t n = 0;

        for (size_t i = from; i <= until; i++) {
            n += s->batches[i];
        }
        if (n) {
            ds_put_format(ds, ", %"PRIu64" of %"PRIuSIZE, n, from);
            if (until > from) {
                ds_put_format(ds, "-%"PRIuSIZE, until);
            }
        }
    }
    ds_put_char(ds, '\n');
}

static void
put_socket(const struct stats_socket *socket, struct ds *ds)
{
    const char *separator = ": ";

    ds_put_format(ds, "  socket %"PRIu32, socket->portid);
    if (socket->tid) {
        ds_put_cstr(ds, " (");
        upcall_put_comm(ds, socket->comm);
        ds_put_char(ds, ')');
    }
    for (size_t i = 0; i < socket->n_errors; i++) {
        ds_put_format(ds, "%s%"PRIu64" ", separator, socket->errors[i].n);
        if (socket->errors[i].error) {
            upcall_put_errno(ds, socket->errors[i].error);
        } else {
            ds_put_cstr(ds, "for other reasons");
        }
        separator = ", ";
    }
    ds_put_char(ds, '\n');
}

static void
put_lost(const struct upcall_stats *s, const struct stats_frame *frame,
         struct ds *ds)
{
    const struct stats_socket **sockets;
    size_t n_sockets;

    ds_put_format(ds, "lost: %"PRIu64, upcall_stats_lost(s));
    for (size_t i = 0; i < frame->n_datapaths; i++) {
        const struct stats_datapath *dp = &frame->datapaths[i];
        const char *name = upcall_stats_dp_name(s, dp->dp_ifindex,
                                                frame->now);

        ds_put_format(ds, ", %"PRIu64" by the counter of ", dp->lost);
        printable_put_string(ds, name ? name : "a datapath");
    }
    ds_put_char(ds, '\n');
    sockets = stats_get_sockets(s, &n_sockets);
    for (size_t i = 0; i < n_sockets && i < STATS_MAX_ROWS; i++) {
        put_socket(sockets[i], ds);
    }
    if (n_sockets > STATS_MAX_ROWS) {
        ds_put_format(ds, "  (%"PRIuSIZE" more sockets: --json shows all)\n",
                      n_sockets - STATS_MAX_ROWS);
    }
    free(sockets);
    if (s->past_sockets_lost) {
        ds_put_format(ds, "  (%"PRIu64" earlier sockets: %"PRIu64")\n",
                      s->n_past_sockets, s->past_sockets_lost);
    }
}

static void
put_summary(const struct upcall_stats *s, const struct stats_frame *frame,
            struct ds *ds)
{
    char *when = xastrftime_msec("%Y-%m-%d %H:%M:%S", frame->since_wall,
                                 false);

    ds_put_format(ds, "%"PRIu64" upcalls in %.1f s, since %s\n",
                  s->count, (frame->now - frame->since) / 1e9, when);
    free(when);
    stats_put_rates(&s->rates, frame->since, frame->now, ds);
    ds_put_char(ds, '\n');
}

/* Appends 's' to 'ds' for people, with a histogram of 'stage'. */
void
stats_format(const struct upcall_stats *s, const struct stats_frame *frame,
             enum upcall_stage stage, struct ds *ds)
{
    put_summary(s, frame, ds);
    if (s->count) {
        put_stages(s, ds);
        put_bars(s, stage, ds);
        for (int kind = 0; kind < STATS_N_KINDS; kind++) {
            put_rows(s, kind, ds);
        }
        put_batches(s, ds);
    }
    put_lost(s, frame, ds);
}
