/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_H
#define LIB_PASS_H 1

/* Decoding of a struct pass_record (see bpf/pass-record.h).
 *
 * A record comes from the kernel or from a file, so nothing in it is
 * believed: pass_parse() checks each length before it is used. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/pass-record.h"

/* What a record says.  All pointers point into the record, which has to live
 * as long as this is used. */
struct pass {
    const struct pass_record *rec;
    uint64_t id;                /* Its number, shown as "p17". */
    uint64_t track;             /* That of the first pass of its packet, or
                                 * PASS_NO_TRACK. */
    bool has_dp;                /* Is 'rec->dp_ifindex' known? */
    bool has_port;              /* Are that and 'rec->port_no' known? */
    const uint8_t *packet;      /* Bytes that were kept, NULL if none. */
    size_t packet_kept;         /* How many. */
    const uint8_t *actions;     /* The part with the actions, NULL if these
                                 * are unknown or are not whole; else not NULL
                                 * even if there are none. */
    size_t actions_len;         /* Bytes. */
    const uint8_t *first_actions;       /* The first bytes of it, if it is not
                                         * whole, else NULL. */
    size_t first_actions_len;
    const uint8_t *pointed;     /* What they point to, see kernel-actions.h;
                                 * NULL if that is nothing or unknown. */
    size_t pointed_len;         /* Bytes. */
    bool is_execute;            /* Are they as in a request?  Else they are as
                                 * the kernel has them: kernel-actions.h. */
    const struct pass_executed *executed;       /* NULL if unknown. */
    size_t n_executed;
};

bool pass_parse(const void *data, size_t size, struct pass *, char **errorp);
size_t pass_record_size(const struct pass_record *);
size_t pass_limit_packet(struct pass_record *, size_t snaplen);
int pass_get_errno(const struct pass *);

/* Returns how long the pass of 'rec' took, in ns, as far as it was seen: to
 * its end, or that of its lookup. */
static inline uint64_t
pass_get_total(const struct pass_record *rec)
{
    return rec->flags & PASS_F_DONE ? rec->end_ns : rec->lookup_ns;
}

/* Returns when the lookup of the pass of 'rec' had ended, in ns of the kernel.
 * It was some time since 'rec->ts': a flow that it has hit may have been put
 * in between. */
static inline uint64_t
pass_get_lookup_ts(const struct pass_record *rec)
{
    return rec->ts + rec->lookup_ns;
}

/* Events of a pass, beside UPCALL_EVENT_ACTION of event.h. */
#define PASS_EVENT_LOOKUP "flow_tbl_lookup"
#define PASS_EVENT_EXECUTE "flow_exec"
#define PASS_EVENT_DROP "drop"

const char *pass_lookup_name(int lookup);
const char *pass_hook_name(int hook);
const char *pass_hook_where(int hook);
const char *pass_drop_name(int drop);

/* Returns the number in the first word of a record, an upcall's or a
 * pass's. */
static inline uint64_t
pass_record_id(const struct pass_record *rec)
{
    return rec->head & ~PASS_RECORD;
}

#endif /* lib/record/pass.h */
