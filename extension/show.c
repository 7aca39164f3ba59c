/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/pass.h"
#include "session.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "store/history.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(show);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Appends record 'seq' of 'v' to 'a' if it is in the history, in 'form'; JSON
 * of events is that of upcalls. */
void
show_add(const struct session_view *v, uint64_t seq, enum show_form form,
         struct answer *a)
{
    size_t n_passes = 0;
    const struct record_context context = {
        .ports = v->ports, .flows = v->flows, .layout = v->layout,
        .history = form == SHOW_RECORDS ? NULL : v->history,
        .n_passes = &n_passes,
    };
    size_t size;
    const void *record = history_get(v->history, seq, &size);
    char *error = NULL;

    if (record && a->json) {
        error = record_show_json(&a->w, record, size, seq, &context);
    } else if (record) {
        error = record_show_text(&a->ds, record, size, form == SHOW_EVENTS,
                                 &context);
    }
    answer_add_parts(a, n_passes);
    if (error) {
        VLOG_WARN_RL(&rl, "record %"PRIu64": %s", seq, error);
        free(error);
    }
}

/* Sets the record of those of the 'n' 'ids' that are of 'rec', which is the
 * record 'seq'.  Returns how many they are. */
static size_t
match_ids(uint64_t seq, const void *rec, struct show_id *ids, size_t n)
{
    uint64_t id = pass_record_id(rec);  /* An upcall's is the same word. */
    size_t n_found = 0;

    for (size_t i = 0; i < n; i++) {
        if (ids[i].id == id && !ids[i].seq) {
            ids[i].seq = seq;
            n_found++;
        }
    }
    return n_found;
}

/* Finds the records of the 'n' upcalls or passes 'ids', looking at each record
 * once, the newest first.  Returns false if that takes longer than 'a' may:
 * those that were not found may be in older records. */
bool
show_find_ids(const struct history *h, enum history_kind kind,
              struct show_id *ids, size_t n, struct answer *a)
{
    const void *rec;
    struct history_walk walk;
    size_t n_left = n;
    uint64_t seq;
    size_t size;

    history_walk_init(&walk, h, kind, history_next(h));
    while (n_left && (rec = history_walk_prev(&walk, &seq, &size))) {
        if (answer_is_late(a)) {
            return false;
        }
        n_left -= match_ids(seq, rec, ids, n);
    }
    return true;
}

/* Returns NULL if 'h' has, or had, records up to 'after', a cursor, and
 * otherwise an error message, which the caller must free. */
char *
show_check_after(const struct history *h, uint64_t after)
{
    uint64_t last = history_next(h) - 1;

    return (after <= last ? NULL
            : xasprintf("--after=%"PRIu64": there is no such record yet, the "
                        "last is %"PRIu64": a new trace starts again from 0",
                        after, last));
}
