/* SPDX-License-Identifier: Apache-2.0 */

/* Names of datapath ports over time.
 *
 * The daemon calls port_map_add() and port_map_remove() as it learns of ports
 * from the kernel, and looks up names when it shows records.  All of this
 * happens in its main thread: nothing here may be called from two threads at
 * the same time.
 *
 * A 'struct port' stands for a port number of a datapath, and has a log of the
 * names of the ports that have had this number.  A port that exists now has a
 * current name, all other names are past.
 *
 * Past names are counted, and kept in order of their end in a queue for the
 * whole map.  Because the names of a number end in the order in which they are
 * in its log, the queue needs no more than the numbers: the oldest past name
 * is the oldest one in the log of the port at the queue's head. */

#include <config.h>
#include "store/port-map.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "odp-util.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "store/name-log.h"
#include "util.h"

/* A port number of a datapath, and its names. */
struct port {
    struct hmap_node node;      /* In 'ports' of struct port_map. */
    struct ovs_list live_node;  /* In 'live' of struct port_map, if a name is
                                 * current. */
    uint32_t dp_ifindex;        /* Datapath. */
    uint32_t port_no;           /* Number in the datapath. */
    uint64_t serial;            /* Number of its last change. */
    uint64_t dump;              /* Last dump in which it was added. */
    struct name_log names;      /* At least one. */
};

/* A name that has ended. */
struct past_name {
    struct port *port;
    uint64_t serial;            /* Number of the change that ended it. */
};

/* A map of ports. */
struct port_map {
    struct hmap ports;          /* Each struct port. */
    struct ovs_list live;       /* Each struct port with a current name, in the
                                 * order in which these began. */
    uint64_t dump;              /* Number of dumps that have begun. */
    uint64_t serial;            /* Number of changes. */

    /* Past names, in order of their end: a queue in a circular array, whose
     * one extra element is for a name that has just ended. */
    struct past_name *past;     /* Array of 'max_past' + 1 elements. */
    size_t max_past;            /* Past names that may be kept. */
    size_t past_head;           /* Element with the oldest name. */
    size_t n_past;              /* Names in the queue. */
};

static void port_map_end(struct port_map *, struct port *, uint64_t now);
static void port_map_forget_oldest(struct port_map *);

static const struct past_name *port_map_past(const struct port_map *,
                                             size_t i);
static size_t port_map_count_past(const struct port_map *, uint64_t serial);
static const struct port *port_map_live_after(const struct port_map *,
                                              uint64_t serial);
static const struct port *port_map_next_live(const struct port_map *,
                                             const struct port *);

static struct port *port_find(const struct port_map *, uint32_t dp_ifindex,
                              uint32_t port_no);
static struct port *port_create(struct port_map *, uint32_t dp_ifindex,
                                uint32_t port_no);
static void port_destroy(struct port_map *, struct port *);

/* Returns a new map without ports, which keeps the names of up to 'max_past'
 * ports that no longer exist.  The caller must free it with
 * port_map_destroy(). */
struct port_map *
port_map_create(size_t max_past)
{
    struct port_map *map = xzalloc(sizeof *map);

    hmap_init(&map->ports);
    ovs_list_init(&map->live);
    map->max_past = max_past;
    map->past = xmalloc((max_past + 1) * sizeof *map->past);
    return map;
}

/* Frees 'map' and all names in it.  Does nothing if 'map' is NULL. */
void
port_map_destroy(struct port_map *map)
{
    if (map) {
        struct port *port;

        HMAP_FOR_EACH_SAFE (port, node, &map->ports) {
            port_destroy(map, port);
        }
        hmap_destroy(&map->ports);
        free(map->past);
        free(map);
    }
}

/* Notes that number 'port_no' of datapath 'dp_ifindex' is, from time 'now' on,
 * the port named 'name', of which 'map' keeps a copy.  If this is the name
 * that it has already then nothing changes; if it has another one then that
 * one ends.
 *
 * A 'now' of 0 is for ports that were there before anybody looked: it has the
 * name since ever, or since the last name of the number ended. */
void
port_map_add(struct port_map *map, uint32_t dp_ifindex, uint32_t port_no,
             const char *name, uint64_t now)
{
    struct port *port = port_find(map, dp_ifindex, port_no);
    const char *old_name = port ? name_log_current(&port->names) : NULL;

    if (!old_name || strcmp(old_name, name)) {
        port_map_remove(map, dp_ifindex, port_no, now);
        port = port_find(map, dp_ifindex, port_no);
        if (!port) {
            port = port_create(map, dp_ifindex, port_no);
        }
        port->serial = ++map->serial;
        name_log_begin(&port->names, name, now, port->serial);
        ovs_list_push_back(&map->live, &port->live_node);
    }
    port->dump = map->dump;
}

