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
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "openvswitch/util.h"
#include "util.h"

/* An upcall that was enqueued and not received for so long is abandoned. */
#define ABANDONED_NS (60 * UINT64_C(1000000000))

/* A slot whose skb is gone may still be in the hands of the CPU that did the
 * upcall for a few microseconds. */
#define STALE_NS UINT64_C(1000000000)

/* Upcalls younger than this are left to the programs. */
#define YOUNG_NS UINT64_C(100000000)

struct sweep {
    struct attachment *a;
    attach_record_cb *cb;
    void *aux;
    uint64_t now;               /* CLOCK_MONOTONIC, ns, when it began. */
    bool all;                   /* Collect everything: the trace stops. */
    uint32_t tid;               /* Thread that was looked at last. */
    bool idle;                  /* Is it idle? */
};

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

/* Returns true if thread 'tid' waits in poll() or has ended.
 *
 * A handler calls poll() only when it has handled all that it has received
 * (udpif_upcall_handler() in ofproto/ofproto-dpif-upcall.c), so no more puts
 * and executes come for what it received before. */
static bool
thread_is_idle(uint32_t tid)
{
    char path[64], line[64];
    FILE *file;
    char *end;
    bool ok;
    long nr;

    snprintf(path, sizeof path, "/proc/%"PRIu32"/syscall", tid);
    file = fopen(path, "r");
    if (!file) {
        return errno == ENOENT || errno == ESRCH;
    }
    ok = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (!ok) {
        return true;                    /* It ended just now. */
    }
    nr = strtol(line, &end, 10);
    return end != line && is_poll(nr);
}

/* The same for the threads of a sweep, asking once for each in a row.  All
 * that a thread received before the sweep began was received before it was
 * seen to be idle. */
static bool
sweep_thread_is_idle(struct sweep *s, uint32_t tid)
{
    if (s->tid != tid) {
        s->tid = tid;
        s->idle = thread_is_idle(tid);
    }
    return s->idle;
}

static bool
is_older(const struct sweep *s, uint64_t ts, uint64_t age)
{
    return s->now > ts && s->now - ts >= age;
}

/* Returns the outcome of 'rec', found under 'key', if it has ended, or -1. */
static int
ended_outcome(struct sweep *s, uint64_t key, const struct upcall_record *rec)
{
    if (UPCALL_SLOT_IS_RECEIVED(key)) {
        if (is_older(s, rec->recv_ts, YOUNG_NS)
            && sweep_thread_is_idle(s, UPCALL_SLOT_TID(key))) {
            return upcall_record_outcome(rec);
        }
        return -1;
    } else if (key == UPCALL_SLOT_STALE) {
        return is_older(s, rec->enqueue_ts, STALE_NS) ? UPCALL_ABANDONED : -1;
    } else if (UPCALL_SLOT_IS_QUEUED(key)) {
        return (is_older(s, rec->enqueue_ts, ABANDONED_NS)
                ? UPCALL_ABANDONED : -1);
    } else {
        return -1;
    }
}

/* Collects the upcall in 'slot' if it has ended.  Returns true if so. */
static bool
sweep_slot(struct sweep *s, size_t slot)
{
    unsigned long long *keyp = attach_slot_key(s->a, slot);
    unsigned long long key = __atomic_load_n(keyp, __ATOMIC_SEQ_CST);
    struct upcall_record *copy;
    const struct upcall_record *rec;
    int outcome;
    size_t size;

    if (key == UPCALL_SLOT_FREE || key == UPCALL_SLOT_BUSY) {
        return false;
    }
    rec = attach_slot_read(s->a, slot, &size);
    if (!rec) {
        return false;
    }
    outcome = s->all ? UPCALL_OUTCOME_UNKNOWN : ended_outcome(s, key, rec);
    if (outcome < 0
        || !__atomic_compare_exchange_n(keyp, &key, UPCALL_SLOT_BUSY, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return false;
    }

    /* Now that it is ours, read what does not change any more. */
    rec = attach_slot_read(s->a, slot, &size);
    if (rec) {
        copy = xmemdup(rec, size);
        copy->outcome = outcome;
        s->cb(copy, size, s->aux);
        free(copy);
    }
    __atomic_store_n(keyp, UPCALL_SLOT_FREE, __ATOMIC_SEQ_CST);
    return rec != NULL;
}

static size_t
sweep__(struct attachment *a, attach_record_cb *cb, void *aux, bool all)
{
    struct sweep s = {
        .a = a, .cb = cb, .aux = aux, .now = clock_ns(), .all = all,
    };
    size_t n = 0;

    for (size_t slot = 0; slot < attach_n_slots(a); slot++) {
        n += sweep_slot(&s, slot);
    }
    return n;
}

/* Passes each upcall that has ended unseen by the programs to 'cb' with
 * 'aux'.  Returns their number. */
size_t
sweep(struct attachment *a, attach_record_cb *cb, void *aux)
{
    return sweep__(a, cb, aux, false);
}

/* Passes each upcall that has not ended to 'cb' with 'aux', with the outcome
 * UPCALL_OUTCOME_UNKNOWN.  'a' must have been detached.  Returns
 * their number. */
size_t
sweep_all(struct attachment *a, attach_record_cb *cb, void *aux)
{
    return sweep__(a, cb, aux, true);
}
