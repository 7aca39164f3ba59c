/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "file/pcapng-block.h"
#include "hash.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "store/place.h"
#include "util.h"

/* Link types (https://www.tcpdump.org/linktypes.html). */
enum link_type {
    LINK_ETHERNET = 1,
    LINK_RAW = 101,             /* IPv4 or IPv6. */
    LINK_USER0 = 147,           /* A type that nobody knows. */
    LINK_MPLS = 219,
};

/* An interface that is in the file. */
struct interface {
    struct hmap_node node;      /* In 'interfaces'. */
    struct ovs_list in_order;   /* In 'in_order', by 'id'. */
    uint32_t id;
    enum link_type type;
    bool has_port;              /* Is the rest known, up to 'name'? */
    uint32_t dp_ifindex;
    uint32_t port_no;
    char *name;                 /* NULL if unknown. */
    uint64_t n_packets;         /* That are in the file. */
};

struct pcapng {
    pcapng_write_func *write;
    void *aux;
    int error;                  /* The first one that 'write' returned. */

    int64_t wall_offset;
    uint64_t start_ts, newest_ts;
    uint32_t snaplen;

    struct hmap interfaces;
    struct ovs_list in_order;
    uint32_t n_interfaces;

    struct ofpbuf block;        /* That is being made. */
};

/* What becomes a packet of the file. */
struct packet {
    struct place place;
    bool has_port;
    uint32_t port_no;
    enum link_type type;
    const uint8_t *data;        /* NULL if 'kept' is 0. */
    size_t kept;
    uint32_t len;               /* Of all of it, 0 if unknown. */
    uint64_t ts;                /* As in records. */
    uint64_t track;             /* 0 if unknown. */
    bool has_queue;
    uint32_t queue;             /* Of the device that has received it. */
};

/* Writes the block that was made, unless there was an error before. */
static void
write_block(struct pcapng *w)
{
    pcapng_block_end(&w->block);
    if (!w->error) {
        w->error = w->write(w->block.data, w->block.size, w->aux);
    }
}

/* Returns 'ts' of a record in ns since the epoch. */
static uint64_t
wall_time(const struct pcapng *w, uint64_t ts)
{
    bool is_before = (w->wall_offset < 0
                      && ts < -(uint64_t) w->wall_offset);

    return is_before ? 0 : ts + w->wall_offset;
}

static void
write_section(struct pcapng *w, const struct pcapng_about *about)
{
    const uint16_t version[2] = { PCAPNG_MAJOR, PCAPNG_MINOR };
    const int64_t length = -1;  /* Not known yet. */
    struct ofpbuf *b = &w->block;

    pcapng_block_begin(b, PCAPNG_SECTION);
    pcapng_block_put_u32(b, PCAPNG_BYTE_ORDER);
    pcapng_block_put_bytes(b, version, sizeof version);
    pcapng_block_put_bytes(b, &length, sizeof length);
    pcapng_block_put_text(b, PCAPNG_SHB_HARDWARE, about->hardware);
    pcapng_block_put_text(b, PCAPNG_SHB_OS, about->os);
    pcapng_block_put_text(b, PCAPNG_SHB_USERAPPL, about->application);
    if (about->comment) {
        pcapng_block_put_comments(b, about->comment);
    }
    write_block(w);
}

/* Starts a file, which is 'about' a trace and is written with 'write', to
 * which 'aux' is passed.  If that fails, pcapng_get_error() tells, and nothing
 * more is written.  The caller destroys what is returned. */
struct pcapng *
pcapng_create(const struct pcapng_about *about, pcapng_write_func *write,
              void *aux)
{
    struct pcapng *w = xzalloc(sizeof *w);

    w->write = write;
    w->aux = aux;
    w->wall_offset = about->wall_offset;
    w->start_ts = w->newest_ts = about->start_ts;
    w->snaplen = about->snaplen;
    hmap_init(&w->interfaces);
    ovs_list_init(&w->in_order);
    ofpbuf_init(&w->block, 4096);
    write_section(w, about);
    return w;
}

/* Frees 'w', which may be NULL.  A file that was not ended before can be read,
 * but has no statistics. */
void
pcapng_destroy(struct pcapng *w)
{
    struct interface *i, *next;

    if (!w) {
        return;
    }
    LIST_FOR_EACH_SAFE (i, next, in_order, &w->in_order) {
        free(i->name);
        free(i);
    }
    hmap_destroy(&w->interfaces);
    ofpbuf_uninit(&w->block);
    free(w);
}

/* Returns 0, or the positive errno value with which writing has failed the
 * first time. */
int
pcapng_get_error(const struct pcapng *w)
{
    return w->error;
}

/* A pcapng_write_func for a FILE, 'stream'. */
int
pcapng_write_stream(const void *data, size_t n, void *stream)
{
    errno = 0;
    return fwrite(data, 1, n, stream) == n ? 0 : errno ? errno : EIO;
}

/* Interfaces. */

