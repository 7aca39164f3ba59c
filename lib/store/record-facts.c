/* SPDX-License-Identifier: Apache-2.0 */

/* What follows from a record that was parsed: the second half of record.h. */

#include <config.h>

#include "record/record.h"

#include <errno.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Where a message has the dp_ifindex of its struct ovs_header: behind nlmsghdr
 * and genlmsghdr. */
#define UPCALL_MSG_DP_OFS 20

/* The kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095

static bool has(const struct upcall_record *, int flags);
static bool get_first(const struct upcall_record *, uint64_t *first);
static bool get_end(const struct upcall_record *, uint64_t *end);
static uint32_t get_return_ns(const struct upcall_record *);

/* Stores in '*ns' how long it was from 'start' to 'end', if it is 'known' and
 * possible.  Returns true if it is. */
static inline bool
get_span(bool known, uint64_t start, uint64_t end, uint64_t *ns)
{
    *ns = end - start;
    return known && end >= start;
}

/* Stores in '*ns' how long 'stage' of the upcall of 'rec' took, and returns
 * true; or returns false if that is not known.  Reads nothing but the
 * structure: 'rec' need not have been parsed. */
bool
upcall_get_stage(const struct upcall_record *rec, enum upcall_stage stage,
                 uint64_t *ns)
{
    uint64_t time;

    switch (stage) {
    case UPCALL_STAGE_QUEUE:
        return get_span(has(rec, UPCALL_F_ENQUEUED | UPCALL_F_RECEIVED),
                        rec->enqueue_ts, rec->recv_ts, ns);
    case UPCALL_STAGE_TRANSLATE:
        return get_span(has(rec, UPCALL_F_RECEIVED | UPCALL_F_TRANSLATED),
                        has(rec, UPCALL_F_USDT_RECV) ? rec->usdt_recv_ts
                        : rec->recv_ts, rec->translated_ts, ns);
    case UPCALL_STAGE_HANDLE:
        return (get_first(rec, &time)
                && get_span(has(rec, UPCALL_F_RECEIVED), rec->recv_ts, time,
                            ns));
    case UPCALL_STAGE_INSTALL:
        return get_span(has(rec, UPCALL_F_PUT | UPCALL_F_PUT_DONE),
                        0, rec->put_duration, ns);
    case UPCALL_STAGE_EXECUTE:
        return get_span(has(rec, UPCALL_F_EXEC | UPCALL_F_EXEC_DONE),
                        0, rec->exec_duration, ns);
    case UPCALL_STAGE_TOTAL:
        return get_end(rec, &time) && get_span(true, rec->ts, time, ns);
    case UPCALL_N_STAGES:
        break;
    }
    OVS_NOT_REACHED();
}

/* Sets '*l' to how long the stages of the upcall of 'rec' took, as far as
 * known.  Reads nothing but the structure: 'rec' need not have been parsed. */
void
upcall_get_latency(const struct upcall_record *rec, struct upcall_latency *l)
{
    l->known = 0;
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (upcall_get_stage(rec, i, &l->ns[i])) {
            l->known |= 1u << i;
        }
    }
}

/* Sets '*w' to what the handler of 'rec' did while the upcall was in the
 * queue, and after that. */
void
upcall_get_waits(const struct upcall_record *rec, struct upcall_waits *w)
{
    memset(w, 0, sizeof *w);
    if (has(rec, UPCALL_F_ENQUEUED | UPCALL_F_RECEIVED | UPCALL_F_IDLE)
        && rec->recv_ts >= rec->enqueue_ts) {
        uint64_t from = MAX(rec->idle_from, rec->enqueue_ts);
        uint64_t until = MIN(rec->idle_until, rec->recv_ts);

        w->has_queue = true;
        w->idle = until > from ? until - from : 0;
        w->busy = rec->recv_ts - rec->enqueue_ts - w->idle;
        w->queue_delay = MIN(rec->idle_delay, w->idle);
    }
    if (has(rec, UPCALL_F_RECEIVED | UPCALL_F_DELAY)
        && rec->end_delay >= rec->recv_delay) {
        w->has_handle = true;
        w->handle_delay = rec->end_delay - rec->recv_delay;
    }
}

/* If it is known from which port of which datapath the packet of 'rec' came,
 * stores that and returns true.  It is what upcall_parse() finds in an intact
 * record, from the fixed part and the start of the message only, which must
 * be there if 'rec' says so. */
bool
upcall_get_port(const struct upcall_record *rec, uint32_t *dp_ifindex,
                uint32_t *port_no)
{
    *dp_ifindex = rec->dp_ifindex;
    *port_no = rec->port_no;
    if (!(rec->flags & UPCALL_F_ENQUEUED)) {
        return rec->flags & UPCALL_F_PORT;
    }
    if (rec->msg_len < UPCALL_MSG_DP_OFS + sizeof *dp_ifindex) {
        return false;
    }
    memcpy(dp_ifindex, rec->data + UPCALL_MSG_DP_OFS, sizeof *dp_ifindex);
    return *port_no != UINT32_MAX;
}

