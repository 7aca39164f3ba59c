/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of filters (lib/record/filter-*.c): each decision is compared with
 * that of libpcap's bpf_filter().
 *
 * UPCALL_FILTER_PACKETS in the environment is the number of packets for each
 * expression: 3400 make a million. */

#include <config.h>

#include <check.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "record/filter.h"
#include "svec.h"
#include "unit/filter-cases.h"
#include "unit/filter-compare.h"
#include "util.h"

Suite *filter_suite(void);

/* Each is in a file of its own. */
TCase *filter_deadline_tcase(void);
TCase *filter_job_tcase(void);
TCase *filter_real_tcase(void);

static size_t
n_packets(void)
{
    const char *s = getenv("UPCALL_FILTER_PACKETS");

    return s ? atoi(s) : 500;
}

START_TEST(test_expressions)
{
    size_t n_match = 0;
    struct svec all;

    random_set_seed(1);
    svec_init(&all);
    filter_expressions(&all);
    ck_assert_uint_gt(all.n, 300);
    for (size_t i = 0; i < all.n; i++) {
        struct filter_both b;
        size_t n = 0;

        filter_both_compile(&b, all.names[i]);
        for (size_t j = 0; j < n_packets(); j++) {
            struct filter_packet p;

            filter_packet_random(&p);
            n += filter_both_compare(&b, p.data, p.len, all.names[i]);
        }
        n_match += n && n < 2 * n_packets();
        filter_both_destroy(&b);
    }
    ck_assert_uint_gt(n_match, all.n * 3 / 4);
    printf("filter: %"PRIuSIZE" expressions, %"PRIuSIZE" random packets for "
           "each, %"PRIuSIZE" in all; %"PRIuSIZE" expressions match some of "
           "them\n", all.n, n_packets(), all.n * n_packets(), n_match);
    svec_destroy(&all);
}
END_TEST

/* Random programs. */

/* Returns an instruction, after which 'n' follow. */
static struct filter_insn
random_insn(size_t n)
{
    static const uint16_t codes[] = {
        BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
        BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_W | BPF_IND,
        BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
        BPF_LD | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, BPF_LD | BPF_MEM,
        BPF_LDX | BPF_W | BPF_LEN, BPF_LDX | BPF_IMM, BPF_LDX | BPF_MEM,
        BPF_LDX | BPF_B | BPF_MSH, BPF_ST, BPF_STX, BPF_ALU | BPF_NEG,
        BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_JMP | BPF_JA,
        BPF_RET | BPF_K, BPF_RET | BPF_A,
    };
    static const uint16_t ops[] = {
        BPF_ALU | BPF_ADD, BPF_ALU | BPF_SUB, BPF_ALU | BPF_MUL,
        BPF_ALU | BPF_DIV, BPF_ALU | BPF_MOD, BPF_ALU | BPF_OR,
        BPF_ALU | BPF_AND, BPF_ALU | BPF_XOR, BPF_ALU | BPF_LSH,
        BPF_ALU | BPF_RSH, BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGT,
        BPF_JMP | BPF_JGE, BPF_JMP | BPF_JSET,
    };
    struct filter_insn insn = { .k = random_range(3) ? random_range(40)
                                : random_range(3) ? random_range(700)
                                : random_uint32() };

    if (random_range(2)) {
        insn.code = (ops[random_range(ARRAY_SIZE(ops))]
                     | (random_range(2) ? BPF_X : BPF_K));
    } else {
        insn.code = codes[random_range(ARRAY_SIZE(codes)
                                       - (random_range(8) ? 2 : 0))];
    }
    switch (BPF_CLASS(insn.code)) {
    case BPF_JMP:
        if (n < 2) {
            insn.code = BPF_ALU | BPF_NEG;
            break;
        }
        insn.jt = random_range(MIN(n, 20));
        insn.jf = random_range(MIN(n, 20));
        insn.k = BPF_OP(insn.code) == BPF_JA ? random_range(n) : insn.k;
        break;
    case BPF_ALU:
        if (BPF_OP(insn.code) == BPF_LSH || BPF_OP(insn.code) == BPF_RSH) {
            insn.k %= 32;
        }
        insn.k += !insn.k;
        break;
    case BPF_ST:
    case BPF_STX:
        insn.k %= 16;
        break;
    case BPF_LD:
    case BPF_LDX:
        if (BPF_MODE(insn.code) == BPF_MEM) {
            insn.k %= 16;
        }
        break;
    }
    return insn;
}

/* Makes a program of some length that writes all memory first. */
static void
random_code(struct filter_code *code)
{
    code->n = 16 + 2 + random_range(60);
    code->insns = xcalloc(code->n, sizeof *code->insns);
    code->insns[0].code = BPF_LD | BPF_W | BPF_LEN;
    for (size_t i = 1; i <= 16; i++) {
        code->insns[i] = (struct filter_insn) { .code = BPF_ST, .k = i - 1 };
    }
    for (size_t i = 17; i < code->n - 1; i++) {
        code->insns[i] = random_insn(code->n - 1 - i);
    }
    code->insns[code->n - 1].code = BPF_RET | BPF_A;
}

