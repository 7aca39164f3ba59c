/* SPDX-License-Identifier: Apache-2.0 */

/* What watch has of handlers beside their upcalls: the CPU time that they use,
 * and the queues of their sockets.
 *
 * Where Open vSwitch has a socket for each handler, the queue that an upcall
 * has left behind when it was received is that of the handler.  Where each
 * port has one, which all handlers receive from, there is no such queue, and
 * nothing is said. */

#include <config.h>

#include "store/watch-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Threads and sockets beyond that are not known. */
#define RECEIVERS_MAX STATS_MAX_HANDLERS

struct watch_thread {
    struct hmap_node node;
    uint32_t tid, tgid;
    char comm[UPCALL_COMM_LEN];
    bool has_cpu;               /* Is 'cpu' known? */
    struct thread_cpu cpu;      /* When it was last looked at. */

    /* In this interval. */
    bool used;                  /* Has it received anything? */
    bool several;               /* From several sockets, or unknown ones? */
    uint32_t portid;            /* Else from this one. */
    uint32_t queue_len;         /* Longest queue. */
};

struct watch_socket {
    struct hmap_node node;
    uint32_t portid;
    uint32_t tid, tgid;         /* Thread that has received from it. */
    bool shared;                /* Has another one, too? */
    bool used;                  /* In this interval. */
    uint32_t drops;             /* That the kernel has counted by now, */
    uint32_t base, last;        /* by the start and by the interval. */
};

/* Makes 'r' know nobody.  It asks 'get_cpu', called with 'aux', for CPU
 * times. */
void
watch_receivers_init(struct watch_receivers *r, thread_cpu_func *get_cpu,
                     void *aux)
{
    *r = (struct watch_receivers) { .get_cpu = get_cpu, .aux = aux };
    hmap_init(&r->threads);
    hmap_init(&r->sockets);
}

/* Frees what 'r' refers to. */
void
watch_receivers_destroy(struct watch_receivers *r)
{
    struct watch_thread *thread;
    struct watch_socket *socket;

    HMAP_FOR_EACH_POP (thread, node, &r->threads) {
        free(thread);
    }
    HMAP_FOR_EACH_POP (socket, node, &r->sockets) {
        free(socket);
    }
    hmap_destroy(&r->threads);
    hmap_destroy(&r->sockets);
}

static struct watch_thread *
find_thread(const struct watch_receivers *r, uint32_t tid, uint32_t tgid)
{
    struct watch_thread *t;

    HMAP_FOR_EACH_WITH_HASH (t, node, hash_2words(tid, tgid), &r->threads) {
        if (t->tid == tid && t->tgid == tgid) {
            return t;
        }
    }
    return NULL;
}

/* Returns the thread that has received 'rec', from now on known, or NULL if
 * there are too many. */
static struct watch_thread *
get_thread(struct watch_receivers *r, const struct upcall_record *rec)
{
    struct watch_thread *t = r->last_thread;

    if (t && t->tid == rec->recv_tid && t->tgid == rec->recv_tgid) {
        return t;
    }
    t = find_thread(r, rec->recv_tid, rec->recv_tgid);
    if (!t && hmap_count(&r->threads) < RECEIVERS_MAX) {
        t = xzalloc(sizeof *t);
        t->tid = rec->recv_tid;
        t->tgid = rec->recv_tgid;
        memcpy(t->comm, rec->recv_comm, sizeof t->comm);
        t->has_cpu = r->get_cpu(t->tgid, t->tid, t->comm, &t->cpu, r->aux);
        hmap_insert(&r->threads, &t->node, hash_2words(t->tid, t->tgid));
    }
    r->last_thread = t;
    return t;
}

static struct watch_socket *
find_socket(const struct watch_receivers *r, uint32_t portid)
{
    struct watch_socket *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, hash_int(portid, 0), &r->sockets) {
        if (s->portid == portid) {
            return s;
        }
    }
    return NULL;
}

/* Returns the socket from which 'rec' was received, as get_thread() does. */
static struct watch_socket *
get_socket(struct watch_receivers *r, const struct upcall_record *rec)
{
    struct watch_socket *s = r->last_socket;

    if (s && s->portid == rec->portid) {
        return s;
    }
    s = find_socket(r, rec->portid);
    if (!s && rec->portid && hmap_count(&r->sockets) < RECEIVERS_MAX) {
        s = xzalloc(sizeof *s);
        s->portid = rec->portid;
        s->tid = rec->recv_tid;
        s->tgid = rec->recv_tgid;
        s->drops = s->base = s->last = rec->queue_drops;
        hmap_insert(&r->sockets, &s->node, hash_int(s->portid, 0));
    }
    r->last_socket = s;
    return s;
}

