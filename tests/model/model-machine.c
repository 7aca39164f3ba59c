/* SPDX-License-Identifier: Apache-2.0 */

/* The machine of the model: the code of bpf/ compiled for this machine, what
 * the kernel has for it, and netlink messages as the kernel and ovs-vswitchd
 * write them. */

#include <config.h>

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* What is written for clang and the verifier. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wbad-function-cast"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wswitch-enum"

#include <bpf/unaligned.h>
#include "../../bpf/pass-record.h"

#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* In an order in which each finds what it needs, as in bpf/upcall.bpf.c. */
#include "../../bpf/kernel.bpf.h"
#include "../../bpf/bound.bpf.h"
#include "../../bpf/common.bpf.h"
#include "../../bpf/ring.bpf.h"
#include "../../bpf/ports.bpf.h"

/* For filter.bpf.h, which has instructions that only the kernel knows. */
static const __u32 filter_bytes = 0;

#include "../../bpf/pass.bpf.h"
#include "../../bpf/config.bpf.h"
#include "../../bpf/slot.bpf.h"
#include "../../bpf/message.bpf.h"
#include "../../bpf/args.bpf.h"
#include "../../bpf/handler.bpf.h"
#include "../../bpf/twin.bpf.h"
#include "../../bpf/print.bpf.h"
#include "../../bpf/batch.bpf.h"
#include "../../bpf/align.bpf.h"
#include "../../bpf/pending.bpf.h"
#include "../../bpf/buffer.bpf.h"
#include "../../bpf/recv.bpf.h"
#include "../../bpf/put-match.bpf.h"
#include "../../bpf/put.bpf.h"
#include "../../bpf/exec-match.bpf.h"
#include "../../bpf/plan.bpf.h"
#include "../../bpf/exec.bpf.h"

#pragma GCC diagnostic pop

/* Maps. */

#define N_SLOTS 1024
#define SLOT_SIZE UPCALL_SLOT_SIZE(UPCALL_KEY_MAX + UPCALL_MATCH_MAX)
#define N_HANDLERS 4

union model_slot {
    char bytes[(SLOT_SIZE + 7) & ~7];
    uint64_t align;
};

static struct upcall_bucket model_buckets[N_SLOTS / UPCALL_BUCKET];
static struct upcall_handler model_handlers[N_HANDLERS];
static union model_slot model_slots[N_SLOTS + N_HANDLERS];
static uint64_t ring_data[1024];

/* Two of them have the same place, as a rule. */
static const uint32_t thread_ids[MODEL_THREADS] = { 1, 5, 2 };

static struct model_sequence *sequence; /* Whose events happen now. */
static uint64_t now;                    /* See event_at(). */
static int current;                     /* Thread. */
static struct task_struct task;
static struct sock sock = { .__sk_common.skc_family = AF_NETLINK,
                            .sk_protocol = NETLINK_GENERIC };

static void take_record(const struct upcall_record *);

/* Helpers. */

void *
bpf_map_lookup_elem(void *map, const void *key)
{
    uint32_t i = *(const uint32_t *) key;

    if (map == &buckets) {
        return i < N_SLOTS / UPCALL_BUCKET ? &model_buckets[i] : NULL;
    } else if (map == &handlers) {
        return i < N_HANDLERS ? &model_handlers[i] : NULL;
    } else if (map == &slots) {
        return i < N_SLOTS + N_HANDLERS ? &model_slots[i] : NULL;
    } else {
        return NULL;
    }
}

long
bpf_probe_read_kernel(void *dst, __u32 size, const void *src)
{
    memcpy(dst, src, size);
    return 0;
}

__u64
bpf_ktime_get_ns(void)
{
    return ++now;
}

__u64
bpf_get_current_pid_tgid(void)
{
    return (uint64_t) 77 << 32 | thread_ids[current];
}

void *
bpf_get_current_task_btf(void)
{
    return &task;
}

__u32
bpf_get_smp_processor_id(void)
{
    return 0;
}

void *
bpf_ringbuf_reserve(void *map, __u64 size, __u64 flags)
{
    (void) map;
    (void) flags;
    assert(size <= sizeof ring_data);
    return ring_data;
}

void
bpf_ringbuf_submit(void *data, __u64 flags)
{
    (void) flags;
    take_record(data);
}

void
bpf_ringbuf_discard(void *data, __u64 flags)
{
    (void) data;
    (void) flags;
}

