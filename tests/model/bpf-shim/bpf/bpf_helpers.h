/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_SHIM_BPF_HELPERS_H
#define TESTS_BPF_SHIM_BPF_HELPERS_H 1

/* What programs of bpf/ need to be compiled for this machine, as a part of a
 * test.  The test defines the helpers. */

#include <linux/types.h>
#include <stddef.h>
#include <stdbool.h>
#include <string.h>

#define SEC(NAME)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline, unused))
#define __noinline __attribute__((noinline, unused))
#define __uint(NAME, VALUE) int (*NAME)[VALUE]
#define __type(NAME, TYPE) TYPE *NAME

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_probe_read_kernel(void *dst, __u32 size, const void *src);
__u64 bpf_ktime_get_ns(void);
__u64 bpf_get_current_pid_tgid(void);
void *bpf_get_current_task_btf(void);
__u32 bpf_get_smp_processor_id(void);
void *bpf_ringbuf_reserve(void *ring, __u64 size, __u64 flags);
void bpf_ringbuf_submit(void *data, __u64 flags);
void bpf_ringbuf_discard(void *data, __u64 flags);
__u64 bpf_ringbuf_query(void *ring, __u64 flags);
long bpf_ringbuf_output(void *ring, void *data, __u64 size, __u64 flags);
long bpf_get_func_ret(void *ctx, __u64 *value);
long bpf_get_func_arg(void *ctx, __u32 n, __u64 *value);
long bpf_get_func_arg_cnt(void *ctx);

#define bpf_task_pt_regs(TASK) ((TASK) ? NULL : NULL)
#define bpf_probe_read_user(DST, SIZE, SRC) (-1)

#define bpf_loop(N, CALLBACK, CTX, FLAGS)                       \
    ({                                                          \
        __u32 n__ = (N), i__;                                   \
                                                                \
        for (i__ = 0; i__ < n__ && !CALLBACK(i__, CTX); i__++) {\
        }                                                       \
        i__;                                                    \
    })

#endif /* bpf/bpf_helpers.h */
