/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares what filters decide in the kernel with what libpcap decides.
 *
 *     filter-kernel N SEED
 *
 * Each expression of the unit tests is loaded into the kernel, which verifies
 * it, and decides about N random packets of its own, each with its Ethernet
 * header and without.  bpf_filter() of libpcap decides about the same.
 *
 * Prints how many expressions, decisions, matches and packets too long to be
 * decided there were.  Fails at the first difference.  The exit status is 77
 * if this process may not load programs.
 */

#include <config.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "random.h"
#include "record/filter.h"
#include "svec.h"
#include "unit/filter-cases.h"
#include "util.h"

#define ETH_LEN 14

struct totals {
    uint64_t decisions, matches, undecided;
};

/* Where packets are put, in memory that the kernel shares. */
struct shared {
    int fd;
    struct filter_buffer *buffer;
};

static void
shared_create(struct shared *shared)
{
    LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

    shared->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "filter_buffer",
                                sizeof(uint32_t), sizeof *shared->buffer, 1,
                                &opts);
    if (shared->fd < 0) {
        ovs_error(errno, "map");
        exit(errno == EPERM ? 77 : EXIT_FAILURE);
    }
    shared->buffer = mmap(NULL, sizeof *shared->buffer,
                          PROT_READ | PROT_WRITE, MAP_SHARED, shared->fd, 0);
    if (shared->buffer == MAP_FAILED) {
        ovs_fatal(errno, "mmap");
    }
}

/* Returns a program that returns what 'filter' says of what is shared. */
static int
load(const struct filter *filter, const struct shared *shared,
     const char *expression)
{
    const struct bpf_insn before[] = {
        { .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10,
          .off = -4 },
        { .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2,
          .src_reg = BPF_REG_10 },
        { .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2,
          .imm = -4 },
        { .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
          .src_reg = BPF_PSEUDO_MAP_FD, .imm = shared->fd },
        { .code = 0 },
        { .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
        { .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .off = 1 },
        { .code = BPF_JMP | BPF_EXIT },
        { .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1,
          .src_reg = BPF_REG_0 },
    };
    size_t n = ARRAY_SIZE(before) + filter->n + 1;
    struct bpf_insn *insns = xcalloc(n, sizeof *insns);
    int fd;

    memcpy(insns, before, sizeof before);
    memcpy(insns + ARRAY_SIZE(before), filter->insns,
           filter->n * sizeof *insns);
    insns[n - 1].code = BPF_JMP | BPF_EXIT;
    fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "filter", "Apache-2.0",
                       insns, n, NULL);
    if (fd < 0) {
        ovs_fatal(errno, "%.200s: cannot be loaded", expression);
    }
    free(insns);
    return fd;
}

static enum filter_verdict
decide(int program, struct shared *shared, const struct filter *filter,
       enum filter_link link, const uint8_t *data, size_t len)
{
    static const uint8_t frame[64];
    LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
                .data_size_in = sizeof frame);

    shared->buffer->len = len;
    shared->buffer->copied = MIN(len, filter->n_bytes);
    shared->buffer->link = link;
    memcpy(shared->buffer->data, data, shared->buffer->copied);
    if (bpf_prog_test_run_opts(program, &opts)) {
        ovs_fatal(errno, "bpf_prog_test_run_opts");
    }
    return opts.retval;
}

static void
compare(int program, struct shared *shared, const struct filter *filter,
        const struct filter_code *code, enum filter_link link,
        const uint8_t *data, size_t len, const char *expression,
        struct totals *totals)
{
    enum filter_verdict v = decide(program, shared, filter, link, data, len);
    bool match = filter_libpcap_matches(code, data, len);

    totals->decisions++;
    totals->matches += match;
    if (v == FILTER_UNDECIDED && filter->n_bytes == FILTER_BYTES_MAX
        && len > FILTER_BYTES_MAX) {
        totals->undecided++;
    } else if (v != match) {
        ovs_fatal(0, "%.200s: %d in the kernel, %d by libpcap, of %"PRIuSIZE
                  " bytes", expression, v, match, len);
    }
}

static void
compare_expression(const char *expression, int n, struct shared *shared,
                   struct totals *totals)
{
    struct filter_code codes[FILTER_N_LINKS];
    struct filter_packet p;
    struct filter filter;
    char *error = filter_compile(expression, codes);
    int program;

    if (!error) {
        error = filter_convert(codes, !filter_takes_any_address(), &filter);
    }
    if (error) {
        ovs_fatal(0, "%.200s: %s", expression, error);
    }
    program = load(&filter, shared, expression);
    for (int i = 0; i < n; i++) {
        size_t skip;

        filter_packet_random(&p);
        skip = MIN(p.len, ETH_LEN);
        compare(program, shared, &filter, &codes[FILTER_ETHERNET],
                FILTER_ETHERNET, p.data, p.len, expression, totals);
        compare(program, shared, &filter, &codes[FILTER_IP], FILTER_IP,
                p.data + skip, p.len - skip, expression, totals);
    }
    close(program);
    free(filter.insns);
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        free(codes[i].insns);
    }
}

int
main(int argc, char *argv[])
{
    struct totals totals = { .decisions = 0 };
    struct shared shared;
    struct svec all;

    set_program_name(argv[0]);
    if (argc != 3) {
        ovs_fatal(0, "usage: filter-kernel N SEED");
    }
    random_set_seed(atoi(argv[2]));
    shared_create(&shared);
    svec_init(&all);
    filter_expressions(&all);
    for (size_t i = 0; i < all.n; i++) {
        compare_expression(all.names[i], atoi(argv[1]), &shared, &totals);
    }
    printf("%"PRIuSIZE" expressions, %"PRIu64" decisions, %"PRIu64" matches, "
           "%"PRIu64" undecided\n", all.n, totals.decisions, totals.matches,
           totals.undecided);
    svec_destroy(&all);
    return 0;
}
