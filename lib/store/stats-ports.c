/* SPDX-License-Identifier: Apache-2.0 */

/* Statistics of ports.  Which port a record is of is mostly found without
 * looking it up. */

#include <config.h>

#include "store/stats-ports.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hash.h"
#include "store/port-map.h"
#include "util.h"

/* When all ports that are kept are in use, one of so many records of other
 * ports has its port take the place of one of them: those that have many
 * records get in, and getting in costs little on average. */
#define TAKE_OVER_PERIOD 32

/* A port is in use if its last record is less than so old, in ns. */
#define IN_USE_NS NS_PER_SECOND

/* Ports that were found last, by their numbers.  An element is right for
 * records from 'since' on, as long as the serial number of the map of ports
 * does not change. */
#define PORT_CACHE 16384

struct stats_port_cache {
    uint32_t dp_ifindex, port_no;
    uint64_t since;
    uint64_t serial;            /* Of the map, plus 1; 0 if not valid. */
    struct stats_port *port;    /* NULL if it is not kept. */
};

/* Returns the element of the cache for a port with these numbers. */
static struct stats_port_cache *
port_cache_at(struct stats_ports *s, uint32_t dp_ifindex, uint32_t port_no)
{
    return &s->cache[(dp_ifindex * 31 + port_no) % PORT_CACHE];
}

static void
remove_port(struct stats_ports *s, struct stats_port *port)
{
    struct stats_port_cache *c
        = port_cache_at(s, port->dp_ifindex, port->port_no);

    if (c->port == port) {
        c->serial = 0;
        c->port = NULL;
    }
    stats_item_remove(&s->ports, &port->item);
    s->class->clear(port->group);
    free(port->name);
    free(port);
}

/* Makes 's' of ports without any records.  What is counted of each port is of
 * 'class', the names of ports come from 'map'; both must live as long. */
void
stats_ports_init(struct stats_ports *s, const struct port_map *map,
                 const struct stats_group_class *class)
{
    memset(s, 0, sizeof *s);
    s->map = map;
    s->class = class;
    s->cache = xcalloc(PORT_CACHE, sizeof *s->cache);
    s->past = xzalloc(class->size);
    hmap_init(&s->ports);
    ovs_list_init(&s->by_use);
}

/* Frees what 's' refers to. */
void
stats_ports_uninit(struct stats_ports *s)
{
    struct stats_port *port;

    HMAP_FOR_EACH_SAFE (port, item.node, &s->ports) {
        remove_port(s, port);
    }
    hmap_destroy(&s->ports);
    free(s->cache);
    s->class->clear(s->past);
    free(s->past);
}

/* Removes the port that had no record for the longest time, and moves what it
 * had to the past ones. */
static void
forget_port(struct stats_ports *s)
{
    struct stats_port *port
        = CONTAINER_OF(stats_item_least_used(&s->by_use),
                       struct stats_port, item);

    s->class->add(s->past, port->group);
    s->n_past++;
    remove_port(s, port);
}

/* Returns true if there is a place for another port that has a record at
 * 'ts', or if it may take that of one that is kept. */
static bool
may_add_port(struct stats_ports *s, uint64_t ts)
{
    uint64_t last;

    if (hmap_count(&s->ports) < STATS_MAX_PORTS) {
        return true;
    }
    last = stats_item_least_used(&s->by_use)->last_ts;
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
lookup_port(const struct stats_ports *s, bool known, uint32_t dp_ifindex,
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
add_port(struct stats_ports *s, bool known, uint32_t dp_ifindex,
         uint32_t port_no, const char *name)
{
    struct stats_port *port = xzalloc(sizeof *port + s->class->size);

    if (hmap_count(&s->ports) >= STATS_MAX_PORTS) {
        forget_port(s);
    }
    port->known = known;
    port->dp_ifindex = dp_ifindex;
    port->port_no = port_no;
    port->name = nullable_xstrdup(name);
    port->group = port + 1;
    stats_item_add(&s->ports, &s->by_use, &port->item,
                   hash_3words(known, dp_ifindex, port_no));
    return port;
}

/* Returns the port with these numbers at time 'ts', or NULL if it is not
 * kept. */
static struct stats_port *
find_port(struct stats_ports *s, uint32_t dp_ifindex, uint32_t port_no,
          uint64_t ts)
{
    struct stats_port_cache *c = port_cache_at(s, dp_ifindex, port_no);
    uint64_t serial = port_map_serial(s->map) + 1;
    struct stats_port *port;
    const char *name;
    bool is_cached;

    is_cached = (c->serial == serial && c->dp_ifindex == dp_ifindex
                 && c->port_no == port_no && ts >= c->since);
    if (is_cached && (c->port || !may_add_port(s, ts))) {
        return c->port;
    }

    /* Adding the port may remove another from its place in the cache. */
    name = port_map_lookup(s->map, dp_ifindex, port_no, ts);
    port = lookup_port(s, true, dp_ifindex, port_no, name);
    if (!port && (is_cached || may_add_port(s, ts))) {
        port = add_port(s, true, dp_ifindex, port_no, name);
    } else if (!port) {
        s->n_past++;              /* It is forgotten at once. */
    }
    c->dp_ifindex = dp_ifindex;
    c->port_no = port_no;
    c->since = port_map_current_since(s->map, dp_ifindex, port_no);
    c->serial = ts >= c->since ? serial : 0;
    c->port = port;
    return port;
}

/* Returns the group in which a record of 'ts' from the port with these numbers
 * is to be counted; if it is not 'known' which port that is, they do not
 * matter.  It is valid until the next call. */
void *
stats_ports_get(struct stats_ports *s, bool known, uint32_t dp_ifindex,
                uint32_t port_no, uint64_t ts)
{
    struct stats_port *port;

    if (known) {
        port = find_port(s, dp_ifindex, port_no, ts);
    } else {
        port = lookup_port(s, false, 0, 0, NULL);
        port = port ? port : add_port(s, false, 0, 0, NULL);
    }
    if (!port) {
        return s->past;
    }
    stats_item_use(&s->by_use, &port->item, ts);
    return port->group;
}
