/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions that may take libpcap long: the time that it takes to make a
 * program shorter grows with the square of its size, or faster (250 ports: 6
 * s), and it cannot be stopped.  So a child process does it. */

#include <config.h>

#include "record/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "util.h"

/* Seconds of CPU time that an expression may take, and milliseconds until it
 * gets them. */
#define CPU_MAX_S 3
#define WAIT_MAX_MS 30000

/* What the child writes: this, and then the instructions of each program, or
 * an error message. */
struct reply {
    uint32_t is_error;
    uint32_t n[FILTER_N_LINKS];
};

/* Has the kernel end this process when it has taken its CPU time, or when the
 * parent ends. */
static void
limit_child(void)
{
    const struct rlimit limit = { CPU_MAX_S, CPU_MAX_S + 1 };
    const struct rlimit no_core = { 0, 0 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGXCPU, SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &limit);
}

/* In the child: compiles 'expression' and writes the result to 'fd'. */
static void
compile_and_write(const char *expression, int fd)
{
    struct filter_code codes[FILTER_N_LINKS];
    char *error = filter_compile(expression, codes);
    struct reply reply = { .is_error = error != NULL };
    struct ofpbuf b;
    size_t written;

    ofpbuf_init(&b, 0);
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        reply.n[i] = codes[i].n;
    }
    ofpbuf_put(&b, &reply, sizeof reply);
    if (error) {
        ofpbuf_put(&b, error, strlen(error));
    }
    for (int i = 0; i < FILTER_N_LINKS && !error; i++) {
        if (codes[i].n) {
            ofpbuf_put(&b, codes[i].insns,
                       codes[i].n * sizeof *codes[i].insns);
        }
    }
    write_fully(fd, b.data, b.size, &written);
}

/* Appends to 'b' what is written to 'fd' until its end.  Returns false if that
 * has not come in time. */
static bool
read_in_time(int fd, struct ofpbuf *b)
{
    uint64_t start = clock_ns();

    for (;;) {
        int64_t left = (WAIT_MAX_MS
                        - (int64_t) ((clock_ns() - start) / 1000000));
        struct pollfd pfd = { .fd = fd, .events = POLLIN };
        ssize_t n = poll(&pfd, 1, MAX(left, 0));

        if (!n) {
            return false;
        } else if (n > 0) {
            n = read(fd, ofpbuf_put_uninit(b, 4096), 4096);
            b->size -= 4096 - MAX(n, 0);
            if (!n) {
                return true;
            }
        }
        if (n < 0 && errno != EINTR) {
            return true;
        }
    }
}

/* Stores the programs of the reply in 'b' in 'codes'.  Returns NULL, or an
 * error message. */
static char *
take_reply(struct ofpbuf *b, struct filter_code codes[FILTER_N_LINKS])
{
    const struct reply *reply = ofpbuf_try_pull(b, sizeof *reply);
    uint64_t size = 0;

    if (!reply) {
        return xstrdup("libpcap has written nothing");
    } else if (reply->is_error) {
        return xmemdup0(b->data, b->size);
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        size += (uint64_t) reply->n[i] * sizeof *codes[i].insns;
    }
    if (size != b->size) {
        return xstrdup("libpcap has not written all of it");
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        codes[i].n = reply->n[i];
        size = codes[i].n * sizeof *codes[i].insns;
        codes[i].insns = xmemdup(ofpbuf_pull(b, size), size);
    }
    return NULL;
}

/* Ends the process 'pid' unless it has ended.  Returns its wait status. */
static int
end_child(pid_t pid)
{
    int status = 0;

    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    return status;
}

/* Takes what the process 'pid' writes to 'fd', and ends it. */
static char *
take_from_child(pid_t pid, int fd, struct filter_code codes[FILTER_N_LINKS])
{
    struct ofpbuf b;
    char *error;
    bool ended;
    int status;

    ofpbuf_init(&b, 0);
    ended = read_in_time(fd, &b);
    status = end_child(pid);
    if (!ended || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
        error = xasprintf("too large: libpcap takes more than %d s for it; "
                          "choose networks or ranges instead of single "
                          "addresses or ports", CPU_MAX_S);
    } else {
        error = take_reply(&b, codes);
    }
    ofpbuf_uninit(&b);
    return error;
}

/* As filter_compile(), in a child process, and not for long. */
char *
filter_compile_in_time(const char *expression,
                       struct filter_code codes[FILTER_N_LINKS])
{
    char *error;
    int fds[2];
    pid_t pid;

    memset(codes, 0, FILTER_N_LINKS * sizeof *codes);
    if (pipe2(fds, O_CLOEXEC)) {
        return xasprintf("no pipe: %s", ovs_strerror(errno));
    }
    pid = fork();
    if (!pid) {
        limit_child();
        close(fds[0]);
        compile_and_write(expression, fds[1]);
        _exit(0);
    }
    close(fds[1]);
    error = (pid < 0 ? xasprintf("no child process: %s", ovs_strerror(errno))
             : take_from_child(pid, fds[0], codes));
    close(fds[0]);
    return error;
}
