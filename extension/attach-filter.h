/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_ATTACH_FILTER_H
#define EXTENSION_ATTACH_FILTER_H 1

/* Filters (start --filter) in BPF programs, see bpf/filter.bpf.h. */

#include <bpf/libbpf.h>

struct filter;

int attach_filter_put(const struct filter *, struct bpf_program *);
void attach_filter_size(const struct filter *, struct bpf_map *buffers);

#endif /* extension/attach-filter.h */
