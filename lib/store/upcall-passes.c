/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/upcall-passes.h"

#include <stdlib.h>

#include "bpf/upcall-record.h"
#include "record/pass.h"
#include "store/history.h"

/* Adds the passes of 'h' that have 'relation' with 'id' to 'p'.  Returns false
 * if there are too many. */
static bool
add(const struct history *h, enum history_relation relation, uint64_t id,
    struct upcall_passes *p)
{
    struct history_search search;
    uint64_t seq;
    size_t size;

    history_search_init(&search, h, relation, id);
    while (history_search_next(&search, &seq, &size)) {
        if (p->n == UPCALL_PASSES_MAX) {
            return false;
        }
        p->seqs[p->n++] = seq;
    }
    return true;
}

/* Adds what the passes of 'p' from 'first' on have recirculated, and what
 * these have, and so on.  Likewise.
 *
 * A parent comes before its children, which alone are looked at: so a record
 * that names a later one, or itself, leads nowhere. */
static bool
add_descendants(const struct history *h, size_t first,
                struct upcall_passes *p)
{
    for (size_t i = first; i < p->n; i++) {
        size_t size;
        const void *rec = history_get(h, p->seqs[i], &size);
        size_t n = p->n;

        if (!add(h, HISTORY_CHILD, pass_record_id(rec), p)) {
            return false;
        }
        for (size_t j = n; j < p->n; j++) {
            if (p->seqs[j] <= p->seqs[i]) {
                p->seqs[j--] = p->seqs[--p->n];
            }
        }
    }
    return true;
}

static int
compare(const void *a_, const void *b_)
{
    const uint64_t *a = a_;
    const uint64_t *b = b_;

    return *a < *b ? -1 : *a > *b;
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
    qsort(p->seqs, p->n, sizeof p->seqs[0], compare);
    return true;
}
