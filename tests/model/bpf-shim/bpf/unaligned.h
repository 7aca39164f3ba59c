/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BPF_SHIM_UNALIGNED_H
#define BPF_SHIM_UNALIGNED_H 1

/* Attributes are at multiples of 4, and the programs read 8 bytes there, which
 * the machines allow that copy_words() of bpf/config.bpf.h names. */

#include <linux/types.h>

typedef __u64 unaligned_u64 __attribute__((aligned(4)));
#define __u64 unaligned_u64

#endif /* tests/model/bpf-shim/bpf/unaligned.h */
