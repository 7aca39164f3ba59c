/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <pcap.h>
#include <stdlib.h>
#include <string.h>

#include "record/filter.h"
#include "unit/filter-machine.h"
#include "util.h"

/* Returns true if bpf_filter() takes 'code', too, which has been converted: it
 * shifts by 32 and more as the machine does. */
static bool
can_compare(const struct filter_code *code)
{
    for (size_t i = 0; i < code->n; i++) {
        const struct filter_insn *insn = &code->insns[i];
        int op = BPF_OP(insn->code);

        if (BPF_CLASS(insn->code) == BPF_ALU
            && (op == BPF_LSH || op == BPF_RSH)
            && BPF_SRC(insn->code) == BPF_K && insn->k > 31) {
            return false;
        }
    }
    return true;
}

static void
check_packet(const struct filter *filter, const struct filter_code *code,
             const uint8_t *data, size_t size)
{
    static struct filter_buffer buffer;
    enum filter_verdict verdict;

    buffer.len = size;
    buffer.copied = MIN(size, filter->n_bytes);
    buffer.link = FILTER_ETHERNET;
    memcpy(buffer.data, data, buffer.copied);
    verdict = filter_machine_run(filter, &buffer);
    if (verdict == FILTER_UNDECIDED) {
        ovs_assert(size > buffer.copied);
    } else if (can_compare(code)) {
        ovs_assert(verdict
                   == (code->n
                       && bpf_filter((const struct bpf_insn *) code->insns,
                                     data, size, size)));
    }
}

/* Takes a number of instructions, these, and a packet. */
void
fuzz_filter(const uint8_t *data, size_t size)
{
    struct filter_code codes[FILTER_N_LINKS] = { { NULL, 0 } };
    struct filter_code *code = &codes[FILTER_ETHERNET];
    struct filter filter;
    size_t ofs;
    char *error;

    if (!size) {
        return;
    }
    code->n = MIN(data[0], (size - 1) / sizeof *code->insns);
    ofs = 1 + code->n * sizeof *code->insns;
    code->insns = xcalloc(MAX(code->n, 1), sizeof *code->insns);
    memcpy(code->insns, data + 1, code->n * sizeof *code->insns);
    error = filter_convert(codes, false, &filter);
    if (error) {
        fuzz_check_printable(error);
        ovs_assert(!filter.insns);
    } else {
        filter_machine_verify(&filter);
        check_packet(&filter, code, data + ofs, size - ofs);
    }
    free(error);
    free(filter.insns);
    free(code->insns);
}
