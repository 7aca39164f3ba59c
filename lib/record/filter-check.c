/* SPDX-License-Identifier: Apache-2.0 */

/* Whether a program of classic BPF is valid, and what is known at each of its
 * instructions.
 *
 * Its jumps lead forward only, so that one pass from the first instruction to
 * the last sees each of them after all that lead to it. */

#include <config.h>

#include "record/filter.h"

#include <string.h>

#include <linux/filter.h>

#include "openvswitch/util.h"
#include "util.h"

/* Returns how many bytes 'insn', a load from the packet, reads. */
static uint64_t
load_size(const struct filter_insn *insn)
{
    switch (BPF_SIZE(insn->code)) {
    case BPF_W:
        return 4;
    case BPF_H:
        return 2;
    default:
        return 1;
    }
}

/* Returns how many bytes a packet needs so that 'insn', with 'state' before
 * it, does not read beyond it, at most; 0 if 'insn' reads nothing of it. */
uint64_t
filter_reads(const struct filter_insn *insn, const struct filter_state *state)
{
    uint64_t end = insn->k + load_size(insn);

    switch (BPF_CLASS(insn->code)) {
    case BPF_LD:
        return (BPF_MODE(insn->code) == BPF_ABS ? end
                : BPF_MODE(insn->code) == BPF_IND ? end + state->x
                : 0);
    case BPF_LDX:
        return BPF_MODE(insn->code) == BPF_MSH ? end : 0;
    default:
        return 0;
    }
}

/* Returns true if 'insn' is a load that ends the program always, since it
 * reads behind what can be copied. */
bool
filter_ends_at(const struct filter_insn *insn)
{
    static const struct filter_state start;
    bool is_variable = BPF_MODE(insn->code) == BPF_IND;

    return (filter_reads(insn, &start)
            > (is_variable ? INT32_MAX : FILTER_BYTES_MAX));
}

/* Returns the least number of the form 2**n - 1 that is not below 'x'. */
static uint32_t
all_bits(uint32_t x)
{
    return x ? UINT32_MAX >> __builtin_clz(x) : 0;
}

/* Returns 'x' unless that is too large. */
static uint32_t
limit(uint64_t x)
{
    return MIN(x, UINT32_MAX);
}

/* Returns how large the result of the operation 'insn' can be. */
static uint32_t
alu_max(const struct filter_insn *insn, const struct filter_state *state)
{
    bool has_k = BPF_SRC(insn->code) == BPF_K;
    uint64_t a = state->a;
    uint64_t b = has_k ? insn->k : state->x;
    uint64_t sum = a + b, product = a * b;

    switch (BPF_OP(insn->code)) {
    case BPF_ADD:
        return limit(sum);
    case BPF_MUL:
        return limit(product);
    case BPF_AND:
        return MIN(a, b);
    case BPF_OR:
    case BPF_XOR:
        return all_bits(a | b);
    case BPF_DIV:
        return has_k && b ? a / b : a;
    case BPF_MOD:
        return b ? MIN(a, b - 1) : 0;
    case BPF_RSH:
        return has_k ? (b < 32 ? a >> b : 0) : a;
    case BPF_LSH:
        return has_k ? (b < 32 ? limit(a << b) : 0) : UINT32_MAX;
    default:
        return UINT32_MAX;
    }
}

/* Returns how large what 'insn' loads can be. */
static uint32_t
load_max(const struct filter_insn *insn, const struct filter_state *state)
{
    switch (BPF_MODE(insn->code)) {
    case BPF_IMM:
        return insn->k;
    case BPF_MEM:
        return state->mem[insn->k];
    case BPF_MSH:
        return 15 * 4;
    case BPF_LEN:
        return UINT32_MAX;
    default:
        return UINT32_MAX >> (32 - 8 * load_size(insn));
    }
}

/* Changes 'state' as 'insn', which does not jump, does. */
static void
execute(const struct filter_insn *insn, struct filter_state *state)
{
    switch (BPF_CLASS(insn->code)) {
    case BPF_LD:
        if (BPF_MODE(insn->code) == BPF_ABS) {
            state->len = MAX(state->len, filter_reads(insn, state));
        }
        state->a = load_max(insn, state);
        break;
    case BPF_LDX:
        state->len = MAX(state->len, filter_reads(insn, state));
        state->x = load_max(insn, state);
        break;
    case BPF_ST:
    case BPF_STX:
        state->mem[insn->k] = (BPF_CLASS(insn->code) == BPF_ST
                               ? state->a : state->x);
        state->stored |= 1U << insn->k;
        break;
    case BPF_ALU:
        state->a = alu_max(insn, state);
        break;
    case BPF_MISC:
        if (BPF_MISCOP(insn->code) == BPF_TAX) {
            state->x = state->a;
        } else {
            state->a = state->x;
        }
        break;
    }
}

/* Adds to what is known in 'to' that it can be reached with 'from'. */
static void
join(struct filter_state *to, const struct filter_state *from)
{
    if (!to->reached) {
        *to = *from;
        return;
    }
    to->stored &= from->stored;
    to->len = MIN(to->len, from->len);
    to->a = MAX(to->a, from->a);
    to->x = MAX(to->x, from->x);
    for (size_t i = 0; i < ARRAY_SIZE(to->mem); i++) {
        to->mem[i] = MAX(to->mem[i], from->mem[i]);
    }
}

