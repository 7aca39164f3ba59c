/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/pcapng.h: a reader of our own finds what was written. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "dp-packet.h"
#include "file/pcapng-block.h"
#include "file/pcapng.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "read-pcapng.h"
#include "show/record-context.h"
#include "store/port-map.h"
#include "util.h"

TCase *pcapng_tcase(void);

#define UFID "66252ae8-0102-0304-0506-0708090a0b0c"
#define ICMP "icmp 172.200.0.3 > 172.200.0.2 98 bytes"

/* 2026-01-01T00:00:00Z is when the machine was started. */
#define WALL_OFFSET 1767225600000000000LL

static struct ofpbuf file;      /* What was written, */
static size_t ofs;              /* of which so much was read. */
static size_t room;             /* Bytes that it may have. */
static int n_writes;

static void
setup(void)
{
    check_output_setup();
    ofpbuf_init(&file, 0);
    ofs = 0;
    room = SIZE_MAX;
}

static void
teardown(void)
{
    ofpbuf_uninit(&file);
    check_output_teardown();
}

static int
write_file(const void *data, size_t n, void *aux)
{
    ck_assert_ptr_eq(aux, &file);
    n_writes++;
    if (n > room) {
        return ENOSPC;
    }
    room -= n;
    ofpbuf_put(&file, data, n);
    return 0;
}

static struct pcapng *
create(uint32_t snaplen)
{
    const struct pcapng_about about = {
        .os = "Linux 6.12",
        .application = "ovs-upcall-trace 0.1.0",
        .wall_offset = WALL_OFFSET,
        .start_ts = BUILD_TS - 1000,
        .snaplen = snaplen,
    };

    return pcapng_create(&about, write_file, &file);
}

static void
put(struct pcapng *w, void *record, size_t size)
{
    const struct record_context context = { .ports = test_ports };
    char *error = pcapng_put(w, record, size, &context);

    ck_assert_msg(!error, "%s", error);
    free(record);
}

/* Writes 'b', which is freed. */
static void
put_upcall(struct pcapng *w, struct build *b)
{
    size_t size;
    void *record = build_get(b, &size);

    build_uninit(b);
    put(w, record, size);
}

/* Writes 'b', which is freed. */
static void
put_pass(struct pcapng *w, struct build_pass *b)
{
    size_t size;
    void *record = build_pass_get(b, &size);

    build_pass_uninit(b);
    put(w, record, size);
}

/* Reads the next block, which has to be of 'type'. */
static void
next(struct read_block *b, uint32_t type)
{
    ck_assert(read_pcapng_next(file.data, file.size, &ofs, b));
    ck_assert_uint_eq(b->type, type);
}

static void
check_end(void)
{
    struct read_block b;

    ck_assert(!read_pcapng_next(file.data, file.size, &ofs, &b));
}

/* Fails unless the options 'code' of 'b', a line each, are 'expected'. */
static void
check_option(const struct read_block *b, uint16_t code, const char *expected)
{
    char *text = read_text(b, code, "\n");

    ck_assert_pstr_eq(text, expected);
    free(text);
}

static void
check_interface(uint16_t link_type, const char *name, const char *description)
{
    struct read_block b;

    next(&b, 1);
    ck_assert_uint_eq(read_u16(&b, 0), link_type);
    check_option(&b, 2, name);
    check_option(&b, 3, description);
    ck_assert_uint_eq(read_number(&b, 9, 1), 9);
}

