/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of how filters get into BPF programs (extension/attach-filter.c).
 * These are opened, but not loaded. */

#include <config.h>

#include <bpf/libbpf.h>
#include <check.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/upcall-record.h"
#include "bpf/vswitchd-record.h"
#include "bpf/pass-record.h"
#include "bpf/packet.skel.h"
#include "bpf/upcall.skel.h"
#include "extension/attach-filter.h"
#include "record/filter.h"
#include "util.h"

Suite *attach_filter_suite(void);

static const struct bpf_insn nothing = { .code = BPF_JMP | BPF_JA };

/* Returns a copy of the instructions of 'program'. */
static struct bpf_insn *
copy_insns(const struct bpf_program *program)
{
    return xmemdup(bpf_program__insns(program),
                   bpf_program__insn_cnt(program) * sizeof(struct bpf_insn));
}

/* Makes a filter of 'n' instructions that are no others. */
static void
make_filter(struct filter *filter, size_t n)
{
    memset(filter, 0, sizeof *filter);
    filter->n = n;
    filter->n_bytes = 1;
    filter->insns = xcalloc(n, sizeof *filter->insns);
    for (size_t i = 0; i < n; i++) {
        filter->insns[i] = (struct bpf_insn) {
            .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = i,
        };
    }
}

/* Checks that the region is at 'now', where nothing was done 'before', and has
 * 'filter'; and that what remains of it is jumped over, if that is more than
 * one can do without. */
static void
check_region(const struct bpf_insn *now, const struct bpf_insn *before,
             const struct filter *filter)
{
    size_t rest = FILTER_REGION - filter->n;
    size_t first = filter->n;

    for (size_t i = 0; i < FILTER_REGION; i++) {
        ck_assert_mem_eq(&before[i], &nothing, sizeof nothing);
    }
    ck_assert_mem_eq(now, filter->insns, filter->n * sizeof *now);
    if (rest > 2) {
        ck_assert_uint_eq(now[first].code, BPF_ALU64 | BPF_MOV | BPF_K);
        ck_assert_uint_eq(now[first + 1].code, BPF_JMP | BPF_JEQ | BPF_K);
        ck_assert_uint_eq(now[first].dst_reg, now[first + 1].dst_reg);
        ck_assert_int_eq(now[first].imm, now[first + 1].imm);
        ck_assert_int_eq(now[first + 1].off, FILTER_REGION - first - 2);
        first += 2;
    }
    for (size_t i = first; i < FILTER_REGION; i++) {
        ck_assert_mem_eq(&now[i], &nothing, sizeof nothing);
    }
}

/* Checks what becomes of 'program' if it gets a filter of 'n' instructions,
 * which all have to be in its region, and none elsewhere. */
static void
check_put(struct bpf_program *program, size_t n)
{
    size_t n_insns = bpf_program__insn_cnt(program);
    struct bpf_insn *before = copy_insns(program);
    const struct bpf_insn *now;
    struct filter filter;
    size_t start = 0;

    make_filter(&filter, n);
    ck_assert_int_eq(attach_filter_put(&filter, program), 0);
    now = bpf_program__insns(program);
    ck_assert_uint_eq(bpf_program__insn_cnt(program), n_insns);
    while (start < n_insns && !memcmp(&now[start], &before[start],
                                      sizeof *now)) {
        start++;
    }
    ck_assert_uint_le(start + FILTER_REGION, n_insns);
    check_region(&now[start], &before[start], &filter);
    start += FILTER_REGION;
    ck_assert_mem_eq(&now[start], &before[start],
                     (n_insns - start) * sizeof *now);

    /* There is no place for another one. */
    ck_assert_int_eq(attach_filter_put(&filter, program), EINVAL);
    free(filter.insns);
    free(before);
}

START_TEST(test_put)
{
    static const size_t sizes[] = {
        2, 100, FILTER_REGION - 3, FILTER_REGION - 2, FILTER_REGION - 1,
        FILTER_REGION,
    };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct packet_bpf *packet = packet_bpf__open();
        struct upcall_bpf *upcall = upcall_bpf__open();

        ck_assert_ptr_nonnull(packet);
        ck_assert_ptr_nonnull(upcall);
        check_put(packet->progs.pass_begin, sizes[i]);
        check_put(upcall->progs.upcall_fentry, sizes[i]);
        check_put(upcall->progs.upcall_raw_tp, sizes[i]);
        packet_bpf__destroy(packet);
        upcall_bpf__destroy(upcall);
    }
}
END_TEST

/* Checks that it is 'result' to put 'filter' into 'program', which stays as it
 * is. */
static void
check_same(const struct filter *filter, struct bpf_program *program,
           int result)
{
    size_t size = bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);
    struct bpf_insn *before = copy_insns(program);

    ck_assert_int_eq(attach_filter_put(filter, program), result);
    ck_assert_uint_eq(bpf_program__insn_cnt(program) * sizeof *before, size);
    ck_assert_mem_eq(bpf_program__insns(program), before, size);
    free(before);
}

/* A program without a region takes none, and without a filter nothing is
 * done. */
START_TEST(test_other)
{
    struct packet_bpf *packet = packet_bpf__open();
    struct filter filter;

    ck_assert_ptr_nonnull(packet);
    make_filter(&filter, 10);
    check_same(&filter, packet->progs.pass_lookup, EINVAL);
    check_same(NULL, packet->progs.pass_lookup, 0);
    check_same(NULL, packet->progs.pass_begin, 0);
    free(filter.insns);
    packet_bpf__destroy(packet);
}
END_TEST

/* The buffer has its size only if there is a filter. */
START_TEST(test_size)
{
    struct upcall_bpf *skel = upcall_bpf__open();
    struct bpf_map *map;
    struct filter filter;
    uint32_t size;

    ck_assert_ptr_nonnull(skel);
    map = skel->maps.filter_buffers;
    size = bpf_map__value_size(map);
    ck_assert_uint_lt(size, sizeof(struct filter_buffer));
    attach_filter_size(NULL, map);
    ck_assert_uint_eq(bpf_map__value_size(map), size);
    make_filter(&filter, 1);
    attach_filter_size(&filter, map);
    ck_assert_uint_eq(bpf_map__value_size(map), sizeof(struct filter_buffer));
    free(filter.insns);
    upcall_bpf__destroy(skel);
}
END_TEST

/* Returns the tests of this file. */
Suite *
attach_filter_suite(void)
{
    Suite *s = suite_create("attach-filter");
    TCase *tc = tcase_create("attach-filter");

    tcase_add_test(tc, test_put);
    tcase_add_test(tc, test_other);
    tcase_add_test(tc, test_size);
    suite_add_tcase(s, tc);
    return s;
}
