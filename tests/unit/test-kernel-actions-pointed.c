/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what the kernel's actions point to: lib/record/
 * kernel-actions-pointed.c and kernel-actions-tunnel.c. */

#include <config.h>
#include "record/kernel-actions.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "build-actions.h"
#include "byte-order.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

TCase *kernel_actions_pointed_tcase(void);

static const struct kernel_layout *const layouts[] = {
    &kernel_layout_6_1, &kernel_layout_6_12,
};

/* What the kernel has of actions. */
struct memory {
    const struct kernel_layout *layout;
    struct ofpbuf bytes, pointed;
};

/* Has 'm' be what the kernel of 'layout' makes of 'text'. */
static void
memory_init(struct memory *m, const struct kernel_layout *layout,
            const char *text)
{
    struct ofpbuf actions;
    struct upcall_attrs attrs;

    m->layout = layout;
    ofpbuf_init(&m->bytes, 0);
    ofpbuf_init(&m->pointed, 0);
    build_actions(text, &actions);
    attrs = build_actions_attrs(&actions);
    kernel_bytes_put(layout, &attrs, &m->bytes, &m->pointed);
    ofpbuf_uninit(&actions);
}

static void
memory_uninit(struct memory *m)
{
    ofpbuf_uninit(&m->bytes);
    ofpbuf_uninit(&m->pointed);
}

/* Returns the item number 'n' of 'm'. */
static struct pass_pointed *
memory_item(const struct memory *m, size_t n)
{
    uint8_t *at = m->pointed.data;

    while (n--) {
        at += (sizeof(struct pass_pointed)
               + ROUND_UP(((struct pass_pointed *) at)->len, 8));
    }
    return (struct pass_pointed *) at;
}

/* Returns the bytes of item 'n' of 'm'. */
static uint8_t *
memory_data(const struct memory *m, size_t n)
{
    return (uint8_t *) (memory_item(m, n) + 1);
}

/* Returns the text of 'm', of which only the first 'len' bytes of what is
 * pointed to are there, to be freed by the caller. */
static char *
memory_text(const struct memory *m, size_t len)
{
    void *exact = xmalloc(MAX(len, 1));
    const struct kernel_pointed pointed = { .data = exact, .len = len };
    struct ofpbuf decoded;
    char *text;

    if (len) {
        memcpy(exact, m->pointed.data, len);
    }
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(m->layout, m->bytes.data, m->bytes.size,
                                    &pointed, &decoded, NULL));
    text = build_actions_text(&decoded);
    ofpbuf_uninit(&decoded);
    free(exact);
    return text;
}

static void
check_text(const struct memory *m, const char *expected)
{
    char *text = memory_text(m, m->pointed.size);

    ck_assert_str_eq(text, expected);
    free(text);
}

#define GENEVE "set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64,tp_dst=6081," \
    "geneve({class=0x102,type=0x80,len=4,0x50004}),flags(df|csum|key)))"
#define PLAIN "set(tunnel(dst=10.0.0.9,ttl=0,flags(0)))"

static const char *const texts[] = {
    PLAIN ",1",
    "set(tunnel(tun_id=0x0,dst=10.0.0.9,ttl=64,flags(key))),1",
    "set(tunnel(tun_id=0xffffffffffffffff,src=1.2.3.4,dst=10.0.0.9,tos=0xfc,"
        "ttl=255,tp_src=1234,tp_dst=4789,flags(df|csum|key))),1",
    "set(tunnel(dst=10.0.0.9,ttl=64,flags(df))),1",
    "set(tunnel(dst=10.0.0.9,ttl=64,flags(csum))),1",
    "set(tunnel(dst=10.0.0.9,ttl=64,flags(oam))),1",
    "set(tunnel(ipv6_src=fd00::1,ipv6_dst=fd00::2,ttl=64,flags(0))),1",
    "set(tunnel(tun_id=0x7,ipv6_dst=fd00::2,tos=0x4,ttl=1,tp_dst=6081,"
        "geneve({class=0xffff,type=0x80,len=4,0xa}),flags(oam|key))),1",
    GENEVE ",1",
    "set(tunnel(dst=10.0.0.9,ttl=64,geneve({class=0xffff,type=0x1,len=0}"
        "{class=0x102,type=0x80,len=124,0x1020304050607080900000000000000000"
        "00000000000000000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000000000000000000000"
        "00000000a}),flags(0))),1",
    "set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64,vxlan(gbp(id=10,flags=0x8)),"
        "flags(key))),1",
    "set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64,erspan(ver=1,idx=0x7),"
        "flags(key))),1",
    "set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64,erspan(ver=2,dir=1,"
        "hwid=0x4),flags(key))),1",
    "ct(commit,zone=7,helper=ftp),1",
    "ct(commit,helper=a_helper_of_15_),1",
    GENEVE ",1," PLAIN ",1,ct(helper=tftp)," GENEVE ",recirc(5)",
    "clone(" GENEVE ",1),2," PLAIN ",3",
    "sample(sample=50.0%,actions(" PLAIN ",1)),ct(helper=ftp)",
    "check_pkt_len(size=1500,gt(" GENEVE ",3),le(ct(helper=ftp)," PLAIN
        ",2))," PLAIN ",1",
};

