/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-connections.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "file/forward-message.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream.h"
#include "timeval.h"
#include "trace-connection.h"
#include "trace-tls.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(receive_connections);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* Connections that are accepted before others get their turn. */
#define ACCEPTS_PER_RUN 16

/* How long it is waited after that was not possible, in ms. */
#define ACCEPT_INTERVAL 100

/* Strangers at a time.  If there are so many, the oldest makes room for
 * another, if it was there for STRANGER_TIME, in ms. */
#define STRANGERS_MAX 64
#define STRANGER_TIME 1000

/* Most bytes of all messages that have come in part: two of the longest, or
 * for each sender one as "forward" sends them.  Memory needs some 30 times as
 * many at worst. */
#define PARTS_MAX (2 * FORWARD_MESSAGE_MAX)
#define PARTS_PER_SENDER (FORWARD_BATCH + 1024)

struct connections {
    struct pstream *pstream;    /* Not ours. */
    struct ovs_list list;       /* "struct connection". */
    uint64_t parts;             /* Bytes of messages that have come in part. */
    uint64_t parts_max;         /* Most of these. */
    long long int next_accept;  /* When another may be accepted, 0 for any
                                 * time; time_msec(). */
};

/* Returns what accepts connections to 'pstream', of 'max_senders' at most.
 * The caller frees it with connections_destroy(). */
struct connections *
connections_create(struct pstream *pstream, uint64_t max_senders)
{
    struct connections *cs = xzalloc(sizeof *cs);

    cs->pstream = pstream;
    cs->parts_max = MAX(PARTS_MAX, PARTS_PER_SENDER * max_senders);
    ovs_list_init(&cs->list);
    return cs;
}

/* Frees 'cs', of which the caller has destroyed all connections. */
void
connections_destroy(struct connections *cs)
{
    ovs_assert(ovs_list_is_empty(&cs->list));
    free(cs);
}

/* Returns the list of all "struct connection", by their 'node'.  The caller
 * destroys those that are over. */
struct ovs_list *
connections_list(struct connections *cs)
{
    return &cs->list;
}

/* Returns the stranger that has to make room for another one, NULL if none has
 * to.  If there is no room for now, stores in '*when' until when, otherwise 0;
 * time_msec(). */
static struct connection *
find_stranger(const struct connections *cs, long long int *when)
{
    struct connection *c, *oldest = NULL;
    size_t n = 0;

    /* Those that came first are first. */
    LIST_FOR_EACH (c, node, &cs->list) {
        if (!connection_sender(c) && !connection_is_over(c)) {
            oldest = oldest ? oldest : c;
            n++;
        }
    }
    oldest = n < STRANGERS_MAX ? NULL : oldest;
    *when = (oldest ? MAX(cs->next_accept,
                          connection_created(oldest) + STRANGER_TIME)
             : cs->next_accept);
    if (time_msec() >= *when) {
        *when = 0;
    }
    return oldest;
}

/* Accepts a connection, in place of 'stranger' unless that is NULL.  Returns
 * false if there is none. */
static bool
accept_connection(struct connections *cs, struct connection *stranger)
{
    struct stream *stream;
    int error = pstream_accept(cs->pstream, &stream);

    if (error) {
        if (error != EAGAIN) {
            VLOG_WARN_RL(&rl, "cannot accept a connection (%s)",
                         ovs_strerror(error));
            cs->next_accept = time_msec() + ACCEPT_INTERVAL;
        }
        return false;
    }
    ovs_list_push_back(&cs->list, &connection_create(stream)->node);
    if (stranger) {
        connection_give_up(stranger, "it does not say who it is, and others "
                           "want to");
    }
    return true;
}

/* Counts what has come of messages without an end. */
static void
count_parts(struct connections *cs)
{
    struct connection *c;

    cs->parts = 0;
    LIST_FOR_EACH (c, node, &cs->list) {
        cs->parts += connection_part(c);
    }
}

/* Accepts those that want to connect.  To be called before connections_run()
 * is for all of them. */
void
connections_accept(struct connections *cs)
{
    tls_renew();
    for (int i = 0; i < ACCEPTS_PER_RUN; i++) {
        long long int when;
        struct connection *stranger = find_stranger(cs, &when);

        if (when || !accept_connection(cs, stranger)) {
            break;
        }
    }
    count_parts(cs);
}

/* Ends the connection that has sent the most of a message without an end. */
static void
end_largest(struct connections *cs)
{
    struct connection *c, *largest = NULL;

    LIST_FOR_EACH (c, node, &cs->list) {
        if (!largest || connection_part(c) > connection_part(largest)) {
            largest = c;
        }
    }
    if (largest) {
        cs->parts -= connection_part(largest);
        connection_give_up(largest, "too much memory is in use for messages "
                           "of all senders");
    }
}

/* Gives 'c' its turn, see connection_run().  If too much has come of messages
 * without an end, ends those connections that have sent the most. */
bool
connections_run(struct connections *cs, struct connection *c)
{
    uint64_t before = connection_part(c);
    bool has_message = connection_run(c);

    cs->parts += connection_part(c) - before;
    while (cs->parts > cs->parts_max) {
        end_largest(cs);
    }
    return has_message && !connection_is_over(c);
}

/* Arranges for the poll loop to wake up when there is something to do for a
 * connection, or another one can be accepted. */
void
connections_wait(const struct connections *cs)
{
    struct connection *c;
    long long int when;

    find_stranger(cs, &when);
    if (when) {
        poll_timer_wait_until(when);
    } else {
        pstream_wait(cs->pstream);
    }
    LIST_FOR_EACH (c, node, &cs->list) {
        connection_wait(c);
    }
}
