/* SPDX-License-Identifier: Apache-2.0 */

/* Programs that follow a trace through a socket.
 *
 * What each is sent comes from its feed (feed.c), which is filled anew when
 * the socket has taken all of it.
 *
 * Followers take turns: each that can be sent something gets one buffer, over
 * and over, until none can or until RUN_BYTES or RUN_NS are spent.  The next
 * run begins with the one whose turn it was.
 *
 * All that is to be known of the sockets comes from one poll() in each run,
 * which is all that happens if there is no follower. */

#include <config.h>

#include "file/followers.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fatal-signal.h"
#include "file/feed.h"
#include "file/frame.h"
#include "openvswitch/list.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "store/history.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(followers);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);

/* What all of them may be sent in a run, and how long that may take. */
#define RUN_BYTES (1024 * 1024)
#define RUN_NS 5000000

/* After a connection could not be accepted, in ms. */
#define ACCEPT_INTERVAL 1000

struct follower {
    struct ovs_list node;       /* In struct followers. */
    int fd;
    pid_t pid;
    uint64_t id;                /* In the order in which they came. */

    /* What it says. */
    uint8_t request[FRAME_REQUEST_SIZE + 1];
    size_t n_request;           /* Bytes so far. */
    bool is_silent;             /* It has closed its side. */

    /* What it is sent. */
    struct feed feed;
    bool is_full;               /* The socket is. */
    bool is_gone;
    uint64_t bytes;
};

/* All followers. */
struct followers {
    int fd;                     /* Where they connect. */
    char *path;                 /* Of that. */
    struct ovs_list list;       /* Contains "struct follower"s. */
    size_t n;
    uint64_t next_id;
    bool has_more;              /* The last run ended too early. */
    long long int next_accept;  /* time_msec(), 0 for at once. */
};

/* Opens the socket 'path', with the same mode as the control socket, and
 * stores its followers, none, in '*fsp'.  Returns 0 if successful, otherwise a
 * positive errno value. */
int
followers_create(const char *path, struct followers **fsp)
{
    struct followers *fs;
    int fd = make_unix_socket(SOCK_STREAM, true, path, NULL);

    *fsp = NULL;
    if (fd < 0) {
        return -fd;
    } else if (listen(fd, FOLLOWERS_MAX)) {
        int error = errno;

        close(fd);
        fatal_signal_unlink_file_now(path);
        return error;
    }
    fs = xzalloc(sizeof *fs);
    fs->fd = fd;
    fs->path = xstrdup(path);
    ovs_list_init(&fs->list);
    *fsp = fs;
    return 0;
}

static void
follower_destroy(struct followers *fs, struct follower *f)
{
    ovs_list_remove(&f->node);
    fs->n--;
    close(f->fd);
    feed_uninit(&f->feed);
    free(f);
}

/* Closes the socket and all followers, of which 'fs' may be NULL. */
void
followers_destroy(struct followers *fs)
{
    if (fs) {
        struct follower *f;

        LIST_FOR_EACH_SAFE (f, node, &fs->list) {
            follower_destroy(fs, f);
        }
        close(fs->fd);
        fatal_signal_unlink_file_now(fs->path);
        free(fs->path);
        free(fs);
    }
}

/* Sending. */

/* Sends what is in the buffer of 'f', as far as its socket takes it.  Returns
 * the number of bytes. */
