/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/metrics.h"
#include "show/stats-metrics.h"
#include "show/stats-show.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "util.h"

#define N_PORTS 8

/* Times that upcall_parse() accepts have so many bits. */
#define TIME_MASK ((UINT64_C(1) << 62) - 1)

/* Statistics are started anew after so many records: that takes its time. */
#define STATS_RECORDS 64

static struct port_map *ports;
static struct upcall_stats *stats;

static void
init(uint32_t dp_ifindex)
{
    if (!ports) {
        ports = port_map_create(4);
        stats = upcall_stats_create(ports);
    }
    for (uint32_t i = 0; i < N_PORTS; i++) {
        port_map_add(ports, dp_ifindex, i, i % 2 ? "tap \x1b[31m" : "p\xff",
                     1);
    }
}

/* Fails unless 'ds', which is cleared, has an object in JSON. */
static void
check_json(struct ds *ds)
{
    struct json *json = json_from_string(ds_cstr(ds));

    fuzz_check_utf8(ds_cstr(ds));
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
    ds_clear(ds);
}

static void
show(const struct upcall *u, const struct flow_table *flows)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f = flow_table_first(flows);
    struct json_writer w;

    upcall_format(u, ports, flows, &ds);
    upcall_format_events(u, ports, &ds);
    fuzz_check_printable(ds_cstr(&ds));
    ds_clear(&ds);
    if (f) {
        flow_show(f, ports, true, &ds);
        fuzz_check_printable(ds_cstr(&ds));
        ds_clear(&ds);
        json_writer_init(&w, &ds);
        flow_show_write(&w, f, ports, true);
        check_json(&ds);
    }
    json_writer_init(&w, &ds);
    upcall_json_write(&w, u, 3, ports, flows);
    check_json(&ds);
    json_writer_init(&w, &ds);
    upcall_json_write_pending(&w, u, 5, "queued", ports);
    check_json(&ds);
    ds_destroy(&ds);
}

static void
show_stats(const struct upcall *u)
{
    const struct stats_frame frame = { .now = u->rec->ts };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct metrics *metrics = metrics_create(METRICS_OPENMETRICS);
    struct json *json;

    stats_format(stats, &frame, u->rec->cpu % UPCALL_N_STAGES, &ds);
    stats_put_metrics(stats, &frame, metrics);
    metrics_finish(metrics, &ds, NULL);
    fuzz_check_printable(ds_cstr(&ds));
    ds_clear(&ds);
    json = stats_to_json(stats, &frame);
    json_to_ds(json, 0, &ds);
    json_destroy(json);
    check_json(&ds);
    ds_destroy(&ds);
}

static void
count(const struct upcall *u)
{
    if (stats->count >= STATS_RECORDS) {
        show_stats(u);
        upcall_stats_clear(stats);
    }
    upcall_stats_add(stats, u->rec);
}

static void
use(const struct upcall *u)
{
    struct flow_table *flows = flow_table_create(1 << 20);

    init(u->dp_ifindex);
    flow_table_add(flows, u, 0);
    show(u, flows);
    flow_table_destroy(flows);
    count(u);
}

/* Makes the fixed part of 'rec', which has 'size' bytes, possible.  Returns
 * how many of these it needs. */
static size_t
repair(struct upcall_record *rec, size_t size)
{
    __u64 *times[] = {
        &rec->ts, &rec->enqueue_ts, &rec->recv_ts, &rec->put_ts,
        &rec->put_duration, &rec->exec_ts, &rec->exec_duration,
        &rec->usdt_recv_ts, &rec->translated_ts, &rec->usdt_put_ts,
        &rec->usdt_exec_ts, &rec->idle_from, &rec->idle_until,
        &rec->idle_delay, &rec->recv_delay, &rec->end_delay,
    };
    size_t left = ROUND_DOWN(size - sizeof *rec, 8);

    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        *times[i] &= TIME_MASK;
    }
    rec->outcome %= UPCALL_OUTCOME_UNKNOWN + 1;
    rec->class_ %= UPCALL_N_CLASSES + 1;
    rec->exec_rule %= UPCALL_N_RULES;
    rec->conflicts &= (1 << UPCALL_N_CONFLICTS) - 1;
    rec->msg_len = MIN(MIN(rec->msg_len, left), UPCALL_KEY_MAX);
    left -= ROUND_UP(rec->msg_len, 8);
    rec->put_len = MIN(MIN(rec->put_len, left), UPCALL_PUT_MAX);
    left -= ROUND_UP(rec->put_len, 8);
    rec->exec_len = MIN(MIN(rec->exec_len, left), UPCALL_EXEC_MAX);
    return upcall_record_size(rec);
}

/* Takes a record.  One that is not possible is used as well, after what its
 * fixed part cannot have was changed. */
void
fuzz_record(const uint8_t *data, size_t size)
{
    struct upcall_record *rec;
    struct upcall u;
    char *error;
    void *copy;

    if (size < sizeof *rec) {
        ovs_assert(!upcall_parse(data, size, &u, &error));
        free(error);
        return;
    }
    rec = xmemdup(data, size);
    if (upcall_parse(rec, size, &u, &error)) {
        use(&u);
    } else {
        ovs_assert(error && *error);
        free(error);
        size = repair(rec, size);
        copy = xmemdup(rec, size);
        free(rec);
        rec = copy;
        ovs_assert(upcall_parse(rec, size, &u, &error));
        use(&u);
    }
    ovs_assert(upcall_limit_packet(rec, 64) <= size);
    free(rec);
}
