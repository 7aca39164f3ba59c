/* SPDX-License-Identifier: Apache-2.0 */

/* The generator of the model: sequences as Open vSwitch makes them.
 *
 * Each handler receives its batches and sends what they need, as
 * recv_upcalls() and handle_upcalls() of ofproto/ofproto-dpif-upcall.c do; the
 * events of all handlers are interleaved in any way.  Many packets are alike,
 * of few flows. */

#include <config.h>

#include <assert.h>
#include <string.h>

#include "model.h"

/* Random numbers. */

static uint64_t random_state;

void
model_seed(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
}

static uint32_t
rnd(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 20) % n;
}

static bool
chance(int percent)
{
    return rnd(100) < (uint32_t) percent;
}

/* What several files need. */

bool
model_has_operations(const struct model_upcall *u)
{
    return u->class_ != MODEL_SFLOW;
}

bool
model_same_key(const struct model_upcall *a, const struct model_upcall *b)
{
    return (a->port == b->port && a->tunnel == b->tunnel
            && a->recirc == b->recirc && a->mark == b->mark
            && a->packet.bytes[13] == b->packet.bytes[13]);
}

/* Returns true if executes 'a' and 'b' of 's' have the same actions and, as
 * far as that is compared, the same packet. */
bool
model_same_action(const struct model_sequence *s, const struct model_event *a,
                  const struct model_event *b)
{
    int na = a->action >= 0 ? 1 : s->upcalls[a->upcall].flow.n_actions;
    int nb = b->action >= 0 ? 1 : s->upcalls[b->upcall].flow.n_actions;
    struct model_packet pa, pb;

    if (na != nb || (na == 1 && ((a->action >= 0 ? a->action : 0)
                                 != (b->action >= 0 ? b->action : 0)))) {
        return false;
    }
    model_packet_of(s, a, &pa);
    model_packet_of(s, b, &pb);
    return (pa.len == pb.len
            && !memcmp(pa.bytes, pb.bytes,
                       pa.len < MODEL_COMPARED ? pa.len : MODEL_COMPARED));
}

/* Stores in '*p' what 'e', an execute of 's', has as its packet. */
void
model_packet_of(const struct model_sequence *s, const struct model_event *e,
                struct model_packet *p)
{
    *p = s->upcalls[e->upcall].packet;
    if (e->changed >= 0) {
        p->bytes[e->changed] = 0xee;
    }
}

/* Flows, and whether each is known to ovs-vswitchd, so that it is not put
 * again: has a ukey. */

#define N_KEYS 512

struct key {
    bool has_flow;              /* 'flow' has been thought of. */
    struct model_flow flow;
    bool has_ukey;
    int batch;                  /* In which 'has_ukey' was decided. */
};

static struct key keys[N_KEYS];
static int n_batches;

static struct key *
key_of(const struct model_upcall *u)
{
    return &keys[((u->port * 2 + u->tunnel) % 8 * 4 + u->recirc * 2 + u->mark)
                 * 16 + u->packet.bytes[13] % 16];
}

static struct model_flow
random_flow(void)
{
    struct model_flow f = { .n_actions = 1 + rnd(3) };

    if (chance(20)) {
        f.n_actions = 0;
    } else if (chance(30)) {
        f.helped = true;
        f.n_unchanged = rnd(f.n_actions + 1);
    } else if (chance(5)) {
        f.slow = true;
        f.n_actions = rnd(2);
    }
    return f;
}

/* Returns the flow of 'key', which may be another one than before. */
static struct model_flow
flow_of(struct key *key)
{
    if (!key->has_flow || chance(3)) {
        key->flow = random_flow();
        key->has_flow = true;
    }
    return key->flow;
}

/* Returns true if a handler that is done with a batch, of number 'batch', puts
 * the flow of 'key'.  Nothing changes this in the midst of a batch. */
static bool
install_ukey(struct key *key, int batch)
{
    if (key->batch != batch) {
        key->has_ukey = key->batch ? key->has_ukey && !chance(20) : chance(10);
        key->batch = batch;
    }
    if (key->has_ukey) {
        return false;
    }
    key->has_ukey = true;
    return true;
}

/* Upcalls. */

/* What the upcalls of a sequence have in common. */
struct style {
    bool hashed;
    int percent_unseen;
    int unseen_class;           /* Class without records, or -1. */
    int percent_short;          /* Of which too little was kept. */
    uint32_t no_port;           /* A port that no bridge has, or 0; */
    int no_port_from;           /* from this upcall on. */
};

/* One after the other, so that a seed means the same whoever compiles this. */
static void
random_style(struct style *style, bool no_masks)
{
    style->hashed = chance(30);
    style->percent_unseen = chance(20) ? 20 : 0;
    style->unseen_class = chance(10) ? (int) rnd(2) : -1;
    style->percent_short = chance(2) ? 10 : 0;
    style->no_port = chance(10) && !no_masks ? 3 : 0;
    style->no_port_from = chance(50) ? rnd(20) : 0;
}

