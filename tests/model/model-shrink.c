/* SPDX-License-Identifier: Apache-2.0 */

/* Makes sequences of the model smaller.
 *
 * Whatever can be left out or made simpler is, as long as Open vSwitch can do
 * what is left and the same fault shows. */

#include <config.h>

#include <string.h>

#include "model.h"

/* What a thread does, in is_usual(). */
struct state {
    int received;               /* Upcalls of this batch, */
    int counted;                /* those that count, */
    int first;                  /* and the first of them. */
    int last;                   /* Last upcall that was received, */
    bool owes_put;              /* which has no bridge, so is put at once. */
    bool drained;
    bool sent;                  /* An operation. */
    bool sleeps;
};

static void
begin_batch(struct state *t)
{
    t->received = t->counted = 0;
    t->first = -1;
    t->drained = t->sent = false;
}

/* Returns true if a thread in state 't' can send 'e', an operation of 's'. */
static bool
can_send(const struct model_sequence *s, const struct state *t,
         const struct model_event *e)
{
    const struct model_upcall *u = &s->upcalls[e->upcall];

    return (e->upcall >= t->first && t->received && !t->owes_put
            && model_has_operations(u) && !u->no_port
            && (s->mode == MODEL_NO_ENDS || t->drained
                || t->counted >= MODEL_BATCH)
            && (e->kind != MODEL_PUT || u->class_ == MODEL_MISS)
            && (e->kind != MODEL_EXEC
                || (u->flow.helped ? e->action < u->flow.n_actions
                    : u->flow.n_actions && e->action < 0)));
}

/* Has a thread in state 't' do 'e'.  Returns false if it can't. */
static bool
do_event(const struct model_sequence *s, struct state *t,
         const struct model_event *e)
{
    bool receives = e->kind == MODEL_RECEIVE || e->kind == MODEL_NOTHING;
    const struct model_upcall *u = &s->upcalls[e->upcall];

    if (receives && (t->sent || t->drained || t->counted >= MODEL_BATCH)) {
        begin_batch(t);
    }
    t->sleeps = e->kind == MODEL_SLEEP;
    switch (e->kind) {
    case MODEL_RECEIVE:
        t->first = t->received++ ? t->first : e->upcall;
        t->counted += model_has_operations(u) && !u->no_port;
        t->last = e->upcall;
        if (t->owes_put) {
            return false;
        }
        t->owes_put = u->no_port;
        return true;
    case MODEL_NOTHING:
        t->drained = t->received && s->mode != MODEL_NO_ENDS;
        return !t->owes_put;
    case MODEL_PUT:
        if (e->immediate) {
            bool is_right = t->owes_put && t->last == e->upcall;

            t->owes_put = false;
            return is_right && u->class_ == MODEL_MISS && !s->no_masks;
        }
        /* Fall through. */
    case MODEL_EXEC:
        t->sent = true;
        return can_send(s, t, e);
    case MODEL_SLEEP:
        begin_batch(t);
        return !t->owes_put;
    }
    return false;
}

/* Returns true if ports that no bridge has stay so. */
static bool
ports_are_usual(const struct model_sequence *s)
{
    for (int i = 0; i < s->n_upcalls; i++) {
        for (int j = 0; j < i; j++) {
            if (!s->upcalls[i].no_port && s->upcalls[j].no_port
                && s->upcalls[i].port == s->upcalls[j].port
                && s->upcalls[i].class_ == s->upcalls[j].class_) {
                return false;
            }
        }
    }
    return true;
}

/* Returns true if 's' is in the order in which handlers do things.  (Whether
 * the operations of each upcall are, the oracle knows.) */
static bool
is_usual(const struct model_sequence *s)
{
    struct state states[MODEL_THREADS];

    memset(states, 0, sizeof states);
    for (int i = 0; i < MODEL_THREADS; i++) {
        begin_batch(&states[i]);
        states[i].sleeps = true;
    }
    for (int i = 0; i < s->n_events; i++) {
        const struct model_event *e = &s->events[i];

        if (!do_event(s, &states[e->thread], e)) {
            return false;
        }
    }
    for (int i = 0; i < MODEL_THREADS; i++) {
        if (!states[i].sleeps) {
            return false;       /* It is not over. */
        }
    }
    return ports_are_usual(s);
}

/* The smallest sequence so far, and what is tried. */
static struct model_sequence best, attempt;
static enum model_fault fault;
static bool progress;

/* Takes 'attempt' if it is as wrong as 'best'. */
static bool
try(void)
{
    if (is_usual(&attempt) && model_run(&attempt) == fault) {
        best = attempt;
        progress = true;
        return true;
    }
    return false;
}

/* Tries without the events for which 'drop' is true. */
static void
try_without(const bool drop[])
{
    int places[MODEL_UPCALLS];

    attempt = best;
    attempt.n_upcalls = attempt.n_events = 0;
    for (int i = 0; i < best.n_events; i++) {
        struct model_event *e = &attempt.events[attempt.n_events];

        if (drop[i]) {
            continue;
        }
        *e = best.events[i];
        if (e->kind == MODEL_RECEIVE) {
            places[e->upcall] = attempt.n_upcalls;
            attempt.upcalls[attempt.n_upcalls++] = best.upcalls[e->upcall];
        }
        if (e->upcall >= 0) {
            e->upcall = places[e->upcall];
        }
        attempt.n_events++;
    }
    if (attempt.n_events < best.n_events) {
        try();
    }
}