__u64
bpf_ringbuf_query(void *map, __u64 flags)
{
    return map && flags ? 0 : flags;
}

long
bpf_ringbuf_output(void *map, void *data, __u64 size, __u64 flags)
{
    (void) map;
    (void) size;
    (void) flags;
    take_record(data);
    return 0;
}

long
bpf_get_func_ret(void *ctx, __u64 *value)
{
    (void) ctx;
    *value = 0;
    return 0;
}

long
bpf_get_func_arg(void *ctx, __u32 n, __u64 *value)
{
    (void) ctx;
    (void) n;
    *value = 0;
    return 0;
}

long
bpf_get_func_arg_cnt(void *ctx)
{
    (void) ctx;
    return 3;
}

__u64
bounded(__u64 x, __u64 max)
{
    if (x > max) {
        fprintf(stderr, "%"PRIu64" is more than %"PRIu64"\n",
                (uint64_t) x, (uint64_t) max);
        model_print(sequence);
        abort();
    }
    return x;
}

__u64
modulo(__u64 x, __u64 mask)
{
    return x & mask;
}

/* Messages. */

#define PACKET_FAMILY 33
#define DP_IFINDEX 5
#define HASH 0x1234567

/* Attribute of executes that tells which it is, which neither the kernel nor
 * the programs know. */
#define ATTR_EVENT 99

struct msg {
    uint64_t words[256];
    size_t len;
};

static void
msg_put(struct msg *m, const void *data, size_t n)
{
    assert(m->len + n + 3 <= sizeof m->words);
    memcpy((char *) m->words + m->len, data, n);
    m->len += n;
    while (m->len & 3) {
        ((char *) m->words)[m->len++] = 0;
    }
}

static size_t
msg_attr_start(struct msg *m, int type)
{
    struct nlattr attr = { .nla_len = 4, .nla_type = type };
    size_t ofs = m->len;

    msg_put(m, &attr, sizeof attr);
    return ofs;
}

static void
msg_attr_set_len(struct msg *m, size_t ofs, size_t len)
{
    uint16_t nla_len = len;

    memcpy((char *) m->words + ofs, &nla_len, sizeof nla_len);
}

static void
msg_attr_end(struct msg *m, size_t ofs)
{
    msg_attr_set_len(m, ofs, m->len - ofs);
}

static void
msg_attr_put(struct msg *m, int type, const void *data, size_t n)
{
    struct nlattr attr = { .nla_len = 4 + n, .nla_type = type };

    msg_put(m, &attr, sizeof attr);
    msg_put(m, data, n);
}

static void
msg_attr_u32(struct msg *m, int type, uint32_t x)
{
    msg_attr_put(m, type, &x, sizeof x);
}

static void
msg_start(struct msg *m, int cmd)
{
    uint8_t header[MSG_ATTRS_OFS] = { 0 };
    uint16_t type = PACKET_FAMILY;
    uint32_t dp_ifindex = DP_IFINDEX;

    m->len = 0;
    memcpy(header + offsetof(struct nlmsghdr, nlmsg_type), &type, sizeof type);
    header[MSG_GENLMSGHDR_OFS] = cmd;
    memcpy(header + MSG_DP_IFINDEX_OFS, &dp_ifindex, sizeof dp_ifindex);
    msg_put(m, header, sizeof header);
}

static void
put_tunnel(struct msg *m, const struct model_upcall *u)
{
    uint64_t id = (uint64_t) u->tunnel << 40;
    size_t ofs;

    if (u->tunnel) {
        ofs = msg_attr_start(m, OVS_KEY_ATTR_TUNNEL);
        msg_attr_put(m, OVS_TUNNEL_KEY_ATTR_ID, &id, sizeof id);
        msg_attr_u32(m, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, 0x01020304);
        msg_attr_end(m, ofs);
    }
}

/* Appends the flow key of 'u' as attribute 'type', see model_same_key(). */
static void
put_key(struct msg *m, int type, const struct model_upcall *u)
{
    uint8_t eth[12] = { u->packet.bytes[13] };
    size_t ofs = msg_attr_start(m, type);

    msg_attr_u32(m, OVS_KEY_ATTR_RECIRC_ID, u->recirc);
    msg_attr_u32(m, OVS_KEY_ATTR_PRIORITY, 0);
    put_tunnel(m, u);
    msg_attr_u32(m, OVS_KEY_ATTR_IN_PORT, u->port);
    msg_attr_u32(m, OVS_KEY_ATTR_SKB_MARK, u->mark);
    msg_attr_put(m, OVS_KEY_ATTR_ETHERNET, eth, sizeof eth);
    msg_attr_end(m, ofs);
}

