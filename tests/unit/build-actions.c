/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "build-actions.h"

#include <check.h>

#include "flow/flow-text.h"
#include "kernel-bytes.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

const char *const action_texts[] = {
    "1",
    "1,2,3",
    "userspace(pid=9)",
    "userspace(pid=9,slow_path(lacp))",
    "userspace(pid=9,userdata(0102030405),actions,tunnel_out_port=10)",
    "userspace(pid=9,controller(reason=1,dont_send=0,continuation=0,"
        "recirc_id=4,rule_cookie=0x1234,controller_id=5,max_len=65535))",
    "userspace(pid=9,flow_sample(probability=7,collector_set_id=1,"
        "obs_domain_id=2,obs_point_id=3,output_port=4,ingress))",
    "set(eth(src=01:02:03:04:05:06,dst=07:08:09:0a:0b:0c))",
    "set(eth(src=01:02:03:04:05:06/ff:ff:ff:00:00:00))",
    "set(ipv4(src=1.2.3.4,dst=5.6.7.8,proto=6,tos=0,ttl=64,frag=no))",
    "set(ipv4(ttl=63))",
    "set(ipv4(src=1.2.3.0/255.255.255.0,tos=0x4/0xfc))",
    "set(ipv6(src=::1,dst=::2,label=0,proto=6,tclass=0,hlimit=64,frag=no))",
    "set(ipv6(dst=fc00::/ffff:ffff::))",
    "set(tcp(src=80,dst=8080))", "set(tcp(src=80/0xff))",
    "set(udp(dst=53))", "set(sctp(src=1,dst=2))",
    "set(skb_mark(0x5))", "set(skb_mark(0x5/0xff))", "set(skb_priority(3))",
    "set(mpls(label=7,tc=1,ttl=64,bos=1))",
    "push_vlan(vid=5,pcp=3)", "push_vlan(tpid=0x88a8,vid=5,pcp=0,cfi=1)",
    "pop_vlan",
    "sample(sample=50.0%,actions(1,2))",
    "sample(sample=100.0%,actions(userspace(pid=3,userdata(01))))",
    "recirc(31)",
    "add_mpls(label=1,tc=2,ttl=3,bos=1,eth_type=0x8847)",
    "ct", "ct(commit)", "ct(force_commit,zone=65535)",
    "ct(commit,zone=7,mark=0x5/0xff,label=0x1/0x3)",
    "ct(commit,mark=0xffffffff/0xffffffff,label=0x123456789abcdef0/"
        "0xffffffffffffffffffffffffffffffff)",
    "ct(commit,zone=7,timeout=ovs_test_tp)",
    "ct(commit,zone=7,timeout=a_name_of_31_characters_in_all_)",
    "ct(nat)", "ct(commit,nat(src))", "ct(commit,nat(dst))",
    "ct(commit,nat(src=10.0.0.1))",
    "ct(commit,nat(src=10.0.0.1-10.0.0.9:5-10,hash))",
    "ct(commit,nat(dst=10.0.0.1:80,persistent,random))",
    "ct(commit,nat(src=[fd00::1]-[fd00::9]:5-10,persistent,hash))",
    "ct(commit,nat(dst=fd00::1))",
    "ct_clear", "trunc(100)",
    "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255,c1=0x1,c2=0x2,"
        "c3=0x3,c4=0x4)",
    "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x1,si=255,"
        "md2=0x00010203)",
    "pop_nsh()",
    "clone(1)", "clone(set(ipv4(ttl=63)),ct(commit,zone=3),recirc(2)),4",
    "check_pkt_len(size=1500,gt(3),le(2))",
    "check_pkt_len(size=200,gt(drop),le(set(eth(src=01:02:03:04:05:06)),5))",
    "clone(clone(clone(sample(sample=50.0%,actions(check_pkt_len(size=9,"
        "gt(ct(commit,zone=1),recirc(3)),le(clone(recirc(4))))))))),7",
};
const size_t n_action_texts = ARRAY_SIZE(action_texts);

/* Initializes 'buf' with the actions in 'text', as messages have them. */
void
build_actions(const char *text, struct ofpbuf *buf)
{
    ofpbuf_init(buf, 256);
    ck_assert_msg(!odp_actions_from_string(text, NULL, buf), "%s", text);
}

/* Returns the actions in 'buf', which must live as long. */
struct upcall_attrs
build_actions_attrs(const struct ofpbuf *buf)
{
    static const struct nlattr nothing;

    return (struct upcall_attrs) {
        .data = buf->size ? buf->data : &nothing, .len = buf->size,
    };
}

/* Returns the text of the actions in 'buf', to be freed by the caller. */
char *
build_actions_text(const struct ofpbuf *buf)
{
    struct upcall_attrs attrs = build_actions_attrs(buf);
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert(flow_text_actions(&attrs, &ds));
    return ds_steal_cstr(&ds);
}

/* Initializes 'bytes' with what a kernel of 'layout' has in memory for the
 * actions in 'text'. */
void
build_actions_kernel(const struct kernel_layout *layout, const char *text,
                     struct ofpbuf *bytes)
{
    struct upcall_attrs attrs;
    struct ofpbuf actions;

    build_actions(text, &actions);
    attrs = build_actions_attrs(&actions);
    ofpbuf_init(bytes, 256);
    kernel_bytes_put(layout, &attrs, bytes, NULL);
    ofpbuf_uninit(&actions);
}