static void
random_packet(struct model_packet *p)
{
    memset(p, 0, sizeof *p);
    p->len = 60 + 20 * rnd(5) + (chance(20) ? rnd(8) : 0);
    p->bytes[13] = rnd(4);
    if (chance(40)) {
        p->bytes[40] = rnd(3);
    }
    if (chance(10)) {
        p->bytes[p->len - 1] = rnd(3);
    }
    if (chance(20)) {
        p->len = 98;
    }
}

/* Adds an upcall of 'thread' to 's'. */
static struct model_upcall *
add_upcall(struct model_sequence *s, const struct style *style, int thread)
{
    struct model_upcall *u = &s->upcalls[s->n_upcalls];

    assert(s->n_upcalls < MODEL_UPCALLS);
    memset(u, 0, sizeof *u);
    u->thread = thread;
    u->class_ = (chance(75) ? MODEL_MISS
                 : chance(60) ? MODEL_SLOW_PATH : MODEL_SFLOW);
    u->port = 1 + (chance(30) ? rnd(3) : 0);
    u->tunnel = chance(20);
    u->recirc = chance(15);
    u->mark = chance(10);
    u->hashed = style->hashed;
    if (s->n_upcalls && chance(50)) {
        /* As an earlier one. */
        const struct model_upcall *other = &s->upcalls[rnd(s->n_upcalls)];

        u->packet = other->packet;
        if (chance(70)) {
            u->port = other->port;
            u->tunnel = other->tunnel;
            u->recirc = other->recirc;
            u->mark = other->mark;
        }
    } else {
        random_packet(&u->packet);
    }
    u->flow = flow_of(key_of(u));
    u->unseen = (chance(style->percent_unseen)
                 || (int) u->class_ == style->unseen_class);
    u->kept = (!chance(style->percent_short) ? MODEL_PACKET_MAX
               : u->unseen && !chance(5) ? MODEL_PACKET_MAX
               : chance(30) ? 0 : rnd(140));
    u->no_port = (u->port == style->no_port && u->class_ == MODEL_MISS
                  && s->n_upcalls >= style->no_port_from);
    s->n_upcalls++;
    return u;
}

/* Events. */

static struct model_event *
add_event(struct model_sequence *s, enum model_kind kind, int thread,
          int upcall)
{
    struct model_event *e = &s->events[s->n_events++];

    *e = (struct model_event) { .kind = kind, .thread = thread,
                                .upcall = upcall, .action = -1,
                                .changed = -1, .entries = MODEL_TWINS,
                                .returns = MODEL_TWINS };
    return e;
}

/* What a handler does. */
struct handler {
    int n_batches;              /* Still to come. */

    /* Its batch. */
    int number;
    int n_left;                 /* So many of it still to receive; */
    bool full;                  /* and as many as a batch can have. */
    int n_counted;              /* So many of it count. */
    bool silent;                /* It needs no operations. */
    int n_listed;               /* In the list of the programs. */
    int upcalls[2 * MODEL_LIST];
    int n_upcalls;

    /* What it has still to send. */
    struct model_event todo[MODEL_LIST * 4];
    int n_todo, next_todo;
    bool is_sending;
};

static void
begin_batch(struct handler *h, const struct model_sequence *s)
{
    bool no_ends = s->mode == MODEL_NO_ENDS;

    h->n_batches--;
    h->number = ++n_batches;
    h->n_left = 1 + rnd(chance(5) ? 30 : 5);
    h->full = s->n_upcalls < MODEL_LIST && rnd(1000) < (no_ends ? 10 : 2);
    h->silent = no_ends && chance(30);
    if (h->full && chance(20) && !h->n_listed) {
        h->silent = true;       /* And another one. */
        h->n_batches++;
    }
    h->n_counted = 0;
    h->n_upcalls = 0;
}

/* Handler 'h', 'thread', sends an operation later. */
static void
have_to_do(struct handler *h, int thread, enum model_kind kind, int upcall,
           int action, int changed)
{
    h->todo[h->n_todo++] = (struct model_event) {
        .kind = kind, .thread = thread, .upcall = upcall, .action = action,
        .changed = changed, .entries = MODEL_TWINS, .returns = MODEL_TWINS,
    };
}

/* Upcall 'i' of 's', of the batch of 'h', is done with. */
static void
handle_upcall(struct handler *h, const struct model_sequence *s, int i,
              bool no_puts)
{
    const struct model_upcall *u = &s->upcalls[i];
    const struct model_flow *f = &u->flow;
    int changed = chance(20) && u->packet.len > 100 ? 100 : 0;

    if (!model_has_operations(u) || u->no_port) {
        return;
    }
    if (u->class_ == MODEL_MISS && !no_puts
        && install_ukey(key_of(u), h->number)) {
        have_to_do(h, u->thread, MODEL_PUT, i, -1, -1);
    }
    if (!f->helped && f->n_actions) {
        have_to_do(h, u->thread, MODEL_EXEC, i, -1, -1);
    }
    for (int k = 0; f->helped && k < f->n_actions; k++) {
        have_to_do(h, u->thread, MODEL_EXEC, i, k,
                   k >= f->n_unchanged ? changed : -1);
    }
}

