/* SPDX-License-Identifier: Apache-2.0 */

/* Makes instructions of the kernel's BPF of a program of classic BPF.
 *
 * They come into a program (bpf/filter.bpf.h) in place of a region that does
 * nothing.  When they begin, R1 points to a struct filter_buffer; when they
 * end, which is behind the last one, R0 is an enum filter_verdict.  They may
 * change R0 to R5:
 *
 *   R0       A of the classic program
 *   R1       the buffer
 *   R2       X
 *   R3       bytes of the packet in the buffer
 *   R4, R5   for a moment
 *
 * A classic program ends with no match where it loads from beyond the packet
 * (bpf_filter() of libpcap).  Here a load can also be from beyond what was
 * copied, but within the packet; then the verdict is FILTER_UNDECIDED, so that
 * it is never wrong.  Where an earlier load has shown that the packet is long
 * enough, that is not looked at again.
 *
 * The verifier does not know what is in the buffer, so it wants each variable
 * offset to be compared with a constant; it does not take instructions that
 * cannot be reached, so those of the classic program are left out.  An
 * immediate operand is extended to 64 bits with its sign, so values are
 * calculated and compared as 32 bits; only offsets have 64, so that the sum of
 * two is not too small. */

#include <config.h>

#include "record/filter.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Registers. */
enum { A = BPF_REG_0, BUFFER = BPF_REG_1, X = BPF_REG_2, COPIED = BPF_REG_3,
       TEMP = BPF_REG_4, TEMP2 = BPF_REG_5 };

/* Places that are jumped to before it is known where they are. */
enum label {
    TOO_SHORT,                  /* A load ends behind what was copied, */
    BEHIND,                     /* TEMP says where. */
    NO_MATCH,
    MATCH,
    END,
    N_LABELS
};

/* A jump to a label or, if 'label' is N_LABELS, to an instruction of the
 * classic program. */
struct jump {
    size_t at;
    enum label label;
    size_t target;
};

struct conversion {
    bool byte_by_byte;          /* Load no more than a byte at a time? */
    struct bpf_insn *insns;
    size_t n, allocated;
    struct jump *jumps;
    size_t n_jumps, allocated_jumps;
    bool used[N_LABELS];        /* Are there jumps there? */
    uint32_t n_bytes;           /* Bytes of the packet to copy. */
};

/* Instructions. */

static void
emit(struct conversion *c, struct bpf_insn insn)
{
    if (c->n >= c->allocated) {
        c->insns = x2nrealloc(c->insns, &c->allocated, sizeof *c->insns);
    }
    c->insns[c->n++] = insn;
}

static void
emit_imm(struct conversion *c, int code, int dst, uint32_t imm)
{
    emit(c, (struct bpf_insn) { .code = code, .dst_reg = dst, .imm = imm });
}

static void
emit_reg(struct conversion *c, int code, int dst, int src)
{
    emit(c, (struct bpf_insn) { .code = code, .dst_reg = dst,
                                .src_reg = src });
}

/* Sets 'dst' to what is at 'src' plus 'offset', of 'size', as BPF_W. */
static void
emit_load(struct conversion *c, int size, int dst, int src, int offset)
{
    emit(c, (struct bpf_insn) { .code = BPF_LDX | size | BPF_MEM,
                                .dst_reg = dst, .src_reg = src,
                                .off = offset });
}

static void
emit_store(struct conversion *c, int src, int offset)
{
    emit(c, (struct bpf_insn) { .code = BPF_STX | BPF_W | BPF_MEM,
                                .dst_reg = BUFFER, .src_reg = src,
                                .off = offset });
}

/* Jumps. */

/* Has the next instruction, a jump, lead to 'label' or 'target'. */
static void
add_jump(struct conversion *c, enum label label, size_t target)
{
    if (c->n_jumps >= c->allocated_jumps) {
        c->jumps = x2nrealloc(c->jumps, &c->allocated_jumps, sizeof *c->jumps);
    }
    c->jumps[c->n_jumps++] = (struct jump) { c->n, label, target };
    if (label < N_LABELS) {
        c->used[label] = true;
    }
}

static void
emit_goto(struct conversion *c, enum label label)
{
    add_jump(c, label, 0);
    emit_imm(c, BPF_JMP | BPF_JA, 0, 0);
}

static void
emit_if_imm(struct conversion *c, int code, int dst, uint32_t imm,
            enum label label)
{
    add_jump(c, label, 0);
    emit_imm(c, code | BPF_K, dst, imm);
}

static void
emit_if_reg(struct conversion *c, int code, int dst, int src,
            enum label label)
{
    add_jump(c, label, 0);
    emit_reg(c, code | BPF_X, dst, src);
}

/* Has the jump at 'at' lead to the next instruction. */
static void
land(struct conversion *c, size_t at)
{
    c->insns[at].off = c->n - at - 1;
}

