/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "usdt/usdt-args.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Longest name of a register, and one more to notice a longer one. */
#define REGISTER_LEN 8

/* struct pt_regs in arch/x86/include/uapi/asm/ptrace.h.  The name of the whole
 * register, of its lower 32 and 16 bits, and of its lowest byte. */
static const struct {
    const char *names[4];
    uint8_t word;
} x86_64_registers[] = {
    { { "r15", "r15d", "r15w", "r15b" }, 0 },
    { { "r14", "r14d", "r14w", "r14b" }, 1 },
    { { "r13", "r13d", "r13w", "r13b" }, 2 },
    { { "r12", "r12d", "r12w", "r12b" }, 3 },
    { { "rbp", "ebp", "bp", "bpl" }, 4 },
    { { "rbx", "ebx", "bx", "bl" }, 5 },
    { { "r11", "r11d", "r11w", "r11b" }, 6 },
    { { "r10", "r10d", "r10w", "r10b" }, 7 },
    { { "r9", "r9d", "r9w", "r9b" }, 8 },
    { { "r8", "r8d", "r8w", "r8b" }, 9 },
    { { "rax", "eax", "ax", "al" }, 10 },
    { { "rcx", "ecx", "cx", "cl" }, 11 },
    { { "rdx", "edx", "dx", "dl" }, 12 },
    { { "rsi", "esi", "si", "sil" }, 13 },
    { { "rdi", "edi", "di", "dil" }, 14 },
    { { "rsp", "esp", "sp", "spl" }, 19 },
};

/* struct user_regs_struct in arch/riscv/include/uapi/asm/ptrace.h. */
static const char *const riscv64_registers[] = {
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1",
    "a2", "a3", "a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7",
    "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

static bool
find_x86_64(const char *name, uint8_t *wordp)
{
    for (size_t i = 0; i < ARRAY_SIZE(x86_64_registers); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(x86_64_registers[i].names); j++) {
            if (!strcmp(name, x86_64_registers[i].names[j])) {
                *wordp = x86_64_registers[i].word;
                return true;
            }
        }
    }
    return false;
}

static bool
find_riscv64(const char *name, uint8_t *wordp)
{
    for (size_t i = 0; i < ARRAY_SIZE(riscv64_registers); i++) {
        if (!strcmp(name, riscv64_registers[i])) {
            *wordp = i;
            return true;
        }
    }
    return false;
}

/* Returns true if 'name' is 'letter' and a number of at most 'max', without
 * leading zeros, which is stored in '*numberp'. */
static bool
is_numbered(const char *name, char letter, unsigned int max, uint8_t *numberp)
{
    unsigned int n = 0;

    if (name[0] != letter || !isdigit((unsigned char) name[1])
        || (name[1] == '0' && name[2])) {
        return false;
    }
    for (const char *p = name + 1; *p; p++) {
        if (!isdigit((unsigned char) *p)) {
            return false;
        }
        n = n * 10 + (*p - '0');
        if (n > max) {
            return false;
        }
    }
    *numberp = n;
    return true;
}

/* struct user_pt_regs in arch/arm64/include/uapi/asm/ptrace.h: x0 to x30 and
 * the stack pointer. */
static bool
find_aarch64(const char *name, uint8_t *wordp)
{
    if (!strcmp(name, "sp")) {
        *wordp = 31;
        return true;
    }
    return (is_numbered(name, 'x', 30, wordp)
            || is_numbered(name, 'w', 30, wordp));
}

/* user_pt_regs in arch/s390/include/uapi/asm/ptrace.h: one argument and two
 * words of the PSW come before the registers. */
static bool
find_s390x(const char *name, uint8_t *wordp)
{
    if (!is_numbered(name, 'r', 15, wordp)) {
        return false;
    }
    *wordp += 3;
    return true;
}

static bool
find_register(const char *name, enum usdt_machine machine, uint8_t *wordp)
{
    switch (machine) {
    case USDT_X86_64:
        return find_x86_64(name, wordp);
    case USDT_AARCH64:
        return find_aarch64(name, wordp);
    case USDT_S390X:
        return find_s390x(name, wordp);
    case USDT_RISCV64:
        return find_riscv64(name, wordp);
    case USDT_OTHER:
    default:
        return false;
    }
}

static const char *
skip_spaces(const char *p)
{
    return p + strspn(p, " \t");
}

/* Takes a number off the start of '*pp'.  Returns false if there is none. */
static bool
take_number(const char **pp, __s64 *valuep)
{
    const char *p = *pp;
    long long int value;
    char *end;

    if (*p == '-' ? !isdigit((unsigned char) p[1])
        : !isdigit((unsigned char) *p)) {
        return false;
    }
    errno = 0;
    value = strtoll(p, &end, 0);
    if (errno) {
        return false;
    }
    *valuep = value;
    *pp = skip_spaces(end);
    return true;
}

/* Takes a register off the start of '*pp'.  Returns false if there is none. */
static bool
take_register(const char **pp, enum usdt_machine machine, uint8_t *wordp)
{
    const char *p = *pp + (**pp == '%');
    char name[REGISTER_LEN];
    size_t n = 0;

    while (isalnum((unsigned char) p[n]) && n < sizeof name - 1) {
        name[n] = p[n];
        n++;
    }
    name[n] = '\0';
    *pp = skip_spaces(p + n);
    return n && find_register(name, machine, wordp);
}

/* Takes "(REGISTER)" or "[REGISTER, NUMBER]" off the start of '*pp'. */
static bool
take_memory(const char **pp, enum usdt_machine machine, struct upcall_arg *loc)
{
    char close = **pp == '(' ? ')' : ']';
    const char *p = skip_spaces(*pp + 1);

    if (!take_register(&p, machine, &loc->word)) {
        return false;
    }
    if (*p == ',' && close == ']') {
        p = skip_spaces(p + 1);
        p += *p == '#';
        if (!take_number(&p, &loc->value)) {
            return false;
        }
    }
    *pp = p + 1;
    return *p == close;
}

static bool
locate(const char *p, enum usdt_machine machine, struct upcall_arg *loc)
{
    bool has_number;

    p = skip_spaces(p);
    if (*p == '$') {
        loc->kind = UPCALL_ARG_CONSTANT;
        p++;
        return take_number(&p, &loc->value) && !*p;
    }
    has_number = take_number(&p, &loc->value);
    if (*p == '(' || (*p == '[' && !has_number)) {
        loc->kind = UPCALL_ARG_MEMORY;
        return take_memory(&p, machine, loc) && !*skip_spaces(p);
    } else if (has_number) {
        loc->kind = UPCALL_ARG_CONSTANT;
        return !*p;
    } else {
        loc->kind = UPCALL_ARG_REGISTER;
        return take_register(&p, machine, &loc->word) && !*p;
    }
}

/* Finds out where 'arg', of a program for 'machine', is, and stores that in
 * '*loc'.  Returns false if that is not known, because the operand has another
 * form ("8(%rax,%rbx,4)", "name(%rip)") or there is no such register. */
bool
usdt_arg_locate(const struct usdt_arg *arg, enum usdt_machine machine,
                struct upcall_arg *loc)
{
    memset(loc, 0, sizeof *loc);
    if (arg->is_float || (arg->size != 1 && arg->size != 2 && arg->size != 4
                          && arg->size != 8)) {
        return false;
    }
    loc->bits = arg->size * 8;
    loc->is_signed = arg->is_signed;
    return locate(arg->location, machine, loc);
}
