/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of handlers, and of the sockets that they receive from. */

#include <config.h>

#include "store/upcall-stats-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

BUILD_ASSERT_DECL(STATS_BATCH_MAX <= UINT16_MAX);

/* Sockets. */

static void
remove_socket(struct upcall_stats *s, struct stats_socket *socket)
{
    stats_item_remove(&s->sockets, &socket->item);
    free(socket);
}

/* Removes the socket that was not used for the longest time. */
static void
forget_socket(struct upcall_stats *s)
{
    struct stats_socket *socket
        = CONTAINER_OF(stats_item_least_used(&s->sockets_by_use),
                       struct stats_socket, item);

    s->past_sockets_lost += socket->lost;
    s->n_past_sockets++;
    remove_socket(s, socket);
}

static struct stats_socket *
get_socket(struct upcall_stats *s, uint32_t portid)
{
    uint32_t hash = hash_int(portid, 0);
    struct stats_socket *socket;

    HMAP_FOR_EACH_WITH_HASH (socket, item.node, hash, &s->sockets) {
        if (socket->portid == portid) {
            return socket;
        }
    }
    if (hmap_count(&s->sockets) >= STATS_MAX_SOCKETS) {
        forget_socket(s);
    }
    socket = xzalloc(sizeof *socket);
    socket->portid = portid;
    stats_item_add(&s->sockets, &s->sockets_by_use, &socket->item, hash);
    return socket;
}

/* Notes that the handler of 'rec' receives from its socket. */
static void
note_receiver(struct upcall_stats *s, const struct upcall_record *rec)
{
    struct stats_socket *socket = get_socket(s, rec->portid);

    stats_item_use(&s->sockets_by_use, &socket->item, rec->ts);
    socket->tid = rec->recv_tid;
    socket->tgid = rec->recv_tgid;
    memcpy(socket->comm, rec->recv_comm, sizeof socket->comm);
}

static struct stats_error *
find_error(struct stats_socket *socket, int error)
{
    for (size_t i = 0; i < socket->n_errors; i++) {
        if (socket->errors[i].error == error) {
            return &socket->errors[i];
        }
    }
    return NULL;
}

/* Returns where 'socket' counts 'error'.  If there are too many, the last
 * element is for those that have none, unless there is one for unknown ones
 * already. */
static struct stats_error *
get_error(struct stats_socket *socket, int error)
{
    struct stats_error *e = find_error(socket, error);

    if (!e && socket->n_errors < STATS_MAX_ERRORS) {
        e = &socket->errors[socket->n_errors++];
        e->error = error;
    } else if (!e && !(e = find_error(socket, 0))) {
        e = &socket->errors[STATS_MAX_ERRORS - 1];
        e->error = 0;
    }
    return e;
}

/* Counts 'rec', which was lost, for the socket that it was sent to. */
void
upcall_stats_count_lost(struct upcall_stats *s,
                        const struct upcall_record *rec)
{
    struct stats_socket *socket = get_socket(s, rec->portid);

    stats_item_use(&s->sockets_by_use, &socket->item, rec->ts);
    socket->lost++;
    get_error(socket, upcall_ret_to_errno(rec->ret))->n++;
}

/* Handlers. */

static void
remove_handler(struct upcall_stats *s, struct stats_handler *handler)
{
    stats_item_remove(&s->handlers, &handler->item);
    histogram_clear(&handler->group.total);
    histogram_clear(&handler->queue);
    free(handler);
}

/* Removes the handler that has received nothing for the longest time, and
 * moves what it had to the past ones. */
static void
forget_handler(struct upcall_stats *s)
{
    struct stats_handler *handler
        = CONTAINER_OF(stats_item_least_used(&s->handlers_by_use),
                       struct stats_handler, item);

    stats_group_move(&s->past_handlers, &handler->group);
    histogram_merge(&s->past_queue, &handler->queue);
    s->n_past_handlers++;
    remove_handler(s, handler);
    s->last_handler = NULL;
}