START_TEST(test_random_programs)
{
    size_t n = 10 * n_packets();
    size_t n_match = 0;

    random_set_seed(2);
    for (size_t i = 0; i < n; i++) {
        struct filter_packet p;
        struct filter_both b;

        for (int j = 0; j < FILTER_N_LINKS; j++) {
            random_code(&b.codes[j]);
            ck_assert(bpf_validate((struct bpf_insn *) b.codes[j].insns,
                                   b.codes[j].n));
        }
        filter_both_convert(&b, "random");
        for (int j = 0; j < 20; j++) {
            filter_packet_random(&p);
            n_match += filter_both_compare(&b, p.data, p.len, "random");
        }
        filter_both_destroy(&b);
    }
    ck_assert_uint_gt(n_match, 4 * n);
    ck_assert_uint_lt(n_match, 36 * n);
}
END_TEST

/* Programs that cannot be converted. */

static void
check_refused(struct filter_insn *insns, size_t n, const char *error)
{
    struct filter_code codes[FILTER_N_LINKS] = { { insns, n } };
    struct filter filter;
    char *s = filter_convert(codes, false, &filter);

    ck_assert_msg(s && strstr(s, error), "%s", s);
    ck_assert_ptr_eq(filter.insns, NULL);
    free(s);
}

START_TEST(test_refused)
{
#define INSN(CODE, JT, JF, K) { CODE, JT, JF, K }
#define REFUSED(ERROR, ...)                                                 \
    do {                                                                    \
        struct filter_insn insns[] = { __VA_ARGS__ };                       \
        check_refused(insns, ARRAY_SIZE(insns), ERROR);                     \
    } while (0)
    REFUSED("an instruction", INSN(BPF_LD | BPF_IMM, 0, 0, 0));
    REFUSED("an instruction", INSN(BPF_LDX | BPF_W | BPF_ABS, 0, 0, 0),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("an instruction", INSN(0x87f, 0, 0, 0),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("a loop", INSN(BPF_JMP | BPF_JA, 0, 0, UINT32_MAX),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("an instruction", INSN(BPF_JMP | BPF_JEQ, 0, 1, 0),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("an instruction", INSN(BPF_ALU | BPF_DIV, 0, 0, 0),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("an instruction", INSN(BPF_ST, 0, 0, 16),
            INSN(BPF_RET | BPF_K, 0, 0, 1));
    REFUSED("memory", INSN(BPF_LD | BPF_MEM, 0, 0, 3),
            INSN(BPF_RET | BPF_A, 0, 0, 0));
    REFUSED("memory", INSN(BPF_JMP | BPF_JEQ, 0, 1, 3),
            INSN(BPF_ST, 0, 0, 3), INSN(BPF_LDX | BPF_MEM, 0, 0, 3),
            INSN(BPF_RET | BPF_A, 0, 0, 0));
}
END_TEST

static void
check_error(const char *expression, const char *error)
{
    struct filter *filter;
    char *s = filter_create(expression, &filter);

    ck_assert_msg(s && strstr(s, error), "%.99s: %s", expression, s);
    ck_assert_ptr_eq(filter, NULL);
    free(s);
}

/* Appends 'n' terms to 'ds', each of 'what' and a number. */
static void
put_list(struct ds *ds, const char *what, int n)
{
    for (int i = 0; i < n; i++) {
        ds_put_format(ds, "%s%s%d", i ? " or " : "", what, i);
    }
}

START_TEST(test_errors)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    check_error("tcp port", "syntax error");
    check_error("host", "syntax error");
    check_error("and", "syntax error");
    check_error("host no.such.name.invalid", "no.such.name.invalid");
    check_error("ip and arp", "rejects all packets");
    check_error("ip broadcast", "netmask");
    check_error("inbound", "--port");
    check_error("ip and ifindex 3", "--port");
    check_error("ip6 protochain 6", "a loop");
    check_error("geneve or ip", "put geneve last");
    put_list(&ds, "host fd00::", 250);
    check_error(ds_cstr(&ds), "instructions");
    ds_clear(&ds);
    put_list(&ds, "port ", 600);
    check_error(ds_cstr(&ds), "more than 3 s");
    ds_put_char_multiple(&ds, ' ', 8192);
    check_error(ds_cstr(&ds), "characters");
    ds_destroy(&ds);
}
END_TEST

/* How many bytes are copied: what the expression reads, and no more. */
START_TEST(test_bytes)
{
    static const struct {
        const char *expression;
        uint32_t n_bytes;
    } cases[] = {
        { "", 1 },
        { "len > 100", 1 },
        { "ip", 14 },
        { "ether[100]=1", 101 },
        { "tcp dst port 80 and ip", 14 + 60 + 4 },
        { "ether[508:4] = 1", 512 },
        { "ether[509:4] = 1", 512 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct filter *filter;
        char *error = filter_create(cases[i].expression, &filter);

        ck_assert_msg(!error, "%s", error);
        ck_assert_msg(filter->n_bytes == cases[i].n_bytes, "%s: %u",
                      cases[i].expression, filter->n_bytes);
        filter_destroy(filter);
    }
}
END_TEST

/* Returns the tests of this file. */
Suite *
filter_suite(void)
{
    Suite *s = suite_create("filter");
    TCase *tc = tcase_create("filter");

    tcase_add_test(tc, test_expressions);
    tcase_add_test(tc, test_random_programs);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_bytes);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, filter_job_tcase());
    suite_add_tcase(s, filter_deadline_tcase());
    suite_add_tcase(s, filter_real_tcase());
    return s;
}