/* Returns true if 'insn', a load, is one that there is. */
static bool
load_is_valid(const struct filter_insn *insn)
{
    switch (insn->code) {
    case BPF_LD | BPF_W | BPF_ABS:
    case BPF_LD | BPF_H | BPF_ABS:
    case BPF_LD | BPF_B | BPF_ABS:
    case BPF_LD | BPF_W | BPF_IND:
    case BPF_LD | BPF_H | BPF_IND:
    case BPF_LD | BPF_B | BPF_IND:
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_IMM:
    case BPF_LDX | BPF_B | BPF_MSH:
        return true;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
        return insn->k < BPF_MEMWORDS;
    default:
        return false;
    }
}

/* Returns true if 'insn', an operation, is one that there is. */
static bool
alu_is_valid(const struct filter_insn *insn)
{
    bool has_k = BPF_SRC(insn->code) == BPF_K;

    switch (BPF_OP(insn->code)) {
    case BPF_DIV:
    case BPF_MOD:
        return !has_k || insn->k;
    case BPF_ADD:
    case BPF_SUB:
    case BPF_MUL:
    case BPF_AND:
    case BPF_OR:
    case BPF_XOR:
    case BPF_LSH:
    case BPF_RSH:
        return true;
    case BPF_NEG:
        return has_k;
    default:
        return false;
    }
}

/* Returns true if 'insn', after which 'n' instructions follow, is a jump that
 * there is, to one of these. */
static bool
jump_is_valid(const struct filter_insn *insn, size_t n)
{
    switch (BPF_OP(insn->code)) {
    case BPF_JA:
        return insn->code == (BPF_JMP | BPF_JA) && insn->k < n;
    case BPF_JEQ:
    case BPF_JGT:
    case BPF_JGE:
    case BPF_JSET:
        return insn->jt < n && insn->jf < n;
    default:
        return false;
    }
}

/* Returns true if 'insn', after which 'n' instructions follow, is valid. */
static bool
insn_is_valid(const struct filter_insn *insn, size_t n)
{
    if (insn->code > 0xff) {
        return false;
    }
    switch (BPF_CLASS(insn->code)) {
    case BPF_LD:
    case BPF_LDX:
        return n && load_is_valid(insn);
    case BPF_ST:
    case BPF_STX:
        return (n && insn->code == BPF_CLASS(insn->code)
                && insn->k < BPF_MEMWORDS);
    case BPF_ALU:
        return n && alu_is_valid(insn);
    case BPF_JMP:
        return jump_is_valid(insn, n);
    case BPF_RET:
        return (insn->code == (BPF_RET | BPF_K)
                || insn->code == (BPF_RET | BPF_A));
    default:
        return n && (insn->code == (BPF_MISC | BPF_TAX)
                     || insn->code == (BPF_MISC | BPF_TXA));
    }
}

/* Returns true if 'insn' reads a word of scratch memory that may not have been
 * written. */
static bool
reads_nothing(const struct filter_insn *insn, const struct filter_state *state)
{
    return ((insn->code == (BPF_LD | BPF_MEM)
             || insn->code == (BPF_LDX | BPF_MEM))
            && !(state->stored & 1U << insn->k));
}

/* Adds what 'states[i]' says to those of the instructions of 'code' that
 * follow the one with number 'i'. */
static void
follow(const struct filter_code *code, size_t i, struct filter_state *states)
{
    const struct filter_insn *insn = &code->insns[i];
    struct filter_state state = states[i];

    switch (BPF_CLASS(insn->code)) {
    case BPF_RET:
        break;
    case BPF_JMP:
        if (BPF_OP(insn->code) == BPF_JA) {
            join(&states[i + 1 + insn->k], &state);
        } else {
            join(&states[i + 1 + insn->jt], &state);
            join(&states[i + 1 + insn->jf], &state);
        }
        break;
    default:
        if (!filter_ends_at(insn)) {
            execute(insn, &state);
            join(&states[i + 1], &state);
        }
    }
}

/* Looks whether 'code' is valid, and stores in 'states', which has an element
 * for each of its instructions, what is known before each.  Returns NULL if it
 * is, else what is wrong. */
const char *
filter_check(const struct filter_code *code, struct filter_state *states)
{
    memset(states, 0, code->n * sizeof *states);
    for (size_t i = 0; i < code->n; i++) {
        if (!insn_is_valid(&code->insns[i], code->n - 1 - i)) {
            return "it has an instruction, or a loop, that cannot be used";
        }
    }
    if (code->n) {
        states[0].reached = true;
    }
    for (size_t i = 0; i < code->n; i++) {
        if (states[i].reached) {
            if (reads_nothing(&code->insns[i], &states[i])) {
                return "it reads memory that was not written, as after "
                       "\"geneve or\": put geneve last";
            }
            follow(code, i, states);
        }
    }
    return NULL;
}