static void
put_cookie(struct msg *m, int type, uint16_t cookie_type, bool helped)
{
    struct user_cookie cookie = {
        .type = cookie_type, .reason = helped ? SLOW_ACTION : 1
    };

    msg_attr_put(m, type, &cookie, sizeof cookie);
}

static void
put_actions(struct msg *m, const struct model_flow *f, int only)
{
    for (int i = 0; i < f->n_actions; i++) {
        if (only < 0 || i == only) {
            msg_attr_u32(m, OVS_ACTION_ATTR_OUTPUT, 10 + i);
        }
    }
}

static void
put_slow_action(struct msg *m, bool helped)
{
    size_t ofs = msg_attr_start(m, OVS_ACTION_ATTR_USERSPACE);

    msg_attr_u32(m, OVS_USERSPACE_ATTR_PID, 99);
    put_cookie(m, OVS_USERSPACE_ATTR_USERDATA, COOKIE_SLOW_PATH, helped);
    msg_attr_end(m, ofs);
}

/* Writes the message of 'u' but for the bytes of the packet. */
static void
make_upcall(struct msg *m, const struct model_upcall *u)
{
    uint64_t hash = u->hashed ? HASH : 0;

    msg_start(m, u->class_ == MODEL_MISS ? OVS_PACKET_CMD_MISS
              : OVS_PACKET_CMD_ACTION);
    put_key(m, OVS_PACKET_ATTR_KEY, u);
    if (u->class_ != MODEL_MISS) {
        put_cookie(m, OVS_PACKET_ATTR_USERDATA,
                   u->class_ == MODEL_SFLOW ? COOKIE_SFLOW : COOKIE_SLOW_PATH,
                   u->flow.helped);
    }
    msg_attr_put(m, OVS_PACKET_ATTR_HASH, &hash, sizeof hash);
    msg_attr_set_len(m, msg_attr_start(m, OVS_PACKET_ATTR_PACKET),
                     4 + u->packet.len);
}

static void
make_put(struct msg *m, const struct model_event *e)
{
    const struct model_upcall *u = &sequence->upcalls[e->upcall];
    uint8_t ufid[UFID_SIZE - 4] = { 0 };
    size_t ofs;

    msg_start(m, OVS_FLOW_CMD_NEW);
    msg_attr_put(m, OVS_FLOW_ATTR_UFID, ufid, sizeof ufid);
    put_key(m, OVS_FLOW_ATTR_KEY, u);
    if (!e->immediate && !sequence->no_masks) {
        put_key(m, OVS_FLOW_ATTR_MASK, u);
    }
    ofs = msg_attr_start(m, OVS_FLOW_ATTR_ACTIONS);
    if (!e->immediate) {
        if (u->flow.helped || u->flow.slow) {
            put_slow_action(m, u->flow.helped);
        } else {
            put_actions(m, &u->flow, -1);
        }
    }
    msg_attr_end(m, ofs);
}

static void
make_exec(struct msg *m, const struct model_event *e)
{
    const struct model_upcall *u = &sequence->upcalls[e->upcall];
    struct model_packet packet;
    uint64_t hash = HASH;
    size_t ofs;

    model_packet_of(sequence, e, &packet);
    msg_start(m, OVS_PACKET_CMD_EXECUTE);
    msg_attr_put(m, OVS_PACKET_ATTR_PACKET, packet.bytes, packet.len);
    ofs = msg_attr_start(m, OVS_PACKET_ATTR_KEY);
    msg_attr_u32(m, OVS_KEY_ATTR_PRIORITY, 0);
    put_tunnel(m, u);
    msg_attr_u32(m, OVS_KEY_ATTR_SKB_MARK, u->mark);
    msg_attr_u32(m, OVS_KEY_ATTR_IN_PORT, u->port);
    msg_attr_end(m, ofs);
    ofs = msg_attr_start(m, OVS_PACKET_ATTR_ACTIONS);
    put_actions(m, &u->flow, e->action);
    msg_attr_end(m, ofs);
    if (u->hashed && (!u->flow.helped || sequence->keeps_hash)) {
        msg_attr_put(m, OVS_PACKET_ATTR_HASH, &hash, sizeof hash);
    }
    msg_attr_u32(m, ATTR_EVENT, e - sequence->events);
}

