/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "attach-filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "record/filter.h"
#include "util.h"

/* "goto +0", of which a region consists. */
static bool
does_nothing(const struct bpf_insn *insn)
{
    return (insn->code == (BPF_JMP | BPF_JA) && !insn->off && !insn->imm
            && !insn->dst_reg && !insn->src_reg);
}

/* Returns the first instruction of the region of the 'n' 'insns', NULL if
 * there is none. */
static struct bpf_insn *
find_region(struct bpf_insn *insns, size_t n)
{
    size_t run = 0;

    for (size_t i = 0; i < n; i++) {
        run = does_nothing(&insns[i]) ? run + 1 : 0;
        if (run == FILTER_REGION) {
            return &insns[i + 1 - run];
        }
    }
    return NULL;
}

/* Has 'region', where nothing is done, do what 'filter' says.
 *
 * The rest is left out by a jump that is always taken.  Then the verifier
 * removes it in one go, and not one instruction after the other, moving all
 * that follow each time (opt_remove_dead_code() and opt_remove_nops() in
 * kernel/bpf/verifier.c, Linux 6.1 to 7.2).  There has to be a condition, for
 * what no path leads to is refused. */
static void
fill_region(struct bpf_insn *region, const struct filter *filter)
{
    size_t rest = FILTER_REGION - filter->n;

    memcpy(region, filter->insns, filter->n * sizeof *region);
    if (rest > 2) {
        region[filter->n] = (struct bpf_insn) {
            .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4,
        };
        region[filter->n + 1] = (struct bpf_insn) {
            .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_4,
            .off = rest - 2,
        };
    }
}

/* Puts 'filter' into 'program', which has filter_run() once and is not loaded
 * yet.  Its instructions remain as many as they were, so that what refers to
 * them stays right.  Does nothing if 'filter' is NULL.  Returns 0 or a
 * positive errno value. */
int
attach_filter_put(const struct filter *filter, struct bpf_program *program)
{
    size_t n = bpf_program__insn_cnt(program);
    struct bpf_insn *insns, *region;
    int error = EINVAL;

    if (!filter) {
        return 0;
    }
    insns = xmemdup(bpf_program__insns(program), n * sizeof *insns);
    region = find_region(insns, n);
    if (region) {
        fill_region(region, filter);
        error = -bpf_program__set_insns(program, insns, n);
    }
    free(insns);
    return error;
}

/* Has 'buffers', the map of that name, which is not loaded yet, be as large as
 * 'filter' needs it: as it is if 'filter' is NULL. */
void
attach_filter_size(const struct filter *filter, struct bpf_map *buffers)
{
    if (filter) {
        bpf_map__set_value_size(buffers, sizeof(struct filter_buffer));
    }
}
