/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/report-slowest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "show/record-show.h"
#include "util.h"

/* What text that was cut ends with. */
#define CUT "\n...\n"

/* Frees what 's' needed. */
void
report_slowest_uninit(struct report_slowest *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->slow[i].text);
    }
}

/* Returns when 'stage' of 'rec' began, if upcall_get_stage() knows it. */
static uint64_t
get_start(const struct upcall_record *rec, enum upcall_stage stage)
{
    switch (stage) {
    case UPCALL_STAGE_QUEUE:
        return rec->enqueue_ts;
    case UPCALL_STAGE_TRANSLATE:
        return (rec->flags & UPCALL_F_USDT_RECV ? rec->usdt_recv_ts
                : rec->recv_ts);
    case UPCALL_STAGE_HANDLE:
        return rec->recv_ts;
    case UPCALL_STAGE_INSTALL:
        return rec->put_ts;
    case UPCALL_STAGE_EXECUTE:
        return rec->exec_ts;
    case UPCALL_STAGE_TOTAL:
        return rec->ts;
    case UPCALL_N_STAGES:
        break;
    }
    OVS_NOT_REACHED();
}

/* Stores the stages of 'rec' that are known in 'parts', from its beginning,
 * and returns how many there are.  Those that do not begin after it and end
 * before it has ended, such as what a file has made up, are left out. */
size_t
report_get_parts(const struct upcall_record *rec,
                 struct report_part parts[UPCALL_N_STAGES])
{
    struct upcall_latency l;
    size_t n = 0;

    upcall_get_latency(rec, &l);
    if (!upcall_latency_has(&l, UPCALL_STAGE_TOTAL)) {
        return 0;
    }
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        uint64_t from = get_start(rec, i) - rec->ts;

        if (upcall_latency_has(&l, i)
            && from <= l.ns[UPCALL_STAGE_TOTAL]
            && l.ns[i] <= l.ns[UPCALL_STAGE_TOTAL] - from) {
            parts[n++] = (struct report_part) { i, from, from + l.ns[i] };
        }
    }
    return n;
}

/* Returns the text of the upcall of 'u', which the caller frees. */
static char *
get_text(const struct upcall *u, size_t size, const struct record_context *c)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    free(record_show_text(&ds, u->rec, size, false, c));
    if (ds.length > REPORT_TEXT_MAX) {
        ds_truncate(&ds, REPORT_TEXT_MAX - strlen(CUT));
        ds_put_cstr(&ds, CUT);
    }
    return ds_steal_cstr(&ds);
}

/* Returns the place of 'total' among those of 's': those that are equal stay
 * in their order. */
static size_t
find_place(const struct report_slowest *s, uint64_t total)
{
    size_t i = s->n;

    while (i && s->slow[i - 1].total < total) {
        i--;
    }
    return i;
}

/* Adds the upcall of 'u', a record of 'size' bytes that refers to 'c', if it
 * is one of the slowest of those that were received. */
void
report_slowest_add(struct report_slowest *s, const struct upcall *u,
                   size_t size, const struct record_context *c)
{
    struct report_slow slow;
    size_t place;

    if (!(u->rec->flags & UPCALL_F_RECEIVED)
        || !upcall_get_stage(u->rec, UPCALL_STAGE_TOTAL, &slow.total)) {
        return;
    }
    place = find_place(s, slow.total);
    if (place >= REPORT_SLOWEST_MAX) {
        return;
    }
    if (s->n >= REPORT_SLOWEST_MAX) {
        free(s->slow[--s->n].text);
    }
    slow.ts = u->rec->ts;
    slow.n_parts = report_get_parts(u->rec, slow.parts);
    slow.text = get_text(u, size, c);
    memmove(&s->slow[place + 1], &s->slow[place],
            (s->n - place) * sizeof *s->slow);
    s->slow[place] = slow;
    s->n++;
}

/* Writes 's' as a member "slowest", an array.  "at" is when the upcall began,
 * from 'origin'; "parts" has by stage from when to when it took, from that;
 * all in ns. */
void
report_slowest_write(const struct report_slowest *s, uint64_t origin,
                     struct json_writer *w)
{
    json_write_array(w, "slowest");
    for (size_t i = 0; i < s->n; i++) {
        const struct report_slow *slow = &s->slow[i];

        json_write_object(w, NULL);
        json_write_integer(w, "at", (long long int) (slow->ts - origin));
        json_write_object(w, "parts");
        for (size_t j = 0; j < slow->n_parts; j++) {
            const struct report_part *part = &slow->parts[j];

            json_write_array(w, upcall_stage_name(part->stage));
            json_write_integer(w, NULL, part->from);
            json_write_integer(w, NULL, part->until);
            json_write_end_array(w);
        }
        json_write_end_object(w);
        json_write_string(w, "text", slow->text);
        json_write_integer(w, "total", slow->total);
        json_write_end_object(w);
    }
    json_write_end_array(w);
}
