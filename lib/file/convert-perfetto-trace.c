/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

/* What is not about a single record: gaps, and the last line. */

#include "file/convert-perfetto-private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "file/trace-begin.h"
#include "file/trace-end.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/names.h"
#include "record/pass.h"
#include "util.h"

/* Gaps. */

static void
write_gap(struct perfetto *w, uint64_t n, uint64_t next)
{
    perfetto_begin_instant(w, perfetto_losses(w), "gap", w->now);
    json_write_integer(&w->json, "records", n);
    json_write_integer(&w->json, "next", next);
    perfetto_end_args(w);
    perfetto_flush(w);
}

/* Takes note that the trace has come to 'ts', and writes the gaps that were
 * held back until there was a time. */
void
perfetto_note_time(struct perfetto *w, uint64_t ts)
{
    w->now = MAX(w->now, ts);
    if (w->holds && w->now) {
        write_gap(w, w->held, w->held_next);
        w->holds = false;
        w->held = 0;
    }
}

/* Begins with the trace of which 'startup', an object, is the first line. */
void
perfetto_start(struct perfetto *w, const struct json *startup)
{
    struct trace_begin begin;

    trace_begin_from_json(&begin, startup);
    if (begin.has_time) {
        perfetto_note_time(w, begin.start_ts);
    }
}

/* Writes that 'n' records are missing before the one whose "seq" is 'next':
 * at the latest time that is known. */
void
perfetto_put_gap(struct perfetto *w, uint64_t n, uint64_t next)
{
    if (w->now) {
        write_gap(w, n, next);
    } else {
        w->held += n;
        w->held_next = next;
        w->holds = true;
    }
}

/* The last line. */

/* Writes an instant for each of the 'n_causes' in 'by_cause' that there
 * was. */
static void
write_dropped(struct perfetto *w, const char *what, const uint64_t *by_cause,
              int n_causes, const char *(*get_name)(int))
{
    for (int i = 0; i < n_causes; i++) {
        if (by_cause[i]) {
            char *name = xasprintf("%s dropped: %s", what, get_name(i));

            perfetto_begin_instant(w, perfetto_losses(w), name, w->now);
            json_write_integer(&w->json, "records", by_cause[i]);
            perfetto_end_args(w);
            free(name);
        }
    }
}

/* Writes what the revalidators did, all of them in all of the trace, which is
 * what there is.  'json' may have anything. */
static void
write_revalidators(struct perfetto *w, const struct stats_frame *frame,
                   const struct json *json)
{
    static const char *const names[] = {
        "dump", "flows", "requests", "flow_results", "unseen_dumps"
    };

    perfetto_begin_slice(w, perfetto_revalidators(w), "all dumps of the trace",
                         frame->since, frame->now - frame->since);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct json *value = shash_find_data(json_object(json),
                                                   names[i]);

        if (value) {
            json_write_tree(&w->json, names[i], value);
        }
    }
    perfetto_end_args(w);
}

/* Writes what the last line, 'json', an object, tells: that of a file that
 * another follows has no numbers.  Returns NULL, or what is wrong with it,
 * which the caller frees. */
char *
perfetto_put_end(struct perfetto *w, const struct json *json)
{
    const struct json *produced = shash_find_data(json_object(json),
                                                  "produced");
    struct trace_end end;
    char *error;

    if (!produced || produced->type == JSON_NULL) {
        return NULL;
    }
    error = trace_end_from_json(&end, json);
    if (error) {
        return error;
    }
    perfetto_note_time(w, end.frame.now);
    write_dropped(w, "upcalls", end.told.records.by_cause, UPCALL_N_DROPS,
                  upcall_drop_name);
    if (end.told.has_passes) {
        write_dropped(w, "passes", end.told.passes.by_cause, PASS_N_DROPS,
                      pass_drop_name);
    }
    if (end.vswitchd) {
        write_revalidators(w, &end.frame, end.vswitchd);
    }
    perfetto_flush(w);
    return NULL;
}
