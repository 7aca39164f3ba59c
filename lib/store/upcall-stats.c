/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of upcalls.
 *
 * upcall_stats_add() runs for each upcall in the daemon's main thread, so it
 * reads nothing but the fixed part of the record, and finds ports and handlers
 * mostly without looking them up.  What one record costs is measured by
 * "make bench-userspace". */

#include <config.h>

#include "store/upcall-stats.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "store/port-map.h"
#include "util.h"

BUILD_ASSERT_DECL(STATS_BATCH_MAX <= UINT16_MAX);

#define NS_PER_SECOND UINT64_C(1000000000)

const unsigned int stats_rate_seconds[STATS_N_RATES] = { 1, 10, 60 };
BUILD_ASSERT_DECL(STATS_SECONDS > 60 + 1);

/* What is counted of a record. */
struct sample {
    const struct upcall_record *rec;
    unsigned int outcome;       /* Less than STATS_N_OUTCOMES. */
    unsigned int known;         /* Bit (1u << enum upcall_stage) for each. */
    struct histogram_value queue, total;        /* ns, if known. */
};

/* When all ports that are kept are in use, one of so many upcalls of other
 * ports has its port take the place of one of them: those that have many
 * upcalls get in, and getting in costs little on average. */
#define TAKE_OVER_PERIOD 32

/* A port is in use if its last upcall is less than so old, in ns. */
#define IN_USE_NS NS_PER_SECOND

/* Ports that were found last, by their numbers.  An element is right for
 * upcalls from 'since' on, as long as the serial number of the map of ports
 * does not change. */
#define PORT_CACHE 16384

struct stats_port_cache {
    uint32_t dp_ifindex, port_no;
    uint64_t since;
    uint64_t serial;            /* Of the map, plus 1; 0 if not valid. */
    struct stats_port *port;    /* NULL if it is not kept. */
};

static void count_stages(struct upcall_stats *, struct sample *);
static void count_outcome(struct upcall_stats *, const struct sample *);
static void count_port(struct upcall_stats *, const struct sample *);
static void count_handler(struct upcall_stats *, const struct sample *);
static void count_lost(struct upcall_stats *, const struct upcall_record *);
static void count_second(struct upcall_stats *, const struct upcall_record *);

static void init_ports(struct upcall_stats *);
static void uninit_ports(struct upcall_stats *);
static void init_handlers(struct upcall_stats *);
static void uninit_handlers(struct upcall_stats *);

/* Returns new statistics without any upcall, which the caller has to free with
 * upcall_stats_destroy().  The names of ports come from 'port_map', which must
 * live as long. */
struct upcall_stats *
upcall_stats_create(const struct port_map *port_map)
{
    struct upcall_stats *s = xzalloc(sizeof *s);

    s->port_map = port_map;
    init_ports(s);
    init_handlers(s);
    return s;
}

/* Frees what 's' refers to. */
static void
uninit(struct upcall_stats *s)
{
    uninit_ports(s);
    uninit_handlers(s);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        histogram_clear(&s->stages[i]);
    }
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        for (int j = 0; j < STATS_N_OUTCOMES; j++) {
            histogram_clear(&s->totals[i][j]);
        }
    }
}

/* Frees 's', which may be NULL. */
void
upcall_stats_destroy(struct upcall_stats *s)
{
    if (s) {
        uninit(s);
        free(s);
    }
}

/* Makes 's' as it was when it was created. */
void
upcall_stats_clear(struct upcall_stats *s)
{
    const struct port_map *port_map = s->port_map;

    uninit(s);
    memset(s, 0, sizeof *s);
    s->port_map = port_map;
    init_ports(s);
    init_handlers(s);
}

static bool
sample_has(const struct sample *sample, enum upcall_stage stage)
{
    return sample->known & 1u << stage;
}

/* Adds the upcall of 'rec', which must be one that upcall_parse() accepts, to
 * 's'. */
