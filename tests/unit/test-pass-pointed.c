/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the part of a record that has what actions point to. */

#include <config.h>
#include "record/pass.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-actions.h"
#include "build-pass.h"
#include "flow/hidden-actions.h"
#include "hidden-hit.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "pointed-walk.h"
#include "random.h"
#include "record/pass-actions.h"
#include "record/record.h"
#include "util.h"

TCase *pass_pointed_tcase(void);

#define GENEVE "set(tunnel(tun_id=0x1,dst=10.0.0.9,ttl=64,tp_dst=6081," \
    "geneve({class=0x102,type=0x80,len=4,0x50004}),flags(df|csum|key)))"

/* Makes a record of a hit of a flow with 'text'. */
static void
build_record(struct build_pass *b, const char *text)
{
    struct upcall_attrs attrs;
    struct ofpbuf actions;

    build_pass_hit(b);
    ofpbuf_clear(&b->actions);
    build_actions(text, &actions);
    attrs = build_actions_attrs(&actions);
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &b->actions, &b->pointed);
    ofpbuf_uninit(&actions);
}

/* Fails unless the actions of 'p' are 'expected'. */
static void
check_pass(const struct pass *p, const char *expected)
{
    struct pass_actions actions;
    char *text;

    pass_actions_init(&actions, p, &kernel_layout_6_12);
    text = build_actions_text(&actions.decoded);
    ck_assert_str_eq(text, expected);
    free(text);
    pass_actions_uninit(&actions);
}

/* It is where it should be in a record, between its other parts. */
START_TEST(test_record)
{
    static const struct pass_executed executed = { .ns = 77 };
    struct build_pass b;
    struct pass p;
    void *rec;

    build_record(&b, GENEVE ",1");
    rec = build_pass_parse(&b, &p);
    check_pass(&p, GENEVE ",1");
    free(rec);

    build_record(&b, "ct(helper=ftp)," GENEVE ",1");
    b.rec.flags |= PASS_F_EXECUTED;
    ofpbuf_put(&b.executed, &executed, sizeof executed);
    rec = build_pass_parse(&b, &p);
    check_pass(&p, "ct(helper=ftp)," GENEVE ",1");
    ck_assert_uint_eq(p.n_executed, 1);
    ck_assert_uint_eq(p.executed->ns, 77);
    ck_assert_uint_eq(pass_limit_packet(rec, 10), pass_record_size(rec));
    free(rec);
}
END_TEST

/* Of actions that are not whole, the first ones have what they point to. */
START_TEST(test_first_actions)
{
    struct pass_actions actions;
    struct build_pass b;
    struct pass p;
    char *text;
    void *rec;

    build_record(&b, GENEVE ",1,2");
    b.rec.flags |= PASS_F_ACTIONS_CUT;
    b.rec.actions_total = 9000;
    rec = build_pass_parse(&b, &p);
    ck_assert_ptr_null(p.actions);
    pass_actions_init_first(&actions, &p, &kernel_layout_6_12);
    text = build_actions_text(&actions.decoded);
    ck_assert_str_eq(text, GENEVE ",1,2");
    ck_assert_uint_eq(actions.missing, 9000 - p.first_actions_len);
    free(text);
    pass_actions_uninit(&actions);
    free(rec);
}
END_TEST

/* The packet of a record is cut, and all else stays. */
START_TEST(test_limit)
{
    struct build_pass b;
    struct pass p;
    char *error;
    size_t size;
    void *rec;

    build_record(&b, GENEVE ",1");
    rec = build_pass_get(&b, &size);
    ck_assert_uint_eq(pass_limit_packet(rec, 10),
                      size - ROUND_UP(b.packet.size, 8) + 16);
    build_pass_uninit(&b);
    ck_assert(pass_parse(rec, pass_record_size(rec), &p, &error));
    check_pass(&p, GENEVE ",1");
    free(rec);
}
END_TEST

/* Records that no program writes. */
START_TEST(test_hostile)
{
    struct build_pass b;
    struct pass_record *rec;
    struct pass p;
    char *error;
    size_t size;

    build_record(&b, GENEVE ",1");
    rec = build_pass_get(&b, &size);
    build_pass_uninit(&b);
    for (int n = 0; n <= UINT16_MAX; n++) {
        bool possible = n == rec->pointed_len;
        uint16_t right = rec->pointed_len;

        rec->pointed_len = n;
        ck_assert(pass_parse(rec, size, &p, &error) == possible);
        free(error);
        rec->pointed_len = right;
    }
    rec->pointed_len = PASS_POINTED_MAX + 8;
    ck_assert(!pass_parse(rec, size, &p, &error));
    ck_assert_str_eq(error, "record has impossible 4104 bytes that actions "
                     "point to");
    free(error);
    free(rec);
}
END_TEST

