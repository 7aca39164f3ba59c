/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions that may take libpcap long: the time that it takes to make a
 * program shorter grows with the square of its size, or faster (250 ports: 6
 * s), and it cannot be stopped.  So a child process does it, and the parent
 * does its other work meanwhile. */

#include <config.h>

#include "record/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

/* Seconds of CPU time that an expression may take, and milliseconds until it
 * gets them.  A test has others. */
#ifndef CPU_MAX_S
#define CPU_MAX_S 3
#define WAIT_MAX_MS 30000
#endif

struct filter_job {
    char *expression;
    pid_t pid;                  /* Of the child, 0 if there is none. */
    int fd;                     /* What it writes comes here; -1 if there is no
                                 * child. */
    struct ofpbuf written;      /* What has come so far. */
    long long int deadline;     /* time_msec(). */
    char *error;                /* Why there is no child, NULL if there is. */
};

/* Closes the files that are open from number 'first' to 'last'. */
static void
close_range_of_files(unsigned int first, unsigned int last)
{
    if (first <= last) {
        syscall(SYS_close_range, first, last, 0);
    }
}

/* In the child: has nothing of the parent's stay open but 'fd' and what every
 * process has: a connection or a program in the kernel goes when the parent
 * closes it. */
static void
close_files(int fd)
{
    close_range_of_files(STDERR_FILENO + 1, fd - 1);
    close_range_of_files(fd + 1, UINT_MAX);
}

/* Has the kernel end this process when it has taken its CPU time, when the
 * parent ends, and when a signal says so.  (The parent's handlers of signals,
 * which it has from fatal-signal.c of OVS, write to a file that is closed
 * here.) */
static void
limit_child(void)
{
    const struct rlimit limit = { CPU_MAX_S, CPU_MAX_S + 1 };
    const struct rlimit no_core = { 0, 0 };
    const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGXCPU };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        signal(signals[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &limit);
}

/* In the child: compiles 'expression' and writes the result to 'fd'. */
static void
compile_and_write(const char *expression, int fd)
{
    struct filter_code codes[FILTER_N_LINKS];
    char *error = filter_compile(expression, codes);
    struct ofpbuf b;
    size_t written;

    ofpbuf_init(&b, 0);
    filter_put_reply(error, codes, &b);
    write_fully(fd, b.data, b.size, &written);
}

/* Ends the child of 'job' unless it has ended, and closes what it writes to.
 * Returns its wait status, 0 if there is no child. */
static int
end_child(struct filter_job *job)
{
    int status = 0;

    if (job->pid) {
        ovs_assert(job->pid > 0);       /* Others mean several processes. */
        kill(job->pid, SIGKILL);
        while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {
            continue;
        }
        close(job->fd);
        job->pid = 0;
        job->fd = -1;
    }
    return status;
}

/* Starts the child of 'job'.  Returns NULL or an error message. */
static char *
start_child(struct filter_job *job)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC)) {
        return xasprintf("no pipe: %s", ovs_strerror(errno));
    }
    pid = fork();
    if (!pid) {
        limit_child();
        close_files(fds[1]);
        compile_and_write(job->expression, fds[1]);
        _exit(0);
    }
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return xasprintf("no child process: %s", ovs_strerror(errno));
    }
    set_nonblocking(fds[0]);
    job->pid = pid;
    job->fd = fds[0];
    return NULL;
}

/* Begins to make instructions for the kernel of 'expression'.  Returns a job,
 * which the caller destroys with filter_job_destroy(), whether it has ended or
 * not. */
struct filter_job *
filter_job_create(const char *expression)
{
    struct filter_job *job = xzalloc(sizeof *job);

    job->expression = xstrdup(expression);
    job->fd = -1;
    job->deadline = time_msec() + WAIT_MAX_MS;
    ofpbuf_init(&job->written, 0);
    job->error = start_child(job);
    return job;
}

