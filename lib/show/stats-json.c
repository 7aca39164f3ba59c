/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics as JSON: the first half of stats-show.h. */

#include <config.h>

#include "show/stats-show.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/stats-rows.h"
#include "show/stats-times.h"
#include "show/json-values.h"
#include "store/upcall-stats.h"
#include "util.h"

static struct json *
stages_to_json(const struct upcall_stats *s)
{
    struct json *o = json_object_create();

    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        struct histogram h;
        struct json *stage;

        upcall_stats_get_stage(s, i, &h);
        stage = stats_times_to_json(&h);
        put(stage, "buckets", stats_buckets_to_json(&h));
        put(o, upcall_stage_name(i), stage);
        histogram_clear(&h);
    }
    return o;
}

/* Returns the name of outcome or class, which may be unknown. */
static const char *
name_or_unknown(const char *name)
{
    return name ? name : "unknown";
}

/* Returns how many upcalls of each 'kind' there were. */
static struct json *
counts_to_json(const struct upcall_stats *s, enum stats_kind kind)
{
    struct json *o = json_object_create();
    struct stats_rows rows;

    stats_rows_get(s, kind, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        put(o, name_or_unknown(rows.rows[i].name),
            stats_count(rows.rows[i].count));
    }
    stats_rows_destroy(&rows);
    return o;
}

/* Returns the total time of each outcome and of each class that there was. */
static struct json *
total_by_to_json(const struct upcall_stats *s, enum stats_kind kind)
{
    struct json *o = json_object_create();
    struct stats_rows rows;

    stats_rows_get(s, kind, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.rows[i].count) {
            put(o, name_or_unknown(rows.rows[i].name),
                stats_times_to_json(
                    &stats_row_upcalls(&rows.rows[i])->total));
        }
    }
    stats_rows_destroy(&rows);
    return o;
}

static struct json *
outcomes_to_json(const uint64_t outcomes[STATS_N_OUTCOMES])
{
    struct json *o = json_object_create();

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        if (outcomes[i]) {
            put(o, name_or_unknown(upcall_outcome_name(i)),
                stats_count(outcomes[i]));
        }
    }
    return o;
}

static void
put_handler(struct json *o, const struct stats_row *row)
{
    put(o, "name", value_string(row->name));
    put(o, "tid", value_integer(row->tid, row->tid));
    put(o, "pid", value_integer(row->tgid, row->tgid));
}

static void
put_upcalls(struct json *o, const struct stats_row *row)
{
    const struct stats_group *group = stats_row_upcalls(row);
    struct json *latency = json_object_create();

    put(o, "outcomes", outcomes_to_json(group->outcomes));
    if (row->queue) {
        put(latency, "queue", stats_times_to_json(row->queue));
    }
    put(latency, "total", stats_times_to_json(&group->total));
    put(o, "latency", latency);
}

/* Returns a row for each of 'kind', of which 'put_what' says what it is. */
static struct json *
rows_to_json(const struct upcall_stats *s, enum stats_kind kind,
             stats_row_json_cb *put_what)
{
    struct stats_rows rows;
    struct json *array;

    stats_rows_get(s, kind, &rows);
    array = stats_rows_to_json(&rows, put_what, put_upcalls);
    stats_rows_destroy(&rows);
    return array;
}

/* Returns how many upcalls were in a batch: "sizes" has, by the number of
 * upcalls, how many batches there were. */
static struct json *
batch_to_json(const struct upcall_stats *s)
{
    struct json *o = json_object_create();
    struct json *sizes = json_object_create();
    uint64_t sum = 0, max = 0;

    for (uint64_t i = 0; i <= STATS_BATCH_MAX; i++) {
        if (s->batches[i]) {
            char *name = xasprintf("%"PRIu64, i);

            put(sizes, name, stats_count(s->batches[i]));
            free(name);
            sum += i * s->batches[i];
            max = i;
        }
    }
    put(o, "count", stats_count(s->n_batches));
    put(o, "mean", s->n_batches ? json_real_create((double) sum / s->n_batches)
                   : json_null_create());
    put(o, "max", value_integer(s->n_batches, max));
    put(o, "sizes", sizes);
    return o;
}

static struct json *
errors_to_json(const struct stats_socket *socket)
{
    struct json *o = json_object_create();

    for (size_t i = 0; i < socket->n_errors; i++) {
        struct ds name = DS_EMPTY_INITIALIZER;

        if (socket->errors[i].error) {
            upcall_put_errno_name(&name, socket->errors[i].error);
        } else {
            ds_put_cstr(&name, "other");
        }
        put(o, ds_cstr(&name), stats_count(socket->errors[i].n));
        ds_destroy(&name);
    }
    return o;
}

