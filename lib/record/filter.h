/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FILTER_H
#define LIB_FILTER_H 1

/* Filters: expressions in the language of libpcap (pcap-filter(7)) that decide
 * in the kernel which packets are traced.
 *
 *   filter-compile.c   an expression, to classic BPF, by libpcap
 *   filter-child.c     the same, if it does not take long, and all the rest
 *   filter-reply.c     what a child process of that says
 *   filter-check.c     whether a classic program is valid, and what it reads
 *   filter-convert.c   classic BPF, to instructions of the kernel's BPF
 *
 * A packet begins with an Ethernet header or, in Open vSwitch's L3 ports, with
 * that of IP, so there are two classic programs, for one of which an
 * expression may make no sense: then it matches no packet of that kind. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/filter-buffer.h"

struct bpf_insn;                /* That of <linux/bpf.h>. */
struct ofpbuf;

/* An instruction of classic BPF, as struct bpf_insn of <pcap.h> is, too. */
struct filter_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

/* A classic program; without an instruction, it matches nothing. */
struct filter_code {
    struct filter_insn *insns;
    size_t n;
};

/* What is known of a classic program before one of its instructions is
 * executed, in whatever way it is reached. */
struct filter_state {
    bool reached;               /* Is it ever? */
    uint16_t stored;            /* Bit for each word of scratch memory that was
                                 * written. */
    uint64_t len;               /* Bytes that the packet has, at least. */
    uint32_t a, x, mem[16];     /* How large registers and memory can be. */
};

/* An expression that can be put into a program in the kernel. */
struct filter {
    char *expression;           /* As the user has written it. */
    struct bpf_insn *insns;
    size_t n;                   /* At most FILTER_REGION. */
    uint32_t n_bytes;           /* Bytes of the packet that it reads, at most
                                 * FILTER_BYTES_MAX, at least 1. */
};

/* filter-compile.c. */
char *filter_compile(const char *expression,
                     struct filter_code codes[FILTER_N_LINKS]);
bool filter_takes_any_address(void);
void filter_destroy(struct filter *);

/* filter-child.c.  A job makes a filter while its caller does something
 * else. */
char *filter_create(const char *expression, struct filter **);

struct filter_job *filter_job_create(const char *expression);
void filter_job_destroy(struct filter_job *);
bool filter_job_run(struct filter_job *, struct filter **, char **errorp);
void filter_job_wait(const struct filter_job *);
bool filter_job_run_for(struct filter_job *, int ms, struct filter **,
                        char **errorp);

/* filter-reply.c. */
void filter_put_reply(const char *error,
                      const struct filter_code codes[FILTER_N_LINKS],
                      struct ofpbuf *);
char *filter_take_reply(struct ofpbuf *,
                        struct filter_code codes[FILTER_N_LINKS]);

/* filter-check.c. */
const char *filter_check(const struct filter_code *, struct filter_state *);
bool filter_ends_at(const struct filter_insn *);
uint64_t filter_reads(const struct filter_insn *, const struct filter_state *);

/* filter-convert.c. */
char *filter_convert(const struct filter_code codes[FILTER_N_LINKS],
                     bool byte_by_byte, struct filter *);

#endif /* lib/record/filter.h */
