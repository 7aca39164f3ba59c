/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-choice.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/moment.h"
#include "bpf/pass-record.h"
#include "file/trace-begin.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "store/file-options.h"
#include "util.h"

/* Latest time that is told apart from later ones, ns since the epoch: another
 * half of what there is, is for a trace_begin's offset. */
#define TIME_MAX (INT64_MAX / 2)

/* How long after it began a record may come, in ns: upcalls that are older
 * than 60 s are abandoned (ABANDONED_NS in extension/sweep.c). */
#define LATE_MAX (75 * (int64_t) NS_PER_SECOND)

BUILD_ASSERT_DECL(RECORD_IDS_MAX <= 64);

/* Prepares 'c' to choose what 'options', which have to live as long, say. */
void
trace_choice_init(struct trace_choice *c, const struct file_choice *options)
{
    *c = (struct trace_choice) {
        .options = options, .since = INT64_MIN, .until = INT64_MAX,
        .latest = INT64_MIN,
    };
}

/* Returns true if a time is given since or until when. */
bool
trace_choice_is_by_time(const struct trace_choice *c)
{
    return c->options->since.kind || c->options->until.kind;
}

/* Returns when 'm' is in the trace 'b', as times in records. */
static int64_t
resolve(const struct moment *m, const struct trace_begin *b)
{
    return MIN(moment_resolve(m, b->started), TIME_MAX) - b->wall_offset;
}

/* Has 'c' choose from the trace whose first line is 'startup'.  Returns NULL,
 * or why it cannot, which the caller frees. */
char *
trace_choice_begin(struct trace_choice *c, const struct json *startup)
{
    const struct file_choice *o = c->options;
    struct trace_begin begin;

    if (!trace_choice_is_by_time(c)) {
        return NULL;
    }
    c->latest = INT64_MIN;
    trace_begin_from_json(&begin, startup);
    if (!begin.has_time) {
        return xstrdup("cannot choose by time: the line \"startup\" does not "
                       "tell when the trace began");
    }
    if (o->since.kind) {
        c->since = resolve(&o->since, &begin);
    }
    if (o->until.kind) {
        c->until = resolve(&o->until, &begin);
    }
    return NULL;
}

/* Returns when 'record' began: what a choice by time is about. */
int64_t
trace_choice_time(const void *record)
{
    const struct upcall_record *upcall = record;
    const struct pass_record *pass = record;

    return record_is_pass(record) ? pass->ts : upcall->ts;
}

/* Returns true if the id of 'record' is one of those that were given, or if
 * none was, and notes it. */
static bool
has_id(struct trace_choice *c, const void *record)
{
    const struct record_ids *ids = &c->options->ids;
    uint64_t word = *(const uint64_t *) record;

    for (size_t i = 0; i < ids->n; i++) {
        if (ids->words[i] == word) {
            c->found |= UINT64_C(1) << i;
            return true;
        }
    }
    return !ids->n;
}

/* Returns true if the record of 'item' is chosen. */
bool
trace_choice_has(struct trace_choice *c, const struct trace_item *item)
{
    const struct upcall_record *rec = item->record;
    int64_t ts = trace_choice_time(rec);

    if (record_is_pass(rec) || rec->outcome != UPCALL_ABANDONED) {
        c->latest = MAX(c->latest, ts);
    }
    return (ts >= c->since && ts < c->until
            && selection_has(&c->options->selection, item->record,
                             item->context->ports)
            && has_id(c, item->record));
}

/* Returns true if the trace is at a time behind which nothing comes that is
 * chosen: that is later than the time until when by as long as an upcall takes
 * to be abandoned, and more. */
bool
trace_choice_is_past(const struct trace_choice *c)
{
    return c->latest > c->until && c->latest - c->until > LATE_MAX;
}

/* Returns the ids that were given and have not been seen, NULL if there are
 * none.  The caller frees it. */
char *
trace_choice_get_missing(const struct trace_choice *c)
{
    const struct record_ids *ids = &c->options->ids;
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ids->n; i++) {
        if (!(c->found & UINT64_C(1) << i)) {
            ds_put_cstr(&ds, ds.length ? ", " : "");
            record_id_put(&ds, ids->words[i]);
        }
    }
    return ds.length ? ds_steal_cstr(&ds) : NULL;
}
