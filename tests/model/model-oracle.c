/* SPDX-License-Identifier: Apache-2.0 */

/* The oracle of the model: finds out of which operations it can be known whose
 * they are, by all possible ways to distribute those of a batch among its
 * upcalls.
 *
 * Upcalls and operations are in order.  An upcall has an optional put and then
 * an execute or, if ovs-vswitchd helps with its actions, any number of them,
 * no two with the same actions one after the other.  It is executed if its put
 * has actions.  Of those in a batch with the same key only the first can have
 * a put.  An execute that equals an upcall is of one that it equals. */

#include <config.h>

#include <assert.h>
#include <string.h>

#include "model.h"

/* What an upcall has had. */
enum phase {
    PH_NONE,                    /* Nothing. */
    PH_OWES,                    /* A put, and its execute is to come. */
    PH_DROPS,                   /* A put, and there is no execute. */
    PH_HELP,                    /* A put, and any number of executes come. */
    PH_SLOW,                    /* A put, and there may be an execute. */
    PH_DONE,                    /* All. */
    PH_HELPED,                  /* The last was an execute with help. */
    N_PHASES
};

/* Upcalls of a thread, and the operations that can be of them: of one batch
 * or, where it is not seen that a batch without operations has ended, of
 * several. */
#define GROUP_UPCALLS MODEL_GROUP
#define GROUP_OPS 1024

struct candidate {
    int upcall;                 /* Place in the group. */
    uint8_t before;             /* Phases in which it can be before, */
    uint8_t after[N_PHASES];    /* and the bit of what comes after each. */

    /* Phases after the operation that are possible given those before it, and
     * given those behind it. */
    uint8_t forward, backward;
};

struct op {
    struct model_event *event;
    bool same_action;           /* As the operation before. */
    int first, n;               /* Which of 'candidates' it has. */
};

static struct model_sequence *sequence;
static int upcalls[GROUP_UPCALLS];
static uint64_t packet_sums[GROUP_UPCALLS];
static int n_upcalls;
static struct op ops[GROUP_OPS];
static int n_ops;
static struct candidate candidates[GROUP_OPS * GROUP_UPCALLS];
static int n_candidates;

/* First upcall that may be in another batch than those before, or
 * GROUP_UPCALLS.  If ends of batches are not seen, that can be any. */
static int boundary;

static const struct model_upcall *
upcall_at(int i)
{
    return &sequence->upcalls[upcalls[i]];
}

/* What of 'packet' is compared. */
static uint32_t
compared(const struct model_packet *p)
{
    return p->len < MODEL_COMPARED ? p->len : MODEL_COMPARED;
}

/* Returns a number that differs where what is compared does. */
static uint64_t
sum_of_packet(const struct model_packet *p)
{
    uint64_t sum = p->len, word;

    for (uint32_t i = 0; i < compared(p); i += 8) {
        memcpy(&word, p->bytes + i, 8);
        if (i + 8 > compared(p)) {
            word &= (1ULL << (compared(p) - i) * 8) - 1;
        }
        sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
        sum ^= sum >> 29;
    }
    return sum;
}

/* An execute, while its candidates are found. */
struct exec {
    const struct model_upcall *of;
    struct model_packet packet;
    uint64_t sum;
    bool hashed;
    bool all_actions;
    bool is_received;           /* It surely equals an upcall, */
    bool is_begun;              /* or its headers do. */
};

/* Returns true if 'x' can have the packet and metadata of upcall 'i', as far
 * as the programs can read these; and if so, whether it does for sure. */
static bool
equals(const struct exec *x, int i, bool *surely)
{
    const struct model_upcall *u = upcall_at(i);

    *surely = u->kept >= compared(&u->packet);
    if (x->of->port != u->port || x->of->tunnel != u->tunnel
        || x->of->mark != u->mark || x->packet.len != u->packet.len) {
        return false;
    }
    return (*surely ? x->sum == packet_sums[i]
            : !memcmp(x->packet.bytes, u->packet.bytes, u->kept));
}

/* Returns true if the programs can tell that 'x' starts as upcall 'i' does. */
static bool
begins(const struct exec *x, int i)
{
    const struct model_upcall *u = upcall_at(i);
    uint32_t n = u->packet.len < MODEL_STARTS ? u->packet.len : MODEL_STARTS;

    return (u->kept >= n && x->packet.len == u->packet.len
            && !memcmp(x->packet.bytes, u->packet.bytes, n));
}

/* Returns true if 'i' may be the first upcall of its batch with its key, among
 * the misses. */
static bool
may_be_first_with_key(int i)
{
    for (int j = (sequence->mode == MODEL_NO_ENDS ? i
                  : i >= boundary ? boundary : 0); j < i; j++) {
        if (upcall_at(j)->class_ == MODEL_MISS
            && model_same_key(upcall_at(j), upcall_at(i))) {
            return false;
        }
    }
    return true;
}

