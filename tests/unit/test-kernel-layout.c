/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of extension/kernel-layout.c. */

#include <config.h>
#include "extension/kernel-layout.h"

#include <check.h>
#include <string.h>

#include <bpf/btf.h>

#include "kernel-bytes.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *kernel_layout_tcase(void);

/* Types that the members have. */
struct types {
    int u8, u16, u32, u64, timeout, addr, pointer, name;
};

static void
add_basic_types(struct btf *btf, struct types *t)
{
    int u16, addr;

    t->u8 = btf__add_int(btf, "unsigned char", 1, 0);
    u16 = btf__add_int(btf, "unsigned short", 2, 0);
    t->u16 = btf__add_typedef(btf, "u16", btf__add_typedef(btf, "__u16",
                                                           u16));
    t->u32 = btf__add_int(btf, "unsigned int", 4, 0);
    t->timeout = btf__add_array(btf, t->u32, t->u8, 32);
    addr = btf__add_array(btf, t->u32, t->u32, 4);
    t->addr = btf__add_union(btf, "nf_inet_addr", 16);
    btf__add_field(btf, "all", addr, 0, 0);
    t->pointer = btf__add_ptr(btf, 0);
    t->u64 = btf__add_int(btf, "unsigned long", 8, 0);
    t->name = btf__add_array(btf, t->u32, t->u8, 16);
}

/* Adds a structure with two addresses of type 'id', of 'size' bytes. */
static int
add_addresses(struct btf *btf, int id, size_t size)
{
    int pair = btf__add_struct(btf, NULL, 2 * size);

    btf__add_field(btf, "src", id, 0, 0);
    btf__add_field(btf, "dst", id, size * 8, 0);
    return pair;
}

/* Adds a member with the name of 'field' where 'layout' has that. */
static void
add_field(struct btf *btf, const struct kernel_layout *layout,
          enum kernel_field field, int id)
{
    const char *dot = strrchr(kernel_field_member(field), '.');

    btf__add_field(btf, dot ? dot + 1 : kernel_field_member(field), id,
                   layout->fields[field].bit, 0);
}

/* Adds what is not of the module: tunnels. */
static void
add_tunnel(struct btf *btf, const struct types *t,
           const struct kernel_layout *layout)
{
    const struct kernel_place *fields = layout->fields;
    int ipv4 = add_addresses(btf, t->u32, 4);
    int ipv6 = add_addresses(btf, t->addr, 16);
    int flags = (fields[KERNEL_FIELD_TUNNEL_FLAGS].bits == 16 ? t->u16
                 : btf__add_array(btf, t->u32, t->u64, 1));
    int addresses = btf__add_union(btf, NULL, 32);
    int members, key, info;

    btf__add_field(btf, "ipv4", ipv4, 0, 0);
    btf__add_field(btf, "ipv6", ipv6, 0, 0);
    key = btf__add_struct(btf, "ip_tunnel_key", 64);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_ID, t->u64);
    btf__add_field(btf, "u", addresses, 64, 0);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_FLAGS, flags);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_TOS, t->u8);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_TTL, t->u8);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_TP_SRC, t->u16);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_TP_DST, t->u16);
    info = btf__add_struct(btf, "ip_tunnel_info",
                           fields[KERNEL_FIELD_TUNNEL].bits / 8);
    btf__add_field(btf, "key", key, 0, 0);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_OPTIONS_LEN, t->u8);
    add_field(btf, layout, KERNEL_FIELD_TUNNEL_MODE, t->u8);
    members = btf__add_union(btf, NULL, 96);
    btf__add_field(btf, "tun_info", info, 0, 0);
    btf__add_struct(btf, "metadata_dst", 240);
    btf__add_field(btf, "u", members, fields[KERNEL_FIELD_TUN_INFO].bit, 0);
}

/* Adds a structure with two members of type 'id', of 'size' bytes. */
static int
add_pair(struct btf *btf, const char *name, int id, size_t size)
{
    int pair = btf__add_struct(btf, name, 2 * size);

    btf__add_field(btf, "value", id, 0, 0);
    btf__add_field(btf, "mask", id, size * 8, 0);
    return btf__add_const(btf, pair);
}

static int
add_range(struct btf *btf, const struct types *t)
{
    int range = btf__add_struct(btf, "nf_nat_range2", 44);

    btf__add_field(btf, "flags", t->u32, 0, 0);
    btf__add_field(btf, "min_addr", t->addr, 32, 0);
    btf__add_field(btf, "max_addr", t->addr, 160, 0);
    btf__add_field(btf, "min_proto", t->u16, 288, 0);
    btf__add_field(btf, "max_proto", t->u16, 304, 0);
    return range;
}

/* Adds a struct ovs_conntrack_info, with a NAT if 'nat', of which a part is in
 * a structure without a name. */
