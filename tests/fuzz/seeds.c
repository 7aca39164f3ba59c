/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/seeds.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/frame.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "unit/build-elf.h"
#include "unit/build-pass.h"
#include "unit/build-record.h"
#include "unit/kernel-bytes.h"
#include "util.h"

static void
build_action(struct build *b)
{
    struct user_action_cookie cookie;

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SLOW_PATH;
    cookie.slow_path.reason = SLOW_MATCH;
    build_init(b, UPCALL_CLASS_SLOW_PATH);
    build_message(b, build_icmp_key, build_icmp, &cookie, sizeof cookie);
    build_receive(b);
    build_execute(b, "set(eth(src=00:00:00:00:00:01)),3", 0);
    build_execute(b, "clone(2,3),pop_vlan", -EINVAL);
}

static void
build_empty_drop(struct build *b)
{
    build_init(b, UPCALL_CLASS_MISS);
    build_message(b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(b);
    build_put(b, "", "", 0);
}

static void
build_lost_bytes(struct build *b)
{
    build_init(b, UPCALL_CLASS_MISS);
    build_lost_early(b, build_icmp, -ENOTCONN);
}

static void
build_with_usdt(struct build *b)
{
    build_executed(b);
    build_usdt(b);
}

static void
build_vlans(struct build *b)
{
    static const char key[]
        = "skb_mark(0xabc),ct_state(0x21),ct_zone(5),in_port(1),eth(src=00:01:"
          "02:03:04:05,dst=10:11:12:13:14:15),eth_type(0x88a8),vlan(vid=99,pcp"
          "=7),encap(eth_type(0x8100),vlan(vid=100,pcp=7),encap(eth_type(0x86d"
          "d),ipv6(src=::1,dst=::2,label=0,proto=58,tclass=0x71,hlimit=128,fra"
          "g=no),icmpv6(type=136,code=0),nd(target=::3,sll=00:05:06:07:08:09,t"
          "ll=00:0a:0b:0c:0d:0e)))";

    build_init(b, UPCALL_CLASS_MISS);
    build_message(b, key, build_icmp, NULL, 0);
    build_receive(b);
    build_put(b, key, "ct(commit,zone=5,nat(src=10.0.0.1-10.0.0.9:5-10)),"
              "set(tunnel(tun_id=0x1,dst=1.1.1.2,ttl=64,geneve({class=0xffff,"
              "type=0x80,len=4,0xa}),flags(key))),sample(sample=50.0%,actions("
              "userspace(pid=1,sFlow(vid=1,pcp=2,output=3)))),recirc(5)", 0);
}

/* A stream as the daemon sends it to a follower: its start, which has a frame
 * of each kind. */
static void
begin_stream(struct ofpbuf *b)
{
    static const struct frame_port port = {
        .until = UINT64_MAX, .dp_ifindex = 1, .port_no = 1
    };

    ofpbuf_init(b, 0);
    frame_put_hello(b);
    frame_put_position(b, FRAME_START, 1, NULL);
    frame_put_position(b, FRAME_BEGIN, 1, "{\"event\":\"startup\","
                       "\"options\":{\"enrich\":true},\"wall_offset\":7}");
    frame_put_layout(b, &kernel_layout_6_12);
    frame_put_port(b, &port, "p1");
}

static void
add_to_stream(struct ofpbuf *b, uint64_t seq, const void *record, size_t size)
{
    static const struct frame_flow flow = {
        .n_installed = 1, .flags = FRAME_FLOW_ERROR | FRAME_FLOW_COUNTERS
    };
    const struct upcall_record *rec = record;
    const char *strings[FRAME_FLOW_STRINGS] = { "no such flow" };
    struct frame_flow f = flow;

    frame_put_record(b, seq, record, size);
    f.id = rec->id;
    frame_put_flow(b, &f, strings);
}

/* Appends passes whose first one has number 'seq'. */
static void
add_passes_to_stream(struct ofpbuf *b, uint64_t seq)
{
    struct build_pass p;
    size_t size;
    void *rec;

    for (int i = 0; i < 3; i++) {
        if (i == 0) {
            build_pass_miss(&p);
        } else if (i == 1) {
            build_pass_hit(&p);
        } else {
            build_pass_execute(&p, "ct(commit,zone=5),2,recirc(5)", 0);
        }
        rec = build_pass_get(&p, &size);
        build_pass_uninit(&p);
        frame_put_record(b, seq + i, rec, size);
        free(rec);
    }
}

static void
end_stream(struct ofpbuf *b)
{
    frame_put_gap(b, 20, 4);
    frame_put_position(b, FRAME_END, 20, "{\"event\":\"end\"}");
    frame_put_error(b, "that is all");
}

/* Calls 'cb' for actions, with and without what is known of the kernel. */
static void
for_each_actions_seed(fuzz_seed_cb *cb)
{
    static const char *const texts[] = {
        "1,push_vlan(vid=5,pcp=3),set(ipv4(ttl=63)),ct_clear,recirc(5)",
        "ct(commit,zone=7,mark=0x5/0xff,label=0x1/0x3,helper=ftp,timeout=tp,"
            "nat(src=[fd00::1]-[fd00::9]:5-10,persistent)),2",
        "clone(sample(sample=50.0%,actions(check_pkt_len(size=9,gt(set("
            "tunnel(dst=1.1.1.2,ttl=64,flags(df))),2),le(recirc(3)))))),4",
        "userspace(pid=9,userdata(0102030405),actions,tunnel_out_port=10),"
            "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255)",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts) * 2; i++) {
        struct upcall_attrs attrs;
        struct ofpbuf actions, bytes, pointed;
        uint8_t head[2] = { i % 2 };

        ofpbuf_init(&actions, 0);
        ofpbuf_init(&bytes, 0);
        ofpbuf_init(&pointed, 64);
        ovs_assert(!odp_actions_from_string(texts[i / 2], NULL, &actions));
        attrs.data = actions.data;
        attrs.len = actions.size;
        kernel_bytes_put(&kernel_layout_6_12, &attrs, &bytes, &pointed);
        head[1] = pointed.size / 8;
        ofpbuf_push(&bytes, pointed.data, pointed.size);
        ofpbuf_push(&bytes, head, sizeof head);
        cb("actions", i, bytes.data, bytes.size);
        ofpbuf_uninit(&pointed);
        ofpbuf_uninit(&bytes);
        ofpbuf_uninit(&actions);
    }
}