/* Takes over what 'rec' says of the drops of 's'.  Records of different CPUs
 * come in any order, and the kernel's counter has 32 bits and wraps. */
static void
note_drops(struct watch_socket *s, const struct upcall_record *rec)
{
    if ((int32_t) (rec->queue_drops - s->drops) > 0) {
        s->drops = rec->queue_drops;
    }
    s->used = true;
    s->shared = (s->shared || s->tid != rec->recv_tid
                 || s->tgid != rec->recv_tgid);
}

/* Counts 'rec', which has UPCALL_F_RECEIVED. */
void
watch_receivers_count(struct watch_receivers *r,
                      const struct upcall_record *rec)
{
    struct watch_thread *t = get_thread(r, rec);
    struct watch_socket *s = get_socket(r, rec);

    if (s) {
        note_drops(s, rec);
    }
    if (t) {
        t->several = (!s || (t->used
                             && (t->several || t->portid != rec->portid)));
        t->queue_len = MAX(t->used ? t->queue_len : 0, rec->queue_len);
        t->portid = rec->portid;
        t->used = true;
    }
}

/* Has what was dropped until now not count any more. */
void
watch_receivers_reset(struct watch_receivers *r)
{
    struct watch_socket *s;

    HMAP_FOR_EACH (s, node, &r->sockets) {
        s->base = s->last = s->drops;
    }
}

/* Forgets those of which nothing is to be known any more: threads that have
 * ended, and sockets that nobody has received from, if there are many. */
static void
forget(struct watch_receivers *r)
{
    struct watch_thread *t;
    struct watch_socket *s;

    HMAP_FOR_EACH_SAFE (t, node, &r->threads) {
        if (!t->used && !t->has_cpu) {
            hmap_remove(&r->threads, &t->node);
            free(t);
        }
    }
    HMAP_FOR_EACH_SAFE (s, node, &r->sockets) {
        if (!s->used && hmap_count(&r->sockets) >= RECEIVERS_MAX) {
            hmap_remove(&r->sockets, &s->node);
            free(s);
        }
    }
    r->last_thread = NULL;
    r->last_socket = NULL;
}

/* Has another interval begin. */
void
watch_receivers_skip(struct watch_receivers *r)
{
    struct watch_thread *t;
    struct watch_socket *s;

    forget(r);
    HMAP_FOR_EACH (t, node, &r->threads) {
        t->used = false;
    }
    HMAP_FOR_EACH (s, node, &r->sockets) {
        s->used = false;
        s->last = s->drops;
    }
}

/* Returns the share of a CPU that 't' has used since it was last looked at, -1
 * if it is unknown. */
static double
take_cpu(struct watch_receivers *r, struct watch_thread *t)
{
    const struct thread_cpu last = t->cpu;
    bool had = t->has_cpu;

    t->has_cpu = r->get_cpu(t->tgid, t->tid, t->comm, &t->cpu, r->aux);
    return (had && t->has_cpu && t->cpu.ts > last.ts
            && t->cpu.used >= last.used
            ? (double) (t->cpu.used - last.used) / (t->cpu.ts - last.ts)
            : -1);
}

static void
fill_queue(const struct watch_receivers *r, const struct watch_thread *t,
           struct watch_row *row)
{
    const struct watch_socket *s;

    if (!t->used || t->several || !(s = find_socket(r, t->portid))
        || s->shared) {
        return;
    }
    row->has_queue = true;
    row->queue_len = t->queue_len;
    row->queue_drops = (struct watch_count) {
        .now = (uint32_t) (s->drops - s->last),
        .all = (uint32_t) (s->drops - s->base),
    };
}

/* Adds to the rows of 'table', which are of handlers, what is known of them
 * beside their upcalls.  Ends the interval. */
void
watch_receivers_fill(struct watch_receivers *r, struct watch_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        struct watch_row *row = &table->rows[i];
        struct watch_thread *t = find_thread(r, row->tid, row->tgid);

        if (t) {
            row->cpu = take_cpu(r, t);
            fill_queue(r, t, row);
        }
    }
    watch_receivers_skip(r);
}