/* All that the kernel has is shown as what it was made of. */
START_TEST(test_decode)
{
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct ofpbuf actions;
        struct memory m;
        char *expected;

        build_actions(texts[i], &actions);
        expected = build_actions_text(&actions);
        memory_init(&m, layouts[_i], texts[i]);
        check_text(&m, expected);
        memory_uninit(&m);
        free(expected);
        ofpbuf_uninit(&actions);
    }
}
END_TEST

/* A dec_ttl, which OVS 3.1 cannot parse. */
START_TEST(test_dec_ttl)
{
    struct memory m = { .layout = layouts[_i] };
    struct ofpbuf actions, inner;
    struct upcall_attrs attrs;
    size_t outer;

    build_actions(PLAIN ",1", &inner);
    ofpbuf_init(&actions, 0);
    outer = nl_msg_start_nested(&actions, ACTION_DEC_TTL);
    nl_msg_put_unspec(&actions, ACTION_DEC_TTL_ACTIONS, inner.data,
                      inner.size);
    nl_msg_end_nested(&actions, outer);
    attrs = build_actions_attrs(&actions);
    ofpbuf_init(&m.bytes, 0);
    ofpbuf_init(&m.pointed, 0);
    kernel_bytes_put(m.layout, &attrs, &m.bytes, &m.pointed);
    check_text(&m, "dec_ttl(le_1(" PLAIN ",1))");
    memory_uninit(&m);
    ofpbuf_uninit(&inner);
    ofpbuf_uninit(&actions);
}
END_TEST

/* What was not read is unknown, and all else is not. */
START_TEST(test_not_read)
{
    struct memory m;
    char *text;

    memory_init(&m, layouts[_i], PLAIN ",1,ct(helper=ftp)," GENEVE ",2");
    text = memory_text(&m, (uint8_t *) memory_item(&m, 1)
                       - (uint8_t *) m.pointed.data);
    ck_assert_str_eq(text, PLAIN ",1,ct(helper=?),set(tunnel(?)),2");
    free(text);
    text = memory_text(&m, (uint8_t *) memory_item(&m, 2)
                       - (uint8_t *) m.pointed.data);
    ck_assert_str_eq(text, PLAIN ",1,ct(helper=ftp),set(tunnel(?)),2");
    free(text);
    memory_item(&m, 0)->offset += 4;
    check_text(&m, "set(tunnel(?)),1,ct(helper=ftp)," GENEVE ",2");
    memory_item(&m, 1)->kind = PASS_N_POINTED_KINDS;
    memory_item(&m, 2)->kind = PASS_POINTED_HELPER;
    check_text(&m, "set(tunnel(?)),1,ct(helper=?),set(tunnel(?)),2");
    memory_uninit(&m);
}
END_TEST

/* Names that no helper has. */
START_TEST(test_bad_helper)
{
    struct memory m;

    memory_init(&m, layouts[_i], "ct(helper=ftp)");
    memset(memory_data(&m, 0), 'a', PASS_HELPER_LEN);
    check_text(&m, "ct(helper=?)");
    memory_data(&m, 0)[PASS_HELPER_LEN - 1] = '\0';
    check_text(&m, "ct(helper=aaaaaaaaaaaaaaa)");
    memory_data(&m, 0)[0] = '\0';
    check_text(&m, "ct(helper=?)");
    memory_item(&m, 0)->len = 0;
    check_text(&m, "ct(helper=?)");
    memory_uninit(&m);
}
END_TEST