/* All bytes of a file of a packet of 3 bytes. */
START_TEST(test_bytes)
{
    const struct pcapng_about about = {
        .hardware = "m\n", .snaplen = 3, .wall_offset = 0x500000000,
    };
    struct {
        uint32_t section[3];
        uint16_t version[2];
        uint64_t length;
        uint16_t hardware[2];
        char hardware_text[8];
        uint32_t section_end[2];

        uint32_t interface[2];
        uint16_t link_type[2];
        uint32_t snaplen;
        uint16_t description[2];
        char description_text[20];
        uint16_t tsresol[2];
        uint8_t tsresol_value[4];
        uint32_t interface_end[2];

        uint32_t packet[7];
        uint8_t data[4];
        uint16_t comment[2];
        char comment_text[44];
        uint16_t id[2];
        uint32_t id_value[2];
        uint32_t packet_end[2];
    } expected = {
        .section = { 0x0a0d0d0a, 44, 0x1a2b3c4d },
        .version = { 1, 0 },
        .length = UINT64_MAX,
        .hardware = { 2, 5 },
        .hardware_text = "m\\012",
        .section_end = { 0, 44 },
        .interface = { 1, 56 },
        .link_type = { 1, 0 },
        .snaplen = 3,
        .description = { 3, 18 },
        .description_text = "input port unknown",
        .tsresol = { 9, 1 },
        .tsresol_value = { 9 },
        .interface_end = { 0, 56 },
        .packet = { 6, sizeof expected - 100, 0, 5, 7, 3, 98 },
        .data = { 2, 0, 0 },
        .id = { 5, 8 },
        .packet_end = { 0, sizeof expected - 100 },
    };
    struct build_pass p;
    struct pcapng *w;

    w = pcapng_create(&about, write_file, &file);
    build_pass_miss(&p);
    p.rec.flags = 0;
    p.rec.ts = 7;
    p.packet.size = 4;
    p.rec.packet_len = 98;
    put_pass(w, &p);
    ck_assert_int_eq(pcapng_get_error(w), 0);
    pcapng_destroy(w);

    /* The number of the track, which is the first that is known of its
     * packet. */
    expected.id_value[CONSTANT_HTONS(1) == 1] = 18;
    expected.comment[0] = 1;
    expected.comment[1] = sizeof expected.comment_text;
    memcpy(expected.comment_text,
           "p18 - 98 bytes: miss, 3 masks, lookup 0.9 us",
           sizeof expected.comment_text);
    ck_assert_uint_eq(file.size, sizeof expected);
    ck_assert_mem_eq(file.data, &expected, sizeof expected);
}
END_TEST

/* An upcall with all that is told about it, a pass, and the statistics. */
START_TEST(test_whole)
{
    const struct pcapng_counts counts = {
        .produced = 12, .delivered = 9, .dropped = 3,
        .comment = "dropped: ring_full 3", .end_ts = BUILD_TS + 5000,
    };
    struct pcapng *w = create(0);
    struct dp_packet *packet;
    struct build_pass p;
    struct read_block b;
    struct build u;

    build_executed(&u);
    u.rec.track = 18;
    put_upcall(w, &u);
    build_pass_hit(&p);
    put_pass(w, &p);
    ck_assert_int_eq(pcapng_end(w, &counts), 0);
    pcapng_destroy(w);

    next(&b, 0x0a0d0d0a);
    ck_assert_uint_eq(read_u32(&b, 0), 0x1a2b3c4d);
    check_option(&b, 2, NULL);
    check_option(&b, 3, "Linux 6.12");
    check_option(&b, 4, "ovs-upcall-trace 0.1.0");
    check_interface(1, "p2", "input port 3 of system@ovs-system");

    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 0), 0);
    ck_assert_uint_eq(read_time(&b, 4), WALL_OFFSET + BUILD_TS);
    ck_assert_uint_eq(read_u32(&b, 12), 98);
    ck_assert_uint_eq(read_u32(&b, 16), 98);
    ck_assert(!eth_from_hex(build_icmp, &packet));
    ck_assert_mem_eq(b.body + 20, dp_packet_data(packet), 98);
    dp_packet_delete(packet);
    check_option(&b, 1,
        "#17 miss p2 " ICMP ": executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   246.8  flow_put   ufid:" UFID " 12.1 us\n"
        "   260.0  flow_exec\n"
        "   311.1  output     p1");
    ck_assert_uint_eq(read_number(&b, 5, 8), 18);
    ck_assert_uint_eq(read_number(&b, 6, 4), 2);

    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 0), 0);
    check_option(&b, 1, "p18 p2 " ICMP ": hit ufid:" UFID ", 3 masks, "
                 "lookup 0.9 us\n"
                 "       -  output     p1");
    ck_assert_uint_eq(read_number(&b, 5, 8), 18);
    ck_assert_ptr_null(read_find(&b, 6));

    next(&b, 5);
    ck_assert_uint_eq(read_u32(&b, 0), 0);
    ck_assert_uint_eq(read_number(&b, 8, 8), 2);
    ck_assert_ptr_null(read_find(&b, 4));
    ck_assert_ptr_null(read_find(&b, 5));

    check_interface(1, "all ports", "counts of records of the whole trace");
    next(&b, 5);
    ck_assert_uint_eq(read_u32(&b, 0), 1);
    ck_assert_uint_eq(read_time(&b, 4), WALL_OFFSET + BUILD_TS + 5000);
    ck_assert_uint_eq(read_number(&b, 4, 8), 12);
    ck_assert_uint_eq(read_number(&b, 5, 8), 3);
    ck_assert_uint_eq(read_number(&b, 8, 8), 9);
    check_option(&b, 1, "dropped: ring_full 3");
    check_end();
}
END_TEST

