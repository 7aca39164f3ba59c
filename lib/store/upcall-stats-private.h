/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_STATS_PRIVATE_H
#define LIB_UPCALL_STATS_PRIVATE_H 1

/* What the files of the statistics of upcalls share.  What runs for each
 * record is inline. */

#include "store/upcall-stats.h"
#include "util.h"

/* What is counted of a record. */
struct stats_sample {
    const struct upcall_record *rec;
    unsigned int outcome;       /* Less than STATS_N_OUTCOMES. */
    unsigned int known;         /* Bit (1u << enum upcall_stage) for each. */
    struct histogram_value queue, total;        /* ns, if known. */
};

/* Returns true if the time of 'stage' is known and counts. */
static inline bool
stats_sample_has(const struct stats_sample *sample, enum upcall_stage stage)
{
    return sample->known & 1u << stage;
}

/* Counts 'sample' in 'g'. */
static inline void
stats_group_add(struct stats_group *g, const struct stats_sample *sample)
{
    g->outcomes[sample->outcome]++;
    if (stats_sample_has(sample, UPCALL_STAGE_TOTAL)) {
        histogram_add_value(&g->total, &sample->total);
    }
}

void stats_group_move(struct stats_group *dst, struct stats_group *src);

/* Handlers and sockets: upcall-stats-handlers.c. */

void upcall_stats_init_handlers(struct upcall_stats *);
void upcall_stats_uninit_handlers(struct upcall_stats *);
void upcall_stats_count_handler(struct upcall_stats *,
                                const struct stats_sample *);
void upcall_stats_count_lost(struct upcall_stats *,
                             const struct upcall_record *);

#endif /* lib/store/upcall-stats-private.h */
