/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_H
#define LIB_RECORD_H 1

/* Decoding of a struct upcall_record (see bpf/upcall-record.h).
 *
 * A record comes from the kernel or from a file, so nothing in it is
 * believed: upcall_parse() checks each length before it is used. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/upcall-record.h"

struct nlattr;
struct port_map;

/* Netlink attributes in a record, of which those inside each other and those
 * behind each other are known to fit. */
struct upcall_attrs {
    const struct nlattr *data;  /* NULL if unknown, else not NULL even if
                                 * there are none. */
    size_t len;                 /* Bytes. */
};

/* What a record says.  All pointers point into the record, which has to live
 * as long as this is used. */
struct upcall {
    const struct upcall_record *rec;

    /* Where it happened. */
    bool has_dp;                /* Is 'dp_ifindex' known? */
    bool has_port;              /* Are 'dp_ifindex' and 'port_no' known? */
    uint32_t dp_ifindex;        /* Network device of the datapath. */
    uint32_t port_no;           /* Input port in the datapath. */

    /* Why it happened. */
    int class;                  /* enum upcall_class, -1 if unknown. */
    uint32_t reason;            /* For UPCALL_CLASS_SLOW_PATH, enum
                                 * slow_path_reason; else 0. */

    /* The packet. */
    const uint8_t *packet;      /* Bytes that were kept, NULL if none. */
    size_t packet_kept;         /* How many. */
    uint32_t packet_len;        /* Of the whole packet, 0 if unknown. */
    struct upcall_attrs key;    /* OVS_PACKET_ATTR_KEY. */

    /* The flow put. */
    struct upcall_attrs mask;           /* OVS_FLOW_ATTR_MASK, empty if the
                                         * put had none: an exact match. */
    struct upcall_attrs put_actions;    /* OVS_FLOW_ATTR_ACTIONS. */

    /* The executes, of which there is mostly one. */
    struct upcall_attrs exec;           /* All attributes, unchecked: use
                                         * upcall_next_actions(). */
    struct upcall_attrs exec_actions;   /* OVS_PACKET_ATTR_ACTIONS, the first
                                         * that are whole. */
};

bool upcall_parse(const void *data, size_t size, struct upcall *,
                  char **errorp);
size_t upcall_record_size(const struct upcall_record *);
size_t upcall_limit_packet(struct upcall_record *, size_t snaplen);
bool upcall_next_actions(const struct upcall *, struct upcall_attrs *actions);

/* Stages of an upcall, in ns. */
struct upcall_latency {
    bool has_queue, has_translate, has_handle, has_install, has_execute,
         has_total;
    uint64_t queue;             /* From enqueue to receive. */
    uint64_t translate;         /* From dpif_recv:recv_upcall to the end of
                                 * the translation. */
    uint64_t handle;            /* From receive to the first of put and
                                 * execute. */
    uint64_t install;           /* Duration of the put. */
    uint64_t execute;           /* Duration of the execute. */
    uint64_t total;             /* From upcall to the end of the last known
                                 * stage; unknown if it was abandoned. */
};

void upcall_get_latency(const struct upcall *, struct upcall_latency *);

int upcall_get_errno(const struct upcall *);
int upcall_ret_to_errno(int ret);
uint32_t upcall_get_return_ns(const struct upcall *);
bool upcall_get_return(const struct upcall *, int *ret);

const char *upcall_dp_name(const struct upcall *, const struct port_map *);
const char *upcall_port_name(const struct upcall *, uint32_t port_no,
                             const struct port_map *);

#endif /* lib/record.h */