/* Ports are told apart, also those that had a number before. */
START_TEST(test_interfaces)
{
    static const struct {
        uint32_t flags, port_no;
        uint64_t later;
        uint32_t id;
        const char *name;       /* If the interface is new. */
        const char *description;
    } cases[] = {
        { PASS_F_PORT | PASS_F_DP, 3, 0, 0, "p2",
          "input port 3 of system@ovs-system" },
        { PASS_F_PORT | PASS_F_DP, 2, 0, 1, "p1",
          "input port 2 of system@ovs-system" },
        { PASS_F_PORT | PASS_F_DP, 3, 1000, 2, "new",
          "input port 3 of system@ovs-system" },
        { PASS_F_PORT | PASS_F_DP, 9, 0, 3, "port 9",
          "input port 9 of system@ovs-system" },
        { PASS_F_PORT | PASS_F_DP, 3, 0, 0, NULL, NULL },
        { 0, 3, 0, 4, NULL, "input port unknown" },
        { PASS_F_DP, 2, 0, 4, NULL, NULL },
        { PASS_F_PORT | PASS_F_DP, 9, 0, 3, NULL, NULL },
    };
    struct pcapng *w = create(0);
    struct read_block b;

    port_map_remove(test_ports, BUILD_DP_IFINDEX, 3, BUILD_TS + 10);
    port_map_add(test_ports, BUILD_DP_IFINDEX, 3, "new", BUILD_TS + 20);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct build_pass p;

        build_pass_hit(&p);
        p.rec.flags = cases[i].flags;
        p.rec.port_no = cases[i].port_no;
        p.rec.ts += cases[i].later;
        put_pass(w, &p);
    }
    pcapng_destroy(w);

    next(&b, 0x0a0d0d0a);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (cases[i].description) {
            check_interface(1, cases[i].name, cases[i].description);
        }
        next(&b, 6);
        ck_assert_uint_eq(read_u32(&b, 0), cases[i].id);
    }
    check_end();
}
END_TEST

