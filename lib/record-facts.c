/* SPDX-License-Identifier: Apache-2.0 */

/* What follows from a record that was parsed: the second half of record.h. */

#include <config.h>

#include "record.h"

#include "openvswitch/util.h"
#include "port-map.h"
#include "util.h"

/* The kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095

static bool has(const struct upcall *, int flags);
static bool get_first(const struct upcall *, uint64_t *first);
static bool get_end(const struct upcall *, uint64_t *end);

/* Sets '*latency' to how long the stages of 'u' took, as far as known. */
void
upcall_get_latency(const struct upcall *u, struct upcall_latency *latency)
{
    const struct upcall_record *rec = u->rec;
    uint64_t first, end;
    bool has_first = get_first(u, &first);
    bool has_end = get_end(u, &end);

    latency->has_queue = (has(u, UPCALL_F_ENQUEUED | UPCALL_F_RECEIVED)
                          && rec->recv_ts >= rec->enqueue_ts);
    latency->queue = rec->recv_ts - rec->enqueue_ts;
    latency->has_translate = (has(u, UPCALL_F_USDT_RECV | UPCALL_F_TRANSLATED)
                              && rec->translated_ts >= rec->usdt_recv_ts);
    latency->translate = rec->translated_ts - rec->usdt_recv_ts;
    latency->has_handle = (has(u, UPCALL_F_RECEIVED) && has_first
                           && first >= rec->recv_ts);
    latency->handle = first - rec->recv_ts;
    latency->has_install = has(u, UPCALL_F_PUT | UPCALL_F_PUT_DONE);
    latency->install = rec->put_duration;
    latency->has_execute = has(u, UPCALL_F_EXEC | UPCALL_F_EXEC_DONE);
    latency->execute = rec->exec_duration;
    latency->has_total = has_end && end >= rec->ts;
    latency->total = end - rec->ts;
}

/* Returns the positive errno value for which 'u' failed or was lost, 0 if it
 * did not or the error is unknown. */
int
upcall_get_errno(const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    int ret = 0;

    if (rec->outcome == UPCALL_LOST) {
        ret = rec->ret;
    } else if (rec->outcome == UPCALL_FAILED) {
        ret = (rec->flags & UPCALL_F_PUT_DONE && rec->put_ret < 0
               ? rec->put_ret : rec->exec_ret);
    }
    return upcall_ret_to_errno(ret);
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
    uint64_t word = u->rec->ret_word;

    return word >> 32 == (uint32_t) u->rec->id ? word : 0;
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

/* Returns the name that the datapath of 'u' had then, or NULL if unknown.
 * 'map' may be NULL. */
const char *
upcall_dp_name(const struct upcall *u, const struct port_map *map)
{
    return (map && u->has_dp
            ? port_map_dp_name(map, u->dp_ifindex, u->rec->ts) : NULL);
}

/* Returns the name that 'port_no' in the datapath of 'u' had then, or NULL if
 * unknown.  'map' may be NULL. */
const char *
upcall_port_name(const struct upcall *u, uint32_t port_no,
                 const struct port_map *map)
{
    return (map && u->has_dp
            ? port_map_lookup(map, u->dp_ifindex, port_no, u->rec->ts)
            : NULL);
}

/* Returns true if 'u' has all of 'flags', a combination of UPCALL_F_*. */
static bool
has(const struct upcall *u, int flags)
{
    return (u->rec->flags & flags) == flags;
}

/* Stores in '*first' when the handler began to carry out the first of put and
 * execute, and returns true.  Returns false if it did neither. */
static bool
get_first(const struct upcall *u, uint64_t *first)
{
    *first = UINT64_MAX;
    if (has(u, UPCALL_F_PUT)) {
        *first = u->rec->put_ts;
    }
    if (has(u, UPCALL_F_EXEC)) {
        *first = MIN(*first, u->rec->exec_ts);
    }
    return *first != UINT64_MAX;
}

/* Stores in '*end' when the last stage of 'u' that is known ended, and returns
 * true.  Returns false if 'u' has not got to an end. */
static bool
get_end(const struct upcall *u, uint64_t *end)
{
    const struct upcall_record *rec = u->rec;

    *end = 0;
    if (rec->outcome == UPCALL_LOST) {
        *end = upcall_get_return_ns(u) ? rec->ts + upcall_get_return_ns(u) : 0;
    } else if (rec->outcome != UPCALL_ABANDONED
               && rec->outcome != UPCALL_OUTCOME_UNKNOWN) {
        *end = has(u, UPCALL_F_RECEIVED) ? rec->recv_ts : 0;
        if (has(u, UPCALL_F_PUT)) {
            *end = MAX(*end, rec->put_ts + rec->put_duration);
        }
        if (has(u, UPCALL_F_EXEC)) {
            *end = MAX(*end, rec->exec_ts + rec->exec_duration);
        }
    }
    return *end != 0;
}
