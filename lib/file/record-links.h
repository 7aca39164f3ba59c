/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_LINKS_H
#define LIB_RECORD_LINKS_H 1

/* What a record says of others that are of the same packet, without all else
 * that is in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_node;

/* Most records that one refers to. */
#define RECORD_LINKS_MAX 4

/* Upcalls and passes have numbers of their own, so that of a pass has
 * PASS_RECORD in it, as the first word of its record. */
struct record_links {
    uint64_t self;
    uint64_t seq;
    uint64_t ts;                /* Of its first event, in ns, CLOCK_MONOTONIC;
                                 * 0 if unknown. */

    /* Records of the same packet.  This one is beneath the first 'n_above' of
     * these, the innermost of which comes first. */
    uint64_t links[RECORD_LINKS_MAX];
    uint8_t n, n_above;
};

char *record_links_from_json(const struct json_node *, bool is_pass,
                             struct record_links *);
bool record_links_scan(const char *line, size_t, struct record_links *);

/* For the implementation: the members that are needed. */

enum record_member_id {
    RECORD_GROUP,
    RECORD_ID,
    RECORD_PARENT,
    RECORD_PASS,
    RECORD_TRACK,
    RECORD_UPCALL,
    RECORD_N_IDS
};

struct record_members {
    bool is_pass;
    bool is_execute;            /* Of a pass: had it no lookup? */
    uint64_t seq, ts;
    uint64_t ids[RECORD_N_IDS];
    uint32_t known;             /* Bits: which of 'ids' are not null. */
};

void record_links_from_members(struct record_links *,
                               const struct record_members *);

#endif /* lib/file/record-links.h */