void
upcall_stats_add(struct upcall_stats *s, const struct upcall_record *rec)
{
    struct sample sample = {
        .rec = rec,
        .outcome = MIN(rec->outcome, UPCALL_OUTCOME_UNKNOWN),
    };

    s->count++;
    count_stages(s, &sample);
    count_outcome(s, &sample);
    count_second(s, rec);
    count_port(s, &sample);
    if (rec->flags & UPCALL_F_RECEIVED) {
        count_handler(s, &sample);
    }
    if (rec->outcome == UPCALL_LOST) {
        count_lost(s, rec);
    }
}

/* Sets '*h', which the caller has to clear with histogram_clear(), to the
 * times of 'stage' of all upcalls, in ns.  Some stages are counted only where
 * upcalls are told apart, and added up here. */
void
upcall_stats_get_stage(const struct upcall_stats *s, enum upcall_stage stage,
                       struct histogram *h)
{
    const struct stats_handler *handler;

    memset(h, 0, sizeof *h);
    if (stage == UPCALL_STAGE_QUEUE) {
        histogram_merge(h, &s->past_queue);
        HMAP_FOR_EACH (handler, item.node, &s->handlers) {
            histogram_merge(h, &handler->queue);
        }
    } else if (stage == UPCALL_STAGE_TOTAL) {
        for (int i = 0; i < STATS_N_CLASSES; i++) {
            for (int j = 0; j < STATS_N_OUTCOMES; j++) {
                histogram_merge(h, &s->totals[i][j]);
            }
        }
    } else {
        histogram_merge(h, &s->stages[stage]);
    }
}

/* Returns how many upcalls were lost. */
uint64_t
upcall_stats_lost(const struct upcall_stats *s)
{
    uint64_t n = 0;

    for (int i = 0; i < STATS_N_CLASSES; i++) {
        n += s->counts[i][UPCALL_LOST];
    }
    return n;
}

/* Returns how many upcalls are in 'g'. */
uint64_t
stats_group_count(const struct stats_group *g)
{
    uint64_t n = 0;

    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        n += g->outcomes[i];
    }
    return n;
}

static void
group_add(struct stats_group *g, const struct sample *sample)
{
    g->outcomes[sample->outcome]++;
    if (sample_has(sample, UPCALL_STAGE_TOTAL)) {
        histogram_add_value(&g->total, &sample->total);
    }
}

/* Adds 'src' to 'dst', and clears it. */
static void
group_move(struct stats_group *dst, struct stats_group *src)
{
    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        dst->outcomes[i] += src->outcomes[i];
    }
    histogram_merge(&dst->total, &src->total);
    histogram_clear(&src->total);
    memset(src, 0, sizeof *src);
}

/* All upcalls. */

/* Counts the stages of 'sample', and stores in it those that are counted
 * elsewhere.  An upcall that nobody received has no total: it would make a
 * socket that is full look fast.  This is no loop, because that would take
 * many instructions more. */
