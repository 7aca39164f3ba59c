/* SPDX-License-Identifier: Apache-2.0 */

/* Which events are of the same packet. */

#include <config.h>

#include "file/convert-retis-private.h"

#include <stdlib.h>

#include "bpf/pass-record.h"
#include "hash.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

static void
forget(struct retis *w, struct retis_packet *p)
{
    hmap_remove(&w->packets, &p->node);
    ovs_list_remove(&p->list);
    free(p);
}

/* Frees all that is remembered of packets. */
void
retis_forget_all(struct retis *w)
{
    struct retis_packet *p;

    LIST_FOR_EACH_SAFE (p, list, &w->oldest) {
        forget(w, p);
    }
}

/* Returns what is remembered of 'id', which is nothing the first time.  It is
 * valid until the next call. */
struct retis_packet *
retis_packet_get(struct retis *w, uint64_t id)
{
    uint32_t hash = hash_uint64(id);
    struct retis_packet *p;

    HMAP_FOR_EACH_WITH_HASH (p, node, hash, &w->packets) {
        if (p->id == id) {
            return p;
        }
    }
    if (hmap_count(&w->packets) >= RETIS_PACKETS_MAX) {
        forget(w, CONTAINER_OF(ovs_list_front(&w->oldest),
                               struct retis_packet, list));
    }
    p = xzalloc(sizeof *p);
    p->id = id;
    hmap_insert(&w->packets, &p->node, hash);
    ovs_list_push_back(&w->oldest, &p->list);
    return p;
}

/* Sets the packet of what is called 'id' to 'root', if it is not known yet.
 * Returns what it is. */
static uint64_t
set_root(struct retis *w, uint64_t id, uint64_t root)
{
    struct retis_packet *p = retis_packet_get(w, id);

    if (!p->root) {
        p->root = root;
    }
    return p->root;
}

/* Returns what is called the packet of 'u'. */
uint64_t
retis_root_of_upcall(struct retis *w, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    if (rec->track && rec->track != PASS_NO_TRACK) {
        return set_root(w, rec->id, rec->track | PASS_RECORD);
    } else if (rec->flags & UPCALL_F_NESTED && rec->parent) {
        return set_root(w, rec->id, set_root(w, rec->parent, rec->parent));
    } else if (rec->group) {
        return set_root(w, rec->id, set_root(w, rec->group, rec->group));
    }
    /* No upcall has the number 0, but a file may. */
    return set_root(w, rec->id, rec->id ? rec->id : PASS_RECORD);
}

/* Returns what is called the packet of 'p'. */
uint64_t
retis_root_of_pass(struct retis *w, const struct pass *p)
{
    const struct pass_record *rec = p->rec;
    uint64_t root = (p->track == PASS_NO_TRACK ? p->id : p->track)
                    | PASS_RECORD;

    /* That of its upcall is as good, and may have been written. */
    return (rec->flags & PASS_F_UPCALL ? set_root(w, rec->upcall, root)
            : root);
}

/* Returns when something of the packet 'root' was first seen: at 'ts' if this
 * is the first time. */
uint64_t
retis_root_ts(struct retis *w, uint64_t root, uint64_t ts)
{
    struct retis_packet *p = retis_packet_get(w, root);

    if (!p->ts) {
        p->ts = ts;
    }
    return p->ts;
}