static size_t
send_out(struct follower *f)
{
    ssize_t n;

    do {
        n = send(f->fd, f->feed.out.data, f->feed.out.size,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        f->is_full = errno == EAGAIN;
        f->is_gone = !f->is_full;
        return 0;
    }
    ofpbuf_pull(&f->feed.out, n);
    f->is_full = f->feed.out.size > 0;
    if (!f->is_full) {
        ofpbuf_clear(&f->feed.out);
    }
    f->bytes += n;
    return n;
}

/* Has 'f' go, after it is told why, if its socket takes that. */
static void
refuse(struct follower *f, const char *error)
{
    VLOG_INFO_RL(&rl, "closing the stream of process %ld: %s", (long) f->pid,
                 error);
    frame_put_error(&f->feed.out, error);
    send_out(f);
    f->is_gone = true;
}

/* Returns how many bytes 'f' was sent. */
static size_t
serve(struct follower *f, const struct follow_source *source)
{
    if (f->is_full || f->is_gone) {
        return 0;
    }
    if (!f->feed.out.size) {
        feed_fill(&f->feed, source);
    }
    return f->feed.out.size ? send_out(f) : 0;
}

/* Sends all followers what there is for them, within limits. */
static void
serve_all(struct followers *fs, const struct follow_source *source)
{
    uint64_t deadline = clock_ns() + RUN_NS;
    size_t sent = 0;
    size_t n_idle = 0;          /* So many in a row got nothing. */

    while (n_idle < fs->n && sent < RUN_BYTES && clock_ns() < deadline) {
        struct follower *f = CONTAINER_OF(ovs_list_pop_front(&fs->list),
                                          struct follower, node);
        size_t n = serve(f, source);

        ovs_list_push_back(&fs->list, &f->node);
        n_idle = n ? 0 : n_idle + 1;
        sent += n;
    }
    fs->has_more = n_idle < fs->n;
}

/* Those who come, and what they say. */

/* Makes the follower on 'fd', which begins with what is recorded from now
 * on. */
static struct follower *
follower_create(struct followers *fs, int fd,
                const struct follow_source *source)
{
    struct follower *f = xzalloc(sizeof *f);
    socklen_t len = sizeof(struct ucred);
    struct ucred peer;

    f->fd = fd;
    f->id = fs->next_id++;
    f->pid = (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? 0
              : peer.pid);
    feed_init(&f->feed, source);
    ovs_list_push_back(&fs->list, &f->node);
    fs->n++;
    return f;
}

static void
accept_one(struct followers *fs, const struct follow_source *source)
{
    int fd = accept4(fs->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        struct follower *f = follower_create(fs, fd, source);

        if (fs->n > FOLLOWERS_MAX) {
            char *error = xasprintf("there are %d followers already, which is "
                                    "the most: end one of them, status lists "
                                    "them", FOLLOWERS_MAX);

            refuse(f, error);
            free(error);
            follower_destroy(fs, f);
        }
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        VLOG_WARN_RL(&rl, "%s: accept: %s", fs->path, ovs_strerror(errno));
        fs->next_accept = time_msec() + ACCEPT_INTERVAL;
    }
}

/* Has 'f' begin anew where its request says. */
static void
begin_anew(struct follower *f, const struct follow_source *source,
           uint64_t from)
{
    uint64_t end = source ? history_next(source->history) : 1;

    if (from > end) {
        char *error = xasprintf("there is no record %"PRIu64" yet, the last "
                                "is %"PRIu64": a new trace begins with 1",
                                from, end - 1);

        refuse(f, error);
        free(error);
        return;
    }
    feed_start(&f->feed, source, from);
}

/* Takes what 'f' says. */
static void
receive(struct follower *f, const struct follow_source *source)
{
    struct frame_request request;
    ssize_t n;

    do {
        n = recv(f->fd, f->request + f->n_request,
                 sizeof f->request - f->n_request, MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        f->is_silent = !n;
        f->is_gone = n && errno != EAGAIN;
        return;
    }
    f->n_request += n;
    switch (frame_get_request(f->request, f->n_request, &request)) {
    case 0:
        begin_anew(f, source, request.from);
        break;
    case EPROTO:
        refuse(f, "a follower may send one request, as lib/file/frame.h has "
               "it, and nothing else: use ovs-appctl for commands");
        break;
    }
}

/* Deals with what has happened to the sockets. */
static void
run_sockets(struct followers *fs, const struct follow_source *source)
{
    struct pollfd pfds[1 + FOLLOWERS_MAX];
    struct follower *f;
    size_t i = 0;

    pfds[i++] = (struct pollfd) { .fd = fs->fd, .events = POLLIN };
    LIST_FOR_EACH (f, node, &fs->list) {
        pfds[i++] = (struct pollfd) {
            .fd = f->fd,
            .events = (f->is_silent ? 0 : POLLIN) | (f->is_full ? POLLOUT : 0)
        };
    }
    poll(pfds, i, 0);           /* If that fails, nothing has happened. */
    i = 1;
    LIST_FOR_EACH_SAFE (f, node, &fs->list) {
        short int revents = pfds[i++].revents;

        if (revents & (POLLHUP | POLLERR | POLLNVAL)) {
            f->is_gone = true;
        } else if (revents & POLLIN) {
            receive(f, source);
        }
        f->is_full = f->is_full && !(revents & POLLOUT);
        if (f->is_gone) {
            follower_destroy(fs, f);
        }
    }
    if (pfds[0].revents && time_msec() >= fs->next_accept) {
        accept_one(fs, source);
    }
}

/* Sends all followers what there is of 'source', the trace that runs or has
 * ended last, NULL if there was none. */
void
followers_run(struct followers *fs, const struct follow_source *source)
{
    run_sockets(fs, source);
    if (fs->n) {
        serve_all(fs, source);
    }
}

/* Arranges for the poll loop to wake up when followers_run() has work to do,
 * other than to send new records. */
void
followers_wait(struct followers *fs)
{
    const struct follower *f;

    if (time_msec() >= fs->next_accept) {
        poll_fd_wait(fs->fd, POLLIN);
    } else {
        poll_timer_wait_until(fs->next_accept);
    }
    LIST_FOR_EACH (f, node, &fs->list) {
        if (f->is_gone) {
            poll_immediate_wake();
        }
        poll_fd_wait(f->fd, (f->is_silent ? 0 : POLLIN)
                            | (f->is_full ? POLLOUT : 0));
    }
    if (fs->has_more) {
        poll_immediate_wake();
    }
}

/* 'source' is about to go, with its history: sends what the sockets take, the
 * rest is missed. */
void
followers_forget(struct followers *fs, const struct follow_source *source)
{
    struct follower *f;

    followers_run(fs, source);
    LIST_FOR_EACH (f, node, &fs->list) {
        feed_forget(&f->feed, source);
    }
}

/* How they stand. */

static int
compare_ids(const void *a_, const void *b_)
{
    const struct follower *const *a = a_;
    const struct follower *const *b = b_;

    return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

static struct follower_stats
get_stats(const struct follower *f, const struct follow_source *source)
{
    struct follower_stats stats = { .pid = f->pid, .bytes = f->bytes };

    feed_get_stats(&f->feed, source, &stats);
    return stats;
}

/* Stores how the followers stand, who get the records of 'source', in 'stats',
 * in the order in which they came.  Returns how many there are. */
size_t
followers_get_stats(const struct followers *fs,
                    const struct follow_source *source,
                    struct follower_stats stats[FOLLOWERS_MAX])
{
    const struct follower *sorted[FOLLOWERS_MAX];
    const struct follower *f;
    size_t n = 0;

    LIST_FOR_EACH (f, node, &fs->list) {
        sorted[n++] = f;
    }
    if (n) {
        qsort(sorted, n, sizeof *sorted, compare_ids);
    }
    for (size_t i = 0; i < n; i++) {
        stats[i] = get_stats(sorted[i], source);
    }
    return n;
}