/* Of a flow of which all is known, nothing is to be asked. */
START_TEST(test_nothing_to_ask)
{
    struct hidden_actions hidden;

    for (int is_read = 0; is_read <= 1; is_read++) {
        struct build_pass b;
        struct pass p;
        void *rec;

        hidden_actions_init(&hidden, HIDDEN_PUT_TS);
        build_record(&b, GENEVE ",ct(helper=ftp),1");
        b.rec.ts = HIDDEN_PUT_TS + 10;
        if (!is_read) {
            ofpbuf_clear(&b.pointed);
        }
        rec = build_pass_parse(&b, &p);
        ck_assert(hidden_actions_add_hit(&hidden, &p, &kernel_layout_6_12)
                  == !is_read);
        free(rec);
    }
}
END_TEST

/* Walks. */

/* Actions that others may be around. */
static const char *const leaves[] = {
    "1", "userspace(pid=9,userdata(03000000000000001003000c0017000c00))",
    "set(ipv4(ttl=63))", "set(eth(src=01:02:03:04:05:06))",
    "push_vlan(vid=5,pcp=3)", "ct_clear", "ct(commit,zone=3)",
    "ct(zone=3,helper=ftp)", "trunc(100)", "recirc(3)",
    "set(tunnel(dst=10.0.0.9,ttl=0,flags(df)))", GENEVE,
};

/* Bytes that the program needs to read a tunnel. */
#define TUNNEL_ROOM (sizeof(struct pass_pointed) + PASS_TUNNEL_MAX \
                     + PASS_TUNNEL_OPTIONS_MAX)

/* Appends some actions to 's', around which there are 'depth' others, and
 * 'checks' check_pkt_len. */
static void
put_random(struct ds *s, int depth, int checks)
{
    for (int n = 1 + random_range(5); n; n--) {
        uint32_t kind = random_range(depth < 5 ? 8 : 5);
        bool check = kind == 7 && checks < 4;

        ds_put_cstr(s, kind == 5 ? "clone("
                    : kind == 6 ? "sample(sample=50.0%,actions("
                    : check ? "check_pkt_len(size=9,gt("
                    : leaves[random_range(ARRAY_SIZE(leaves))]);
        if (kind == 5 || kind == 6 || check) {
            put_random(s, depth + 1, checks + check);
            if (check) {
                ds_put_cstr(s, "),le(");
                if (random_range(3)) {
                    put_random(s, depth + 1, checks + 1);
                } else {
                    ds_put_cstr(s, "drop");
                }
            }
            ds_put_cstr(s, kind == 5 ? ")" : "))");
        }
        ds_put_cstr(s, n > 1 ? "," : "");
    }
}

/* Stores what the kernel of 'layout' has of 'text'. */
static void
build_kernel(const struct kernel_layout *layout, const char *text,
             struct ofpbuf *bytes, struct ofpbuf *pointed)
{
    struct upcall_attrs attrs;
    struct ofpbuf actions;

    build_actions(text, &actions);
    attrs = build_actions_attrs(&actions);
    ofpbuf_init(bytes, 0);
    ofpbuf_init(pointed, 64);
    kernel_bytes_put(layout, &attrs, bytes, pointed);
    ofpbuf_uninit(&actions);
}

/* The program finds all that actions in each other point to, in their
 * order. */
START_TEST(test_walk)
{
    const struct kernel_layout *layout = _i ? &kernel_layout_6_12
                                         : &kernel_layout_6_1;
    int n = 0;

    random_init();
    random_set_seed(15);
    for (int i = 0; i < 3000; i++) {
        struct ofpbuf bytes, pointed, found;
        struct ds s = DS_EMPTY_INITIALIZER;

        put_random(&s, 0, 0);
        build_kernel(layout, ds_cstr(&s), &bytes, &pointed);
        ofpbuf_init(&found, 64);
        if (bytes.size <= PASS_ACTIONS_MAX
            && pointed.size <= PASS_POINTED_MAX - TUNNEL_ROOM) {
            pointed_walk(layout, &bytes, &pointed, &found);
            ck_assert_msg(ofpbuf_equal(&found, &pointed), "%s", ds_cstr(&s));
            n += pointed.size > 0;
        }
        ofpbuf_uninit(&found);
        ofpbuf_uninit(&pointed);
        ofpbuf_uninit(&bytes);
        ds_destroy(&s);
    }
    ck_assert_int_gt(n, 1000);
}
END_TEST

/* Of actions that are cut, it finds what those before the first one that is
 * not whole point to. */
