/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file/write-all.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "trace-program.h"
#include "util.h"

/* What is written at once, in bytes: a pipe that poll() says can be written
 * takes so many without waiting (PIPE_BUF). */
#define WRITE_MAX 4096

/* Bytes that may wait for standard output. */
#define WAITING_MAX (64 * 1024)

/* How long standard output may take for the rest, in ms. */
#define FINISH_TIME 2000

/* What a shell says of a command that it cannot find or run. */
#define SHELL_NOT_EXECUTABLE 126
#define SHELL_NOT_FOUND 127

/* Returns true if 'text' has more lines than the terminal. */
static bool
is_long(const char *text)
{
    struct winsize size;
    int n = 0;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row) {
        return false;
    }
    while (n < size.ws_row && (text = strchr(text, '\n'))) {
        text++;
        n++;
    }
    return n >= size.ws_row;
}

/* Returns true if the program will be ended (--timeout). */
static bool
has_alarm(void)
{
    struct itimerval timer;

    return (!getitimer(ITIMER_REAL, &timer)
            && (timer.it_value.tv_sec || timer.it_value.tv_usec));
}

/* Returns the command that shows long texts, or NULL if there is to be none:
 * it would not end with the program. */
const char *
output_get_pager(void)
{
    const char *pager = getenv("PAGER");

    if (has_alarm()) {
        return NULL;
    }
    /* Less leaves short texts alone, and shows colors. */
    setenv("LESS", "FRX", 0);
    if (!pager) {
        return "less";
    }
    return *pager && strcmp(pager, "cat") ? pager : NULL;
}

/* Returns true if 'status', of waitpid(), says that there is no such
 * command. */
bool
output_lacks_pager(int status)
{
    return (WIFEXITED(status)
            && (WEXITSTATUS(status) == SHELL_NOT_FOUND
                || WEXITSTATUS(status) == SHELL_NOT_EXECUTABLE));
}

/* Shows 'text' with 'pager'.  Returns false if that is no command. */
static bool
page(const char *text, const char *pager)
{
    FILE *stream;

    stream = popen(pager, "w");
    if (!stream) {
        return false;
    }
    fputs(text, stream);
    return !output_lacks_pager(pclose(stream));
}

/* Returns the exit status of who could not write to standard output because of
 * 'error', a positive errno value or 0, after an error message.  That nobody
 * reads it any more is no error. */
int
output_check_error(int error)
{
    if (!error || error == EPIPE) {
        return EXIT_SUCCESS;
    }
    ovs_error(error, "cannot write to standard output");
    return PROGRAM_FAILURE;
}

/* Prints 'text', page by page if standard output is a terminal and has too few
 * lines for it.  Returns the exit status. */
int
output_text(const char *text)
{
    const char *pager = (isatty(STDOUT_FILENO) && is_long(text)
                         ? output_get_pager()
                         : NULL);

    if (pager && page(text, pager)) {
        return EXIT_SUCCESS;
    }
    return output_check_error(fflush(stdout) ? errno
                              : write_all(STDOUT_FILENO, text, strlen(text)));
}

/* Prepares 'o'.  The caller frees what is in it with output_uninit(). */
void
output_init(struct output *o)
{
    *o = (struct output) {
        .fd = STDOUT_FILENO, .ds = DS_EMPTY_INITIALIZER,
        .is_terminal = isatty(STDOUT_FILENO)
    };
}

/* Frees what is in 'o'. */
void
output_uninit(struct output *o)
{
    ds_destroy(&o->ds);
}

/* Returns true if standard output can be written within 'ms', and notes it if
 * nobody reads it. */
static bool
is_ready(struct output *o, int ms)
{
    struct pollfd p = { .fd = o->fd, .events = POLLOUT };

    if (poll(&p, 1, ms) <= 0) {
        return false;
    }
    o->is_closed = o->is_closed || (p.revents & POLLERR);
    return !o->is_closed;
}

/* Writes the first bytes of 'o', which must not be empty.  Returns false if
 * that is not possible now. */
static bool
write_some(struct output *o)
{
    ssize_t n = write(o->fd, o->ds.string, MIN(o->ds.length, WRITE_MAX));

    if (n > 0) {
        memmove(o->ds.string, o->ds.string + n, o->ds.length - n);
        ds_truncate(&o->ds, o->ds.length - n);
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        o->error = errno;
        o->is_closed = true;
    }
    return n > 0;
}

/* Writes what standard output takes without waiting. */
void
output_run(struct output *o)
{
    while (is_ready(o, 0) && o->ds.length && write_some(o)) {
        continue;
    }
}

/* Arranges for the poll loop to wake up when output_run() has work, or when
 * nobody reads standard output any more. */
void
output_wait(const struct output *o)
{
    /* poll() tells of errors even if nothing is asked for. */
    poll_fd_wait(o->fd, o->ds.length ? POLLOUT : 0);
}

/* Returns true if no more should be added to 'o' now. */
bool
output_is_full(const struct output *o)
{
    return o->ds.length >= WAITING_MAX;
}

/* Writes what is in 'o', as far as that is possible before time_msec() is
 * 'deadline'. */
void
output_flush(struct output *o, long long int deadline)
{
    while (o->ds.length && !o->is_closed && time_msec() < deadline) {
        if (is_ready(o, 100)) {
            write_some(o);
        }
    }
}

/* Writes the rest of 'o', as far as that takes no longer than FINISH_TIME.
 * Returns the exit status, after an error message if that is none of
 * success. */
int
output_finish(struct output *o)
{
    output_flush(o, time_msec() + FINISH_TIME);
    if (o->ds.length && !o->is_closed) {
        ovs_error(0, "%"PRIuSIZE" bytes were not written: nobody reads "
                  "standard output", o->ds.length);
        return PROGRAM_FAILURE;
    }
    return output_check_error(o->error);
}