static void
describe(const struct interface *i, const struct place *place, struct ds *ds)
{
    const char *dp_name = place_dp_name(place);

    if (!i->has_port) {
        ds_put_cstr(ds, "input port unknown");
        return;
    }
    ds_put_format(ds, "input port %"PRIu32" of ", i->port_no);
    if (dp_name) {
        ds_put_cstr(ds, "system@");
        printable_put_string(ds, dp_name);
    } else {
        ds_put_format(ds, "datapath %"PRIu32, i->dp_ifindex);
    }
}

/* Writes the description of an interface.  'name' and 'description' may be
 * NULL. */
static void
write_interface(struct pcapng *w, enum link_type type, const char *name,
                const char *description)
{
    const uint16_t types[2] = { type, 0 };
    const uint8_t tsresol = 9;  /* ns. */
    struct ofpbuf *b = &w->block;

    pcapng_block_begin(b, PCAPNG_INTERFACE);
    pcapng_block_put_bytes(b, types, sizeof types);
    pcapng_block_put_u32(b, w->snaplen);
    pcapng_block_put_text(b, PCAPNG_IF_NAME, name);
    pcapng_block_put_text(b, PCAPNG_IF_DESCRIPTION, description);
    pcapng_block_put_option(b, PCAPNG_IF_TSRESOL, &tsresol, sizeof tsresol);
    write_block(w);
}

/* Adds the interface of 'p', to be found by 'hash', and writes its
 * description.  A port without a name is called as in text: no network device
 * can have that name, since it has a blank. */
static struct interface *
add_interface(struct pcapng *w, const struct packet *p, const char *name,
              uint32_t hash)
{
    struct interface *i = xzalloc(sizeof *i);
    struct ds description = DS_EMPTY_INITIALIZER;
    char *number = xasprintf("port %"PRIu32, p->port_no);

    i->id = w->n_interfaces++;
    i->type = p->type;
    i->has_port = p->has_port;
    i->dp_ifindex = p->place.dp_ifindex;
    i->port_no = p->port_no;
    i->name = nullable_xstrdup(name);
    hmap_insert(&w->interfaces, &i->node, hash);
    ovs_list_push_back(&w->in_order, &i->in_order);

    describe(i, &p->place, &description);
    write_interface(w, i->type, !i->has_port ? NULL : name ? name : number,
                    ds_cstr(&description));
    ds_destroy(&description);
    free(number);
    return i;
}

/* Returns the interface of 'p', which is added if it is not in the file
 * yet. */
static struct interface *
get_interface(struct pcapng *w, struct packet *p)
{
    const char *name = (p->has_port ? place_port_name(&p->place, p->port_no)
                        : NULL);
    struct interface *i;
    uint32_t hash;

    if (!p->has_port) {
        p->port_no = p->place.dp_ifindex = 0;
    }
    hash = hash_3words(p->place.dp_ifindex, p->port_no, p->type);
    HMAP_FOR_EACH_WITH_HASH (i, node, hash, &w->interfaces) {
        if (i->type == p->type && i->has_port == p->has_port
            && i->dp_ifindex == p->place.dp_ifindex
            && i->port_no == p->port_no && nullable_string_is_equal(i->name,
                                                                    name)) {
            return i;
        }
    }
    if (p->has_port && w->n_interfaces >= PCAPNG_INTERFACES_MAX) {
        p->has_port = false;
        return get_interface(w, p);
    }
    return add_interface(w, p, name, hash);
}

/* Packets. */

/* Returns the link type of a packet that has no Ethernet header, and is of
 * 'ethertype', in host byte order. */
static enum link_type
l3_link_type(uint16_t ethertype)
{
    switch (ethertype) {
    case ETH_P_IP:
    case ETH_P_IPV6: return LINK_RAW;
    case ETH_P_MPLS_UC:
    case ETH_P_MPLS_MC: return LINK_MPLS;
    default: return LINK_USER0;
    }
}

/* Returns the link type of the packet of 'u'.  The kernel has the addresses of
 * Ethernet in the flow key if there is such a header (__ovs_nla_put_key() in
 * net/openvswitch/flow_netlink.c, Linux 6.1 to 7.2).  An upcall that was lost
 * before there was a message has no key: most packets are Ethernet. */
static enum link_type
upcall_link_type(const struct upcall *u)
{
    const struct nlattr *type;

    if (!u->key.data || nl_attr_find__(u->key.data, u->key.len,
                                       OVS_KEY_ATTR_ETHERNET)) {
        return LINK_ETHERNET;
    }
    type = nl_attr_find__(u->key.data, u->key.len, OVS_KEY_ATTR_ETHERTYPE);
    return l3_link_type(type ? ntohs(nl_attr_get_be16(type)) : 0);
}

static struct packet
packet_of_upcall(const struct upcall *u, const struct record_context *c)
{
    const struct upcall_record *rec = u->rec;

    return (struct packet) {
        .place = place_of_upcall(u, c->ports),
        .has_port = u->has_port,
        .port_no = u->port_no,
        .type = upcall_link_type(u),
        .data = u->packet,
        .kept = u->packet_kept,
        .len = u->packet_len,
        .ts = rec->ts,
        .track = rec->track == PASS_NO_TRACK ? 0 : rec->track,
        .has_queue = rec->rx_queue != 0,
        .queue = rec->rx_queue - 1,
    };
}

