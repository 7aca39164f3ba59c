/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/seeds.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "odp-util.h"
#include "openvswitch/util.h"
#include "unit/build-elf.h"
#include "unit/build-record.h"
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

/* Calls 'cb' for each input, with the name of its target and a number that is
 * its own. */
void
fuzz_for_each_seed(void (*cb)(const char *target, int number,
                              const void *data, size_t size))
{
    static void (*const builders[])(struct build *) = {
        build_executed, build_action, build_empty_drop, build_lost_bytes,
        build_with_usdt, build_vlans,
    };
    static const int classes[] = { ELFCLASS64, ELFCLASS32 };

    for (size_t i = 0; i < ARRAY_SIZE(builders); i++) {
        struct build b;
        size_t size;
        void *rec;

        builders[i](&b);
        rec = build_get(&b, &size);
        build_uninit(&b);
        cb("record", i, rec, size);
        free(rec);
    }
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        int fd = build_elf_sample(classes[i], ET_DYN, BASE);
        uint8_t data[4096];
        ssize_t size = pread(fd, data, sizeof data, 0);

        ovs_assert(size > 0 && size < sizeof data);
        cb("notes", i, data, size);
        close(fd);
    }
}
