/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "unit/filter-machine.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What a register may have that is never read before it is written. */
#define JUNK UINT64_C(0xdeadbeefcafef00d)

struct machine {
    uint64_t regs[MAX_BPF_REG];
    struct filter_buffer *buffer;
};

/* Returns true if 'insn' is a jump. */
static bool
is_jump(const struct bpf_insn *insn)
{
    return (BPF_CLASS(insn->code) == BPF_JMP
            || BPF_CLASS(insn->code) == BPF_JMP32);
}

/* Checks what the verifier of the kernel wants of all programs: jumps lead
 * forward to where there is something, and each instruction can be reached. */
void
filter_machine_verify(const struct filter *filter)
{
    bool *reached = xcalloc(filter->n + 1, sizeof *reached);

    ovs_assert(filter->n && filter->n <= FILTER_REGION);
    ovs_assert(filter->n_bytes && filter->n_bytes <= FILTER_BYTES_MAX);
    reached[0] = true;
    for (size_t i = 0; i < filter->n; i++) {
        const struct bpf_insn *insn = &filter->insns[i];

        ovs_assert(reached[i]);
        if (is_jump(insn)) {
            ovs_assert(insn->off >= 0 && i + 1 + insn->off <= filter->n);
            reached[i + 1 + insn->off] = true;
        }
        if (!is_jump(insn) || BPF_OP(insn->code) != BPF_JA) {
            reached[i + 1] = true;
        }
    }
    ovs_assert(reached[filter->n]);
    free(reached);
}

/* Returns where 'size' bytes are at 'address', which must be those that the
 * buffer has, of the packet only those that were copied. */
static void *
get_memory(const struct machine *m, uint64_t address, size_t size)
{
    uint64_t offset = address - (uintptr_t) m->buffer;

    ovs_assert(offset + size <= (offsetof(struct filter_buffer, data)
                                 + m->buffer->copied));
    return (void *) (uintptr_t) address;
}

static uint64_t
load(const struct machine *m, int code, uint64_t address)
{
    uint32_t u32;
    uint16_t u16;

    switch (BPF_SIZE(code)) {
    case BPF_W:
        memcpy(&u32, get_memory(m, address, 4), 4);
        return u32;
    case BPF_H:
        memcpy(&u16, get_memory(m, address, 2), 2);
        return u16;
    case BPF_B:
        return *(uint8_t *) get_memory(m, address, 1);
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns 'a' after the operation 'op' with 'b', both of 'bits' bits. */
static uint64_t
operate(int op, uint64_t a, uint64_t b, int bits)
{
    switch (op) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_DIV:
        return b ? a / b : 0;
    case BPF_MOD:
        return b ? a % b : a;
    case BPF_OR:
        return a | b;
    case BPF_AND:
        return a & b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return a << (b & (bits - 1));
    case BPF_RSH:
        return a >> (b & (bits - 1));
    case BPF_NEG:
        return -a;
    case BPF_MOV:
        return b;
    default:
        OVS_NOT_REACHED();
    }
}

static bool
compare(int op, uint64_t a, uint64_t b)
{
    switch (op) {
    case BPF_JA:
        return true;
    case BPF_JEQ:
        return a == b;
    case BPF_JNE:
        return a != b;
    case BPF_JGT:
        return a > b;
    case BPF_JGE:
        return a >= b;
    case BPF_JLT:
        return a < b;
    case BPF_JLE:
        return a <= b;
    case BPF_JSET:
        return a & b;
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the operands of 'insn', 'wide' if they have 64 bits. */
static void
get_operands(const struct machine *m, const struct bpf_insn *insn, bool wide,
             uint64_t *a, uint64_t *b)
{
    *a = m->regs[insn->dst_reg];
    *b = (BPF_SRC(insn->code) == BPF_X ? m->regs[insn->src_reg]
          : (uint64_t) (int64_t) insn->imm);
    if (!wide) {
        *a = (uint32_t) *a;
        *b = (uint32_t) *b;
    }
}

static void
swap_bytes(uint64_t *reg, int bits)
{
    ovs_assert(bits == 16 || bits == 32);
    *reg = bits == 16 ? htons(*reg) : htonl(*reg);
}

/* Executes 'insn'.  Returns how many instructions are left out then. */
static size_t
step(struct machine *m, const struct bpf_insn *insn)
{
    int class = BPF_CLASS(insn->code);
    bool wide = class == BPF_ALU64 || class == BPF_JMP;
    uint64_t *dst = &m->regs[insn->dst_reg];
    uint64_t a, b;
    uint32_t u32;

    ovs_assert(insn->dst_reg <= BPF_REG_5 && insn->src_reg <= BPF_REG_5);
    switch (class) {
    case BPF_LDX:
        ovs_assert(BPF_MODE(insn->code) == BPF_MEM);
        *dst = load(m, insn->code, m->regs[insn->src_reg] + insn->off);
        return 0;
    case BPF_STX:
        ovs_assert(insn->code == (BPF_STX | BPF_MEM | BPF_W));
        u32 = m->regs[insn->src_reg];
        memcpy(get_memory(m, *dst + insn->off, 4), &u32, 4);
        return 0;
    case BPF_ALU:
    case BPF_ALU64:
        get_operands(m, insn, wide, &a, &b);
        if (BPF_OP(insn->code) == BPF_END) {
            ovs_assert(BPF_SRC(insn->code) == BPF_TO_BE && !wide);
            swap_bytes(dst, insn->imm);
            return 0;
        }
        a = operate(BPF_OP(insn->code), a, b, wide ? 64 : 32);
        *dst = wide ? a : (uint32_t) a;
        return 0;
    case BPF_JMP:
    case BPF_JMP32:
        get_operands(m, insn, wide, &a, &b);
        return compare(BPF_OP(insn->code), a, b) ? insn->off : 0;
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns what 'filter' says of the packet in 'buffer'. */
enum filter_verdict
filter_machine_run(const struct filter *filter, struct filter_buffer *buffer)
{
    struct machine m = { .buffer = buffer };

    for (size_t i = 0; i < ARRAY_SIZE(m.regs); i++) {
        m.regs[i] = JUNK;
    }
    m.regs[BPF_REG_1] = (uintptr_t) buffer;
    for (size_t i = 0; i < filter->n; i++) {
        i += step(&m, &filter->insns[i]);
    }
    return m.regs[BPF_REG_0];
}
