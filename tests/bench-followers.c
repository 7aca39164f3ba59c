/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What followers cost the daemon, and what they get:
 *
 *     bench-followers RATE SECONDS GOOD STOPPED KILLED
 *
 * Adds RATE records in a second to a history of the default size, for SECONDS,
 * which is followed by GOOD processes that decode the stream, STOPPED ones
 * that read nothing, and KILLED ones that end without a word at some time, for
 * which others come.  Prints a line with what came of it.  Fails if records
 * are neither received nor told to be missing.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/upcall-record.h"
#include "file/followers.h"
#include "file/frame.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "socket-util.h"
#include "store/history.h"
#include "store/port-map.h"
#include "timeval.h"
#include "unit/build-record.h"
#include "util.h"

#define HISTORY_LIMIT (32 << 20)

/* How often records come, in ms: as the daemon takes them from a ring buffer
 * of the default size (session.c). */
#define TURN 50

/* Those that are killed live so long, in ms, one more than the other. */
#define LIFE 20

enum kind {
    GOOD,
    STOPPED,
    KILLED,
    N_KINDS
};

struct bench {
    char dir[32];
    char *path;                 /* Of the socket, in 'dir'. */
    struct followers *followers;
    struct follow_source source;
    struct history *history;
    void *record;
    size_t size;
    int n[N_KINDS];
    pid_t pids[FOLLOWERS_MAX];  /* First the good ones. */
    int n_pids;

    /* What was measured. */
    uint64_t added;
    uint64_t ns;                /* How long that took, */
    uint64_t all_cpu;           /* and how much CPU time. */
    uint64_t cpu;               /* Of followers_run(), in ns. */
    uint64_t longest;           /* Of its runs, in ns. */
    int *n_killed;              /* Shared by all. */
};

static uint64_t
cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static char *
describe(const void *aux OVS_UNUSED)
{
    return xstrdup("{}");
}

static void
note_gap(void *aux OVS_UNUSED, uint64_t n OVS_UNUSED)
{
}

/* Reads the stream until the trace ends.  Fails unless all numbers are
 * accounted for. */
OVS_NO_RETURN static void
follow(int fd)
{
    struct frame_reader *reader = frame_reader_create();
    uint64_t next = 0;

    for (;;) {
        static char buffer[65536];
        struct frame frame;
        ssize_t n = read(fd, buffer, sizeof buffer);

        if (n <= 0) {
            _exit(2);
        }
        frame_reader_put(reader, buffer, n);
        while (!frame_reader_next(reader, &frame)) {
            if (frame.type == FRAME_BEGIN) {
                next = frame.seq;
            } else if (frame.type == FRAME_GAP) {
                next += frame.gap.n;
            } else if (frame.type == FRAME_RECORD && frame.seq != next++) {
                _exit(3);
            } else if (frame.type == FRAME_END) {
                _exit(frame.seq == next ? 0 : 4);
            }
        }
    }
}

/* Connects, and does what those of 'kind' do. */
OVS_NO_RETURN static void
be(const struct bench *b, enum kind kind)
{
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fd = make_unix_socket(SOCK_STREAM, false, NULL, b->path);
    if (fd < 0) {
        _exit(1);
    }
    while (kind == STOPPED) {
        pause();
    }
    follow(fd);
}

/* Has others come, one after the other, and end without a word.  The one that
 * is measured does not do this itself: it would have to wait for each. */
OVS_NO_RETURN static void
be_killed(const struct bench *b, int i)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pid_t pid = fork();

        if (!pid) {
            be(b, KILLED);
        }
        usleep((LIFE + i) * 1000);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        __atomic_add_fetch(b->n_killed, 1, __ATOMIC_RELAXED);
    }
}

static pid_t
start(const struct bench *b, enum kind kind, int i)
{
    pid_t pid = fork();

    if (!pid && kind == KILLED) {
        be_killed(b, i);
    } else if (!pid) {
        be(b, kind);
    }
    return pid;
}

static void
start_all(struct bench *b)
{
    for (int kind = 0; kind < N_KINDS; kind++) {
        for (int i = 0; i < b->n[kind]; i++) {
            b->pids[b->n_pids] = start(b, kind, b->n_pids);
            b->n_pids++;
        }
    }
}

static void
run(struct bench *b)
{
    uint64_t start = cpu_ns();
    uint64_t ns;

    followers_run(b->followers, &b->source);
    ns = cpu_ns() - start;
    b->cpu += ns;
    b->longest = MAX(b->longest, ns);
}

static void
wait_ms(struct bench *b, int ms)
{
    followers_wait(b->followers);
    poll_timer_wait(ms);
    poll_block();
}

static void
add_until(struct bench *b, uint64_t total)
{
    for (; b->added < total; b->added++) {
        history_add(b->history, b->record, b->size);
    }
}

/* Stores in '*sum' how the followers of 'kind' stand. */
static void
get_stats(const struct bench *b, enum kind kind, struct follower_stats *sum)
{
    struct follower_stats stats[FOLLOWERS_MAX];
    size_t n_stats = followers_get_stats(b->followers, &b->source, stats);
    int first = kind == GOOD ? 0 : b->n[GOOD];

    *sum = (struct follower_stats) { .pid = 0 };
    for (size_t i = 0; i < n_stats; i++) {
        for (int j = first; j < first + b->n[kind]; j++) {
            if (stats[i].pid == b->pids[j]) {
                sum->sent += stats[i].sent;
                sum->lost += stats[i].lost;
                sum->lag += stats[i].lag;
            }
        }
    }
}

