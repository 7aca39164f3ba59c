/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compat.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "trace-program.h"
#include "util.h"

/* What the handler says through a pipe. */
struct caught {
    int number;
    bool from_process;
};

static int fds[2];
static struct caught last;      /* That was taken out of the pipe. */
static int n_caught;
static volatile sig_atomic_t has_come;

static void
handler(int number, siginfo_t *info, void *context OVS_UNUSED)
{
    int error = errno;
    struct caught caught = {
        .number = number, .from_process = info->si_code == SI_USER
    };

    has_come = 1;

    /* If the pipe is full, there are enough of them. */
    upcall_ignore(write(fds[1], &caught, sizeof caught));
    errno = error;
}

/* Has SIGINT, SIGTERM, SIGHUP and SIGALRM, which --timeout sends, not end the
 * program, but be known to what follows.  To be called once, before the poll
 * loop is used: OVS leaves handlers alone that it finds (fatal_signal_init()
 * in lib/fatal-signal.c). */
void
signals_catch(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
    struct sigaction sa;

    xpipe_nonblocking(fds);
    memset(&sa, 0, sizeof sa);
    sa.sa_sigaction = handler;
    sa.sa_flags = SA_SIGINFO;
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct sigaction old;

        /* Who ignores it for us, as nohup(1), has a reason. */
        if (!sigaction(numbers[i], NULL, &old)
            && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &sa, NULL);
        }
    }
}

/* Returns true if a signal has come since the last call. */
bool
signals_run(void)
{
    struct caught caught;
    bool any = false;

    while (read(fds[0], &caught, sizeof caught) == sizeof caught) {
        last = caught;
        n_caught++;
        any = true;
    }
    return any;
}

/* Arranges for the poll loop to wake up when a signal comes. */
void
signals_wait(void)
{
    poll_fd_wait(fds[0], POLLIN);
}

/* Returns true if a signal has come, also one that signals_run() has not
 * told of yet. */
bool
signals_have_come(void)
{
    return has_come;
}

/* Returns the number of the last signal, 0 if there was none. */
int
signals_number(void)
{
    return last.number;
}

/* Returns the exit status of a program that ends because of the last one: that
 * of --timeout is the only one that nobody has sent on purpose. */
int
signals_status(void)
{
    return last.number == SIGALRM ? PROGRAM_SIGNAL + SIGALRM : EXIT_SUCCESS;
}

/* Returns how many there were. */
int
signals_count(void)
{
    return n_caught;
}

/* Returns true if a process has sent the last one to this one: those that a
 * terminal sends, all processes get that run in its foreground. */
bool
signals_from_process(void)
{
    return last.from_process;
}