/* Frees 'job', which may be NULL.  If it has not ended, it is given up. */
void
filter_job_destroy(struct filter_job *job)
{
    if (job) {
        end_child(job);
        ofpbuf_uninit(&job->written);
        free(job->error);
        free(job->expression);
        free(job);
    }
}

/* Reads what the child of 'job' has written.  Returns true if that was all. */
static bool
read_written(struct filter_job *job)
{
    for (;;) {
        struct ofpbuf *b = &job->written;
        ssize_t n = read(job->fd, ofpbuf_put_uninit(b, 4096), 4096);

        b->size -= 4096 - MAX(n, 0);
        if (!n || (n < 0 && errno != EINTR)) {
            return !n || errno != EAGAIN;
        }
    }
}

/* Converts 'codes' for the kernel.  Otherwise as filter_create(). */
static char *
convert(const char *expression, const struct filter_code codes[],
        struct filter **filterp)
{
    struct filter *filter = xzalloc(sizeof *filter);
    char *error = filter_convert(codes, !filter_takes_any_address(), filter);

    filter->expression = xstrdup(expression);
    if (error) {
        filter_destroy(filter);
        filter = NULL;
    }
    *filterp = filter;
    return error;
}

/* Makes a filter of what the child of 'job' has written, with 'in_time' if
 * that is all, and ends it.  Otherwise as filter_create(). */
static char *
finish(struct filter_job *job, bool in_time, struct filter **filterp)
{
    struct filter_code codes[FILTER_N_LINKS];
    int status = end_child(job);
    char *error;

    if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
        return xasprintf("too large: libpcap takes more than %d s for it; "
                         "choose networks or ranges instead of single "
                         "addresses or ports", CPU_MAX_S);
    }
    memset(codes, 0, sizeof codes);
    error = filter_take_reply(&job->written, codes);
    if (!error) {
        error = convert(job->expression, codes, filterp);
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        free(codes[i].insns);
    }
    return error;
}

/* Returns false if 'job' has not ended yet.  Otherwise returns true, and
 * stores what filter_create() returns in '*errorp', and in '*filterp' what
 * that stores there.  Must not be called again then. */
bool
filter_job_run(struct filter_job *job, struct filter **filterp, char **errorp)
{
    bool in_time = !job->pid || read_written(job);

    *filterp = NULL;
    *errorp = NULL;
    if (!in_time && time_msec() < job->deadline) {
        return false;
    }
    if (job->error) {
        *errorp = job->error;
        job->error = NULL;
    } else {
        *errorp = finish(job, in_time, filterp);
    }
    return true;
}

/* Arranges for the poll loop to wake up when filter_job_run() has work. */
void
filter_job_wait(const struct filter_job *job)
{
    if (job->pid) {
        poll_fd_wait(job->fd, POLLIN);
        poll_timer_wait_until(job->deadline);
    } else {
        poll_immediate_wake();
    }
}

/* As filter_job_run(), but waits for up to 'ms' for the end of 'job'. */
bool
filter_job_run_for(struct filter_job *job, int ms, struct filter **filterp,
                   char **errorp)
{
    long long int end = time_msec() + ms;

    while (!filter_job_run(job, filterp, errorp)) {
        struct pollfd pfd = { .fd = job->fd, .events = POLLIN };
        long long int now = time_msec();

        if (now >= end) {
            return false;
        }
        poll(&pfd, 1, MAX(MIN(end, job->deadline) - now, 0));
    }
    return true;
}

/* Makes instructions for the kernel of 'expression', which may take as long as
 * the limits at the top of this file allow.  Returns NULL and stores the new
 * filter in '*filterp', which the caller destroys with filter_destroy(); or
 * returns an error message, which the caller frees, and stores NULL. */
char *
filter_create(const char *expression, struct filter **filterp)
{
    struct filter_job *job = filter_job_create(expression);
    char *error;

    while (!filter_job_run_for(job, WAIT_MAX_MS, filterp, &error)) {
        continue;
    }
    filter_job_destroy(job);
    return error;
}