/* Waits for the good ones, of whom the last are not done yet.  Returns how
 * many have failed. */
static int
finish(struct bench *b)
{
    int n_failed = 0;

    b->source.running = false;
    for (int i = 0; i < b->n[GOOD]; i++) {
        int status;

        while (waitpid(b->pids[i], &status, WNOHANG) != b->pids[i]) {
            run(b);
            wait_ms(b, 10);
        }
        n_failed += status != 0;
    }
    for (int i = b->n[GOOD]; i < b->n_pids; i++) {
        kill(b->pids[i], SIGKILL);
        waitpid(b->pids[i], NULL, 0);
    }
    return n_failed;
}

static void
bench_init(struct bench *b)
{
    struct follower_stats stats[FOLLOWERS_MAX];
    struct build build;
    int error;

    ovs_strlcpy(b->dir, "/tmp/bench-followers-XXXXXX", sizeof b->dir);
    if (!mkdtemp(b->dir)) {
        ovs_fatal(errno, "%s", b->dir);
    }
    b->path = xasprintf("%s/stream", b->dir);
    error = followers_create(b->path, &b->followers);
    if (error) {
        ovs_fatal(error, "%s", b->path);
    }
    build_executed(&build);
    b->record = build_get(&build, &b->size);
    build_uninit(&build);
    b->history = history_create(HISTORY_LIMIT, false);
    b->source = (struct follow_source) {
        .history = b->history,
        .ports = port_map_create(16),
        .running = true,
        .begin = describe,
        .end = describe,
        .note_gap = note_gap,
    };
    b->n_killed = mmap(NULL, sizeof *b->n_killed, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b->n_killed == MAP_FAILED) {
        ovs_fatal(errno, "mmap");
    }
    start_all(b);
    while (followers_get_stats(b->followers, &b->source, stats) < b->n_pids) {
        run(b);
        wait_ms(b, 100);
    }
}

/* Adds 'n' records, 'rate' in a second. */
static void
measure(struct bench *b, uint64_t rate, uint64_t n)
{
    uint64_t begin = clock_ns();
    uint64_t cpu = cpu_ns();

    b->cpu = b->longest = 0;
    while (b->added < n) {
        add_until(b, MIN(n, (clock_ns() - begin) * rate / 1000000000));
        run(b);
        wait_ms(b, TURN);
    }
    b->ns = clock_ns() - begin;
    b->all_cpu = cpu_ns() - cpu;
}

static void
print_result(const struct bench *b)
{
    double seconds = b->ns / 1e9;
    struct follower_stats sum;

    printf("%.0f records/s: followers took %.1f %% of a CPU, the longest run "
           "%.2f ms, all %.1f %%", b->added / seconds, b->cpu * 100.0 / b->ns,
           b->longest / 1e6, b->all_cpu * 100.0 / b->ns);
    if (b->n[GOOD]) {
        get_stats(b, GOOD, &sum);
        printf("; each of %d good ones got %.0f/s and lost %.1f %%",
               b->n[GOOD], sum.sent / seconds / b->n[GOOD],
               sum.lost * 100.0 / b->added / b->n[GOOD]);
    }
    if (b->n[STOPPED]) {
        get_stats(b, STOPPED, &sum);
        printf("; each of %d stopped ones got %"PRIu64", lost %"PRIu64" and "
               "is %"PRIu64" behind", b->n[STOPPED],
               sum.sent / b->n[STOPPED], sum.lost / b->n[STOPPED],
               sum.lag / b->n[STOPPED]);
    }
    if (b->n[KILLED]) {
        printf("; %d were killed", *b->n_killed);
    }
}

static void
bench_destroy(struct bench *b)
{
    followers_destroy(b->followers);
    history_destroy(b->history);
    port_map_destroy(CONST_CAST(struct port_map *, b->source.ports));
    free(b->record);
    if (rmdir(b->dir)) {
        ovs_fatal(errno, "%s", b->dir);
    }
    free(b->path);
}

int
main(int argc, char *argv[])
{
    struct bench b = { .added = 0 };
    int rate, seconds, n_failed;

    set_program_name(argv[0]);
    if (argc != 6 || !str_to_int(argv[1], 10, &rate)
        || !str_to_int(argv[2], 10, &seconds)
        || !str_to_int(argv[3], 10, &b.n[GOOD])
        || !str_to_int(argv[4], 10, &b.n[STOPPED])
        || !str_to_int(argv[5], 10, &b.n[KILLED])
        || b.n[GOOD] + b.n[STOPPED] + b.n[KILLED] > FOLLOWERS_MAX) {
        ovs_fatal(0, "usage: %s RATE SECONDS GOOD STOPPED KILLED",
                  program_name);
    }
    bench_init(&b);
    measure(&b, rate, (uint64_t) rate * seconds);
    print_result(&b);
    n_failed = finish(&b);
    printf("; %d failed\n", n_failed);
    bench_destroy(&b);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
