/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HISTOGRAM_H
#define LIB_HISTOGRAM_H 1

/* Log-linear histograms of 64-bit numbers, such as times in ns.
 *
 * Each power of two, called an octave here, is divided into HISTOGRAM_SUB
 * buckets of equal width, as HdrHistogram does it.  (That is a package in
 * Debian unstable only, and takes all memory at once.)  Numbers below
 * HISTOGRAM_SUB have a bucket each.  So a bucket is no wider than 1/64 of its
 * lower bound, and its middle, which stands for all numbers in it, differs
 * from each of them by no more than 1/128 of that: 0.8 %.
 *
 * An octave takes 512 bytes once it has a number, so a histogram takes no
 * more than HISTOGRAM_OCTAVES times that, and mostly a tenth. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_SUB (1 << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_OCTAVES (64 - HISTOGRAM_SUB_BITS + 1)

/* A histogram.  All zeros is an empty one. */
struct histogram {
    uint64_t count;             /* Numbers that were added. */
    uint64_t min, max;          /* Of them; 0 if there are none. */
    uint64_t sum;               /* Of them: for ns, it wraps after 584
                                 * years. */
    uint64_t *octaves[HISTOGRAM_OCTAVES];       /* NULL if empty. */
};

/* A bucket that is not empty: 'count' numbers from 'from' up to, and
 * including, 'until'. */
struct histogram_bucket {
    uint64_t from, until;
    uint64_t count;
};

void histogram_clear(struct histogram *);
void histogram_add_many(struct histogram *, uint64_t value, uint64_t n);
void histogram_merge(struct histogram *, const struct histogram *);
double histogram_mean(const struct histogram *);
uint64_t histogram_percentile(const struct histogram *, unsigned int permille);
bool histogram_next(const struct histogram *, size_t *pos,
                    struct histogram_bucket *);

/* A number, and where histograms count it: found once for all of them. */
struct histogram_value {
    uint64_t value;
    unsigned int octave;
    unsigned int sub;           /* Bucket in the octave. */
};

void histogram_extend(struct histogram *, const struct histogram_value *);

static inline struct histogram_value
histogram_value(uint64_t value)
{
    unsigned int octave = (63 - __builtin_clzll(value | (HISTOGRAM_SUB - 1))
                           + 1 - HISTOGRAM_SUB_BITS);

    /* In octave 0, and in octave 1, a bucket has one number. */
    return (struct histogram_value) {
        .value = value,
        .octave = octave,
        .sub = value >> (octave - (octave > 0)) & (HISTOGRAM_SUB - 1),
    };
}

/* Adds 'v' to 'h'.  Reads before it writes, so that the compiler need not read
 * again. */
static inline void
histogram_add_value(struct histogram *h, const struct histogram_value *v)
{
    uint64_t *octave = h->octaves[v->octave];
    uint64_t min = h->min;
    uint64_t value = v->value;

    if (OVS_UNLIKELY(!octave || value - min > h->max - min)) {
        histogram_extend(h, v);
        octave = h->octaves[v->octave];
    }
    h->count++;
    h->sum += value;
    octave[v->sub]++;
}

/* Adds 'value' to 'h'. */
static inline void
histogram_add(struct histogram *h, uint64_t value)
{
    struct histogram_value v = histogram_value(value);

    histogram_add_value(h, &v);
}

#endif /* lib/base/histogram.h */