static struct json *
socket_to_json(const struct stats_socket *socket)
{
    struct ds comm = DS_EMPTY_INITIALIZER;
    struct json *o = json_object_create();

    upcall_put_comm(&comm, socket->comm);
    put(o, "portid", stats_count(socket->portid));
    put(o, "handler", value_text(socket->tid, &comm));
    put(o, "tid", value_integer(socket->tid, socket->tid));
    put(o, "lost", stats_count(socket->lost));
    put(o, "errors", errors_to_json(socket));
    return o;
}

/* Returns what was lost for sockets that are not kept any more; "past" is how
 * many these are. */
static struct json *
past_sockets_to_json(const struct upcall_stats *s)
{
    struct json *o = json_object_create();

    put(o, "portid", json_null_create());
    put(o, "handler", json_null_create());
    put(o, "tid", json_null_create());
    put(o, "lost", stats_count(s->past_sockets_lost));
    put(o, "errors", json_object_create());
    put(o, "past", stats_count(s->n_past_sockets));
    return o;
}

/* Returns the sockets for which upcalls were lost. */
static struct json *
sockets_to_json(const struct upcall_stats *s)
{
    struct json *array = json_array_create_empty();
    size_t n;
    const struct stats_socket **sockets = stats_get_sockets(s, &n);

    for (size_t i = 0; i < n; i++) {
        json_array_add(array, socket_to_json(sockets[i]));
    }
    free(sockets);
    if (s->past_sockets_lost) {
        json_array_add(array, past_sockets_to_json(s));
    }
    return array;
}

/* Returns what the datapaths have counted themselves. */
static struct json *
kernel_lost_to_json(const struct upcall_stats *s,
                    const struct stats_frame *frame)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < frame->n_datapaths; i++) {
        const struct stats_datapath *dp = &frame->datapaths[i];
        struct json *o = json_object_create();
        const char *name = upcall_stats_dp_name(s, dp->dp_ifindex,
                                                frame->now);

        put(o, "name", value_datapath(name));
        put(o, "lost", stats_count(dp->lost));
        json_array_add(array, o);
    }
    return array;
}

/* Returns by class how many were lost, if any were. */
static struct json *
lost_classes_to_json(const struct upcall_stats *s)
{
    struct json *o = json_object_create();

    for (int i = 0; i < STATS_N_CLASSES; i++) {
        uint64_t lost = s->counts[i][UPCALL_LOST];
        const char *name = upcall_class_name(i);

        if (lost) {
            put(o, name ? name : "unknown", stats_count(lost));
        }
    }
    return o;
}

static struct json *
lost_to_json(const struct upcall_stats *s, const struct stats_frame *frame)
{
    struct json *o = json_object_create();

    put(o, "upcalls", stats_count(upcall_stats_lost(s)));
    put(o, "classes", lost_classes_to_json(s));
    put(o, "sockets", sockets_to_json(s));
    put(o, "datapaths", kernel_lost_to_json(s, frame));
    return o;
}

/* Returns 's' as a JSON object, which the caller has to destroy.  Times are in
 * ns, but "since_ms", which is since the epoch. */
struct json *
stats_to_json(const struct upcall_stats *s, const struct stats_frame *frame)
{
    struct json *o = json_object_create();

    put(o, "since_ms", value_integer(true, frame->since_wall));
    put(o, "duration", stats_count(frame->now - frame->since));
    put(o, "upcalls", stats_count(s->count));
    put(o, "rates", stats_rates_to_json(&s->rates, frame->since, frame->now,
                                        "upcalls", "lost"));
    put(o, "latency", stages_to_json(s));
    put(o, "outcomes", counts_to_json(s, STATS_OUTCOME));
    put(o, "classes", counts_to_json(s, STATS_CLASS));
    put(o, "total_by_outcome", total_by_to_json(s, STATS_OUTCOME));
    put(o, "total_by_class", total_by_to_json(s, STATS_CLASS));
    put(o, "datapaths", rows_to_json(s, STATS_DATAPATH,
                                     stats_row_put_datapath));
    put(o, "ports", rows_to_json(s, STATS_PORT, stats_row_put_port));
    put(o, "handlers", rows_to_json(s, STATS_HANDLER, put_handler));
    put(o, "batch", batch_to_json(s));
    put(o, "lost", lost_to_json(s, frame));
    return o;
}
