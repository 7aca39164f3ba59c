/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of ports.  Which port an upcall came from is mostly found without
 * looking it up. */

#include <config.h>

#include "store/upcall-stats-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hash.h"
#include "store/port-map.h"
#include "util.h"

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
    stats_item_remove(&s->ports, &port->item);
    histogram_clear(&port->group.total);
    free(port->name);
    free(port);
}

/* Initializes what 's' has for ports. */
void
upcall_stats_init_ports(struct upcall_stats *s)
{
    s->port_cache = xcalloc(PORT_CACHE, sizeof *s->port_cache);
    hmap_init(&s->ports);
    ovs_list_init(&s->ports_by_use);
}

/* Frees what 's' has for ports. */
void
upcall_stats_uninit_ports(struct upcall_stats *s)
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
    struct stats_port *port
        = CONTAINER_OF(stats_item_least_used(&s->ports_by_use),
                       struct stats_port, item);

    stats_group_move(&s->past_ports, &port->group);
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
    last = stats_item_least_used(&s->ports_by_use)->last_ts;
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
    stats_item_add(&s->ports, &s->ports_by_use, &port->item,
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

/* Counts 'sample' for its port. */
void
upcall_stats_count_port(struct upcall_stats *s,
                        const struct stats_sample *sample)
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
        stats_item_use(&s->ports_by_use, &port->item, rec->ts);
    }
    stats_group_add(port ? &port->group : &s->past_ports, sample);
}