static struct packet
packet_of_pass(const struct pass *p, const struct record_context *c)
{
    const struct pass_record *rec = p->rec;

    return (struct packet) {
        .place = place_of_pass(p, c->ports),
        .has_port = p->has_port,
        .port_no = rec->port_no,
        .type = (rec->flags & PASS_F_L3 ? l3_link_type(ntohs(rec->ethertype))
                 : LINK_ETHERNET),
        .data = p->packet,
        .kept = p->packet_kept,
        .len = rec->packet_len,
        .ts = rec->ts,
        .track = p->track == PASS_NO_TRACK ? 0 : p->track,
    };
}

static void
write_packet(struct pcapng *w, struct packet *p, const char *comments)
{
    struct interface *i = get_interface(w, p);
    size_t kept = w->snaplen ? MIN(p->kept, w->snaplen) : p->kept;
    struct ofpbuf *b = &w->block;

    pcapng_block_begin(b, PCAPNG_PACKET);
    pcapng_block_put_u32(b, i->id);
    pcapng_block_put_time(b, wall_time(w, p->ts));
    pcapng_block_put_u32(b, kept);
    pcapng_block_put_u32(b, MAX(p->len, p->kept));
    pcapng_block_put_bytes(b, p->data, kept);
    pcapng_block_put_comments(b, comments);
    if (p->track) {
        pcapng_block_put_u64_option(b, PCAPNG_EPB_PACKETID, p->track);
    }
    if (p->has_queue) {
        pcapng_block_put_option(b, PCAPNG_EPB_QUEUE, &p->queue,
                                sizeof p->queue);
    }
    write_block(w);
    i->n_packets++;
    w->newest_ts = MAX(w->newest_ts, p->ts);
}

/* Writes the packet of the record, the 'size' bytes at 'record', aligned to 8
 * bytes, of which there may be no byte; 'c' is what it refers to.  Its passes,
 * if 'c' has any, are not told with an upcall: they have packets of their own.
 *
 * Returns NULL if the record is right; whether it could be written,
 * pcapng_get_error() tells.  Otherwise writes nothing and returns what is
 * wrong with it, which the caller has to free. */
char *
pcapng_put(struct pcapng *w, const void *record, size_t size,
           const struct record_context *c)
{
    struct record_context alone = {
        .ports = c->ports, .flows = c->flows, .layout = c->layout,
    };
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error = record_show_text(&text, record, size, false, &alone);

    if (!error) {
        struct packet packet;
        struct upcall u;
        struct pass p;

        if (!record_is_pass(record)) {
            if (upcall_parse(record, size, &u, &error)) {
                packet = packet_of_upcall(&u, c);
            }
        } else if (pass_parse(record, size, &p, &error)) {
            packet = packet_of_pass(&p, c);
        }
        if (!error) {
            write_packet(w, &packet, ds_cstr(&text));
        }
    }
    ds_destroy(&text);
    return error;
}

/* The end. */

/* Starts the statistics of interface 'id'. */
static void
begin_statistics(struct pcapng *w, uint32_t id)
{
    uint64_t end = wall_time(w, w->newest_ts);
    struct ofpbuf *b = &w->block;

    pcapng_block_begin(b, PCAPNG_STATISTICS);
    pcapng_block_put_u32(b, id);
    pcapng_block_put_time(b, end);
    if (w->start_ts) {
        pcapng_block_put_time_option(b, PCAPNG_ISB_STARTTIME,
                                     wall_time(w, w->start_ts));
    }
    pcapng_block_put_time_option(b, PCAPNG_ISB_ENDTIME, end);
}

/* Writes the counts of the whole trace.  They are not known by port, so they
 * are those of an interface that stands for all. */
static void
write_counts(struct pcapng *w, const struct pcapng_counts *counts)
{
    struct ofpbuf *b = &w->block;

    write_interface(w, LINK_ETHERNET, "all ports",
                    "counts of records of the whole trace");
    begin_statistics(w, w->n_interfaces++);
    pcapng_block_put_u64_option(b, PCAPNG_ISB_IFRECV, counts->produced);
    pcapng_block_put_u64_option(b, PCAPNG_ISB_IFDROP, counts->dropped);
    pcapng_block_put_u64_option(b, PCAPNG_ISB_USRDELIV, counts->delivered);
    if (counts->comment) {
        pcapng_block_put_comments(b, counts->comment);
    }
    write_block(w);
}

/* Ends the file with statistics: how many packets of each interface it has,
 * and 'counts', which may be NULL if they are unknown.  Returns what
 * pcapng_get_error() does. */
int
pcapng_end(struct pcapng *w, const struct pcapng_counts *counts)
{
    const struct interface *i;

    if (counts) {
        w->newest_ts = MAX(w->newest_ts, counts->end_ts);
    }
    LIST_FOR_EACH (i, in_order, &w->in_order) {
        begin_statistics(w, i->id);
        pcapng_block_put_u64_option(&w->block, PCAPNG_ISB_USRDELIV,
                                    i->n_packets);
        write_block(w);
    }
    if (counts) {
        write_counts(w, counts);
    }
    return w->error;
}