/* Returns what became of the flow of the upcall of 'rec', an enum upcall_put,
 * or -1 if that is not known: its end is not, or no flow is due, as for what
 * is no miss.  A handler's put fails with EEXIST where the kernel has a flow
 * for the packet already (ovs_flow_cmd_new() in net/openvswitch/datapath.c,
 * Linux 6.1 to 7.2).  Reads nothing but the structure: 'rec' need not have
 * been parsed. */
int
upcall_get_put(const struct upcall_record *rec)
{
    if (has(rec, UPCALL_F_PUT | UPCALL_F_PUT_DONE)) {
        return (rec->put_ret >= 0 ? UPCALL_PUT_INSTALLED
                : rec->put_ret == -EEXIST ? UPCALL_PUT_DUPLICATE
                : UPCALL_PUT_REFUSED);
    } else if (rec->class_ != UPCALL_CLASS_MISS
               || rec->flags & (UPCALL_F_PUT | UPCALL_F_UNSURE)
               || (rec->outcome != UPCALL_EXECUTED
                   && rec->outcome != UPCALL_CONSUMED
                   && rec->outcome != UPCALL_FAILED)) {
        return -1;
    }
    return UPCALL_PUT_NONE;
}

/* Returns the positive errno value for which 'u' failed or was lost, 0 if it
 * did not or the error is unknown. */
int
upcall_get_errno(const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    return upcall_ret_to_errno(rec->outcome == UPCALL_LOST ? rec->ret
                               : rec->outcome == UPCALL_FAILED ? rec->exec_ret
                               : 0);
}

/* Returns the positive errno value for which the kernel refused the flow of
 * 'u', 0 if it did not or the error is unknown. */
int
upcall_get_put_errno(const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    return (upcall_get_put(rec) == UPCALL_PUT_REFUSED
            ? upcall_ret_to_errno(rec->put_ret) : 0);
}

/* Returns the positive errno value that 'ret' of a function of the kernel
 * stands for, 0 if it is none. */
int
upcall_ret_to_errno(int ret)
{
    return ret < 0 && ret >= -ERRNO_MAX ? -ret : 0;
}

/* Returns the time from the upcall to the return of ovs_dp_upcall() in ns, 0
 * if unknown. */
uint32_t
upcall_get_return_ns(const struct upcall *u)
{
    return get_return_ns(u->rec);
}

/* If it is known what ovs_dp_upcall() returned, stores it in '*ret' and
 * returns true.  While it returns something for all segments of a packet, only
 * a success is one of this segment, too. */
bool
upcall_get_return(const struct upcall *u, int *ret)
{
    *ret = u->rec->outcome == UPCALL_LOST ? u->rec->ret : 0;
    return u->rec->outcome == UPCALL_LOST || upcall_get_return_ns(u);
}

/* Returns true if 'rec' has all of 'flags', a combination of UPCALL_F_*. */
static bool
has(const struct upcall_record *rec, int flags)
{
    return (rec->flags & flags) == flags;
}

/* Stores in '*first' when the handler began to carry out the first of put and
 * execute, and returns true.  Returns false if it did neither. */
static bool
get_first(const struct upcall_record *rec, uint64_t *first)
{
    *first = UINT64_MAX;
    if (has(rec, UPCALL_F_PUT)) {
        *first = rec->put_ts;
    }
    if (has(rec, UPCALL_F_EXEC)) {
        *first = MIN(*first, rec->exec_ts);
    }
    return *first != UINT64_MAX;
}

/* Stores in '*end' when the last stage of 'rec' that is known ended, and
 * returns true.  Returns false if it has not got to an end. */
static bool
get_end(const struct upcall_record *rec, uint64_t *end)
{
    *end = 0;
    if (rec->outcome == UPCALL_LOST) {
        *end = get_return_ns(rec) ? rec->ts + get_return_ns(rec) : 0;
    } else if (rec->outcome != UPCALL_ABANDONED
               && rec->outcome != UPCALL_OUTCOME_UNKNOWN) {
        *end = has(rec, UPCALL_F_RECEIVED) ? rec->recv_ts : 0;
        if (has(rec, UPCALL_F_TRANSLATED)) {
            *end = MAX(*end, rec->translated_ts);
        }
        if (has(rec, UPCALL_F_PUT)) {
            *end = MAX(*end, rec->put_ts + rec->put_duration);
        }
        if (has(rec, UPCALL_F_EXEC)) {
            *end = MAX(*end, rec->exec_ts + rec->exec_duration);
        }
    }
    return *end != 0;
}

static uint32_t
get_return_ns(const struct upcall_record *rec)
{
    uint64_t word = rec->ret_word;

    return word >> 32 == (uint32_t) rec->id ? word : 0;
}