/* The next instruction is at 'label'. */
static void
land_label(struct conversion *c, enum label label)
{
    for (size_t i = 0; i < c->n_jumps; i++) {
        if (c->jumps[i].label == label) {
            land(c, c->jumps[i].at);
        }
    }
}

/* Loads from the packet. */

#define DATA ((int) offsetof(struct filter_buffer, data))
#define SCRATCH(I) ((int) offsetof(struct filter_buffer, scratch[I]))

/* Sets A to the 'size' bytes, of which 'bpf_size' is the name, at 'src' plus
 * 'offset', in network byte order. */
static void
load_number(struct conversion *c, int bpf_size, int size, int src, int offset)
{
    if (c->byte_by_byte || size == 1) {
        if (src == BUFFER) {
            emit_reg(c, BPF_ALU64 | BPF_MOV | BPF_X, TEMP, BUFFER);
        }
        emit_load(c, BPF_B, A, TEMP, offset);
        for (int i = 1; i < size; i++) {
            emit_load(c, BPF_B, TEMP2, TEMP, offset + i);
            emit_imm(c, BPF_ALU | BPF_LSH | BPF_K, A, 8);
            emit_reg(c, BPF_ALU | BPF_OR | BPF_X, A, TEMP2);
        }
    } else {
        emit_load(c, bpf_size, A, src, offset);
        emit_imm(c, BPF_ALU | BPF_END | BPF_TO_BE, A, size * 8);
    }
}

static int
size_in_bytes(const struct filter_insn *insn)
{
    return (BPF_SIZE(insn->code) == BPF_W ? 4
            : BPF_SIZE(insn->code) == BPF_H ? 2
            : 1);
}

/* Ends the program if the packet does not have the bytes that 'insn' loads
 * from a constant offset. */
static void
check_constant(struct conversion *c, const struct filter_insn *insn,
               const struct filter_state *state)
{
    uint64_t end = filter_reads(insn, state);

    if (state->len < end) {
        emit_if_imm(c, BPF_JMP | BPF_JLT, COPIED, end, TOO_SHORT);
    }
}

/* Ends the program at 'insn', where filter_ends_at() says so. */
static void
emit_end(struct conversion *c, const struct filter_insn *insn)
{
    uint64_t end = (uint64_t) insn->k + size_in_bytes(insn);

    if (end > INT32_MAX) {
        emit_goto(c, NO_MATCH);
    } else {
        emit_imm(c, BPF_ALU64 | BPF_MOV | BPF_K, TEMP, end);
        emit_goto(c, BEHIND);
    }
}

/* Sets A to what is at X plus a constant.  TEMP is where that ends, then it
 * points to there. */
static void
load_variable(struct conversion *c, const struct filter_insn *insn)
{
    int size = size_in_bytes(insn);

    emit_reg(c, BPF_ALU | BPF_MOV | BPF_X, TEMP, X);
    emit_imm(c, BPF_ALU64 | BPF_ADD | BPF_K, TEMP, insn->k + size);
    emit_if_reg(c, BPF_JMP | BPF_JGT, TEMP, COPIED, BEHIND);
    emit_if_imm(c, BPF_JMP | BPF_JGT, TEMP, FILTER_BYTES_MAX, BEHIND);
    emit_reg(c, BPF_ALU64 | BPF_ADD | BPF_X, TEMP, BUFFER);
    load_number(c, BPF_SIZE(insn->code), size, TEMP, DATA - size);
}

static void
convert_ld(struct conversion *c, const struct filter_insn *insn,
           const struct filter_state *state)
{
    switch (BPF_MODE(insn->code)) {
    case BPF_ABS:
        check_constant(c, insn, state);
        load_number(c, BPF_SIZE(insn->code), size_in_bytes(insn), BUFFER,
                    DATA + insn->k);
        break;
    case BPF_IND:
        load_variable(c, insn);
        break;
    case BPF_LEN:
        emit_load(c, BPF_W, A, BUFFER, offsetof(struct filter_buffer, len));
        break;
    case BPF_MEM:
        emit_load(c, BPF_W, A, BUFFER, SCRATCH(insn->k));
        break;
    case BPF_IMM:
        emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, insn->k);
        break;
    }
}

static void
convert_ldx(struct conversion *c, const struct filter_insn *insn,
            const struct filter_state *state)
{
    switch (BPF_MODE(insn->code)) {
    case BPF_MSH:               /* Four times the lower half of a byte. */
        check_constant(c, insn, state);
        emit_load(c, BPF_B, X, BUFFER, DATA + insn->k);
        emit_imm(c, BPF_ALU | BPF_AND | BPF_K, X, 0xf);
        emit_imm(c, BPF_ALU | BPF_LSH | BPF_K, X, 2);
        break;
    case BPF_LEN:
        emit_load(c, BPF_W, X, BUFFER, offsetof(struct filter_buffer, len));
        break;
    case BPF_MEM:
        emit_load(c, BPF_W, X, BUFFER, SCRATCH(insn->k));
        break;
    case BPF_IMM:
        emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, X, insn->k);
        break;
    }
}