/* Packets without an Ethernet header. */
START_TEST(test_link_types)
{
    static const struct {
        uint16_t ethertype;
        uint16_t link_type;
    } cases[] = {
        { 0x0800, 101 }, { 0x86dd, 101 }, { 0x8847, 219 }, { 0x894f, 147 },
    };
    struct pcapng *w = create(0);
    struct build_pass p;
    struct read_block b;
    struct build u;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        build_pass_init(&p, 18, PASS_MISS);
        p.rec.flags |= PASS_F_L3;
        p.rec.ethertype = htons(cases[i].ethertype);
        build_pass_packet(&p, build_icmp);
        put_pass(w, &p);
    }
    build_init(&u, UPCALL_CLASS_MISS);
    build_message(&u, "in_port(3),eth_type(0x0800),ipv4(src=172.200.0.3,"
                  "dst=172.200.0.2,proto=1,tos=0,ttl=64,frag=no),"
                  "icmp(type=8,code=0)", build_icmp, NULL, 0);
    put_upcall(w, &u);
    build_executed(&u);
    put_upcall(w, &u);
    build_init(&u, UPCALL_CLASS_MISS);
    build_lost_early(&u, build_icmp, -EAGAIN);
    put_upcall(w, &u);
    pcapng_destroy(w);

    next(&b, 0x0a0d0d0a);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (!i || cases[i].link_type != cases[i - 1].link_type) {
            check_interface(cases[i].link_type, "p2",
                            "input port 3 of system@ovs-system");
        }
        next(&b, 6);
    }
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 0), 0);
    check_interface(1, "p2", "input port 3 of system@ovs-system");
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 0), 3);
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 0), 3);
    check_end();
}
END_TEST

/* Packets of which not all was kept, or nothing. */
START_TEST(test_lengths)
{
    struct pcapng *w = create(61);
    struct build_pass p;
    struct read_block b;

    build_pass_hit(&p);
    put_pass(w, &p);
    build_pass_hit(&p);
    p.packet.size = 0;
    put_pass(w, &p);
    build_pass_hit(&p);
    p.rec.packet_len = 0;
    p.packet.size = 33;
    put_pass(w, &p);
    pcapng_destroy(w);

    next(&b, 0x0a0d0d0a);
    next(&b, 1);
    ck_assert_uint_eq(read_u32(&b, 4), 61);
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 12), 61);
    ck_assert_uint_eq(read_u32(&b, 16), 98);
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 12), 0);
    ck_assert_uint_eq(read_u32(&b, 16), 98);
    next(&b, 6);
    ck_assert_uint_eq(read_u32(&b, 12), 33);
    ck_assert_uint_eq(read_u32(&b, 16), 33);
    check_end();
}
END_TEST

/* What there may be too much of is bounded. */
START_TEST(test_limits)
{
    const uint32_t n = PCAPNG_INTERFACES_MAX + 2;
    struct pcapng *w = create(0);
    struct build_pass p;
    struct read_block b;

    for (uint32_t i = 0; i < n; i++) {
        build_pass_hit(&p);
        p.rec.port_no = 10 + i;
        put_pass(w, &p);
    }
    pcapng_destroy(w);
    next(&b, 0x0a0d0d0a);
    for (uint32_t i = 0; i < n; i++) {
        if (i <= PCAPNG_INTERFACES_MAX) {
            next(&b, 1);
        }
        next(&b, 6);
        ck_assert_uint_eq(read_u32(&b, 0), MIN(i, PCAPNG_INTERFACES_MAX));
    }
    check_end();
}
END_TEST

START_TEST(test_long_comments)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct read_block b;

    ds_put_char_multiple(&line, 'x', PCAPNG_OPTION_MAX + 1);
    ds_put_char_multiple(&line, '\n', 3);
    pcapng_block_begin(&file, PCAPNG_INTERFACE);
    pcapng_block_put_bytes(&file, "12345678", 8);
    pcapng_block_put_comments(&file, ds_cstr(&line));
    pcapng_block_end(&file);
    next(&b, 1);
    ck_assert_uint_eq(b.n_options, 3);
    ck_assert_uint_eq(b.options[0].len, PCAPNG_OPTION_MAX);
    ck_assert_mem_eq(b.options[0].value + PCAPNG_OPTION_MAX - 4, "x...", 4);
    ck_assert_uint_eq(b.options[2].len, 0);

    ds_clear(&line);
    ds_put_char_multiple(&line, '\n', 1000);
    pcapng_block_begin(&file, PCAPNG_INTERFACE);
    pcapng_block_put_bytes(&file, "12345678", 8);
    pcapng_block_put_comments(&file, ds_cstr(&line));
    pcapng_block_end(&file);
    ofs = 0;
    next(&b, 1);
    ck_assert_uint_eq(b.n_options, 513);
    ck_assert_uint_eq(b.options[512].len, 3);

    ds_clear(&line);
    for (int i = 0; i < 20; i++) {
        ds_put_char_multiple(&line, 'x', PCAPNG_OPTION_MAX);
        ds_put_char(&line, '\n');
    }
    pcapng_block_begin(&file, PCAPNG_INTERFACE);
    pcapng_block_put_bytes(&file, "12345678", 8);
    pcapng_block_put_comments(&file, ds_cstr(&line));
    pcapng_block_end(&file);
    ofs = 0;
    next(&b, 1);
    ck_assert_uint_eq(b.n_options, 9);
    ck_assert_uint_eq(b.options[8].len, 3);
    ds_destroy(&line);
}
END_TEST

