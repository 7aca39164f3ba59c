/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "file/trace-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-json.h"
#include "util.h"

/* How often progress is shown, in ms. */
#define PROGRESS_INTERVAL 1000

/* Says how to end the recording, if that is up to who sees it. */
void
recording_print_hello(const struct recording *r)
{
    if (r->shows_progress && !r->child) {
        fprintf(stderr, "recording to %s: interrupt it (Ctrl-C) to end\n",
                r->options->output);
    }
}

/* Shows what has been written so far, if it is time for it. */
void
recording_show_progress(struct recording *r)
{
    struct trace_writer_stats stats;

    if (r->shows_progress && time_msec() >= r->next_progress) {
        trace_writer_get_stats(r->writer, &stats);
        fprintf(stderr, "\r%"PRIu64" upcalls, %"PRIu64" passes, %"PRIu64
                " missed, %"PRIu64" bytes ", stats.upcalls, stats.passes,
                stats.missed, stats.bytes);
        fflush(stderr);
        r->next_progress = time_msec() + PROGRESS_INTERVAL;
    }
}

/* What the daemon calls it that upcalls came after the last one that was asked
 * for (UPCALL_DROPS in bpf/upcall-record.h).  They are not lost. */
#define AFTER_THE_END "stopped"

/* Returns how many of the records that 'counts' tells of were lost, -1 if that
 * is not known. */
static int64_t
count_lost(const struct json *counts)
{
    int64_t dropped = trace_json_number(counts, "dropped");
    int64_t late = trace_json_number(trace_json_get(counts, "by_cause",
                                                    JSON_OBJECT),
                                     AFTER_THE_END);

    return dropped < 0 ? -1 : dropped - MAX(late, 0);
}

/* Appends how many records the daemon has dropped, 'what' they are, and why,
 * of which 'counts' tells; nothing if that is not known. */
static void
put_dropped(struct ds *ds, const char *what, const struct json *counts)
{
    int64_t dropped = count_lost(counts);
    const struct json *causes = trace_json_get(counts, "by_cause",
                                               JSON_OBJECT);
    const struct shash_node *node;
    const char *separator = " (";

    if (dropped < 0) {
        return;
    }
    ds_put_format(ds, "%"PRId64" %s dropped", dropped, what);
    if (causes) {
        SHASH_FOR_EACH (node, json_object(causes)) {
            int64_t n = trace_json_number(causes, node->name);

            if (n > 0 && strcmp(node->name, AFTER_THE_END)) {
                ds_put_cstr(ds, separator);
                printable_put_string(ds, node->name);
                ds_put_format(ds, " %"PRId64, n);
                separator = ", ";
            }
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? "), " : ", ");
}

/* Returns the name of what was written last. */
static const char *
get_name(const struct trace_writer_stats *stats)
{
    return strcmp(stats->name, "-") ? stats->name : "standard output";
}

/* Appends a line for people. */
static void
put_text(const struct recording *r, const struct trace_writer_stats *stats,
         const struct json *end, struct ds *ds)
{
    ds_put_format(ds, "%s%s: %"PRIu64" upcalls, %"PRIu64" passes, ",
                  r->shows_progress ? "\r" : "", get_name(stats),
                  stats->upcalls, stats->passes);
    put_dropped(ds, "upcalls", end);
    put_dropped(ds, "passes", trace_json_get(end, "passes", JSON_OBJECT));
    ds_put_format(ds, "%"PRIu64" records missed, %"PRIu64" bytes",
                  stats->missed, stats->bytes);
    if (stats->n_files > 1) {
        ds_put_format(ds, " in %"PRIu64" files", stats->n_files);
    }
    if (stats->n_removed) {
        ds_put_format(ds, ", %"PRIu64" old files removed",
                      stats->n_removed);
    }
    if (stats->unwritten) {
        ds_put_format(ds, ", %"PRIu64" more records could not be written",
                      stats->unwritten);
    }
    if (stats->damaged) {
        ds_put_format(ds, ", %"PRIu64" damaged records left out",
                      stats->damaged);
    }
    ds_put_char(ds, '\n');
}

/* Appends what can be done about it that there is nothing, or not all. */
static void
put_hint(const struct recording *r, const struct trace_writer_stats *stats,
         const struct json *end, struct ds *ds)
{
    const struct json *passes = trace_json_get(end, "passes", JSON_OBJECT);

    if (r->is_incomplete) {
        return;
    } else if (count_lost(end) > 0 || count_lost(passes) > 0) {
        ds_put_cstr(ds, "a larger --buffer, or a --filter, --port or "
                    "--class, has the daemon drop less\n");
    } else if (stats->missed) {
        ds_put_cstr(ds, "a larger --history has the daemon keep records "
                    "until they can be written\n");
    } else if (!stats->upcalls && !stats->passes && !stats->damaged) {
        ds_put_format(ds, "no packet has left the datapath for ovs-vswitchd%s"
                      ": \"ovs-upcall-trace check\" tells whether it can be "
                      "seen here\n", passes ? ", or passed it"
                      : "; those that hit a flow are recorded with "
                      "--datapath");
    }
}

static void
put_integer(struct json *json, const char *name, int64_t value)
{
    json_object_put(json, name, value < 0 ? json_null_create()
                    : json_integer_create(value));
}

/* Appends the same for programs. */
static void
put_json(const struct recording *r, const struct trace_writer_stats *stats,
         const struct json *end, struct ds *ds)
{
    const struct json *passes = trace_json_get(end, "passes", JSON_OBJECT);
    struct json *json = json_object_create();

    json_object_put_string(json, "file", stats->name);
    put_integer(json, "files", stats->n_files);
    put_integer(json, "files_removed", stats->n_removed);
    put_integer(json, "bytes", stats->bytes);
    put_integer(json, "upcalls", stats->upcalls);
    put_integer(json, "passes", stats->passes);
    put_integer(json, "upcalls_dropped", count_lost(end));
    put_integer(json, "passes_dropped", count_lost(passes));
    put_integer(json, "missed", stats->missed);
    put_integer(json, "unwritten", stats->unwritten);
    put_integer(json, "damaged", stats->damaged);
    json_object_put(json, "complete",
                    json_boolean_create(!r->is_incomplete));
    json_to_ds(json, JSSF_SORT, ds);
    json_destroy(json);
    ds_put_char(ds, '\n');
}

/* Prints what was written, after its last line. */
void
recording_print_summary(struct recording *r)
{
    struct json *end = r->end_text ? json_from_string(r->end_text) : NULL;
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct trace_writer_stats stats;

    trace_writer_get_stats(r->writer, &stats);
    if (r->json) {
        put_json(r, &stats, end, &ds);
    } else {
        put_text(r, &stats, end, &ds);
        put_hint(r, &stats, end, &ds);
    }
    fputs(ds_cstr(&ds), stderr);
    ds_destroy(&ds);
    json_destroy(end);
}
