/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions, by libpcap.  (Its <pcap.h> and <linux/bpf.h> both have a
 * struct bpf_insn, so this file knows the first and filter-convert.c the
 * other.) */

#include <config.h>

#include "record/filter.h"

#include <pcap.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE___NSS_CONFIGURE_LOOKUP
#include <nss.h>
#endif

#include "util.h"

/* The longest expression. */
#define EXPRESSION_MAX 8192

/* libpcap asks for the addresses of names.  A name server may take long to
 * answer, so only files are looked at. */
static void
look_at_files_only(void)
{
#ifdef HAVE___NSS_CONFIGURE_LOOKUP
    static const char *const databases[] = {
        "hosts", "networks", "services", "protocols", "ethers",
    };

    for (size_t i = 0; i < ARRAY_SIZE(databases); i++) {
        __nss_configure_lookup(databases[i], "files");
    }
#endif
}

/* Compiles 'expression' for packets of the type 'dlt', a DLT_* number.
 * Returns NULL and stores the program in '*code', or returns an error message
 * that the caller frees. */
static char *
compile_for(int dlt, const char *expression, struct filter_code *code)
{
    pcap_t *pcap = pcap_open_dead(dlt, 65535);
    struct bpf_program program;
    char *error = NULL;

    code->insns = NULL;
    code->n = 0;
    if (!pcap) {
        return xstrdup("out of memory");
    }
    if (pcap_compile(pcap, &program, expression, true,
                     PCAP_NETMASK_UNKNOWN)) {
        error = xstrdup(pcap_geterr(pcap));
    } else {
        code->n = program.bf_len;
        code->insns = xcalloc(code->n, sizeof *code->insns);
        for (size_t i = 0; i < code->n; i++) {
            const struct bpf_insn *insn = &program.bf_insns[i];

            code->insns[i] = (struct filter_insn) {
                .code = insn->code, .jt = insn->jt, .jf = insn->jf,
                .k = insn->k
            };
        }
        pcap_freecode(&program);
    }
    pcap_close(pcap);
    return error;
}

static void
free_codes(struct filter_code codes[FILTER_N_LINKS])
{
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        free(codes[i].insns);
        codes[i].insns = NULL;
        codes[i].n = 0;
    }
}

/* As filter_compile(), whatever 'expression' asks for. */
static char *
compile(const char *expression, struct filter_code codes[FILTER_N_LINKS])
{
    static const int dlts[FILTER_N_LINKS] = {
        [FILTER_ETHERNET] = DLT_EN10MB,
        [FILTER_IP] = DLT_RAW,
    };
    char *errors[FILTER_N_LINKS];
    bool compiled = false;
    char *error = NULL;

    for (int i = 0; i < FILTER_N_LINKS; i++) {
        errors[i] = compile_for(dlts[i], expression, &codes[i]);
        compiled |= !errors[i];
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        if (!compiled && !i) {
            error = errors[i];
        } else {
            free(errors[i]);
        }
    }
    return error;
}

/* Returns true if 'code' has loads from an offset that has a meaning of its
 * own for sockets of Linux (SKF_AD_OFF of <linux/filter.h> and the like), as
 * libpcap makes them of "inbound" and "ifindex".  No packet has so many
 * bytes. */
static bool
asks_the_socket(const struct filter_code *code)
{
    for (size_t i = 0; i < code->n; i++) {
        if (BPF_CLASS(code->insns[i].code) == BPF_LD
            && BPF_MODE(code->insns[i].code) == BPF_ABS
            && code->insns[i].k > INT32_MAX) {
            return true;
        }
    }
    return false;
}

/* Compiles 'expression' for each type of packets.  Where it makes no sense for
 * one, the program for that is empty.  Returns NULL, and the caller frees the
 * instructions of 'codes'; or returns an error message, in the words of
 * libpcap, which the caller frees.  May take a minute: see
 * filter_job_create(). */
char *
filter_compile(const char *expression,
               struct filter_code codes[FILTER_N_LINKS])
{
    char *error;

    memset(codes, 0, FILTER_N_LINKS * sizeof *codes);
    if (strlen(expression) > EXPRESSION_MAX) {
        return xasprintf("too large: at most %d characters are possible; "
                         "choose networks or ranges instead of single "
                         "addresses or ports", EXPRESSION_MAX);
    }
    look_at_files_only();
    error = compile(expression, codes);
    for (int i = 0; i < FILTER_N_LINKS && !error; i++) {
        if (asks_the_socket(&codes[i])) {
            error = xstrdup("directions and interfaces are not known here: "
                            "choose ports with --port");
        }
    }
    if (error) {
        free_codes(codes);
    }
    return error;
}

/* Returns true if this machine takes addresses that are no multiple of the
 * size of what is loaded from there, as the verifier knows (Kconfig's
 * HAVE_EFFICIENT_UNALIGNED_ACCESS). */
bool
filter_takes_any_address(void)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) \
    || defined(__s390x__) || defined(__powerpc64__)
    return true;
#else
    return false;
#endif
}

/* Frees 'filter'.  Does nothing if it is NULL. */
void
filter_destroy(struct filter *filter)
{
    if (filter) {
        free(filter->expression);
        free(filter->insns);
        free(filter);
    }
}