/* Operations. */

/* Shifts A by X, so that nothing is left if X is 32 or more. */
static void
convert_shift(struct conversion *c, int op)
{
    emit(c, (struct bpf_insn) { .code = BPF_JMP32 | BPF_JLT | BPF_K,
                                .dst_reg = X, .imm = 32, .off = 1 });
    emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, 0);
    emit_reg(c, BPF_ALU | op | BPF_X, A, X);
}

static void
convert_alu(struct conversion *c, const struct filter_insn *insn)
{
    int op = BPF_OP(insn->code);
    bool is_shift = op == BPF_LSH || op == BPF_RSH;

    if (op == BPF_NEG) {
        emit_imm(c, BPF_ALU | BPF_NEG, A, 0);
    } else if (BPF_SRC(insn->code) == BPF_K) {
        if (is_shift && insn->k >= 32) {
            emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, 0);
        } else {
            emit_imm(c, BPF_ALU | op | BPF_K, A, insn->k);
        }
    } else if (is_shift) {
        convert_shift(c, op);
    } else {
        if (op == BPF_DIV || op == BPF_MOD) {
            emit_if_imm(c, BPF_JMP32 | BPF_JEQ, X, 0, NO_MATCH);
        }
        emit_reg(c, BPF_ALU | op | BPF_X, A, X);
    }
}

/* Returns the comparison that is true where 'op' is not, 0 if there is
 * none. */
static int
opposite(int op)
{
    return (op == BPF_JEQ ? BPF_JNE
            : op == BPF_JGT ? BPF_JLE
            : op == BPF_JGE ? BPF_JLT
            : 0);
}

/* Jumps to 'target' if A compares to the operand of 'insn' by 'op'. */
static void
emit_comparison(struct conversion *c, const struct filter_insn *insn, int op,
                size_t target)
{
    add_jump(c, N_LABELS, target);
    if (BPF_SRC(insn->code) == BPF_K) {
        emit_imm(c, BPF_JMP32 | op | BPF_K, A, insn->k);
    } else {
        emit_reg(c, BPF_JMP32 | op | BPF_X, A, X);
    }
}

/* Converts 'insn', a jump at 'i' of the classic program. */
static void
convert_jump(struct conversion *c, const struct filter_insn *insn, size_t i)
{
    bool is_ja = BPF_OP(insn->code) == BPF_JA;
    size_t jt = is_ja ? insn->k : insn->jt;
    size_t jf = is_ja ? insn->k : insn->jf;
    int op = BPF_OP(insn->code);

    if (jt != jf && !jt && opposite(op)) {
        emit_comparison(c, insn, opposite(op), i + 1 + jf);
        return;
    }
    if (jt != jf) {
        emit_comparison(c, insn, op, i + 1 + jt);
    }
    if (jf) {
        add_jump(c, N_LABELS, i + 1 + jf);
        emit_imm(c, BPF_JMP | BPF_JA, 0, 0);
    }
}

static void
convert_ret(struct conversion *c, const struct filter_insn *insn)
{
    if (BPF_RVAL(insn->code) == BPF_A) {
        emit_if_imm(c, BPF_JMP32 | BPF_JNE, A, 0, MATCH);
        emit_goto(c, NO_MATCH);
    } else {
        emit_goto(c, insn->k ? MATCH : NO_MATCH);
    }
}

/* Programs. */

static void
convert_insn(struct conversion *c, const struct filter_insn *insn, size_t i,
             const struct filter_state *state)
{
    if (filter_ends_at(insn)) {
        emit_end(c, insn);
        return;
    }
    switch (BPF_CLASS(insn->code)) {
    case BPF_LD:
        convert_ld(c, insn, state);
        break;
    case BPF_LDX:
        convert_ldx(c, insn, state);
        break;
    case BPF_ST:
        emit_store(c, A, SCRATCH(insn->k));
        break;
    case BPF_STX:
        emit_store(c, X, SCRATCH(insn->k));
        break;
    case BPF_ALU:
        convert_alu(c, insn);
        break;
    case BPF_JMP:
        convert_jump(c, insn, i);
        break;
    case BPF_RET:
        convert_ret(c, insn);
        break;
    case BPF_MISC:
        if (BPF_MISCOP(insn->code) == BPF_TAX) {
            emit_reg(c, BPF_ALU | BPF_MOV | BPF_X, X, A);
        } else {
            emit_reg(c, BPF_ALU | BPF_MOV | BPF_X, A, X);
        }
        break;
    }
}

