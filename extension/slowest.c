/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "slowest.h"

#include <stdlib.h>

#include "bpf/pass-record.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

/* The slowest come first, of equal ones the oldest. */
int
slow_record_compare(const void *a_, const void *b_)
{
    const struct slow_record *a = a_;
    const struct slow_record *b = b_;

    if (a->ns != b->ns) {
        return a->ns > b->ns ? -1 : 1;
    }
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Sorts 'slowest' and forgets those that are not among the slowest. */
void
slowest_sort(struct slowest *slowest)
{
    qsort(slowest->records, slowest->n, sizeof *slowest->records,
          slow_record_compare);
    slowest->n = MIN(slowest->n, slowest->max);
}

/* Sets '*slow' to the record 'seq', which is 'rec'.  Returns false if it is
 * not known how long it took. */
bool
slow_record_get(uint64_t seq, const void *rec, struct slow_record *slow)
{
    slow->seq = seq;
    if (record_is_pass(rec)) {
        slow->ns = pass_get_total(rec);
        return true;
    }
    return upcall_get_stage(rec, UPCALL_STAGE_TOTAL, &slow->ns);
}

/* Adds the record 'seq', which is 'rec', to 'slowest'. */
void
slowest_add(struct slowest *slowest, uint64_t seq, const void *rec)
{
    if (slowest->n == 2 * slowest->max) {
        slowest_sort(slowest);
    }
    slowest->n += slow_record_get(seq, rec, &slowest->records[slowest->n]);
}