static struct stats_handler *
get_handler(struct upcall_stats *s, uint32_t tid, uint32_t tgid)
{
    uint32_t hash = hash_2words(tid, tgid);
    struct stats_handler *handler;

    HMAP_FOR_EACH_WITH_HASH (handler, item.node, hash, &s->handlers) {
        if (handler->tid == tid && handler->tgid == tgid) {
            return handler;
        }
    }
    if (hmap_count(&s->handlers) >= STATS_MAX_HANDLERS) {
        forget_handler(s);
    }
    handler = xzalloc(sizeof *handler);
    handler->tid = tid;
    handler->tgid = tgid;
    stats_item_add(&s->handlers, &s->handlers_by_use, &handler->item, hash);
    return handler;
}

/* Returns true if the batch of 'rec' was counted.  Otherwise, it is from now
 * on.  Records of a handler's batches come nearly in order: batches that are
 * 64 behind the latest one are taken for counted. */
static bool
was_counted(struct stats_handler *handler, const struct upcall_record *rec)
{
    int32_t ahead = rec->batch - handler->last_batch;
    uint64_t bit;

    if (!handler->batches || ahead > 0) {
        handler->batches = (handler->batches && ahead < 64
                            ? handler->batches << ahead : 0) | 1;
        handler->last_batch = rec->batch;
        return false;
    }
    bit = ahead > -64 ? UINT64_C(1) << -ahead : 0;
    if (handler->batches & bit || !bit) {
        return true;
    }
    handler->batches |= bit;
    return false;
}

/* Counts the batch of 'rec' once, with its final size: an upcall that ended
 * before others were received knows a smaller one. */
static void
count_batch(struct upcall_stats *s, struct stats_handler *handler,
            const struct upcall_record *rec)
{
    uint16_t *sizep = &handler->sizes[rec->batch % 64];
    uint16_t size = MIN(rec->batch_size, STATS_BATCH_MAX);

    if (OVS_LIKELY(rec->batch == handler->last_batch && handler->batches
                   && size <= *sizep)) {
        return;                         /* As most are. */
    } else if (!was_counted(handler, rec)) {
        s->n_batches++;
    } else if ((int32_t) (rec->batch - handler->last_batch) > -64
               && size > *sizep) {
        s->batches[*sizep]--;
    } else {
        return;
    }
    s->batches[size]++;
    *sizep = size;
}

/* Returns the handler that received 'rec'. */
static struct stats_handler *
find_handler(struct upcall_stats *s, const struct upcall_record *rec)
{
    if (!s->last_handler || s->last_handler->tid != rec->recv_tid
        || s->last_handler->tgid != rec->recv_tgid) {
        s->last_handler = get_handler(s, rec->recv_tid, rec->recv_tgid);
    }
    return s->last_handler;
}

/* Counts 'sample', which a handler has received, for that. */
void
upcall_stats_count_handler(struct upcall_stats *s,
                           const struct stats_sample *sample)
{
    const struct upcall_record *rec = sample->rec;
    struct stats_handler *h = find_handler(s, rec);
    bool is_first = !h->item.last_ts;

    stats_item_use(&s->handlers_by_use, &h->item, rec->ts);
    stats_group_add(&h->group, sample);
    if (stats_sample_has(sample, UPCALL_STAGE_QUEUE)) {
        histogram_add_value(&h->queue, &sample->queue);
    }
    count_batch(s, h, rec);
    if (is_first || h->portid != rec->portid) {
        memcpy(h->comm, rec->recv_comm, sizeof h->comm);
        h->portid = rec->portid;
        note_receiver(s, rec);
    }
}

/* Initializes what 's' has for handlers and sockets. */
void
upcall_stats_init_handlers(struct upcall_stats *s)
{
    hmap_init(&s->handlers);
    hmap_init(&s->sockets);
    ovs_list_init(&s->handlers_by_use);
    ovs_list_init(&s->sockets_by_use);
}

/* Frees what 's' has for handlers and sockets. */
void
upcall_stats_uninit_handlers(struct upcall_stats *s)
{
    struct stats_handler *handler;
    struct stats_socket *socket;

    HMAP_FOR_EACH_SAFE (handler, item.node, &s->handlers) {
        remove_handler(s, handler);
    }
    HMAP_FOR_EACH_SAFE (socket, item.node, &s->sockets) {
        remove_socket(s, socket);
    }
    hmap_destroy(&s->handlers);
    hmap_destroy(&s->sockets);
    histogram_clear(&s->past_handlers.total);
    histogram_clear(&s->past_queue);
}