static void
handle_upcalls(struct handler *h, const struct model_sequence *s)
{
    bool no_puts = chance(5);

    h->n_todo = h->next_todo = 0;
    for (int i = 0; i < h->n_upcalls && !h->silent; i++) {
        handle_upcall(h, s, h->upcalls[i], no_puts);
    }
    h->is_sending = true;
}

/* Handler 'h', 'thread', receives one more. */
static void
receive(struct handler *h, struct model_sequence *s, const struct style *style,
        int thread)
{
    int i = s->n_upcalls;
    struct model_upcall *u = add_upcall(s, style, thread);

    h->upcalls[h->n_upcalls++] = i;
    h->n_left--;
    h->n_listed += model_has_operations(u);
    h->n_counted += model_has_operations(u) && !u->no_port;
    if (h->full && !h->n_left) {
        h->n_left = 1;
    }
    add_event(s, MODEL_RECEIVE, thread, i);
    if (u->no_port) {
        add_event(s, MODEL_PUT, thread, i)->immediate = true;
    }
}

/* Handler 'h', 'thread', does whatever it does next.  Returns false if that is
 * nothing. */
static bool
go_on(struct handler *h, struct model_sequence *s, const struct style *style,
      int thread)
{
    if (h->is_sending) {
        if (h->next_todo < h->n_todo) {
            s->events[s->n_events++] = h->todo[h->next_todo++];
            return true;
        }
        h->is_sending = false;
        h->n_listed = h->n_todo ? 0 : h->n_listed;
        if (!h->n_batches || chance(20)) {
            add_event(s, MODEL_SLEEP, thread, -1);
            h->n_listed = 0;
        }
        if (!h->n_batches) {
            return false;
        }
        begin_batch(h, s);
    } else if (h->n_left && h->n_counted < MODEL_BATCH
               && h->n_listed < (s->mode == MODEL_NO_ENDS ? MODEL_GROUP
                                 : MODEL_LIST)) {
        receive(h, s, style, thread);
    } else {
        if (s->mode != MODEL_NO_ENDS && h->n_counted < MODEL_BATCH) {
            add_event(s, MODEL_NOTHING, thread, -1);
            h->n_listed = 0;
        }
        handle_upcalls(h, s);
    }
    return true;
}

/* Returns which of two twins are run, if one is missed by 'percent'; both only
 * if 'both'. */
static uint8_t
random_twins(int percent, bool both)
{
    return (!chance(percent) ? MODEL_TWINS
            : chance(50) ? 1 : !both || chance(50) ? 2 : 0);
}

/* Has some programs not run.  Of two operations in a row, each is seen to
 * begin or to end, and one of them both, or nobody could tell them apart. */
static void
miss_runs(struct model_sequence *s)
{
    bool operations = s->mode == MODEL_MISSED;
    bool receives = s->mode == MODEL_MISSED_RECEIVES;
    bool is_whole[MODEL_THREADS] = { true, true, true };
    int percent = chance(50) ? 10 : 1 + rnd(5);

    for (int i = 0; i < s->n_events; i++) {
        struct model_event *e = &s->events[i];
        bool *whole = &is_whole[e->thread];

        if (e->kind == MODEL_PUT || e->kind == MODEL_EXEC) {
            e->entries = random_twins(percent, operations && *whole);
            if (e->entries) {
                e->returns = random_twins(percent, operations && *whole);
            }
            *whole = e->entries && e->returns;
        } else if (e->kind != MODEL_SLEEP) {
            e->returns = random_twins(percent, receives);
        }
    }
}

/* Makes a sequence. */
void
model_generate(struct model_sequence *s, enum model_mode mode)
{
    static struct handler handlers[MODEL_THREADS];
    struct style style;
    int alive[MODEL_THREADS], n_alive = 0;
    int first = rnd(MODEL_THREADS);

    s->no_masks = chance(5);
    s->keeps_hash = chance(50);
    random_style(&style, s->no_masks);
    s->mode = mode;
    s->n_upcalls = s->n_events = 0;
    memset(keys, 0, sizeof keys);
    n_batches = 0;
    for (int i = 0, n = 1 + rnd(MODEL_THREADS); i < n; i++) {
        int thread = (first + i) % MODEL_THREADS;
        struct handler *h = &handlers[thread];

        h->n_batches = 1 + rnd(3);
        h->n_listed = 0;
        h->is_sending = false;
        begin_batch(h, s);
        alive[n_alive++] = thread;
    }
    while (n_alive) {
        int i = rnd(n_alive);

        if (!go_on(&handlers[alive[i]], s, &style, alive[i])) {
            alive[i] = alive[--n_alive];
        }
    }
    if (model_misses(mode) || chance(10)) {
        miss_runs(s);
    }
}