static void
drop_threads(void)
{
    for (int thread = 0; thread < MODEL_THREADS; thread++) {
        bool drop[MODEL_EVENTS] = { false };

        for (int i = 0; i < best.n_events; i++) {
            drop[i] = best.events[i].thread == thread;
        }
        try_without(drop);
    }
}

/* Drops upcalls, or only what is done with them. */
static void
drop_upcalls(bool received)
{
    for (int upcall = best.n_upcalls - 1; upcall >= 0; upcall--) {
        bool drop[MODEL_EVENTS] = { false };

        for (int i = 0; i < best.n_events; i++) {
            drop[i] = (best.events[i].upcall == upcall
                       && (received || best.events[i].kind != MODEL_RECEIVE));
        }
        try_without(drop);
    }
}

/* Returns the last event of the receives among which event 'i' is. */
static int
find_last_receive(int i)
{
    int last = i;

    for (int j = i; j < best.n_events; j++) {
        if (best.events[j].thread == best.events[i].thread) {
            if (best.events[j].kind != MODEL_RECEIVE) {
                break;
            }
            last = j;
        }
    }
    return last;
}

/* Has the socket be empty after the receives among which event 'i' is, and
 * drops the upcall of 'i'.  A full batch, behind which the socket need not be
 * empty, would stay full. */
static void
end_batch(int i)
{
    int n = find_last_receive(i) - i;
    int upcall = best.events[i].upcall;
    struct model_event *e;

    for (int j = 0; j < best.n_events; j++) {
        if (j != i && best.events[j].upcall == upcall) {
            return;             /* There is more of it to drop. */
        }
    }
    attempt = best;
    e = &attempt.events[i];
    memmove(e, e + 1, n * sizeof *e);
    e[n] = best.events[i];
    e[n].kind = MODEL_NOTHING;
    e[n].upcall = -1;
    attempt.n_upcalls--;
    memmove(&attempt.upcalls[upcall], &attempt.upcalls[upcall + 1],
            (attempt.n_upcalls - upcall) * sizeof attempt.upcalls[0]);
    for (int j = 0; j < attempt.n_events; j++) {
        attempt.events[j].upcall -= attempt.events[j].upcall > upcall;
    }
    try();
}

static void
end_batches(void)
{
    for (int i = 0; i < best.n_events; i++) {
        if (best.events[i].kind == MODEL_RECEIVE) {
            end_batch(i);
        }
    }
}

static void
drop_events(void)
{
    for (int event = best.n_events - 1; event >= 0; event--) {
        if (best.events[event].kind != MODEL_RECEIVE) {
            bool drop[MODEL_EVENTS] = { false };

            drop[event] = true;
            try_without(drop);
        }
    }
}

/* Tries a value of something that is in 'attempt'. */
#define SIMPLIFY(OBJECT, MEMBER, VALUE)                 \
    attempt = best;                                     \
    if ((OBJECT)->MEMBER != (VALUE)) {                  \
        (OBJECT)->MEMBER = (VALUE);                     \
        try();                                          \
    }

static void
simplify_upcall(int i)
{
    struct model_upcall *u = &attempt.upcalls[i];

    SIMPLIFY(u, class_, MODEL_MISS);
    SIMPLIFY(u, port, 1);
    SIMPLIFY(u, tunnel, 0);
    SIMPLIFY(u, recirc, 0);
    SIMPLIFY(u, mark, 0);
    SIMPLIFY(u, hashed, false);
    SIMPLIFY(u, unseen, false);
    SIMPLIFY(u, no_port, false);
    SIMPLIFY(u, kept, MODEL_PACKET_MAX);
    SIMPLIFY(u, packet.len, 60);
    SIMPLIFY(u, packet.bytes[u->packet.len - 1], 0);
    SIMPLIFY(u, packet.bytes[40], 0);
    SIMPLIFY(u, packet.bytes[13], 0);
    SIMPLIFY(u, flow.slow, false);
    SIMPLIFY(u, flow.n_actions, u->flow.n_actions > 1 ? 1 : 0);
}

/* Upcalls may be simpler only together. */
static void
simplify_all(void)
{
    attempt = best;
    for (int i = 0; i < attempt.n_upcalls; i++) {
        attempt.upcalls[i].hashed = false;
    }
    if (memcmp(&attempt, &best, sizeof best)) {
        try();
    }
    SIMPLIFY(&attempt, no_masks, false);
}

static void
simplify_event(int i)
{
    struct model_event *e = &attempt.events[i];

    SIMPLIFY(e, entries, MODEL_TWINS);
    SIMPLIFY(e, returns, MODEL_TWINS);
    SIMPLIFY(e, changed, e->changed > 0 ? 0 : -1);
}

/* Makes 's', which has 'fault_', as small as possible. */
void
model_shrink(struct model_sequence *s, enum model_fault fault_)
{
    fault = fault_;
    best = *s;
    do {
        progress = false;
        drop_threads();
        drop_upcalls(true);
        end_batches();
        drop_upcalls(false);
        drop_events();
        simplify_all();
        for (int i = 0; i < best.n_upcalls; i++) {
            simplify_upcall(i);
        }
        for (int i = 0; i < best.n_events; i++) {
            simplify_event(i);
        }
    } while (progress);
    model_run(&best);
    *s = best;
}
