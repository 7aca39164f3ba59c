/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of ovs-vswitchd from JSON: the inverse of
 * vswitchd_stats_to_json(). */

#include <config.h>

#include "show/vswitchd-show.h"

#include <string.h>

#include "base/compat.h"
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/names.h"
#include "store/vswitchd-stats.h"
#include "util.h"

static uint64_t
read_count(struct json_read *r, const struct json *json, const char *name)
{
    return json_read_integer(r, json, name, 0, INT64_MAX);
}

/* Returns the number 'name' of 'json', 0 if it is null or no number. */
static double
read_real(struct json_read *r, const struct json *json, const char *name)
{
    const struct json *number = (r->error ? NULL
                                 : shash_find_data(json_object(json), name));

    return (!number ? 0
            : number->type == JSON_INTEGER ? json_integer(number)
            : number->type == JSON_REAL ? json_real(number) : 0);
}

/* Adds 'bucket', an array of its bounds and how many numbers it has, to
 * 'h'. */
static void
read_bucket(struct json_read *r, struct histogram *h,
            const struct json *bucket)
{
    int64_t numbers[3];

    if (bucket->type != JSON_ARRAY || upcall_json_array_size(bucket) != 3) {
        json_read_error(r, "an element of \"buckets\" is not 3 numbers");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        const struct json *n = upcall_json_array_at(bucket, i);

        numbers[i] = n->type == JSON_INTEGER ? json_integer(n) : -1;
        if (numbers[i] < 0) {
            json_read_error(r, "an element of \"buckets\" is not 3 numbers");
            return;
        }
    }
    histogram_add_many(h, numbers[0], numbers[2]);
}

/* Sets 'h', which is empty, to the times 'name' of 'json'.  Returns false if
 * these are null. */
static bool
read_times(struct json_read *r, struct histogram *h, const struct json *json,
           const char *name)
{
    const struct json *times = json_read_object_if(r, json, name);
    const struct json *buckets;
    int64_t min, max;

    if (!times) {
        return false;
    }
    buckets = json_read_array(r, times, "buckets");
    for (size_t i = 0; !r->error && i < upcall_json_array_size(buckets);
         i++) {
        read_bucket(r, h, upcall_json_array_at(buckets, i));
    }
    json_read_integer_if(r, times, "min", 0, INT64_MAX, &min);
    json_read_integer_if(r, times, "max", min, INT64_MAX, &max);
    h->min = min;
    h->max = max;
    h->sum = read_real(r, times, "mean") * h->count;
    return !r->error;
}

/* Reads for which reasons 'result' of 'phase' was, and how often. */
static void
read_reasons(struct vswitchd_stats *s, struct json_read *r, int phase,
             int result, const struct json *reasons)
{
    for (int i = 0; i < VSWITCHD_N_REASONS && !r->error; i++) {
        const char *name = vswitchd_reason_name(i);

        if (reasons->type == JSON_OBJECT
            && shash_find(json_object(reasons), name)) {
            s->now.results[phase][result][i] = read_count(r, reasons, name);
        }
    }
}

static void
read_results(struct vswitchd_stats *s, struct json_read *r,
             const struct json *results)
{
    for (int i = 0; i < VSWITCHD_N_PHASES; i++) {
        const struct json *phase = json_read_object(r, results,
                                                    vswitchd_phase_name(i));

        for (int j = 0; j < VSWITCHD_N_RESULTS && !r->error; j++) {
            const struct json *reasons;

            reasons = shash_find_data(json_object(phase),
                                      vswitchd_result_name(j));
            if (reasons) {
                read_reasons(s, r, i, j, reasons);
            }
        }
    }
}

/* Reads how often 'probe', which is 'name' of 'requests', was hit. */
static void
read_hits(struct vswitchd_stats *s, struct json_read *r,
          const struct json *requests, const char *name,
          enum vswitchd_probe probe)
{
    int64_t hits;

    if (json_read_integer_if(r, requests, name, 0, INT64_MAX, &hits)) {
        s->known |= 1u << probe;
        s->now.hits[probe] = hits;
    }
}

/* Reads the main loop, of 'now'. */
static void
read_loop(struct vswitchd_stats *s, struct json_read *r,
          const struct json *json, uint64_t now)
{
    uint64_t busy = read_real(r, json, "busy") * (now - s->since);
    int64_t current;

    if (read_times(r, &s->times[VSWITCHD_TIME_LOOP], json, "main_loop")) {
        s->known |= 1u << VSWITCHD_PROBE_POLL_BLOCK;
    }
    if (json_read_integer_if(r, json, "current_loop", 0, INT64_MAX,
                             &current)) {
        s->loop_start = now - MIN(now, current);
    }
    s->busy = busy - MIN(busy, current);
}

/* Sets 's' to what 'json' says, an object that vswitchd_stats_to_json() has
 * made at 'now' of statistics that began at 'since'.  What is known of it by
 * text is the same.  The caller frees what is in it with
 * vswitchd_stats_clear(). */
void
vswitchd_stats_from_json(struct vswitchd_stats *s, struct json_read *r,
                         const struct json *json, uint64_t since,
                         uint64_t now)
{
    const struct json *results = json_read_object_if(r, json, "flow_results");
    const struct json *requests = json_read_object(r, json, "requests");
    const struct json *flows = json_read_object(r, json, "flows");
    int64_t n;

    memset(s, 0, sizeof *s);
    s->since = since;
    read_loop(s, r, json, MAX(now, since));
    if (read_times(r, &s->times[VSWITCHD_TIME_DUMP], json, "dump")) {
        s->known |= 1u << VSWITCHD_PROBE_SWEEP_DONE;
    }
    json_read_integer_if(r, flows, "last", 0, INT64_MAX, &n);
    s->last_flows = n;
    json_read_integer_if(r, flows, "max", 0, INT64_MAX, &n);
    s->max_flows = n;
    if (results) {
        s->known |= 1u << VSWITCHD_PROBE_FLOW_RESULT;
        read_results(s, r, results);
    }
    s->unseen_dumps = read_count(r, json, "unseen_dumps");
    read_hits(s, r, requests, "flow_del", VSWITCHD_PROBE_FLOW_DEL);
    read_hits(s, r, requests, "flow_get", VSWITCHD_PROBE_FLOW_GET);
    s->now.dropped = read_count(r, json, "dropped");
}