/* Lengths that lie. */
START_TEST(test_bad_tunnel)
{
    size_t own = layouts[_i]->fields[KERNEL_FIELD_TUNNEL].bits / 8;
    size_t options_len
        = layouts[_i]->fields[KERNEL_FIELD_TUNNEL_OPTIONS_LEN].bit / 8;
    struct memory m;

    memory_init(&m, layouts[_i], GENEVE);
    ck_assert_uint_eq(memory_item(&m, 0)->len, own + 8);
    for (size_t len = 0; len <= UINT16_MAX; len++) {
        memory_item(&m, 0)->len = len;
        check_text(&m, len == own + 8 ? GENEVE : "set(tunnel(?))");
    }
    memory_item(&m, 0)->len = own + 8;
    for (int n = 0; n < 256; n++) {
        memory_data(&m, 0)[options_len] = n;
        check_text(&m, n == 8 ? GENEVE : "set(tunnel(?))");
    }
    memory_uninit(&m);

    memory_init(&m, layouts[_i], "set(tunnel(dst=1.1.1.1,ttl=1,"
                "vxlan(gbp(id=10,flags=0x8)),flags(0)))");
    ck_assert_uint_eq(memory_item(&m, 0)->len, own + 4);
    memory_item(&m, 0)->len--;
    memory_data(&m, 0)[options_len]--;
    check_text(&m, "set(tunnel(?))");
    memory_uninit(&m);
}
END_TEST

/* The kernel says nothing of a tunnel without an address but its number. */
START_TEST(test_bridge)
{
    size_t mode = layouts[_i]->fields[KERNEL_FIELD_TUNNEL_MODE].bit / 8;
    const struct nlattr *tunnel, *id;
    struct kernel_pointed pointed;
    struct ofpbuf decoded;
    struct memory m;

    memory_init(&m, layouts[_i],
                "set(tunnel(tun_id=0x7,dst=1.1.1.1,ttl=1,flags(key)))");
    memory_data(&m, 0)[mode] |= 4;
    pointed.data = m.pointed.data;
    pointed.len = m.pointed.size;
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(m.layout, m.bytes.data, m.bytes.size,
                                    &pointed, &decoded, NULL));
    tunnel = nl_attr_get(decoded.data);
    ck_assert_int_eq(nl_attr_type(tunnel), OVS_KEY_ATTR_TUNNEL);
    id = nl_attr_find_nested(tunnel, OVS_TUNNEL_KEY_ATTR_ID);
    ck_assert_uint_eq(ntohll(nl_attr_get_be64(id)), 7);
    ck_assert_ptr_nonnull(nl_attr_find_nested(tunnel, 16));
    ck_assert_uint_eq(nl_attr_get_size(tunnel), 12 + 4);
    ofpbuf_uninit(&decoded);
    memory_uninit(&m);
}
END_TEST

/* If some member is unknown or of another size, the tunnel is unknown. */
START_TEST(test_layout)
{
    struct memory m;

    memory_init(&m, layouts[_i], GENEVE);
    for (int i = KERNEL_FIELD_TUNNEL; i <= KERNEL_FIELD_TUNNEL_MODE; i++) {
        struct kernel_layout part = *layouts[_i];

        m.layout = &part;
        part.fields[i].bits = 0;
        check_text(&m, "set(tunnel(?))");
        part.fields[i] = layouts[_i]->fields[i];
        check_text(&m, GENEVE);
        part.fields[i].bit = part.fields[KERNEL_FIELD_TUNNEL].bits;
        check_text(&m, "set(tunnel(?))");
    }
    memory_uninit(&m);
}
END_TEST

