/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "store/netlink-sockets.h"
#include "util.h"

/* An upcall that was enqueued and not received for so long is abandoned. */
#define ABANDONED_NS (60 * UINT64_C(1000000000))

/* After so long, it is worth looking whether its socket still exists. */
#define WAITING_NS UINT64_C(1000000000)

/* A slot whose skb is gone may still be in the hands of the CPU that did the
 * upcall for a few microseconds. */
#define STALE_NS UINT64_C(1000000000)

/* Inode of the PID namespace of the whole machine, PROC_PID_INIT_INO in
 * include/linux/proc_ns.h of the kernel, since Linux 3.8. */
#define INITIAL_PID_NS 0xeffffffcU

/* What a thread does. */
enum thread_state {
    THREAD_BUSY,                /* Or unknown. */
    THREAD_IDLE,                /* Waits in poll(). */
    THREAD_GONE,                /* Has ended. */
};

/* What is known of an upcall that is queued, without reading its record. */
struct seen_slot {
    uint64_t key;               /* Of the slot then. */
    uint64_t since;             /* Not enqueued before, ns; once the record was
                                 * read, when it was enqueued. */
    uint32_t portid;            /* Of its socket, */
    bool was_read;              /* if the record was read. */
};

/* Threads whose states a sweep remembers; those with the same remainder take
 * each other's place. */
#define STATES 256

struct sweeper {
    struct attachment *a;
    struct seen_slot *seen;     /* An element for each slot. */
    uint64_t last;              /* When the last sweep began; 0 if none. */

    /* The sweep that is under way. */
    attach_record_cb *cb;
    void *aux;
    uint64_t now;               /* CLOCK_MONOTONIC, ns, when it began. */
    bool all;                   /* Collect everything: the trace stops. */
    const char *sockets_file;   /* Lists the target's netlink sockets, NULL if
                                 * unknown. */
    struct netlink_sockets sockets;     /* What was in it. */
    bool has_sockets;           /* Was it read? */
    bool ids_are_ours;          /* See thread_ids_are_ours(). */
    struct {
        uint32_t tid;           /* 0 if there is none. */
        enum thread_state state;
    } states[STATES];           /* Of threads that were looked at. */
};

/* Returns a sweeper of 'a', which must live as long.  The caller frees it with
 * sweeper_destroy(). */
struct sweeper *
sweeper_create(struct attachment *a)
{
    struct sweeper *s = xzalloc(sizeof *s);

    s->a = a;
    s->seen = xcalloc(attach_n_slots(a), sizeof *s->seen);
    return s;
}

/* Frees 's', which may be NULL. */
void
sweeper_destroy(struct sweeper *s)
{
    if (s) {
        free(s->seen);
        free(s);
    }
}

static bool
is_poll(long nr)
{
#ifdef SYS_poll
    if (nr == SYS_poll) {
        return true;
    }
#endif
    return nr == SYS_ppoll;
}

/* The kernel's thread ids mean something to us only if our PID namespace is
 * that of the machine. */
static bool
thread_ids_are_ours(void)
{
    struct stat s;

    return !stat("/proc/self/ns/pid", &s) && s.st_ino == INITIAL_PID_NS;
}

/* Asks the kernel what thread 'tid' does.
 *
 * A handler calls poll() only when it has handled all that it has received
 * (udpif_upcall_handler() in ofproto/ofproto-dpif-upcall.c), so no more puts
 * and executes come for what it received before. */
static enum thread_state
ask_thread_state(const struct sweeper *s, uint32_t tid)
{
    char path[64], line[64];
    FILE *file;
    char *end;
    bool ok;
    long nr;

    if (!s->ids_are_ours) {
        return THREAD_BUSY;
    }
    snprintf(path, sizeof path, "/proc/%"PRIu32"/syscall", tid);
    file = fopen(path, "r");
    if (!file) {
        return errno == ENOENT ? THREAD_GONE : THREAD_BUSY;
    }
    ok = fgets(line, sizeof line, file) != NULL;
    if (!ok) {
        int error = errno;

        fclose(file);
        return error == ESRCH ? THREAD_GONE : THREAD_BUSY;
    }
    fclose(file);
    nr = strtol(line, &end, 10);
    return end != line && is_poll(nr) ? THREAD_IDLE : THREAD_BUSY;
}

