/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "unit/filter-compare.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "unit/filter-cases.h"
#include "unit/filter-machine.h"
#include "util.h"

/* Frees what 'b' refers to. */
void
filter_both_destroy(struct filter_both *b)
{
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        free(b->codes[i].insns);
    }
    free(b->filter.insns);
    free(b->bytewise.insns);
}

/* Converts the programs of 'b', those of 'what'. */
void
filter_both_convert(struct filter_both *b, const char *what)
{
    char *error = filter_convert(b->codes, false, &b->filter);

    ck_assert_msg(!error, "%s: %s", what, error);
    filter_machine_verify(&b->filter);

    /* That is larger. */
    error = filter_convert(b->codes, true, &b->bytewise);
    if (!error) {
        filter_machine_verify(&b->bytewise);
    }
    ck_assert(!error || (b->filter.n > FILTER_REGION / 4
                         && strstr(error, "too large")));
    ck_assert_uint_eq(b->filter.n_bytes, b->bytewise.n_bytes);
    free(error);
}

/* Checks that loading byte by byte leads to the verdict 'v' on 'buffer'. */
static void
check_bytewise(const struct filter_both *b, struct filter_buffer *buffer,
               enum filter_verdict v)
{
    if (b->bytewise.n) {
        ck_assert_int_eq(filter_machine_run(&b->bytewise, buffer), v);
    }
}

/* Makes the programs of 'expression', which the caller frees with
 * filter_both_destroy(). */
void
filter_both_compile(struct filter_both *b, const char *expression)
{
    char *error = filter_compile(expression, b->codes);

    ck_assert_msg(!error, "%.99s: %s", expression, error);
    filter_both_convert(b, expression);
}

/* What is left in the buffer of another packet must make no difference. */
static void
fill(struct filter_buffer *buffer, enum filter_link link, const uint8_t *data,
     size_t len, size_t copied)
{
    buffer->len = len;
    buffer->copied = copied;
    buffer->link = link;
    if (copied) {
        memcpy(buffer->data, data, copied);
    }
    buffer->data[copied] ^= 0x55;
}

/* Compares the verdicts of 'b' about 'link', 'data' and 'len' with what is
 * right.  Returns 1 if the packet matches. */
static int
compare(const struct filter_both *b, enum filter_link link,
        const uint8_t *data, size_t len, const char *what)
{
    static struct filter_buffer buffer;
    bool match = filter_libpcap_matches(&b->codes[link], data, len);
    size_t wanted = MIN(len, b->filter.n_bytes);
    size_t less = random_range(wanted + 1);
    enum filter_verdict v;

    fill(&buffer, link, data, len, wanted);
    v = filter_machine_run(&b->filter, &buffer);
    if (v != FILTER_UNDECIDED
        || b->filter.n_bytes < FILTER_BYTES_MAX || len <= FILTER_BYTES_MAX) {
        ck_assert_msg(v == match, "%.99s: %d, not %d", what, v, match);
    }
    check_bytewise(b, &buffer, v);

    /* Some could not be copied. */
    fill(&buffer, link, data, len, less);
    v = filter_machine_run(&b->filter, &buffer);
    if (v != FILTER_UNDECIDED || less == len) {
        ck_assert_msg(v == match, "%.99s: %d, not %d, of %"PRIuSIZE" bytes",
                      what, v, match, less);
    }
    check_bytewise(b, &buffer, v);
    return match;
}

/* Compares the verdicts of 'b', which is of 'what', about the packet of 'len'
 * bytes at 'data', with and without its Ethernet header, with those of
 * libpcap.  Returns how often it matches. */
int
filter_both_compare(const struct filter_both *b, const uint8_t *data,
                    size_t len, const char *what)
{
    size_t skip = MIN(len, 14);

    return (compare(b, FILTER_ETHERNET, data, len, what)
            + compare(b, FILTER_IP, data + skip, len - skip, what));
}