/* Has the jumps of the classic program lead to where its instructions are. */
static void
land_jumps(struct conversion *c, const size_t *places)
{
    for (size_t i = 0; i < c->n_jumps; i++) {
        const struct jump *jump = &c->jumps[i];

        if (jump->label == N_LABELS) {
            c->insns[jump->at].off = places[jump->target] - jump->at - 1;
        }
    }
}

/* Forgets the jumps that have landed. */
static void
forget_jumps(struct conversion *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_jumps; i++) {
        if (c->jumps[i].label != N_LABELS) {
            c->jumps[n++] = c->jumps[i];
        }
    }
    c->n_jumps = n;
}

/* Appends what does the same as 'code'.  Returns NULL or what is wrong with
 * it. */
static const char *
convert_code(struct conversion *c, const struct filter_code *code)
{
    struct filter_state *states = xcalloc(code->n, sizeof *states);
    size_t *places = xcalloc(code->n, sizeof *places);
    const char *error = filter_check(code, states);

    for (size_t i = 0; !error && i < code->n; i++) {
        places[i] = c->n;
        if (states[i].reached) {
            uint64_t end = filter_reads(&code->insns[i], &states[i]);

            c->n_bytes = MAX(c->n_bytes, MIN(end, FILTER_BYTES_MAX));
            convert_insn(c, &code->insns[i], i, &states[i]);
        }
    }
    if (!error) {
        land_jumps(c, places);
        forget_jumps(c);
    }
    free(places);
    free(states);
    return error;
}

/* Appends what all programs end with. */
static void
emit_ends(struct conversion *c)
{
    if (c->used[TOO_SHORT]) {
        land_label(c, TOO_SHORT);
        emit_reg(c, BPF_ALU64 | BPF_MOV | BPF_X, TEMP, COPIED);
        emit_imm(c, BPF_ALU64 | BPF_ADD | BPF_K, TEMP, 1);
    }
    if (c->used[TOO_SHORT] || c->used[BEHIND]) {
        land_label(c, BEHIND);
        emit_load(c, BPF_W, TEMP2, BUFFER,
                  offsetof(struct filter_buffer, len));
        emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, FILTER_UNDECIDED);
        emit_if_reg(c, BPF_JMP | BPF_JLE, TEMP, TEMP2, END);
        emit_goto(c, NO_MATCH);
    }
    if (c->used[MATCH]) {
        land_label(c, MATCH);
        emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, FILTER_MATCH);
        emit_goto(c, END);
    }
    if (c->used[NO_MATCH]) {
        land_label(c, NO_MATCH);
        emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, FILTER_NO_MATCH);
    }
    land_label(c, END);
}

/* Converts 'codes'. */
static const char *
convert(struct conversion *c, const struct filter_code codes[FILTER_N_LINKS])
{
    const char *error = NULL;

    emit_load(c, BPF_W, COPIED, BUFFER,
              offsetof(struct filter_buffer, copied));
    emit_load(c, BPF_W, TEMP, BUFFER, offsetof(struct filter_buffer, link));
    emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, A, 0);
    emit_imm(c, BPF_ALU | BPF_MOV | BPF_K, X, 0);
    for (int i = 0; i < FILTER_N_LINKS && !error; i++) {
        size_t skip = c->n;

        emit_imm(c, BPF_JMP | BPF_JNE | BPF_K, TEMP, i);
        if (codes[i].n) {
            error = convert_code(c, &codes[i]);
        } else {
            emit_goto(c, NO_MATCH);
        }
        land(c, skip);
    }
    emit_goto(c, NO_MATCH);
    emit_ends(c);
    return error;
}

/* Makes instructions of 'codes', which the caller frees in 'filter->insns'.
 * With 'byte_by_byte', they load no more than a byte at a time, for machines
 * that do not take addresses that are no multiple of the size.  Returns NULL,
 * or an error message that the caller frees. */
char *
filter_convert(const struct filter_code codes[FILTER_N_LINKS],
               bool byte_by_byte, struct filter *filter)
{
    struct conversion c = { .byte_by_byte = byte_by_byte, .n_bytes = 1 };
    const char *error = convert(&c, codes);
    char *message = NULL;

    free(c.jumps);
    if (error) {
        message = xasprintf("the kernel cannot do this (%s)", error);
    } else if (c.n > FILTER_REGION) {
        message = xasprintf("too large: it takes %"PRIuSIZE" instructions in "
                            "the kernel, and at most %d are possible; choose "
                            "networks or ranges instead of single addresses "
                            "or ports", c.n, FILTER_REGION);
    }
    if (message) {
        free(c.insns);
        c.insns = NULL;
        c.n = 0;
    }
    filter->insns = c.insns;
    filter->n = c.n;
    filter->n_bytes = c.n_bytes;
    return message;
}