/* Returns what thread 'tid' does, or what it did earlier in this sweep. */
static enum thread_state
get_thread_state(struct sweeper *s, uint32_t tid)
{
    size_t i = tid % STATES;

    if (s->states[i].tid != tid) {
        s->states[i].tid = tid;
        s->states[i].state = ask_thread_state(s, tid);
    }
    return s->states[i].state;
}

static uint64_t
get_recv_seq(const struct upcall_handler *h)
{
    return __atomic_load_n(&h->recv_seq, __ATOMIC_SEQ_CST);
}

static bool
thread_exists(uint32_t tid)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/%"PRIu32, tid);
    return !access(path, F_OK);
}

/* Returns true if thread 'tid' has nothing more to do with what it received
 * before the sweep began: it has ended, or waits, and the programs know that
 * it was idle when it had received that, so that it begins a new batch. */
static bool
thread_is_done(struct sweeper *s, uint32_t tid)
{
    enum thread_state state = get_thread_state(s, tid);
    const struct upcall_handler *h;

    if (state != THREAD_IDLE) {
        return state == THREAD_GONE;
    }

    /* Read after the state: the thread may have woken up since. */
    h = attach_get_handler(s->a, tid);
    return h && get_recv_seq(h) == h->idle_seq;
}

static bool
is_older(const struct sweeper *s, uint64_t ts, uint64_t age)
{
    return s->now > ts && s->now - ts >= age;
}

/* Returns true if the socket with 'portid' is closed, so that what was in its
 * queue will not be received. */
static bool
socket_is_closed(struct sweeper *s, uint32_t portid)
{
    if (!s->has_sockets && s->sockets_file) {
        s->has_sockets = netlink_sockets_read(s->sockets_file, &s->sockets);
        s->sockets_file = NULL;         /* Once is enough. */
    }
    return s->has_sockets && !netlink_sockets_contain(&s->sockets, portid);
}

/* Returns the outcome of 'rec', whose receive was not seen. */
static int
abandoned(const struct sweeper *s, const struct upcall_record *rec)
{
    return (attach_missed_since(s->a, UPCALL_HOOK_RECV, rec->enqueue_ts)
            ? UPCALL_OUTCOME_UNKNOWN : UPCALL_ABANDONED);
}

/* Returns the outcome of 'rec', which thread 'tid' has received and is done
 * with.  If executes were pending, or not seen, it may be any of theirs. */
static int
received_outcome(const struct sweeper *s, uint32_t tid,
                 const struct upcall_record *rec)
{
    const struct upcall_handler *h = attach_get_handler(s->a, tid);

    return (h && (h->n_pending || h->missed) && !(rec->flags & UPCALL_F_EXEC)
            ? UPCALL_OUTCOME_UNKNOWN
            : attach_doubt_outcome(s->a, rec, upcall_record_outcome(rec)));
}

/* Returns the outcome of 'rec', found under 'key', if it has ended, or -1. */
static int
ended_outcome(struct sweeper *s, uint64_t key, const struct upcall_record *rec)
{
    if (UPCALL_SLOT_IS_RECEIVED(key)) {
        if (is_older(s, rec->recv_ts, 1)
            && thread_is_done(s, UPCALL_SLOT_TID(key))) {
            return received_outcome(s, UPCALL_SLOT_TID(key), rec);
        }
        return -1;
    } else if (key == UPCALL_SLOT_STALE) {
        return is_older(s, rec->enqueue_ts, STALE_NS) ? abandoned(s, rec) : -1;
    } else if (UPCALL_SLOT_IS_QUEUED(key)) {
        return (is_older(s, rec->enqueue_ts, ABANDONED_NS)
                || (is_older(s, rec->enqueue_ts, WAITING_NS)
                    && socket_is_closed(s, rec->portid))
                ? abandoned(s, rec) : -1);
    } else {
        return -1;
    }
}