START_TEST(test_walk_cut)
{
    struct ofpbuf bytes, pointed;

    build_kernel(&kernel_layout_6_12, GENEVE ",1,ct(helper=ftp),clone("
                 GENEVE ",1)," GENEVE, &bytes, &pointed);
    for (size_t n = 0; n <= bytes.size; n++) {
        const struct pass_pointed *p = pointed.data;
        struct ofpbuf found, cut = bytes;
        size_t expected = 0;
        const struct nlattr *a;
        size_t left;

        cut.size = n;
        ofpbuf_init(&found, 64);
        pointed_walk(&kernel_layout_6_12, &cut, &pointed, &found);
        NL_ATTR_FOR_EACH (a, left, cut.data, cut.size) {
            size_t end = (const uint8_t *) a + a->nla_len
                         - (const uint8_t *) cut.data;

            while (expected < pointed.size && p->offset < end) {
                size_t size = sizeof *p + ROUND_UP(p->len, 8);

                expected += size;
                p = (const void *) ((const uint8_t *) p + size);
            }
        }
        ck_assert_uint_eq(found.size, expected);
        if (expected) {
            ck_assert_mem_eq(found.data, pointed.data, expected);
        }
        ofpbuf_uninit(&found);
    }
    ofpbuf_uninit(&pointed);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* 'actions' have 'all' bytes that pointers lead to, of which the first 'n' are
 * found. */
static void
check_walk(const char *actions, size_t all, size_t n)
{
    struct ofpbuf bytes, pointed, found;

    build_kernel(&kernel_layout_6_12, actions, &bytes, &pointed);
    ck_assert_uint_eq(pointed.size, all);
    ofpbuf_init(&found, 64);
    pointed_walk(&kernel_layout_6_12, &bytes, &pointed, &found);
    ck_assert_uint_eq(found.size, n);
    ck_assert_mem_eq(found.data, pointed.data, n);
    ofpbuf_uninit(&found);
    ofpbuf_uninit(&pointed);
    ofpbuf_uninit(&bytes);
}

/* It reads no more than there is room for, and the rest is unknown. */
START_TEST(test_walk_room)
{
    size_t size = (sizeof(struct pass_pointed) + 8
                   + kernel_layout_6_12.fields[KERNEL_FIELD_TUNNEL].bits / 8);
    size_t most = (PASS_POINTED_MAX - TUNNEL_ROOM) / size + 1;
    struct ds s = DS_EMPTY_INITIALIZER;

    ck_assert_uint_ge(most, 30);
    for (size_t n = 1; n < 100; n++) {
        ds_put_cstr(&s, n > 1 ? "," GENEVE : GENEVE);
        check_walk(ds_cstr(&s), n * size, MIN(n, most) * size);
    }
    ds_destroy(&s);
}
END_TEST

/* More check_pkt_len in each other than are gone into: what is in the fifth
 * one, and behind it, is not found. */
START_TEST(test_walk_depth)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (int depth = 1; depth <= 5; depth++) {
        size_t size = sizeof(struct pass_pointed) + PASS_HELPER_LEN;

        ds_clear(&s);
        for (int i = 0; i < depth; i++) {
            ds_put_cstr(&s, "ct(helper=ftp),check_pkt_len(size=9,gt(1),le(");
        }
        ds_put_cstr(&s, "ct(helper=tftp)");
        for (int i = 0; i < depth; i++) {
            ds_put_cstr(&s, ")),ct(helper=ftp)");
        }
        check_walk(ds_cstr(&s), (2 * depth + 1) * size,
                   (depth < 5 ? 2 * depth + 1 : 5) * size);
    }
    ds_destroy(&s);
}
END_TEST

/* Whatever there is, nothing else is read or written. */
START_TEST(test_walk_random)
{
    struct ofpbuf bytes, pointed, found;

    random_init();
    random_set_seed(16);
    build_kernel(&kernel_layout_6_12, "clone(" GENEVE ",1),check_pkt_len("
                 "size=9,gt(" GENEVE "),le(check_pkt_len(size=9,gt(1),le("
                 "ct(helper=ftp))))),sample(sample=50.0%,actions(" GENEVE
                 "))," GENEVE, &bytes, &pointed);
    for (int i = 0; i < 20000; i++) {
        struct ofpbuf bad = bytes;

        bad.data = xmemdup(bytes.data, bytes.size);
        for (int j = random_range(4); j >= 0; j--) {
            ((uint8_t *) bad.data)[random_range(bytes.size)] = random_uint32();
        }
        ofpbuf_init(&found, 64);
        pointed_walk(&kernel_layout_6_12, &bad, &pointed, &found);
        ofpbuf_uninit(&found);
        free(bad.data);
    }
    ofpbuf_uninit(&pointed);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_pointed_tcase(void)
{
    TCase *tc = tcase_create("pass-pointed");

    tcase_add_test(tc, test_record);
    tcase_add_test(tc, test_first_actions);
    tcase_add_test(tc, test_limit);
    tcase_add_test(tc, test_hostile);
    tcase_add_test(tc, test_nothing_to_ask);
    tcase_add_loop_test(tc, test_walk, 0, 2);
    tcase_add_test(tc, test_walk_cut);
    tcase_add_test(tc, test_walk_room);
    tcase_add_test(tc, test_walk_depth);
    tcase_add_test(tc, test_walk_random);
    return tc;
}
