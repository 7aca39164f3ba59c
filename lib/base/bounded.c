/* SPDX-License-Identifier: Apache-2.0 */

/* A thread of its own makes the call.  'done' and 'left' are protected by
 * 'mutex', and decide who frees the call: the thread if the caller has left
 * before it was done, else the caller. */

#include <config.h>

#include "base/bounded.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "util.h"

struct call {
    void (*cb)(void *aux);
    void (*destroy)(void *aux);
    void *aux;

    pthread_cond_t cond;        /* Signalled when it is done. */
    bool done;                  /* Has 'cb' returned? */
    bool left;                  /* Does the caller wait no more? */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int n_stuck;             /* Calls that were left and are not done. */

static struct call *
call_create(void (*cb)(void *), void (*destroy)(void *), void *aux)
{
    struct call *call = xzalloc(sizeof *call);
    pthread_condattr_t attr;

    call->cb = cb;
    call->destroy = destroy;
    call->aux = aux;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&call->cond, &attr);
    pthread_condattr_destroy(&attr);
    return call;
}

static void
call_destroy(struct call *call)
{
    pthread_cond_destroy(&call->cond);
    free(call);
}

static void *
call_main(void *call_)
{
    struct call *call = call_;
    bool left;

    call->cb(call->aux);
    pthread_mutex_lock(&mutex);
    call->done = true;
    left = call->left;
    n_stuck -= left;
    pthread_cond_signal(&call->cond);
    pthread_mutex_unlock(&mutex);
    if (left) {
        call->destroy(call->aux);
        call_destroy(call);
    }
    return NULL;
}

/* Starts the thread for 'call'.  Signals are for the main thread.  Returns
 * true if successful. */
static bool
call_start(struct call *call)
{
    sigset_t all, old;
    pthread_t thread;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    error = pthread_create(&thread, NULL, call_main, call);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!error) {
        pthread_detach(thread);
    }
    return !error;
}

/* Waits for 'call' for at most 'timeout_ms'.  Returns true if it is done. */
static bool
call_wait(struct call *call, int timeout_ms)
{
    struct timespec until;
    int error = 0;
    bool done;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&mutex);
    while (!call->done && !error) {
        error = pthread_cond_timedwait(&call->cond, &mutex, &until);
    }
    done = call->done;
    call->left = !done;
    n_stuck += !done;
    pthread_mutex_unlock(&mutex);
    return done;
}

static bool
too_many_are_stuck(void)
{
    bool too_many;

    pthread_mutex_lock(&mutex);
    too_many = n_stuck >= BOUNDED_MAX_STUCK;
    pthread_mutex_unlock(&mutex);
    return too_many;
}

/* Calls 'cb' with 'aux', in another thread, and waits for it for at most
 * 'timeout_ms'.  Returns true if it has returned.  Otherwise returns false,
 * and 'aux' is the caller's no more: 'destroy' is called with it, now or when
 * 'cb' has returned. */
bool
bounded_call(void (*cb)(void *aux), void (*destroy)(void *aux), void *aux,
             int timeout_ms)
{
    struct call *call = call_create(cb, destroy, aux);

    if (too_many_are_stuck() || !call_start(call)) {
        destroy(aux);
        call_destroy(call);
        return false;
    }
    if (!call_wait(call, timeout_ms)) {
        return false;
    }
    call_destroy(call);
    return true;
}