/* What the programs are told. */
START_TEST(test_pointers)
{
    struct pass_pointers expected = {
        .tunnel_info = 31, .tunnel = 120, .tunnel_len = 88,
        .tunnel_options_len = 80, .ct_len = 160, .ct_helper = 0,
        .helper_name = 16, .sample_len = 8, .check_len = 4,
    };
    struct kernel_layout part = kernel_layout_6_12;
    struct pass_pointers p;

    kernel_layout_get_pointers(&kernel_layout_6_1, &p);
    ck_assert_mem_eq(&p, &expected, sizeof p);
    expected.tunnel = 144;
    expected.tunnel_len = 96;
    expected.tunnel_options_len = 88;
    kernel_layout_get_pointers(&part, &p);
    ck_assert_mem_eq(&p, &expected, sizeof p);

    /* The name has become a pointer, and the tunnel too large. */
    part.fields[KERNEL_FIELD_HELPER_NAME].bits = 64;
    expected.ct_len = expected.helper_name = 0;
    kernel_layout_get_pointers(&part, &p);
    ck_assert_mem_eq(&p, &expected, sizeof p);
    part.fields[KERNEL_FIELD_TUNNEL].bits = (PASS_TUNNEL_MAX + 1) * 8;
    kernel_layout_get_pointers(&part, &p);
    ck_assert_uint_eq(p.tunnel_info, 0);
    ck_assert_uint_eq(p.check_len, 4);
    memset(&part, 0, sizeof part);
    kernel_layout_get_pointers(&part, &p);
    ck_assert(is_all_zeros(&p, sizeof p));
}
END_TEST

/* Stores what the kernel has of 'text' in '*decoded'. */
static void
decode(const char *text, struct ofpbuf *decoded)
{
    struct kernel_pointed pointed;
    struct memory m;

    memory_init(&m, &kernel_layout_6_12, text);
    pointed.data = m.pointed.data;
    pointed.len = m.pointed.size;
    ofpbuf_init(decoded, 0);
    ck_assert(kernel_actions_decode(m.layout, m.bytes.data, m.bytes.size,
                                    &pointed, decoded, NULL));
    memory_uninit(&m);
}

/* Appends the attributes of 'nested' to 'out', the last one first. */
static void
put_reversed(const struct nlattr *nested, struct ofpbuf *out)
{
    const struct nlattr *attrs[24];
    const struct nlattr *a;
    size_t left;
    size_t n = 0;

    NL_NESTED_FOR_EACH (a, left, nested) {
        ck_assert_uint_lt(n, ARRAY_SIZE(attrs));
        attrs[n++] = a;
    }
    while (n--) {
        nl_msg_put_unspec(out, nl_attr_type(attrs[n]), nl_attr_get(attrs[n]),
                          nl_attr_get_size(attrs[n]));
    }
}

/* A tunnel is the same in whatever order a request has what it consists of,
 * and another one otherwise. */
START_TEST(test_match)
{
    struct ofpbuf decoded, request;
    struct upcall_attrs a, b;
    size_t outer, inner;
    uint8_t *bytes;

    decode(GENEVE, &decoded);
    ofpbuf_init(&request, 0);
    outer = nl_msg_start_nested(&request, OVS_ACTION_ATTR_SET);
    inner = nl_msg_start_nested(&request, OVS_KEY_ATTR_TUNNEL);
    put_reversed(nl_attr_get(decoded.data), &request);
    nl_msg_end_nested(&request, inner);
    nl_msg_end_nested(&request, outer);
    a = build_actions_attrs(&decoded);
    b = build_actions_attrs(&request);
    ck_assert(!ofpbuf_equal(&decoded, &request));
    ck_assert(kernel_actions_match(&a, &b));
    bytes = request.data;
    bytes[3 * NLA_HDRLEN] ^= 1;
    ck_assert(!kernel_actions_match(&a, &b));
    ofpbuf_uninit(&request);
    build_actions("set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64))", &request);
    b = build_actions_attrs(&request);
    ck_assert(!kernel_actions_match(&a, &b));
    ck_assert(!kernel_actions_match(&b, &a));
    ofpbuf_uninit(&request);
    ofpbuf_uninit(&decoded);
}
END_TEST

/* Returns the tests of this file. */
TCase *
kernel_actions_pointed_tcase(void)
{
    TCase *tc = tcase_create("kernel-actions-pointed");

    tcase_add_loop_test(tc, test_decode, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_dec_ttl, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_not_read, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_bad_helper, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_bad_tunnel, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_bridge, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_layout, 0, ARRAY_SIZE(layouts));
    tcase_add_test(tc, test_pointers);
    tcase_add_test(tc, test_match);
    return tc;
}