/* A time before the epoch is that of the epoch. */
START_TEST(test_before_epoch)
{
    const struct pcapng_about about = { .wall_offset = -100 };
    static const uint64_t times[][2] = { { 99, 0 }, { 100, 0 }, { 107, 7 } };
    struct pcapng *w = pcapng_create(&about, write_file, &file);
    struct read_block b;

    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        struct build_pass p;

        build_pass_hit(&p);
        p.rec.ts = times[i][0];
        put_pass(w, &p);
    }
    pcapng_destroy(w);
    next(&b, 0x0a0d0d0a);
    next(&b, 1);
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        next(&b, 6);
        ck_assert_uint_eq(read_time(&b, 4), times[i][1]);
    }
}
END_TEST

/* The first error stays, and nothing is written after it. */
START_TEST(test_errors)
{
    const struct record_context context = { .ports = test_ports };
    struct pcapng *w = create(0);
    struct upcall_record bad = { .msg_len = 1000 };
    struct build_pass p;
    size_t size;
    char *error;

    size = file.size;
    error = pcapng_put(w, &bad, sizeof bad, &context);
    ck_assert_ptr_nonnull(error);
    free(error);
    ck_assert_uint_eq(file.size, size);
    ck_assert_int_eq(pcapng_get_error(w), 0);

    room = 10;
    n_writes = 0;
    for (int i = 0; i < 2; i++) {
        build_pass_hit(&p);
        put_pass(w, &p);
        ck_assert_int_eq(pcapng_get_error(w), ENOSPC);
        room = SIZE_MAX;
    }
    ck_assert_int_eq(pcapng_end(w, NULL), ENOSPC);
    ck_assert_int_eq(n_writes, 1);
    ck_assert_uint_eq(file.size, size);
    pcapng_destroy(w);
}
END_TEST

START_TEST(test_stream)
{
    FILE *full = fopen("/dev/full", "w");
    FILE *f = tmpfile();
    char buf[4] = "";

    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(pcapng_write_stream("abc", 3, f), 0);
    rewind(f);
    ck_assert_uint_eq(fread(buf, 1, sizeof buf, f), 3);
    ck_assert_str_eq(buf, "abc");
    fclose(f);

    ck_assert_ptr_nonnull(full);
    setvbuf(full, NULL, _IONBF, 0);
    ck_assert_int_eq(pcapng_write_stream("abc", 3, full), ENOSPC);
    fclose(full);
}
END_TEST

TCase *
pcapng_tcase(void)
{
    TCase *tcase = tcase_create("pcapng");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_bytes);
    tcase_add_test(tcase, test_whole);
    tcase_add_test(tcase, test_interfaces);
    tcase_add_test(tcase, test_link_types);
    tcase_add_test(tcase, test_lengths);
    tcase_add_test(tcase, test_limits);
    tcase_add_test(tcase, test_long_comments);
    tcase_add_test(tcase, test_before_epoch);
    tcase_add_test(tcase, test_errors);
    tcase_add_test(tcase, test_stream);
    return tcase;
}