static void
add_conntrack(struct btf *btf, const struct types *t, bool nat)
{
    int range = nat ? add_range(btf, t) : 0;
    int mark = add_pair(btf, "md_mark", t->u32, 4);
    int labels = add_pair(btf, "md_labels", t->addr, 16);
    int zone = btf__add_struct(btf, "nf_conntrack_zone", 4);
    int inner;

    btf__add_field(btf, "id", t->u16, 0, 0);
    inner = btf__add_struct(btf, NULL, 8);
    btf__add_field(btf, "family", t->u16, 16, 0);
    btf__add_field(btf, "eventmask", t->u32, 32, 0);
    btf__add_struct(btf, "ovs_conntrack_info", 160);
    btf__add_field(btf, "helper", t->pointer, 0, 0);
    btf__add_field(btf, "zone", zone, 64, 0);
    btf__add_field(btf, "ct", t->pointer, 128, 0);
    btf__add_field(btf, "commit", t->u8, 192, 1);
    btf__add_field(btf, "nat", t->u8, 193, 3);
    btf__add_field(btf, "force", t->u8, 196, 1);
    btf__add_field(btf, "have_eventmask", t->u8, 197, 1);
    btf__add_field(btf, NULL, inner, 192, 0);
    btf__add_field(btf, "mark", mark, 256, 0);
    btf__add_field(btf, "labels", labels, 320, 0);
    btf__add_field(btf, "timeout", t->timeout, 576, 0);
    if (nat) {
        btf__add_field(btf, "range", range, 896, 0);
    }
}

/* Adds an enumeration with the number 'number' of 'layout' after another. */
static void
add_number(struct btf *btf, const struct kernel_layout *layout, int number)
{
    btf__add_enum(btf, NULL, 4);
    btf__add_enum_value(btf, "OVS_FIRST", 0);
    btf__add_enum_value(btf, kernel_number_name(number),
                        layout->numbers[number]);
}

/* Adds the types of the module to 'btf', as if it were of the kernel of
 * 'layout'. */
static void
add_module(struct btf *btf, const struct types *t, bool nat,
           const struct kernel_layout *layout)
{
    for (int i = 0; i < KERNEL_N_NUMBERS; i++) {
        add_number(btf, layout, i);
    }
    btf__add_struct(btf, "sample_arg", 8);
    btf__add_field(btf, "exec", t->u8, 0, 0);
    btf__add_field(btf, "probability", t->u32, 32, 0);
    btf__add_struct(btf, "check_pkt_len_arg", 4);
    btf__add_field(btf, "pkt_len", t->u16, 0, 0);
    add_conntrack(btf, t, nat);
    btf__add_struct(btf, "ovs_tunnel_info", 8);
    add_field(btf, layout, KERNEL_FIELD_TUN_DST, t->pointer);
    btf__add_struct(btf, "nf_conntrack_helper", 160);
    add_field(btf, layout, KERNEL_FIELD_HELPER_NAME, t->name);
}

/* The BTF of a module continues that of its kernel. */
START_TEST(test_module)
{
    struct btf *kernel = btf__new_empty();
    struct kernel_layout layout;
    struct btf *module;
    struct types t;

    add_basic_types(kernel, &t);
    add_tunnel(kernel, &t, &kernel_layout_6_12);
    module = btf__new_empty_split(kernel);
    add_module(module, &t, true, &kernel_layout_6_12);
    kernel_layout_read(&layout, module, kernel);
    ck_assert_mem_eq(&layout, &kernel_layout_6_12, sizeof layout);
    btf__free(module);
    btf__free(kernel);
}
END_TEST

/* A kernel that has openvswitch in itself. */
START_TEST(test_built_in)
{
    struct btf *kernel = btf__new_empty();
    struct kernel_layout layout;
    struct types t;

    add_basic_types(kernel, &t);
    add_tunnel(kernel, &t, &kernel_layout_6_1);
    add_module(kernel, &t, true, &kernel_layout_6_1);
    kernel_layout_read(&layout, NULL, kernel);
    ck_assert_mem_eq(&layout, &kernel_layout_6_1, sizeof layout);
    btf__free(kernel);
}
END_TEST

/* What is missing is unknown, and all else is not. */
START_TEST(test_missing)
{
    struct btf *kernel = btf__new_empty();
    struct ds missing = DS_EMPTY_INITIALIZER;
    struct kernel_layout layout;
    struct types t;

    add_basic_types(kernel, &t);
    add_tunnel(kernel, &t, &kernel_layout_6_12);
    add_module(kernel, &t, false, &kernel_layout_6_12);
    kernel_layout_read(&layout, NULL, kernel);
    ck_assert(!kernel_layout_is_complete(&layout, &missing));
    ck_assert_str_eq(ds_cstr(&missing), "ovs_conntrack_info.range.flags, "
                     "ovs_conntrack_info.range.min_addr, "
                     "ovs_conntrack_info.range.max_addr, "
                     "ovs_conntrack_info.range.min_proto, "
                     "ovs_conntrack_info.range.max_proto");
    kernel_layout_read(&layout, NULL, NULL);
    ck_assert(is_all_zeros(&layout, sizeof layout));
    ds_destroy(&missing);
    btf__free(kernel);
}
END_TEST

/* Returns the tests of this file. */
TCase *
kernel_layout_tcase(void)
{
    TCase *tc = tcase_create("kernel-layout");

    tcase_add_test(tc, test_module);
    tcase_add_test(tc, test_built_in);
    tcase_add_test(tc, test_missing);
    return tc;
}