/* Calls 'cb' for each input, with the name of its target and a number that is
 * its own. */
void
fuzz_for_each_seed(fuzz_seed_cb *cb)
{
    static void (*const builders[])(struct build *) = {
        build_executed, build_action, build_empty_drop, build_lost_bytes,
        build_with_usdt, build_vlans,
    };
    static const int classes[] = { ELFCLASS64, ELFCLASS32 };
    struct ofpbuf stream;

    begin_stream(&stream);
    for (size_t i = 0; i < ARRAY_SIZE(builders); i++) {
        struct build b;
        size_t size;
        void *rec;

        builders[i](&b);
        rec = build_get(&b, &size);
        build_uninit(&b);
        cb("record", i, rec, size);
        add_to_stream(&stream, i + 1, rec, size);
        free(rec);
    }
    add_passes_to_stream(&stream, ARRAY_SIZE(builders) + 1);
    end_stream(&stream);
    cb("stream", 0, stream.data, stream.size);
    ofpbuf_uninit(&stream);
    for_each_actions_seed(cb);
    fuzz_for_each_packed_seed(cb);
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        int fd = build_elf_sample(classes[i], ET_DYN, BASE);
        uint8_t data[4096];
        ssize_t size = pread(fd, data, sizeof data, 0);

        ovs_assert(size > 0 && size < sizeof data);
        cb("notes", i, data, size);
        close(fd);
    }
}