/* Notes that the port with number 'port_no' of datapath 'dp_ifindex' does not
 * exist any more from time 'now' on.  Its name is still found for earlier
 * times.  Does nothing if there is no such port. */
void
port_map_remove(struct port_map *map, uint32_t dp_ifindex, uint32_t port_no,
                uint64_t now)
{
    struct port *port = port_find(map, dp_ifindex, port_no);

    if (port && name_log_current(&port->names)) {
        port_map_end(map, port, now);
    }
}

/* Begins a resynchronisation of 'map', see port_map_end_dump(). */
void
port_map_begin_dump(struct port_map *map)
{
    map->dump++;
}

/* Ends a resynchronisation of 'map': removes, as of time 'now', all ports for
 * which port_map_add() has not been called since port_map_begin_dump(). */
void
port_map_end_dump(struct port_map *map, uint64_t now)
{
    struct port *port;

    /* port_map_end() may free 'port', and ports that are not in the list. */
    LIST_FOR_EACH_SAFE (port, live_node, &map->live) {
        if (port->dump != map->dump) {
            port_map_end(map, port, now);
        }
    }
}

/* Returns the name that number 'port_no' of datapath 'dp_ifindex' had at time
 * 'ts', or NULL if that is not known.  The name is valid until 'map' is
 * changed. */
const char *
port_map_lookup(const struct port_map *map, uint32_t dp_ifindex,
                uint32_t port_no, uint64_t ts)
{
    const struct port *port = port_find(map, dp_ifindex, port_no);

    return port ? name_log_at(&port->names, ts) : NULL;
}

/* Returns from which time on number 'port_no' of datapath 'dp_ifindex' has the
 * name that it has now, or UINT64_MAX if it has none.  That stays so as long
 * as port_map_serial() does. */
uint64_t
port_map_current_since(const struct port_map *map, uint32_t dp_ifindex,
                       uint32_t port_no)
{
    const struct port *port = port_find(map, dp_ifindex, port_no);

    return port ? name_log_current_since(&port->names) : UINT64_MAX;
}

/* Returns a number that is another one after each change of a name. */
uint64_t
port_map_serial(const struct port_map *map)
{
    return map->serial;
}

/* Calls 'cb' with 'aux' for each name that has begun or ended since
 * port_map_serial() was '*serial' (0 for all names that are known), in the
 * order of its last change, until 'cb' returns false.  Sets '*serial' to go on
 * after that.  'cb' must not change 'map'. */
void
port_map_changes(const struct port_map *map, uint64_t *serial,
                 bool (*cb)(uint32_t dp_ifindex, uint32_t port_no,
                            const struct logged_name *, void *aux), void *aux)
{
    size_t i = port_map_count_past(map, *serial);
    const struct port *live = port_map_live_after(map, *serial);

    while (live || i < map->n_past) {
        const struct past_name *past = port_map_past(map, i);
        bool is_past = !live || (i < map->n_past
                                 && past->serial < live->serial);
        const struct port *port = is_past ? past->port : live;

        *serial = is_past ? past->serial : live->serial;
        if (is_past) {
            i++;
        } else {
            live = port_map_next_live(map, live);
        }
        if (!cb(port->dp_ifindex, port->port_no,
                name_log_find(&port->names, *serial), aux)) {
            return;
        }
    }
}

/* Returns the name that datapath 'dp_ifindex' had at time 'ts', such as
 * "ovs-system", or NULL if that is not known.  The name is valid until 'map'
 * is changed. */
const char *
port_map_dp_name(const struct port_map *map, uint32_t dp_ifindex, uint64_t ts)
{
    return port_map_lookup(map, dp_ifindex, PORT_MAP_LOCAL, ts);
}

/* Calls 'cb', unless it is NULL, with 'aux' for each port of 'map' that exists
 * now and is named 'name', in whichever datapath, or for each port that exists
 * now if 'name' is NULL.  Returns how many there are.  'cb' must not change
 * 'map'. */
size_t
port_map_find(const struct port_map *map, const char *name,
              void (*cb)(uint32_t dp_ifindex, uint32_t port_no,
                         const char *name, void *aux), void *aux)
{
    const struct port *port;
    size_t n = 0;

    LIST_FOR_EACH (port, live_node, &map->live) {
        const char *live_name = name_log_current(&port->names);

        if (!name || !strcmp(live_name, name)) {
            n++;
            if (cb) {
                cb(port->dp_ifindex, port->port_no, live_name, aux);
            }
        }
    }
    return n;
}

