/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "usdt/usdt-args.h"

#include <check.h>
#include <inttypes.h>

#include "openvswitch/util.h"
#include "util.h"

/* In unit-tests.c. */
TCase *usdt_args_tcase(void);

/* An argument of 8 bytes, where it is, and what that means. */
static const struct {
    enum usdt_machine machine;
    const char *location;
    enum upcall_arg_kind kind;
    int word;
    int64_t value;
} good[] = {
    { USDT_X86_64, "$0", UPCALL_ARG_CONSTANT, 0, 0 },
    { USDT_X86_64, "$-5", UPCALL_ARG_CONSTANT, 0, -5 },
    { USDT_X86_64, "$9223372036854775807", UPCALL_ARG_CONSTANT, 0,
      INT64_MAX },
    { USDT_X86_64, "%r15", UPCALL_ARG_REGISTER, 0, 0 },
    { USDT_X86_64, "%rax", UPCALL_ARG_REGISTER, 10, 0 },
    { USDT_X86_64, "%eax", UPCALL_ARG_REGISTER, 10, 0 },
    { USDT_X86_64, "%cx", UPCALL_ARG_REGISTER, 11, 0 },
    { USDT_X86_64, "%dil", UPCALL_ARG_REGISTER, 14, 0 },
    { USDT_X86_64, "%r8d", UPCALL_ARG_REGISTER, 9, 0 },
    { USDT_X86_64, "12(%rbx)", UPCALL_ARG_MEMORY, 5, 12 },
    { USDT_X86_64, "-8(%rbp)", UPCALL_ARG_MEMORY, 4, -8 },
    { USDT_X86_64, "(%rsp)", UPCALL_ARG_MEMORY, 19, 0 },
    { USDT_AARCH64, "5", UPCALL_ARG_CONSTANT, 0, 5 },
    { USDT_AARCH64, "-1", UPCALL_ARG_CONSTANT, 0, -1 },
    { USDT_AARCH64, "x0", UPCALL_ARG_REGISTER, 0, 0 },
    { USDT_AARCH64, "w30", UPCALL_ARG_REGISTER, 30, 0 },
    { USDT_AARCH64, "sp", UPCALL_ARG_REGISTER, 31, 0 },
    { USDT_AARCH64, "[x19]", UPCALL_ARG_MEMORY, 19, 0 },
    { USDT_AARCH64, "[sp, 16]", UPCALL_ARG_MEMORY, 31, 16 },
    { USDT_AARCH64, "[x1,#-24]", UPCALL_ARG_MEMORY, 1, -24 },
    { USDT_S390X, "%r2", UPCALL_ARG_REGISTER, 5, 0 },
    { USDT_S390X, "160(%r15)", UPCALL_ARG_MEMORY, 18, 160 },
    { USDT_RISCV64, "a0", UPCALL_ARG_REGISTER, 10, 0 },
    { USDT_RISCV64, "t6", UPCALL_ARG_REGISTER, 31, 0 },
    { USDT_RISCV64, "-40(s0)", UPCALL_ARG_MEMORY, 8, -40 },
};

START_TEST(test_good)
{
    struct usdt_arg arg = { .size = 8, .location = good[_i].location };
    struct upcall_arg loc;

    ck_assert(usdt_arg_locate(&arg, good[_i].machine, &loc));
    ck_assert_int_eq(loc.kind, good[_i].kind);
    ck_assert_int_eq(loc.word, good[_i].word);
    ck_assert_int_eq(loc.value, good[_i].value);
    ck_assert_int_eq(loc.bits, 64);
    ck_assert(!loc.is_signed);
}
END_TEST

START_TEST(test_bad)
{
    static const char *const bad[] = {
        "", " ", "$", "$x", "$1x", "$9223372036854775808", "%", "%ah", "%rip",
        "%r16", "%r8x", "%st(0)", "%xmm0", "%raxx", "%rax ;",
        "%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12", "(", "()", "(%)", "(%rax",
        "12(%rax,%rbx,4)", "12(%rax)x", "x(%rip)", "-(%rax)", "--1(%rax)",
        "99999999999999999999(%rax)", "[", "[]", "[x0", "[x0,", "[x0,]",
        "[x0, 1", "[x0, x1]", "[x0], 8", "8[x0]", "x31", "x00", "x-1", "x",
        "w99999999999999999999", "r16", "%r16(",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        for (int machine = 0; machine <= USDT_OTHER; machine++) {
            struct usdt_arg arg = { .size = 4, .location = bad[i] };
            bool is_number = !strcmp(bad[i], "12");
            struct upcall_arg loc;

            /* A bare number is an operand on any machine. */
            ck_assert_msg(usdt_arg_locate(&arg, machine, &loc) == is_number,
                          "%s", bad[i]);
        }
    }
}
END_TEST

START_TEST(test_sizes)
{
    for (unsigned int size = 0; size <= 64; size++) {
        struct usdt_arg arg = { size, true, false, "%rax" };
        struct upcall_arg loc;
        bool is_good = size == 1 || size == 2 || size == 4 || size == 8;

        ck_assert_int_eq(usdt_arg_locate(&arg, USDT_X86_64, &loc), is_good);
        if (is_good) {
            ck_assert_int_eq(loc.bits, size * 8);
            ck_assert(loc.is_signed);
        }
        arg.is_float = true;
        ck_assert(!usdt_arg_locate(&arg, USDT_X86_64, &loc));
    }
}
END_TEST

/* Returns these tests. */
TCase *
usdt_args_tcase(void)
{
    TCase *tcase = tcase_create("usdt-args");

    tcase_add_loop_test(tcase, test_good, 0, ARRAY_SIZE(good));
    tcase_add_test(tcase, test_bad);
    tcase_add_test(tcase, test_sizes);
    return tcase;
}
