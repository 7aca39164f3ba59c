/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Which ports were chosen.
 */
#ifndef BPF_PORTS_BPF_H
#define BPF_PORTS_BPF_H 1

/* Whether only the ports in 'ports' are chosen. */
SETTING bool choose_ports = false;

/* Bits of the numbers of the ports that were chosen, in any datapath. */
__u64 port_bits[UPCALL_PORTS_MAX / 64];

/* The ports that were chosen. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 8192);
    __type(key, struct upcall_port_key);
    __type(value, __u8);
} ports SEC(".maps");

/* Returns true if the input port 'port_no' of a datapath was chosen. */
static __always_inline bool
port_may_be_chosen(__u32 port_no)
{
    return (port_no >= UPCALL_PORTS_MAX
            || (port_bits[MODULO(port_no / 64, UPCALL_PORTS_MAX / 64)]
                & 1ULL << port_no % 64));
}

/* Returns true if 'port_no' of the datapath 'dp_ifindex' was chosen. */
static __always_inline bool
port_is_chosen(__u32 dp_ifindex, __u32 port_no)
{
    struct upcall_port_key port = {
        .dp_ifindex = dp_ifindex, .port_no = port_no,
    };

    return !choose_ports || bpf_map_lookup_elem(&ports, &port);
}

#endif /* bpf/ports.bpf.h */
