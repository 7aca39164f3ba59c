/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/metrics.h"
#include "show/stats-rows.h"
#include "show/stats-show.h"
#include "store/upcall-stats.h"
#include "util.h"

static const char *
name_or(const char *name, const char *other)
{
    return name ? name : other;
}

static void
put_upcalls(const struct upcall_stats *s, struct metrics *m)
{
    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "upcalls", NULL,
                  "Upcalls by class and outcome.");
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        for (int j = 0; j < STATS_N_OUTCOMES; j++) {
            if (s->counts[i][j] || (i == UPCALL_CLASS_MISS
                                    && j < UPCALL_OUTCOME_UNKNOWN)) {
                metrics_put(m, METRICS_LABELS(
                                { "class", name_or(upcall_class_name(i),
                                                   "unknown") },
                                { "outcome", name_or(upcall_outcome_name(j),
                                                     "unknown") }),
                            s->counts[i][j]);
            }
        }
    }
}

static void
put_latency(const struct upcall_stats *s, struct metrics *m)
{
    metrics_begin(m, METRICS_HISTOGRAM, METRICS_PREFIX "latency_seconds",
                  "seconds", "How long the stages of upcalls took.");
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        struct histogram h;

        upcall_stats_get_stage(s, i, &h);
        metrics_put_times(m, METRICS_LABELS({ "stage",
                                              upcall_stage_name(i) }), &h);
        histogram_clear(&h);
    }
}

static void
put_batches(const struct upcall_stats *s, struct metrics *m)
{
    struct metrics_bucket buckets[8];
    uint64_t n = 0, sum = 0;
    size_t size = 0;

    metrics_begin(m, METRICS_HISTOGRAM, METRICS_PREFIX "batch_upcalls", NULL,
                  "How many upcalls handlers received at once.");
    for (size_t i = 0; i < ARRAY_SIZE(buckets); i++) {
        for (; size <= 1u << i; size++) {
            n += s->batches[size];
            sum += s->batches[size] * size;
        }
        buckets[i].until = 1u << i;
        buckets[i].count = n;
    }
    for (; size <= STATS_BATCH_MAX; size++) {
        sum += s->batches[size] * size;
    }
    metrics_put_histogram(m, NULL, buckets, ARRAY_SIZE(buckets), s->n_batches,
                          sum);
}

/* Adds a sample to the metric that has begun: of the port of 'row', which is
 * one of stats_rows_merge_ports(), there were 'n', with 'label'='value' unless
 * 'label' is NULL. */
void
stats_metrics_put_port(struct metrics *m, const struct stats_row *row,
                       const char *label, const char *value, uint64_t n)
{
    char *number = (row->has_port ? xasprintf("%"PRIu32, row->port_no)
                    : xstrdup(""));

    metrics_put(m, METRICS_LABELS({ "datapath", name_or(row->datapath, "") },
                                  { "port", name_or(row->name, "") },
                                  { "number", number },
                                  { label, value }), n);
    free(number);
}

static void
put_port(struct metrics *m, const struct stats_row *row)
{
    const struct stats_group *group = stats_row_upcalls(row);

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        if (group->outcomes[i]) {
            stats_metrics_put_port(m, row, "outcome",
                                   name_or(upcall_outcome_name(i), "unknown"),
                                   group->outcomes[i]);
        }
    }
}

static void
put_ports(const struct upcall_stats *s, struct metrics *m)
{
    struct stats_rows rows;

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "port_upcalls", NULL,
                  "Upcalls by input port and outcome.");
    stats_rows_get(s, STATS_PORT, &rows);
    stats_rows_merge_ports(&rows);
    for (size_t i = 0; i < rows.n; i++) {
        put_port(m, &rows.rows[i]);
    }
    stats_rows_destroy(&rows);
}

static void
put_handlers(const struct upcall_stats *s, struct metrics *m)
{
    struct stats_rows rows;

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "handler_upcalls", NULL,
                  "Upcalls that a handler thread received.");
    stats_rows_get(s, STATS_HANDLER, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        const struct stats_row *row = &rows.rows[i];
        char *tid = xasprintf("%"PRIu32, row->tid);
        char *pid = xasprintf("%"PRIu32, row->tgid);

        metrics_put(m, METRICS_LABELS({ "handler", name_or(row->name, "") },
                                      { "pid", row->tgid ? pid : "" },
                                      { "tid", row->tid ? tid : "" }),
                    row->count);
        free(tid);
        free(pid);
    }
    stats_rows_destroy(&rows);
}

static void
put_socket(struct metrics *m, const struct stats_socket *socket)
{
    char *portid = xasprintf("%"PRIu32, socket->portid);
    struct ds comm = DS_EMPTY_INITIALIZER;

    upcall_put_comm(&comm, socket->comm);
    for (size_t i = 0; i < socket->n_errors; i++) {
        struct ds error = DS_EMPTY_INITIALIZER;

        if (socket->errors[i].error) {
            upcall_put_errno_name(&error, socket->errors[i].error);
        }
        metrics_put(m, METRICS_LABELS({ "portid", portid },
                                      { "handler", ds_cstr(&comm) },
                                      { "error", ds_cstr(&error) }),
                    socket->errors[i].n);
        ds_destroy(&error);
    }
    ds_destroy(&comm);
    free(portid);
}

static void
put_lost(const struct upcall_stats *s, const struct stats_frame *frame,
         struct metrics *m)
{
    size_t n;
    const struct stats_socket **sockets = stats_get_sockets(s, &n);

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "socket_lost", NULL,
                  "Upcalls that could not be queued, by socket and error.");
    for (size_t i = 0; i < n; i++) {
        put_socket(m, sockets[i]);
    }
    free(sockets);
    if (s->past_sockets_lost) {
        metrics_put(m, METRICS_LABELS({ "portid", "" }, { "handler", "" },
                                      { "error", "" }),
                    s->past_sockets_lost);
    }

    metrics_begin(m, METRICS_COUNTER, METRICS_PREFIX "datapath_lost", NULL,
                  "Packets that the datapath itself has counted as lost.");
    for (size_t i = 0; i < frame->n_datapaths; i++) {
        const struct stats_datapath *dp = &frame->datapaths[i];
        const char *name = upcall_stats_dp_name(s, dp->dp_ifindex,
                                                frame->now);

        if (name) {
            metrics_put(m, METRICS_LABELS({ "datapath", name }), dp->lost);
        }
    }
}

/* Writes all that is in 's' and 'frame' to 'm'. */
void
stats_put_metrics(const struct upcall_stats *s,
                  const struct stats_frame *frame, struct metrics *m)
{
    put_upcalls(s, m);
    put_latency(s, m);
    put_batches(s, m);
    put_ports(s, m);
    put_handlers(s, m);
    put_lost(s, frame, m);
}
