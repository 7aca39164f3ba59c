/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/upcall-passes.h"

#include <stdlib.h>

#include "bpf/upcall-record.h"
#include "record/pass.h"
#include "store/history.h"

static bool
has(const struct upcall_passes *p, uint64_t seq)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->passes[i].seq == seq) {
            return true;
        }
    }
    return false;
}

/* Adds the passes of 'h' that have 'relation' with 'id' to 'p', which has each
 * but once, whatever records say.  Returns false if there are too many. */
static bool
add(const struct history *h, enum history_relation relation, uint64_t id,
    struct upcall_passes *p)
{
    struct history_search search;
    const struct pass_record *rec;
    uint64_t seq;
    size_t size;

    history_search_init(&search, h, relation, id);
    while ((rec = history_search_next(&search, &seq, &size))) {
        if (has(p, seq)) {
            continue;
        } else if (p->n == UPCALL_PASSES_MAX) {
            return false;
        }
        p->passes[p->n++] = (struct upcall_pass) { seq, rec->ts };
    }
    return true;
}

/* Adds what the passes of 'p' from 'first' on have recirculated, and what
 * these have, and so on.  Likewise. */
static bool
add_descendants(const struct history *h, size_t first,
                struct upcall_passes *p)
{
    for (size_t i = first; i < p->n; i++) {
        size_t size;
        const void *rec = history_get(h, p->passes[i].seq, &size);

        if (!add(h, HISTORY_CHILD, pass_record_id(rec), p)) {
            return false;
        }
    }
    return true;
}

/* Returns the pass of 'h' that recirculated the packet of 'rec', NULL if there
 * is none or it is not known. */
static const struct pass_record *
find_parent(const struct history *h, const struct pass_record *rec)
{
    struct history_search search;
    uint64_t seq;
    size_t size;

    if (!(rec->flags & PASS_F_BELOW)) {
        return NULL;
    }
    history_search_init(&search, h, HISTORY_SELF, rec->below);
    return history_search_next(&search, &seq, &size);
}

/* Returns the id of the upcall that the pass 'rec' is of, 0 if it is of none
 * or that is not known: the upcall of a miss, or the one of which an execute
 * is, or has recirculated the packet.  The latter is looked for in 'h', which
 * may be NULL. */
uint64_t
upcall_passes_owner(const struct history *h, const struct pass_record *rec)
{
    for (int i = 0; rec && i < UPCALL_PASSES_MAX; i++) {
        if (rec->flags & PASS_F_UPCALL) {
            return rec->upcall;
        }
        rec = h ? find_parent(h, rec) : NULL;
    }
    return 0;
}

static int
compare(const void *a_, const void *b_)
{
    const struct upcall_pass *a = a_;
    const struct upcall_pass *b = b_;

    return (a->ts != b->ts ? (a->ts < b->ts ? -1 : 1)
            : a->seq < b->seq ? -1 : a->seq > b->seq);
}

/* Stores the passes of the upcall 'rec' that 'h' has in '*p'.  Returns false
 * if they cannot be told: 'h' has no passes, or these are too many. */
bool
upcall_passes_find(const struct history *h, const struct upcall_record *rec,
                   struct upcall_passes *p)
{
    size_t first;

    p->n = 0;
    if (!history_has_passes(h)
        || (rec->pass && !add(h, HISTORY_SELF, rec->pass, p))) {
        return false;
    }
    first = p->n;
    if (!add(h, HISTORY_EXECUTE, rec->id, p)
        || !add_descendants(h, first, p)) {
        return false;
    }
    qsort(p->passes, p->n, sizeof p->passes[0], compare);
    return true;
}