/* Adds to 'portno_names', an initialized hmap, the names of the ports of
 * datapath 'dp_ifindex' at time 'ts', in the form that odp_flow_format() and
 * format_odp_actions() take.  They are copies: the caller must free them with
 * odp_portno_names_destroy(), and then the hmap with hmap_destroy(). */
void
port_map_get_names(const struct port_map *map, uint32_t dp_ifindex,
                   uint64_t ts, struct hmap *portno_names)
{
    const struct port *port;

    HMAP_FOR_EACH (port, node, &map->ports) {
        const char *name = (port->dp_ifindex == dp_ifindex
                            ? name_log_at(&port->names, ts)
                            : NULL);

        if (name) {
            odp_portno_names_set(portno_names, u32_to_odp(port->port_no),
                                 CONST_CAST(char *, name));
        }
    }
}

/* Past names. */

/* Ends the current name of 'port' at time 'now', and forgets the oldest past
 * name if there are too many.  This frees a port that has no name left, which
 * may be 'port'. */
static void
port_map_end(struct port_map *map, struct port *port, uint64_t now)
{
    size_t capacity = map->max_past + 1;

    port->serial = ++map->serial;
    name_log_end(&port->names, now, port->serial);
    ovs_list_remove(&port->live_node);

    map->past[(map->past_head + map->n_past) % capacity]
        = (struct past_name) { port, port->serial };
    map->n_past++;
    if (map->n_past > map->max_past) {
        port_map_forget_oldest(map);
    }
}

/* Forgets the name that ended first, of which there must be one. */
static void
port_map_forget_oldest(struct port_map *map)
{
    struct port *port = map->past[map->past_head].port;

    map->past_head = (map->past_head + 1) % (map->max_past + 1);
    map->n_past--;

    name_log_forget_oldest(&port->names);
    if (name_log_is_empty(&port->names)) {
        port_destroy(map, port);
    }
}

/* Returns the past name 'i', counted from the oldest one. */
static const struct past_name *
port_map_past(const struct port_map *map, size_t i)
{
    return &map->past[(map->past_head + i) % (map->max_past + 1)];
}

/* Returns how many of the past names have ended up to the change 'serial'. */
static size_t
port_map_count_past(const struct port_map *map, uint64_t serial)
{
    size_t low = 0;
    size_t high = map->n_past;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (port_map_past(map, middle)->serial <= serial) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Ports. */

/* Returns the port whose current name began first after the change 'serial',
 * or NULL if there is none. */
static const struct port *
port_map_live_after(const struct port_map *map, uint64_t serial)
{
    const struct port *first = NULL;
    const struct port *port;

    LIST_FOR_EACH_REVERSE (port, live_node, &map->live) {
        if (port->serial <= serial) {
            break;
        }
        first = port;
    }
    return first;
}

/* Returns the port whose current name began next after that of 'port', or NULL
 * if there is none. */
static const struct port *
port_map_next_live(const struct port_map *map, const struct port *port)
{
    return (port->live_node.next == &map->live ? NULL
            : CONTAINER_OF(port->live_node.next, struct port, live_node));
}

static struct port *
port_find(const struct port_map *map, uint32_t dp_ifindex, uint32_t port_no)
{
    uint32_t hash = hash_2words(dp_ifindex, port_no);
    struct port *port;

    HMAP_FOR_EACH_WITH_HASH (port, node, hash, &map->ports) {
        if (port->dp_ifindex == dp_ifindex && port->port_no == port_no) {
            return port;
        }
    }
    return NULL;
}

/* Returns a new port in 'map', which has no name yet. */
static struct port *
port_create(struct port_map *map, uint32_t dp_ifindex, uint32_t port_no)
{
    struct port *port = xzalloc(sizeof *port);

    port->dp_ifindex = dp_ifindex;
    port->port_no = port_no;
    name_log_init(&port->names);
    hmap_insert(&map->ports, &port->node, hash_2words(dp_ifindex, port_no));
    return port;
}

/* Frees 'port', which must not be in the list of 'map' any more, unless that
 * is not used any more either. */
static void
port_destroy(struct port_map *map, struct port *port)
{
    hmap_remove(&map->ports, &port->node);
    name_log_destroy(&port->names);
    free(port);
}
