/* SPDX-License-Identifier: Apache-2.0 */

/* bpf/pass-pointed.bpf.h compiled for this machine, with what the kernel has
 * for it. */

#include <config.h>

#include "pointed-walk.h"

#include <check.h>
#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "util.h"

/* What is written for clang and the verifier. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wcast-align"

#define SETTING static
#undef __always_inline
#define __always_inline inline __attribute__((always_inline, unused))
#define __noinline __attribute__((noinline))
#define ALIGN8(X) (((X) + 7) & ~7U)
#define OVS_ACTION_ATTR_DEC_TTL ACTION_DEC_TTL  /* Of the kernel. */

#define bpf_loop(N, CALLBACK, CTX, FLAGS)                       \
    for (__u32 i_ = 0; i_ < (N) && !CALLBACK(i_, CTX); i_++) {  \
    }

static const __u32 snap_max = 128;

/* What is in the memory of the kernel. */
static const struct kernel_layout *layout;
static const struct ofpbuf *memory;

/* All that is bounded is where something is that is aligned to 4 bytes. */
static __u64
bounded(__u64 x, __u64 max)
{
    ck_assert_uint_le(x, max);
    ck_assert_uint_eq(x % 4, 0);
    return x;
}

/* Reads what kernel_bytes_put() has pointers to. */
static long
bpf_probe_read_kernel(void *dst, __u32 size, const void *src)
{
    uint64_t address = (uintptr_t) src - KERNEL_BYTES_ADDRESS;
    uint64_t ofs = address / KERNEL_BYTES_ROOM;
    const struct pass_pointed *p;
    enum kernel_field field;
    size_t from;

    if (address >> 32 || ofs % 8 || ofs + sizeof *p > memory->size) {
        return -EFAULT;
    }
    p = (const void *) ((const uint8_t *) memory->data + ofs);
    field = (p->kind == PASS_POINTED_TUNNEL ? KERNEL_FIELD_TUN_INFO
             : KERNEL_FIELD_HELPER_NAME);
    from = address % KERNEL_BYTES_ROOM - layout->fields[field].bit / 8;
    if (from > p->len || size > p->len - from
        || ofs + sizeof *p + p->len > memory->size) {
        return -EFAULT;
    }
    memcpy(dst, (const uint8_t *) (p + 1) + from, size);
    return 0;
}

static bool
read_kernel(void *dst, __u32 n, __u32 max, const void *src)
{
    return n <= max && !bpf_probe_read_kernel(dst, n, src);
}

#include "../../bpf/pass-pointed.bpf.h"

#pragma GCC diagnostic pop

/* Appends to 'found' what the program finds that 'bytes', actions of a kernel
 * of 'layout_', point to; 'pointed' is what there is. */
void
pointed_walk(const struct kernel_layout *layout_, const struct ofpbuf *bytes,
             const struct ofpbuf *pointed, struct ofpbuf *found)
{
    struct pass_record *rec = xzalloc(PASS_SLOT_SIZE(snap_max));
    struct pass_cpu *pc = xzalloc(sizeof *pc);
    size_t ofs = 64;

    layout = layout_;
    memory = pointed;
    kernel_layout_get_pointers(layout, &pointers);
    ck_assert_uint_le(bytes->size, PASS_ACTIONS_MAX);
    rec->packet_kept = ofs - 3;
    rec->actions_len = bytes->size;
    memcpy(rec->data + ofs, bytes->data, bytes->size);
    read_pointed(pc, rec);
    ck_assert_uint_le(rec->pointed_len, PASS_POINTED_MAX);
    ofpbuf_put(found, rec->data + ofs + ROUND_UP(bytes->size, 8),
               rec->pointed_len);
    free(pc);
    free(rec);
}