/* Returns true if the upcall in 'slot' may have ended, as far as can be told
 * from 'key' and from what earlier sweeps have seen.  Reading a record takes
 * its time, and of the slots that are in use nearly all hold upcalls that are
 * young or whose handlers are at work.
 *
 * What was seen of a slot may be of an earlier upcall, if a later one has its
 * message at the same address.  Then the record tells when it is read. */
static bool
may_have_ended(struct sweeper *s, size_t slot, uint64_t key)
{
    struct seen_slot *seen = &s->seen[slot];

    if (UPCALL_SLOT_IS_RECEIVED(key)) {
        return thread_is_done(s, UPCALL_SLOT_TID(key));
    }
    if (seen->key != key) {
        *seen = (struct seen_slot) { .key = key, .since = s->last };
    }
    if (key == UPCALL_SLOT_STALE) {
        return is_older(s, seen->since, STALE_NS);
    }
    return (is_older(s, seen->since, ABANDONED_NS)
            || (is_older(s, seen->since, WAITING_NS)
                && (!seen->was_read || socket_is_closed(s, seen->portid))));
}

/* Remembers of 'slot', which was found to be used under 'key', what 'rec'
 * tells about its upcall. */
static void
remember(struct sweeper *s, size_t slot, uint64_t key,
         const struct upcall_record *rec)
{
    s->seen[slot] = (struct seen_slot) {
        .key = key,
        .since = rec->enqueue_ts,
        .portid = rec->portid,
        .was_read = true,
    };
}

/* Passes 'rec' of 'size' bytes on with 'outcome', and with the final size of
 * its batch if it was received. */
static void
deliver(struct sweeper *s, const struct upcall_record *rec, size_t size,
        int outcome)
{
    struct upcall_record *copy = xmemdup(rec, size);
    const struct upcall_handler *h = NULL;

    copy->outcome = outcome;
    if (rec->flags & UPCALL_F_RECEIVED) {
        h = attach_get_handler(s->a, rec->recv_tid);
    }
    if (h && h->batch == rec->batch) {
        copy->batch_size = h->batch_recv;
    }
    s->cb(copy, size, s->aux);
    free(copy);
}

/* Frees a slot, found under 'key', that was for an execute of a thread which
 * has ended. */