static void
count_stages(struct upcall_stats *s, struct sample *sample)
{
    struct upcall_latency latency;

    upcall_get_latency(sample->rec, &latency);
    sample->known = latency.known;
    if (!(sample->rec->flags & UPCALL_F_RECEIVED)) {
        sample->known &= ~(1u << UPCALL_STAGE_TOTAL);
    }
    sample->queue = histogram_value(latency.ns[UPCALL_STAGE_QUEUE]);
    sample->total = histogram_value(latency.ns[UPCALL_STAGE_TOTAL]);
#define X(ENUM, NAME, DESCRIPTION)                                      \
    if (UPCALL_STAGE_##ENUM != UPCALL_STAGE_QUEUE                       \
        && UPCALL_STAGE_##ENUM != UPCALL_STAGE_TOTAL                    \
        && upcall_latency_has(&latency, UPCALL_STAGE_##ENUM)) {         \
        histogram_add(&s->stages[UPCALL_STAGE_##ENUM],                  \
                      latency.ns[UPCALL_STAGE_##ENUM]);                 \
    }
    UPCALL_STAGES
#undef X
}

static void
count_outcome(struct upcall_stats *s, const struct sample *sample)
{
    unsigned int class = MIN(sample->rec->class_, UPCALL_N_CLASSES);

    s->counts[class][sample->outcome]++;
    if (sample_has(sample, UPCALL_STAGE_TOTAL)) {
        histogram_add_value(&s->totals[class][sample->outcome],
                            &sample->total);
    }
}

/* Upcalls that are older than STATS_SECONDS when their records arrive are not
 * counted in any second. */
static void
count_second(struct upcall_stats *s, const struct upcall_record *rec)
{
    uint64_t second = rec->ts / NS_PER_SECOND;
    struct stats_second *slot = &s->seconds[second % STATS_SECONDS];

    if (OVS_UNLIKELY(slot->second != second)) {
        if (slot->second > second) {
            return;
        }
        slot->second = second;
        slot->upcalls = slot->lost = 0;
    }
    slot->upcalls++;
    slot->lost += rec->outcome == UPCALL_LOST;
}

/* Stores in '*rate' how many upcalls a second there were in the last 'seconds'
 * whole seconds before 'now', or in those of them that began after 'since'.
 * Both are times of CLOCK_MONOTONIC in ns; 'seconds' is less than
 * STATS_SECONDS - 1. */
void
upcall_stats_get_rate(const struct upcall_stats *s, uint64_t since,
                      uint64_t now, unsigned int seconds,
                      struct stats_rate *rate)
{
    uint64_t until = now / NS_PER_SECOND;
    uint64_t first = MAX(DIV_ROUND_UP(since, NS_PER_SECOND),
                         until - MIN(until, seconds));

    memset(rate, 0, sizeof *rate);
    for (uint64_t second = first; second < until; second++) {
        const struct stats_second *slot
            = &s->seconds[second % STATS_SECONDS];

        if (slot->second == second) {
            rate->upcalls += slot->upcalls;
            rate->lost += slot->lost;
        }
        rate->seconds++;
    }
    if (rate->seconds) {
        rate->upcalls /= rate->seconds;
        rate->lost /= rate->seconds;
    }
}

/* Items: ports, handlers and sockets, of which those are kept that were used
 * last. */

static void
add_item(struct hmap *items, struct ovs_list *by_use, struct stats_item *item,
         uint32_t hash)
{
    hmap_insert(items, &item->node, hash);
    ovs_list_push_back(by_use, &item->use_node);
}

static void
remove_item(struct hmap *items, struct stats_item *item)
{
    hmap_remove(items, &item->node);
    ovs_list_remove(&item->use_node);
}

/* Notes that 'item' is used at 'ts'. */
static void
use_item(struct ovs_list *by_use, struct stats_item *item, uint64_t ts)
{
    item->last_ts = MAX(item->last_ts, ts);
    if (ovs_list_back(by_use) != &item->use_node) {
        ovs_list_remove(&item->use_node);
        ovs_list_push_back(by_use, &item->use_node);
    }
}

/* Returns the one of 'by_use', which is not empty, that was not used for the
 * longest time. */
static struct stats_item *
least_used(const struct ovs_list *by_use)
{
    return CONTAINER_OF(ovs_list_front(by_use), struct stats_item, use_node);
}

/* Ports. */

/* Returns the name of datapath 'dp_ifindex' at 'ts', or NULL if unknown. */
const char *
upcall_stats_dp_name(const struct upcall_stats *s, uint32_t dp_ifindex,
                     uint64_t ts)
{
    return port_map_dp_name(s->port_map, dp_ifindex, ts);
}

/* Returns the element of the cache for a port with these numbers. */
static struct stats_port_cache *
port_cache_at(struct upcall_stats *s, uint32_t dp_ifindex, uint32_t port_no)
{
    return &s->port_cache[(dp_ifindex * 31 + port_no) % PORT_CACHE];
}

static void
remove_port(struct upcall_stats *s, struct stats_port *port)
{
    struct stats_port_cache *c
        = port_cache_at(s, port->dp_ifindex, port->port_no);

    if (c->port == port) {
        c->serial = 0;
        c->port = NULL;
    }
    remove_item(&s->ports, &port->item);
    histogram_clear(&port->group.total);
    free(port->name);
    free(port);
}

static void
init_ports(struct upcall_stats *s)
{
    s->port_cache = xcalloc(PORT_CACHE, sizeof *s->port_cache);
    hmap_init(&s->ports);
    ovs_list_init(&s->ports_by_use);
}

static void
uninit_ports(struct upcall_stats *s)
{
    struct stats_port *port;

    HMAP_FOR_EACH_SAFE (port, item.node, &s->ports) {
        remove_port(s, port);
    }
    hmap_destroy(&s->ports);
    free(s->port_cache);
    histogram_clear(&s->past_ports.total);
}

/* Removes the port that had no upcall for the longest time, and moves what it
 * had to the past ones. */
static void
forget_port(struct upcall_stats *s)
{
    struct stats_port *port = CONTAINER_OF(least_used(&s->ports_by_use),
                                           struct stats_port, item);

    group_move(&s->past_ports, &port->group);
    s->n_past_ports++;
    remove_port(s, port);
}

/* Returns true if there is a place for another port that has an upcall at
 * 'ts', or if it may take that of one that is kept. */
static bool
may_add_port(struct upcall_stats *s, uint64_t ts)
{
    uint64_t last;

    if (hmap_count(&s->ports) < STATS_MAX_PORTS) {
        return true;
    }
    last = least_used(&s->ports_by_use)->last_ts;
    if ((ts > last && ts - last >= IN_USE_NS)
        || ++s->n_not_kept >= TAKE_OVER_PERIOD) {
        s->n_not_kept = 0;
        return true;
    }
    return false;
}

static bool
is_same_name(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : !a && !b;
}

/* Returns the port with these numbers and 'name', or the one that is not
 * known; NULL if it is not kept. */
static struct stats_port *
lookup_port(const struct upcall_stats *s, bool known, uint32_t dp_ifindex,
            uint32_t port_no, const char *name)
{
    uint32_t hash = hash_3words(known, dp_ifindex, port_no);
    struct stats_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, item.node, hash, &s->ports) {
        if (port->known == known && port->dp_ifindex == dp_ifindex
            && port->port_no == port_no && is_same_name(port->name, name)) {
            return port;
        }
    }
    return NULL;
}

/* Adds a port, in place of another if there are too many. */
static struct stats_port *
add_port(struct upcall_stats *s, bool known, uint32_t dp_ifindex,
         uint32_t port_no, const char *name)
{
    struct stats_port *port = xzalloc(sizeof *port);

    if (hmap_count(&s->ports) >= STATS_MAX_PORTS) {
        forget_port(s);
    }
    port->known = known;
    port->dp_ifindex = dp_ifindex;
    port->port_no = port_no;
    port->name = nullable_xstrdup(name);
    add_item(&s->ports, &s->ports_by_use, &port->item,
             hash_3words(known, dp_ifindex, port_no));
    return port;
}

/* Returns the port with these numbers at time 'ts', or NULL if it is not
 * kept. */
static struct stats_port *
find_port(struct upcall_stats *s, uint32_t dp_ifindex, uint32_t port_no,
          uint64_t ts)
{
    struct stats_port_cache *c = port_cache_at(s, dp_ifindex, port_no);
    uint64_t serial = port_map_serial(s->port_map) + 1;
    struct stats_port *port;
    const char *name;
    bool is_cached;

    is_cached = (c->serial == serial && c->dp_ifindex == dp_ifindex
                 && c->port_no == port_no && ts >= c->since);
    if (is_cached && (c->port || !may_add_port(s, ts))) {
        return c->port;
    }

    /* Adding the port may remove another from its place in the cache. */
    name = port_map_lookup(s->port_map, dp_ifindex, port_no, ts);
    port = lookup_port(s, true, dp_ifindex, port_no, name);
    if (!port && (is_cached || may_add_port(s, ts))) {
        port = add_port(s, true, dp_ifindex, port_no, name);
    } else if (!port) {
        s->n_past_ports++;              /* It is forgotten at once. */
    }
    c->dp_ifindex = dp_ifindex;
    c->port_no = port_no;
    c->since = port_map_current_since(s->port_map, dp_ifindex, port_no);
    c->serial = ts >= c->since ? serial : 0;
    c->port = port;
    return port;
}

static void
count_port(struct upcall_stats *s, const struct sample *sample)
{
    const struct upcall_record *rec = sample->rec;
    uint32_t dp_ifindex, port_no;
    struct stats_port *port;

    if (upcall_get_port(rec, &dp_ifindex, &port_no)) {
        port = find_port(s, dp_ifindex, port_no, rec->ts);
    } else {
        port = lookup_port(s, false, 0, 0, NULL);
        port = port ? port : add_port(s, false, 0, 0, NULL);
    }
    if (port) {
        use_item(&s->ports_by_use, &port->item, rec->ts);
    }
    group_add(port ? &port->group : &s->past_ports, sample);
}

/* Sockets. */

static void
remove_socket(struct upcall_stats *s, struct stats_socket *socket)
{
    remove_item(&s->sockets, &socket->item);
    free(socket);
}

/* Removes the socket that was not used for the longest time. */
static void
forget_socket(struct upcall_stats *s)
{
    struct stats_socket *socket = CONTAINER_OF(least_used(&s->sockets_by_use),
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
    add_item(&s->sockets, &s->sockets_by_use, &socket->item, hash);
    return socket;
}

/* Notes that the handler of 'rec' receives from its socket. */
static void
note_receiver(struct upcall_stats *s, const struct upcall_record *rec)
{
    struct stats_socket *socket = get_socket(s, rec->portid);

    use_item(&s->sockets_by_use, &socket->item, rec->ts);
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

static void
count_lost(struct upcall_stats *s, const struct upcall_record *rec)
{
    struct stats_socket *socket = get_socket(s, rec->portid);

    use_item(&s->sockets_by_use, &socket->item, rec->ts);
    socket->lost++;
    get_error(socket, upcall_ret_to_errno(rec->ret))->n++;
}

/* Handlers. */

static void
remove_handler(struct upcall_stats *s, struct stats_handler *handler)
{
    remove_item(&s->handlers, &handler->item);
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
        = CONTAINER_OF(least_used(&s->handlers_by_use), struct stats_handler,
                       item);

    group_move(&s->past_handlers, &handler->group);
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
    add_item(&s->handlers, &s->handlers_by_use, &handler->item, hash);
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

static void
count_handler(struct upcall_stats *s, const struct sample *sample)
{
    const struct upcall_record *rec = sample->rec;
    struct stats_handler *h = find_handler(s, rec);
    bool is_first = !h->item.last_ts;

    use_item(&s->handlers_by_use, &h->item, rec->ts);
    group_add(&h->group, sample);
    if (sample_has(sample, UPCALL_STAGE_QUEUE)) {
        histogram_add_value(&h->queue, &sample->queue);
    }
    count_batch(s, h, rec);
    if (is_first || h->portid != rec->portid) {
        memcpy(h->comm, rec->recv_comm, sizeof h->comm);
        h->portid = rec->portid;
        note_receiver(s, rec);
    }
}

static void
init_handlers(struct upcall_stats *s)
{
    hmap_init(&s->handlers);
    hmap_init(&s->sockets);
    ovs_list_init(&s->handlers_by_use);
    ovs_list_init(&s->sockets_by_use);
}

static void
uninit_handlers(struct upcall_stats *s)
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
