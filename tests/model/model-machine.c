/* SPDX-License-Identifier: Apache-2.0 */

/* The machine of the model: the code of bpf/ compiled for this machine, and
 * what the kernel has for it. */

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
#include "../../bpf/unseen.bpf.h"
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
static struct upcall_unread model_unread[N_HANDLERS];
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
    } else if (map == &unread) {
        return i < N_HANDLERS ? &model_unread[i] : NULL;
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

/* What happens. */

/* Upcalls that have no record. */
static struct unseen {
    struct sk_buff skb;
    struct model_message msg;
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
    struct model_message m;

    if (u->unseen) {
        struct sk_buff *skb = &unseens[i].skb;
        struct model_message *whole = &unseens[i].msg;

        model_message_upcall(whole, u);
        model_message_put(whole, u->packet.bytes, u->packet.len);
        skb->data = (void *) whole->words;
        skb->len = whole->len;
        skb->data_len = (kept < u->packet.len
                         ? ((u->packet.len + 3) & ~3U) - kept : 0);
        return;
    }

    model_message_upcall(&m, u);
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
static struct model_message *
next_msg(void)
{
    static struct model_message msgs[3];
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
    struct model_message *m;

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
        model_message_put_flow(m, sequence, e);
        EACH_TWIN (which, e->entries) {
            put_entry(m->words, m->len, which);
        }
        EACH_TWIN (which, e->returns) {
            put_return(0, which);
        }
        break;
    case MODEL_EXEC:
        m = next_msg();
        model_message_execute(m, sequence, e);
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
        if (attr.nla_type == MODEL_ATTR_EVENT) {
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
    packet_family = MODEL_PACKET_FAMILY;
    unseen_until = ~0ULL;
    keep_unread = true;
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