/* What happens. */

/* Upcalls that have no record. */
static struct unseen {
    struct sk_buff skb;
    struct msg msg;
} __attribute__((aligned(64))) unseens[MODEL_UPCALLS];

/* Returns the address of the skb of upcall 'i'. */
static uint64_t
skb_of(int i)
{
    return (sequence->upcalls[i].unseen ? (uint64_t) (uintptr_t) &unseens[i]
            : 0xffff888000000000ULL + i * 256);
}

/* Upcall 'i' is queued. */
static void
enqueue_upcall(int i)
{
    const struct model_upcall *u = &sequence->upcalls[i];
    uint32_t kept = u->kept < u->packet.len ? u->kept : u->packet.len;
    struct upcall_record *rec;
    uint32_t slot;
    struct msg m;

    if (u->unseen) {
        struct sk_buff *skb = &unseens[i].skb;
        struct msg *whole = &unseens[i].msg;

        make_upcall(whole, u);
        msg_put(whole, u->packet.bytes, u->packet.len);
        skb->data = (void *) whole->words;
        skb->len = whole->len;
        skb->data_len = (kept < u->packet.len
                         ? ((u->packet.len + 3) & ~3U) - kept : 0);
        return;
    }

    make_upcall(&m, u);
    slot = slot_take(skb_of(i));
    assert(slot);
    rec = slot_record(slot - 1);
    if (!msg_copy(rec, m.words, m.len, ~0U)) {
        abort();
    }
    msg_copy_packet(rec, u->packet.bytes, kept);
    last_id.n = this_cpu()->last_id = i;
    record_init(rec, this_cpu());
    rec->flags |= UPCALL_F_ENQUEUED;
    rec->portid = AF_NETLINK;           /* What is there in 'sock'. */
    rec->enqueue_ts = bpf_ktime_get_ns();
    slot_publish(slot - 1, skb_of(i));
}

/* Each thread has a socket of its own. */
static uint64_t
socket_address(void)
{
    return 0x1000 * (current + 1);
}

/* The daemon has seen the current thread asleep, and so have the programs. */
static void
sleep_now(void)
{
    struct upcall_handler *h = handler_find();

    if (h) {
        h->idle_seq = h->recv_seq;
        handler_begin_receive(h);
    }
}

/* Returns a message, which has another address than the two last ones. */
static struct msg *
next_msg(void)
{
    static struct msg msgs[3];
    static unsigned int i;

    i = (i + 1) % 3;
    return &msgs[i];
}

#define EACH_TWIN(WHICH, RUN)                           \
    for (int WHICH = 1; WHICH <= 2; WHICH++)            \
        if ((RUN) & WHICH)

static void
happen(struct model_event *e)
{
    static const int eagain = -11;
    struct msg *m;

    current = e->thread;
    switch (e->kind) {
    case MODEL_RECEIVE:
        EACH_TWIN (which, e->returns) {
            recv_returned(skb_of(e->upcall), &sock, socket_address(), NULL,
                          which);
        }
        break;
    case MODEL_NOTHING:
        EACH_TWIN (which, e->returns) {
            recv_returned(0, &sock, socket_address(), &eagain, which);
        }
        break;
    case MODEL_PUT:
        m = next_msg();
        make_put(m, e);
        EACH_TWIN (which, e->entries) {
            put_entry(m->words, m->len, which);
        }
        EACH_TWIN (which, e->returns) {
            put_return(0, which);
        }
        break;
    case MODEL_EXEC:
        m = next_msg();
        make_exec(m, e);
        EACH_TWIN (which, e->entries) {
            exec_entry(m, m->words, m->len, which);
        }
        EACH_TWIN (which, e->returns) {
            exec_return(0, which);
        }
        break;
    case MODEL_SLEEP:
        sleep_now();
        break;
    }
}

/* What the programs say. */

/* Each event has 2^20 ns. */
#define EVENT_NS_BITS 20

/* Returns the event that happened at 'ts'. */
static struct model_event *
event_at(uint64_t ts)
{
    uint64_t i = (ts >> EVENT_NS_BITS) - 1;

    assert(i < (uint64_t) sequence->n_events);
    return &sequence->events[i];
}

/* Upcall 'i' is said to have been executed 'n' times; 'attrs', 'len' bytes,
 * are what was kept of these. */
