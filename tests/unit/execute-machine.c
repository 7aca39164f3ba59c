/* SPDX-License-Identifier: Apache-2.0 */

/* bpf/pass-execute.bpf.h compiled for this machine, with what the kernel has
 * for it. */

#include <config.h>

#include "execute-machine.h"

#include <check.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../model/bpf-shim/bpf/bpf_helpers.h"
#include "../model/bpf-shim/bpf/bpf_core_read.h"
#include "bpf/pass-record.h"
#include "odp-netlink.h"
#include "openvswitch/compiler.h"

/* What is written for clang and the verifier. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wswitch-enum"

#include <bpf/bpf_endian.h>

static long bpf_map_update_elem(void *map, const void *key, const void *value,
                                __u64 flags);
static long bpf_map_delete_elem(void *map, const void *key);

#undef AF_NETLINK
#include "../../bpf/kernel.bpf.h"
#include "../../bpf/bound.bpf.h"
#include "../../bpf/common.bpf.h"
#include "../../bpf/ring.bpf.h"
#include "../../bpf/ports.bpf.h"

/* For filter.bpf.h, which has instructions that only the kernel knows. */
static const __u32 filter_bytes = 0;

#include "../../bpf/pass.bpf.h"

static __u32
pass_context(__u64 stack)
{
    return 0;
}

#include "../../bpf/pass-execute.bpf.h"

#pragma GCC diagnostic pop

/* Requests, at addresses that they have again. */
#define N_REQUESTS 2

#define N_SEEN 16

static struct {
    struct pass_cpu cpu;
    uint64_t slots[PASS_SLOT_HELD][PASS_SLOT_SIZE(128) / 8 + 1];
    struct task_struct task;
    struct pass_execute execute;        /* Of the thread. */
    bool has_execute;
    uint64_t now;
    union {
        struct nlmsghdr nlh;
        uint8_t bytes[64];
    } requests[N_REQUESTS];
    uint64_t ring[PASS_SLOT_SIZE(128) / 8 + 1];
    struct execute_seen seen[N_SEEN];
    size_t n_seen;
} m;

/* Of bpf/bound.bpf.h. */
__u64
bounded(__u64 x, __u64 max)
{
    ck_assert_uint_le(x, max);
    return x;
}

__u64
modulo(__u64 x, __u64 mask)
{
    return x & mask;
}

/* Helpers of the kernel. */

__u64
bpf_ktime_get_ns(void)
{
    return ++m.now;
}

__u64
bpf_get_current_pid_tgid(void)
{
    return 1;
}

void *
bpf_get_current_task_btf(void)
{
    return &m.task;
}

__u32
bpf_get_smp_processor_id(void)
{
    return 0;
}

long
bpf_probe_read_kernel(void *dst, __u32 size, const void *src)
{
    const uint8_t *from = src;
    const uint8_t *base = (const uint8_t *) m.requests;

    if (from < base || from + size > base + sizeof m.requests) {
        return -EFAULT;
    }
    memcpy(dst, src, size);
    return 0;
}

void *
bpf_map_lookup_elem(void *map, const void *key)
{
    const __u32 *i = key;

    if (map == &pass_executes) {
        return m.has_execute ? &m.execute : NULL;
    }
    ck_assert_ptr_eq(map, &pass_slots);
    ck_assert_uint_lt(*i, PASS_SLOT_HELD);
    return m.slots[*i];
}

static long
bpf_map_update_elem(void *map, const void *key OVS_UNUSED, const void *value,
                    __u64 flags)
{
    ck_assert_ptr_eq(map, &pass_executes);
    if (flags == BPF_NOEXIST && m.has_execute) {
        return -EEXIST;
    }
    m.execute = *(const struct pass_execute *) value;
    m.has_execute = true;
    return 0;
}

static long
bpf_map_delete_elem(void *map, const void *key OVS_UNUSED)
{
    bool had = m.has_execute;

    ck_assert_ptr_eq(map, &pass_executes);
    m.has_execute = false;
    return had ? 0 : -ENOENT;
}

void *
bpf_ringbuf_reserve(void *ring_ OVS_UNUSED, __u64 size OVS_UNUSED,
                    __u64 flags OVS_UNUSED)
{
    return m.ring;
}

void
bpf_ringbuf_submit(void *data, __u64 flags OVS_UNUSED)
{
    const struct pass_record *rec = data;

    ck_assert_uint_lt(m.n_seen, N_SEEN);
    m.seen[m.n_seen++] = (struct execute_seen) {
        rec->ts, rec->end_ns, rec->ret
    };
}

void
bpf_ringbuf_discard(void *data OVS_UNUSED, __u64 flags OVS_UNUSED)
{
}

long
bpf_ringbuf_output(void *ring_ OVS_UNUSED, void *data OVS_UNUSED,
                   __u64 size OVS_UNUSED, __u64 flags OVS_UNUSED)
{
    ck_abort_msg("a record of another size than that of others");
    return 0;
}

__u64
bpf_ringbuf_query(void *ring_ OVS_UNUSED, __u64 flags OVS_UNUSED)
{
    return 0;
}

/* Forgets everything. */
void
execute_reset(void)
{
    memset(&m, 0, sizeof m);
    enabled = 1;
    n_pass_executes.n = 0;
    for (size_t i = 0; i < N_REQUESTS; i++) {
        m.requests[i].nlh.nlmsg_len = REQUEST_ATTRS_OFS;
    }
}

/* Has the thread execute a packet with the request at place 'request', which
 * returns 'ret', and runs those of the programs there that 'programs' has,
 * bits of enum execute_program.  Returns when the first of them could run. */
uint64_t
execute_run(size_t request, int ret, unsigned int programs)
{
    struct genl_info info = { .nlhdr = &m.requests[request].nlh };
    uint64_t ctx[4];
    uint64_t begin;

    m.now += 1000;
    begin = m.now;
    if (programs & EXECUTE_BEGIN) {
        execute_begin(&m.cpu, ctx, &info, false);
    }
    if (programs & EXECUTE_BEGIN_TWIN) {
        execute_begin(&m.cpu, ctx, &info, true);
    }
    m.now += 100;
    if (programs & EXECUTE_END) {
        execute_end(&m.cpu, &info, ret, PASS_SLOT_EXECUTE);
    }
    if (programs & EXECUTE_END_TWIN) {
        execute_end(&m.cpu, &info, ret, PASS_SLOT_EXECUTE_TWIN);
    }
    ck_assert_uint_eq(n_pass_executes.n, m.has_execute);
    return begin;
}

/* Stores what was written, at most 'max', and returns how many they are. */
size_t
execute_get_seen(struct execute_seen seen[], size_t max)
{
    ck_assert_uint_le(m.n_seen, max);
    memcpy(seen, m.seen, m.n_seen * sizeof *seen);
    return m.n_seen;
}

/* Returns how many executes are to have a record, */
uint64_t
execute_get_produced(void)
{
    return m.cpu.produced;
}

/* of how many of these it is counted that they have none, */
uint64_t
execute_get_dropped(void)
{
    return m.cpu.dropped[PASS_DROP_PROGRAM_MISSED];
}

/* and how often the begin of one was seen. */
uint64_t
execute_get_hits(void)
{
    return m.cpu.hits[PASS_HOOK_EXECUTE];
}