/* Says that upcall 'c->upcall' can be in 'before', a phase, and is in 'after'
 * after the operation. */
static void
allow(struct candidate *c, enum phase before, enum phase after)
{
    c->before |= 1 << before;
    c->after[before] = 1 << after;
}

/* Finds out what a put makes of upcall 'i'. */
static void
look_at_put(const struct op *op, int i, struct candidate *c)
{
    const struct model_upcall *of = &sequence->upcalls[op->event->upcall];
    const struct model_upcall *u = upcall_at(i);

    if (u->class_ == MODEL_MISS && model_same_key(u, of)
        && may_be_first_with_key(i)) {
        allow(c, PH_NONE, (of->flow.helped ? PH_HELP
                           : of->flow.slow ? PH_SLOW
                           : of->flow.n_actions ? PH_OWES : PH_DROPS));
    }
}

/* The same for execute 'x'. */
static void
look_at_exec(const struct exec *x, int i, struct candidate *c)
{
    const struct model_upcall *u = upcall_at(i);
    bool may_help = u->class_ != MODEL_SFLOW;
    bool surely, equal;

    if (x->of->port != u->port) {
        return;
    }
    equal = equals(x, i, &surely);
    if (may_help && (equal || !(x->is_received || x->is_begun)
                     || (!x->is_received && begins(x, i)))) {
        allow(c, PH_NONE, PH_HELPED);
        allow(c, PH_HELP, PH_HELPED);
        allow(c, PH_HELPED, PH_HELPED);
    }
    if (equal && (x->hashed || !u->hashed)) {
        if (x->all_actions) {
            allow(c, PH_OWES, PH_DONE);
        }
        allow(c, PH_SLOW, PH_DONE);
        if (!may_help) {
            allow(c, PH_NONE, PH_DONE);
        }
    }
}

/* Finds the candidates of 'op'. */
static void
find_candidates(struct op *op)
{
    const struct model_event *e = op->event;
    struct exec x = { .of = &sequence->upcalls[e->upcall] };
    bool surely;

    op->first = n_candidates;
    op->n = 0;
    if (e->kind == MODEL_EXEC) {
        model_packet_of(sequence, e, &x.packet);
        x.sum = sum_of_packet(&x.packet);
        x.hashed = (x.of->hashed
                    && (!x.of->flow.helped || sequence->keeps_hash));
        x.all_actions = e->action < 0;
        for (int i = 0; i < n_upcalls && !x.is_received; i++) {
            const struct model_upcall *u = upcall_at(i);

            if (equals(&x, i, &surely)) {
                x.is_received = surely;
                x.is_begun |= (u->kept >= MODEL_HEADERS
                               || u->kept >= u->packet.len);
            }
        }
    }
    for (int i = 0; i < n_upcalls; i++) {
        struct candidate *c = &candidates[n_candidates];

        memset(c, 0, sizeof *c);
        c->upcall = i;
        if (e->kind == MODEL_PUT) {
            look_at_put(op, i, c);
        } else {
            look_at_exec(&x, i, c);
        }
        if (c->before) {
            op->n++;
            n_candidates++;
        }
    }
}

/* Returns the phases in which 'c', of 'op', can be behind it if it is in one
 * of 'phases' before, and if the operation before was of the same upcall. */
static uint8_t
step(const struct op *op, const struct candidate *c, uint8_t phases)
{
    uint8_t after = 0;

    phases &= c->before;
    if (op->same_action && c->after[PH_HELPED] == 1 << PH_HELPED) {
        phases &= ~(1 << PH_HELPED);
    }
    for (int i = 0; phases >> i; i++) {
        if (phases & 1 << i) {
            after |= c->after[i];
        }
    }
    return after;
}

/* Sets 'forward' of all candidates. */
static void
go_forward(void)
{
    for (int j = 0; j < n_ops; j++) {
        const struct candidate *before = &candidates[j ? ops[j - 1].first : 0];
        const struct candidate *before_end = before + (j ? ops[j - 1].n : 0);
        struct candidate *c = &candidates[ops[j].first];
        bool any = !j;          /* An earlier upcall may have had the last. */

        for (int k = 0; k < ops[j].n; k++, c++) {
            for (; before < before_end && before->upcall < c->upcall;
                 before++) {
                any |= (before->forward & ~(1 << PH_OWES)) != 0;
            }
            c->forward = any ? step(&ops[j], c, 1 << PH_NONE) : 0;
            if (before < before_end && before->upcall == c->upcall) {
                c->forward |= step(&ops[j], c, before->forward);
            }
        }
    }
}

/* Sets 'backward' of 'c'.  The operation behind it is 'op': 'same' is that
 * candidate of it that is of the same upcall, NULL if none, and 'any' is true
 * if it can be of a later one. */