static void
take_execs(int i, int n, const uint8_t *attrs, size_t len)
{
    struct nlattr attr;
    uint32_t event;

    for (size_t ofs = 0; ofs + sizeof attr <= len;
         ofs += (attr.nla_len + 3) & ~3U) {
        memcpy(&attr, attrs + ofs, sizeof attr);
        if (attr.nla_type == ATTR_EVENT) {
            memcpy(&event, attrs + ofs + sizeof attr, sizeof event);
            sequence->events[event].linked = i;
            n--;
        }
    }

    /* There was no room for others.  They may be its own, but not if it has
     * not so many. */
    for (int own = true; own >= false; own--) {
        for (int j = 0; j < sequence->n_events && n > 0; j++) {
            struct model_event *e = &sequence->events[j];

            if (e->kind == MODEL_EXEC && e->linked < 0
                && (e->upcall == i) == own) {
                e->linked = i;
                n--;
            }
        }
    }
}

static void
take_record(const struct upcall_record *rec)
{
    uint64_t exec_ofs = tail_ofs(rec) + ALIGN8((uint64_t) rec->put_len);
    int i = rec->id - 1;
    struct model_upcall *u = &sequence->upcalls[i];

    assert(i >= 0 && i < sequence->n_upcalls && !u->recorded);
    u->recorded = true;
    u->outcome = rec->outcome;
    u->has_put = rec->flags & UPCALL_F_PUT;
    u->n_execs = rec->n_execs;
    u->batch = rec->batch;
    u->batch_idx = rec->batch_idx;
    u->batch_size = rec->batch_size;
    if (u->has_put) {
        event_at(rec->put_ts)->linked = i;
    }
    if (rec->n_execs) {
        take_execs(i, rec->n_execs, rec->data + exec_ofs, rec->exec_len);
    }
}

/* Nothing may be left when all is over. */
static void
check_slots(void)
{
    for (int i = 0; i < N_SLOTS; i++) {
        if (*slot_key(i) != UPCALL_SLOT_FREE) {
            fprintf(stderr, "slot %d was not freed\n", i);
            model_print(sequence);
            abort();
        }
    }
}

void
model_machine_init(void)
{
    bucket_mask = N_SLOTS / UPCALL_BUCKET - 1;
    handler_mask = N_HANDLERS - 1;
    print_key = 0x9e3779b97f4a7c15ULL;
    packet_family = PACKET_FAMILY;
    unseen_until = ~0ULL;
}

/* Has the events of 's' happen, and stores what the programs say in it. */
void
model_machine_run(struct model_sequence *s)
{
    sequence = s;
    memset(model_handlers, 0, sizeof model_handlers);
    memset(model_buckets, 0, sizeof model_buckets);
    n_executing.n = 0;
    ends_visible = s->mode != MODEL_NO_ENDS;
    now = 1;
    for (int i = 0; i < s->n_upcalls; i++) {
        struct model_upcall *u = &s->upcalls[i];

        u->recorded = u->has_put = false;
        u->n_execs = 0;
        u->outcome = UPCALL_OUTCOME_UNKNOWN;
        enqueue_upcall(i);
    }
    for (int i = 0; i < s->n_events; i++) {
        s->events[i].linked = -1;
    }
    for (int i = 0; i < s->n_events; i++) {
        now = (uint64_t) (i + 1) << EVENT_NS_BITS;
        happen(&s->events[i]);
    }
    if (!model_misses(s->mode)) {
        check_slots();
    }
}

bool
model_outcome_is_unknown(int outcome)
{
    return outcome == UPCALL_OUTCOME_UNKNOWN;
}

/* Returns true if 'outcome' is not that of an upcall with these
 * operations. */
bool
model_outcome_is_wrong(int outcome, bool has_put, bool has_exec)
{
    return !(outcome == UPCALL_OUTCOME_UNKNOWN
             || outcome == (has_exec ? UPCALL_EXECUTED
                            : has_put ? UPCALL_INSTALLED : UPCALL_CONSUMED));
}

const char *
model_outcome_name(int outcome)
{
    return (outcome == UPCALL_EXECUTED ? "executed"
            : outcome == UPCALL_INSTALLED ? "installed"
            : outcome == UPCALL_CONSUMED ? "consumed"
            : outcome == UPCALL_OUTCOME_UNKNOWN ? "unknown" : "another");
}
