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
    const struct nlattr *userdata;      /* OVS_PACKET_ATTR_USERDATA, NULL if
                                         * none; see userdata.h. */

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
const void *upcall_record_put(const struct upcall_record *);
size_t upcall_limit_packet(struct upcall_record *, size_t snaplen);
bool upcall_next_actions(const struct upcall *, struct upcall_attrs *actions);

/* The stages of an upcall.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_STAGES                                                        \
    X(QUEUE, "queue", "from enqueue to receive")                             \
    X(TRANSLATE, "translate", "from receive to the end of the translation")  \
    X(HANDLE, "handle", "from receive to the first of put and execute")      \
    X(INSTALL, "install", "the flow put")                                    \
    X(EXECUTE, "execute", "the execute")                                     \
    X(TOTAL, "total", "from upcall to the end of the last known stage")

enum upcall_stage {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_STAGE_##ENUM,
    UPCALL_STAGES
#undef X
    UPCALL_N_STAGES
};

/* How long the stages of an upcall took.  UPCALL_STAGE_TRANSLATE begins at
 * dpif_recv:recv_upcall if that is known, else at the receive in the kernel,
 * and UPCALL_STAGE_TOTAL is not known if the upcall was abandoned. */
struct upcall_latency {
    unsigned int known;         /* Bit (1u << enum upcall_stage) for each. */
    uint64_t ns[UPCALL_N_STAGES];       /* Undefined if not known. */
};

static inline bool
upcall_latency_has(const struct upcall_latency *l, enum upcall_stage stage)
{
    return l->known & 1u << stage;
}

void upcall_get_latency(const struct upcall_record *, struct upcall_latency *);
bool upcall_get_stage(const struct upcall_record *, enum upcall_stage,
                      uint64_t *ns);

/* What the handler of an upcall did, in ns, as far as the USDT probes of
 * ovs-vswitchd tell. */
struct upcall_waits {
    bool has_queue;
    uint64_t busy;              /* Of the queue: at work on other upcalls. */
    uint64_t idle;              /* Of the queue: asleep, stopped, */
    uint64_t queue_delay;       /* or, of 'idle', without a CPU. */
    bool has_handle;
    uint64_t handle_delay;      /* Without a CPU after the receive. */
};

void upcall_get_waits(const struct upcall_record *, struct upcall_waits *);
bool upcall_get_port(const struct upcall_record *, uint32_t *dp_ifindex,
                     uint32_t *port_no);

/* What became of the flow of a miss.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define UPCALL_PUTS                                                     \
    X(INSTALLED, "installed", "the kernel has taken the flow")          \
    X(REFUSED, "refused", "the kernel has refused the flow")            \
    X(DUPLICATE, "duplicate", "another upcall had put a flow for it")   \
    X(NONE, "none", "no flow was put")

enum upcall_put {
#define X(ENUM, NAME, DESCRIPTION) UPCALL_PUT_##ENUM,
    UPCALL_PUTS
#undef X
    UPCALL_N_PUTS
};

int upcall_get_put(const struct upcall_record *);

int upcall_get_errno(const struct upcall *);
int upcall_get_put_errno(const struct upcall *);
int upcall_ret_to_errno(int ret);
uint32_t upcall_get_return_ns(const struct upcall *);
bool upcall_get_return(const struct upcall *, int *ret);

#endif /* lib/record/record.h */
