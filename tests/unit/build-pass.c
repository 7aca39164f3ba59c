/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "build-pass.h"

#include <string.h>

#include "build-record.h"
#include "dp-packet.h"
#include "odp-util.h"
#include "packets.h"
#include "record/pass.h"
#include "util.h"

/* The flow of a hit. */
static const uint32_t flow_ufid[4] = {
    0x66252ae8, 0x01020304, 0x05060708, 0x090a0b0c
};

/* Starts the pass 'id', of which the packet and the actions are not known. */
void
build_pass_init(struct build_pass *b, uint64_t id, enum pass_lookup lookup)
{
    memset(b, 0, sizeof *b);
    ofpbuf_init(&b->packet, 0);
    ofpbuf_init(&b->actions, 0);
    ofpbuf_init(&b->pointed, 0);
    ofpbuf_init(&b->executed, 0);
    b->rec.head = PASS_RECORD | id;
    b->rec.root = b->rec.track = id;
    b->rec.ts = BUILD_TS;
    b->rec.lookup = lookup;
    b->rec.cpu = 7;
    b->rec.dp_ifindex = BUILD_DP_IFINDEX;
    b->rec.port_no = 3;
    b->rec.flags = PASS_F_PORT | PASS_F_DP | PASS_F_SOFTIRQ;
    ovs_strlcpy(b->rec.comm, "swapper/7", sizeof b->rec.comm);
    if (lookup != PASS_NONE) {
        b->rec.lookup_ns = 900;
        b->rec.masks = 3;
        b->rec.cache = 1;
    }
}

/* Frees the memory of 'b'. */
void
build_pass_uninit(struct build_pass *b)
{
    ofpbuf_uninit(&b->packet);
    ofpbuf_uninit(&b->actions);
    ofpbuf_uninit(&b->pointed);
    ofpbuf_uninit(&b->executed);
}

/* Adds all of the packet 'hex'. */
void
build_pass_packet(struct build_pass *b, const char *hex)
{
    struct dp_packet *packet;

    ovs_assert(!eth_from_hex(hex, &packet));
    ofpbuf_put(&b->packet, dp_packet_data(packet), strlen(hex) / 2);
    b->rec.packet_len = strlen(hex) / 2;
    dp_packet_delete(packet);
}

/* Adds 'actions', in the form of a request. */
void
build_pass_actions(struct build_pass *b, const char *actions)
{
    ovs_assert(!odp_actions_from_string(actions, NULL, &b->actions));
    b->rec.actions_total = b->actions.size;
    b->rec.flags |= PASS_F_ACTIONS;
}

/* Starts pass 18: a ping from port 3 hits a flow that sends it to port 2. */
void
build_pass_hit(struct build_pass *b)
{
    build_pass_init(b, 18, PASS_HIT);
    build_pass_packet(b, build_icmp);
    build_pass_actions(b, "2");
    memcpy(b->rec.ufid, flow_ufid, sizeof b->rec.ufid);
    b->rec.flags |= PASS_F_UFID;
}

/* Starts pass 18: a ping from port 3 misses, and becomes upcall 17. */
void
build_pass_miss(struct build_pass *b)
{
    build_pass_init(b, 18, PASS_MISS);
    build_pass_packet(b, build_icmp);
    b->rec.flags |= PASS_F_UPCALL;
    b->rec.upcall = 17;
}

/* Starts pass 19: a handler executes 'actions' on the packet of upcall 17, to
 * which the kernel returns 'ret'. */
void
build_pass_execute(struct build_pass *b, const char *actions, int ret)
{
    build_pass_init(b, 19, PASS_NONE);
    build_pass_packet(b, build_icmp);
    build_pass_actions(b, actions);
    ovs_strlcpy(b->rec.comm, "handler9", sizeof b->rec.comm);
    b->rec.flags &= ~PASS_F_SOFTIRQ;
    b->rec.flags |= PASS_F_UPCALL | PASS_F_DONE | PASS_F_PROCESS;
    b->rec.upcall = 17;
    b->rec.tid = 3215302;
    b->rec.end_ns = 51100;
    b->rec.ret = ret;
}

/* Returns the record, in memory of exactly its size, which the caller has to
 * free.  Stores the size in '*sizep' if that is not NULL. */
void *
build_pass_get(const struct build_pass *b, size_t *sizep)
{
    size_t actions_ofs = sizeof b->rec + ROUND_UP(b->packet.size, 8);
    size_t pointed_ofs = actions_ofs + ROUND_UP(b->actions.size, 8);
    size_t executed_ofs = pointed_ofs + b->pointed.size;
    size_t size = (b->executed.size || b->pointed.size
                   ? executed_ofs + b->executed.size
                   : actions_ofs + b->actions.size);
    struct pass_record *rec = xzalloc(size);

    *rec = b->rec;
    rec->packet_kept = b->packet.size;
    rec->actions_len = b->actions.size;
    rec->pointed_len = b->pointed.size;
    rec->n_executed = b->executed.size / sizeof(struct pass_executed);
    if (b->packet.size) {
        memcpy(rec->data, b->packet.data, b->packet.size);
    }
    if (b->actions.size) {
        memcpy((uint8_t *) rec + actions_ofs, b->actions.data,
               b->actions.size);
    }
    if (b->pointed.size) {
        memcpy((uint8_t *) rec + pointed_ofs, b->pointed.data,
               b->pointed.size);
    }
    if (b->executed.size) {
        memcpy((uint8_t *) rec + executed_ofs, b->executed.data,
               b->executed.size);
    }
    if (sizep) {
        *sizep = size;
    }
    return rec;
}

/* Hands the record of 'b' to 'write', and frees both. */
void
build_pass_write(struct build_pass *b, build_write_func *write)
{
    size_t size;
    void *record = build_pass_get(b, &size);

    build_pass_uninit(b);
    write(record, size);
    free(record);
}

/* Makes the record of 'b', frees 'b', and parses the record, which must be
 * possible, into '*p'.  Returns the record, which the caller has to free. */
void *
build_pass_parse(struct build_pass *b, struct pass *p)
{
    size_t size;
    void *data = build_pass_get(b, &size);
    char *error;

    build_pass_uninit(b);
    if (!pass_parse(data, size, p, &error)) {
        ck_abort_msg("%s", error);
    }
    ck_assert_ptr_null(error);
    return data;
}