static void
sweep_pending(struct sweeper *s, unsigned long long *keyp,
              unsigned long long key)
{
    if (s->all || get_thread_state(s, UPCALL_SLOT_TID(key)) == THREAD_GONE) {
        __atomic_compare_exchange_n(keyp, &key, UPCALL_SLOT_FREE, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
}

/* Collects the upcall in 'slot' if it has ended.  Returns true if so. */
static bool
sweep_slot(struct sweeper *s, size_t slot)
{
    unsigned long long *keyp = attach_slot_key(s->a, slot);
    unsigned long long key = __atomic_load_n(keyp, __ATOMIC_SEQ_CST);
    const struct upcall_record *rec;
    int outcome;
    size_t size;

    if (key == UPCALL_SLOT_FREE || key == UPCALL_SLOT_BUSY) {
        return false;
    } else if (UPCALL_SLOT_IS_PENDING(key)) {
        sweep_pending(s, keyp, key);
        return false;
    } else if (!s->all && !may_have_ended(s, slot, key)) {
        return false;
    }
    rec = attach_slot_read(s->a, slot, &size);
    if (!rec) {
        return false;
    }
    remember(s, slot, key, rec);
    outcome = ended_outcome(s, key, rec);
    if (outcome < 0 && s->all) {
        outcome = UPCALL_OUTCOME_UNKNOWN;
    }
    if (outcome < 0
        || !__atomic_compare_exchange_n(keyp, &key, UPCALL_SLOT_BUSY, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return false;
    }

    /* Now that it is ours, read what does not change any more. */
    rec = attach_slot_read(s->a, slot, &size);
    if (rec) {
        deliver(s, rec, size, outcome);
    }
    __atomic_store_n(keyp, UPCALL_SLOT_FREE, __ATOMIC_SEQ_CST);
    return rec != NULL;
}

/* Tells the programs if the handler at 'place' is idle. */
static void
sweep_idle(struct sweeper *s, size_t place)
{
    struct upcall_handler *h = attach_handler_at(s->a, place);
    uint64_t recv_seq;

    if (!h) {
        return;
    }

    /* Read before the state: what the thread receives from now on comes after
     * it was seen to be idle. */
    recv_seq = get_recv_seq(h);
    if (h->idle_seq != recv_seq
        && ask_thread_state(s, h->tid) == THREAD_IDLE) {
        __atomic_store_n(&h->idle_seq, recv_seq, __ATOMIC_SEQ_CST);
    }
}

/* Forgets the handler at 'place' if it has ended. */
static void
sweep_gone(struct sweeper *s, size_t place)
{
    struct upcall_handler *h = attach_handler_at(s->a, place);

    if (h && s->ids_are_ours && !thread_exists(h->tid)) {
        attach_handler_is_gone(s->a, h);
    }
}

/* Returns the first slot from 'slot' on that may not be free, or the number of
 * slots. */
static size_t
next_slot(const struct attachment *a, size_t slot)
{
    while (slot < attach_n_slots(a) && !(slot % UPCALL_BUCKET)
           && attach_slots_are_free(a, slot)) {
        slot += UPCALL_BUCKET;
    }
    return slot;
}

#define FOR_EACH_SLOT(SLOT, A)                                              \
    for (size_t SLOT = next_slot(A, 0); SLOT < attach_n_slots(A);           \
         SLOT = next_slot(A, SLOT + 1))

static size_t
sweep__(struct sweeper *s)
{
    struct attachment *a = s->a;
    size_t n = 0;

    s->now = clock_ns();
    s->ids_are_ours = thread_ids_are_ours();
    memset(s->states, 0, sizeof s->states);
    attach_look_for_missed(a);
    for (size_t place = 0; place < attach_n_places(a); place++) {
        sweep_idle(s, place);
    }
    FOR_EACH_SLOT (slot, a) {
        n += sweep_slot(s, slot);
    }
    for (size_t place = 0; place < attach_n_places(a); place++) {
        sweep_gone(s, place);
    }
    netlink_sockets_destroy(&s->sockets);
    s->has_sockets = false;
    s->last = s->now;
    return n;
}

/* Passes each upcall that has ended unseen by the programs to 'cb' with
 * 'aux'.  'sockets_file' is the name of the file that lists the netlink
 * sockets of the target, such as /proc/PID/net/netlink, or NULL.  Returns how
 * many there were. */
size_t
sweeper_run(struct sweeper *s, const char *sockets_file,
            attach_record_cb *cb, void *aux)
{
    s->sockets_file = sockets_file;
    s->cb = cb;
    s->aux = aux;
    return sweep__(s);
}

/* Passes each upcall that is left to 'cb' with 'aux', those that have not
 * ended with the outcome UPCALL_OUTCOME_UNKNOWN.  The programs must have been
 * detached.  Returns their number. */
size_t
sweeper_finish(struct sweeper *s, attach_record_cb *cb, void *aux)
{
    s->all = true;
    return sweeper_run(s, NULL, cb, aux);
}

/* Calls 'cb' with 'aux' for each upcall that is queued or received and has not
 * ended.  The record is only valid during the call. */
void
sweeper_for_each_pending(struct sweeper *s,
                         void (*cb)(const struct upcall_record *, size_t size,
                                    void *aux), void *aux)
{
    struct attachment *a = s->a;

    FOR_EACH_SLOT (slot, a) {
        unsigned long long *keyp = attach_slot_key(a, slot);
        unsigned long long key = __atomic_load_n(keyp, __ATOMIC_SEQ_CST);
        const struct upcall_record *rec;
        size_t size;

        if (!UPCALL_SLOT_IS_RECEIVED(key) && !UPCALL_SLOT_IS_QUEUED(key)) {
            continue;
        }

        /* One that is received or ends just now is left out. */
        rec = attach_slot_read(a, slot, &size);
        if (rec && __atomic_load_n(keyp, __ATOMIC_SEQ_CST) == key) {
            cb(rec, size, aux);
        }
    }
}