static void
set_backward(struct candidate *c, const struct op *op,
             const struct candidate *same, bool any)
{
    c->backward = any ? ((1 << N_PHASES) - 1) & ~(1 << PH_OWES) : 0;
    for (int i = 0; same && i < N_PHASES; i++) {
        if (step(op, same, 1 << i) & same->backward) {
            c->backward |= 1 << i;
        }
    }
}

/* Sets 'backward' of all candidates. */
static void
go_backward(void)
{
    for (int j = n_ops - 1; j >= 0; j--) {
        bool is_last = j == n_ops - 1;
        const struct op *op = &ops[is_last ? j : j + 1];
        int next = is_last ? 0 : op->n;
        bool any = is_last;     /* A later one may have the next. */

        for (int k = ops[j].n - 1; k >= 0; k--) {
            struct candidate *c = &candidates[ops[j].first + k];
            const struct candidate *n = NULL;

            for (; next > 0; next--) {
                n = &candidates[op->first + next - 1];
                if (n->upcall <= c->upcall) {
                    break;
                }
                any |= (step(op, n, 1 << PH_NONE) & n->backward) != 0;
            }
            set_backward(c, op, (next > 0 && n->upcall == c->upcall
                                 ? n : NULL), any);
        }
    }
}

/* Sets 'known' of 'op'.  Returns false if it can't be of its upcall. */
static bool
judge(const struct op *op)
{
    bool is_possible = false;
    int n = 0;

    for (int i = op->first; i < op->first + op->n; i++) {
        if (candidates[i].forward & candidates[i].backward) {
            n++;
            is_possible |= (upcalls[candidates[i].upcall]
                            == op->event->upcall);
        }
    }
    op->event->known = n == 1;
    return is_possible;
}

/* All of a group is there: sets 'known' of its operations, and empties it.
 * Returns false if what is true is not possible. */
static bool
end_group(void)
{
    bool is_possible = true;

    n_candidates = 0;
    if (n_ops) {
        for (int i = 0; i < n_upcalls; i++) {
            packet_sums[i] = sum_of_packet(&upcall_at(i)->packet);
        }
        for (int j = 0; j < n_ops; j++) {
            find_candidates(&ops[j]);
        }
        go_forward();
        go_backward();
        for (int j = 0; j < n_ops; j++) {
            is_possible &= judge(&ops[j]);
        }
    }
    n_upcalls = 0;
    n_ops = 0;
    boundary = GROUP_UPCALLS;
    return is_possible;
}

static void
add_op(struct model_event *e)
{
    struct op *op = &ops[n_ops];

    assert(n_ops < GROUP_OPS);
    op->event = e;
    op->same_action = (n_ops && e->kind == MODEL_EXEC
                       && op[-1].event->kind == MODEL_EXEC
                       && model_same_action(sequence, e, op[-1].event));
    n_ops++;
}

/* Sets 'known' of all operations of 'thread' in 's'. */
static bool
ask_about_thread(struct model_sequence *s, int thread)
{
    bool drained = false, is_possible = true;
    int n_received = 0, n_counted = 0;

    end_group();
    for (int i = 0; i < s->n_events; i++) {
        struct model_event *e = &s->events[i];
        bool receives = e->kind == MODEL_RECEIVE || e->kind == MODEL_NOTHING;

        if (e->thread != thread) {
            continue;
        }
        if (e->kind == MODEL_SLEEP || (receives && (n_ops || drained))) {
            is_possible &= end_group();
            drained = false;
            n_received = n_counted = 0;
        }
        if (receives && n_counted >= MODEL_BATCH
            && boundary == GROUP_UPCALLS) {
            boundary = n_upcalls;
        }
        if (e->kind == MODEL_RECEIVE) {
            const struct model_upcall *u = &s->upcalls[e->upcall];

            n_received++;
            n_counted += model_has_operations(u) && !u->no_port;
            if (model_has_operations(u) && !u->no_port) {
                assert(n_upcalls < GROUP_UPCALLS);
                upcalls[n_upcalls++] = e->upcall;
            }
        } else if (e->kind == MODEL_NOTHING) {
            drained = n_received && s->mode != MODEL_NO_ENDS;
        } else if (e->kind == MODEL_PUT && e->immediate) {
            e->known = true;
        } else if (e->kind == MODEL_PUT || e->kind == MODEL_EXEC) {
            add_op(e);
        }
    }
    return end_group() && is_possible;
}

/* Sets 'known' of all operations in 's'.  Returns false if they cannot be as
 * they are. */
bool
model_ask_oracle(struct model_sequence *s)
{
    bool is_possible = true;

    sequence = s;
    for (int i = 0; i < MODEL_THREADS; i++) {
        is_possible &= ask_about_thread(s, i);
    }
    return is_possible;
}
