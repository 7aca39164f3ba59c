/* SPDX-License-Identifier: Apache-2.0 */

/* Chains: passes of the history by what they are related to.
 *
 * So that passes are found by what they are related to, each is in two chains:
 * that of its own number, and that of the upcall whose execute it is, or of
 * the pass that is its parent.  A chain has the records whose keys have a hash
 * in common: its head is the place of the newest, and behind each record is
 * how many places before it the next one is.  A chain ends with the first that
 * is forgotten, so nothing has to be taken out of it. */

#include <config.h>
#include "store/history-private.h"

#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Returns the chain in which passes are found that have 'relation' with
 * something. */
enum chain
chain_of(enum history_relation relation)
{
    return relation == HISTORY_SELF ? CHAIN_SELF : CHAIN_ORIGIN;
}

/* Returns the hash of passes that have 'relation' with 'id'. */
uint32_t
chain_hash(enum history_relation relation, uint64_t id)
{
    return hash_uint64_basis(id, relation);
}

/* Returns what is behind the record at 'place', by chain. */
static uint32_t *
get_links(const struct lane *lane, uint64_t place)
{
    struct history_header *header = lane_header(lane, place);
    uint8_t *record = (uint8_t *) (header + 1);

    return ALIGNED_CAST(uint32_t *, record + ROUND_UP(lane_get_size(header),
                                                      HISTORY_ALIGN));
}

static uint64_t *
get_head(const struct lane *lane, enum chain chain, uint32_t hash)
{
    return &lane->heads[(hash & (lane->n_heads - 1)) * N_CHAINS + chain];
}

/* Puts the record at 'place', the newest, into its chains. */
void
chains_add(struct lane *lane, uint64_t place)
{
    const struct history_header *header = lane_header(lane, place);
    uint32_t *links = get_links(lane, place);

    memset(links, 0, LINKS_SIZE);
    for (int i = 0; i < HISTORY_N_RELATIONS; i++) {
        uint64_t id;

        if (history_relation_get(header + 1, lane_get_size(header), i, &id)) {
            enum chain chain = chain_of(i);
            uint64_t *head = get_head(lane, chain, chain_hash(i, id));
            uint64_t distance = place - (*head - 1);

            links[chain] = *head && distance <= UINT32_MAX ? distance : 0;
            *head = place + 1;
        }
    }
}

/* Returns the newest place of 'lane' in 'chain' with 'hash', or UINT64_MAX if
 * there is none. */
uint64_t
chain_first(const struct lane *lane, enum chain chain, uint32_t hash)
{
    uint64_t head = lane->n_heads ? *get_head(lane, chain, hash) : 0;

    return head > lane->first ? head - 1 : UINT64_MAX;
}

/* Returns the one before 'place', likewise. */
uint64_t
chain_next(const struct lane *lane, enum chain chain, uint64_t place)
{
    uint32_t distance = get_links(lane, place)[chain];

    return (distance && distance <= place - lane->first ? place - distance
            : UINT64_MAX);
}
