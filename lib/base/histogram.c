/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "base/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Forgets all numbers in 'h', and frees what it has allocated. */
void
histogram_clear(struct histogram *h)
{
    for (size_t i = 0; i < HISTOGRAM_OCTAVES; i++) {
        free(h->octaves[i]);
    }
    memset(h, 0, sizeof *h);
}

static void
add_octave(struct histogram *h, unsigned int octave)
{
    if (!h->octaves[octave]) {
        h->octaves[octave] = xcalloc(HISTOGRAM_SUB,
                                     sizeof *h->octaves[octave]);
    }
}

/* Makes room for 'v' in 'h', which it is about to be added to, and includes it
 * between minimum and maximum.  For histogram_add_value() only. */
void
histogram_extend(struct histogram *h, const struct histogram_value *v)
{
    add_octave(h, v->octave);
    h->min = h->count ? MIN(h->min, v->value) : v->value;
    h->max = MAX(h->max, v->value);
}

/* Adds 'n' numbers, all of which are 'value', to 'h'. */
void
histogram_add_many(struct histogram *h, uint64_t value, uint64_t n)
{
    struct histogram_value v = histogram_value(value);

    if (n) {
        histogram_extend(h, &v);
        h->octaves[v.octave][v.sub] += n;
        h->count += n;
        h->sum += value * n;
    }
}

/* Adds to 'dst' all numbers that were added to 'src'. */
void
histogram_merge(struct histogram *dst, const struct histogram *src)
{
    if (!src->count) {
        return;
    }
    for (size_t i = 0; i < HISTOGRAM_OCTAVES; i++) {
        if (!src->octaves[i]) {
            continue;
        }
        add_octave(dst, i);
        for (size_t j = 0; j < HISTOGRAM_SUB; j++) {
            dst->octaves[i][j] += src->octaves[i][j];
        }
    }
    dst->min = dst->count ? MIN(dst->min, src->min) : src->min;
    dst->max = MAX(dst->max, src->max);
    dst->count += src->count;
    dst->sum += src->sum;
}

/* Returns the mean of the numbers in 'h', 0 if there are none. */
double
histogram_mean(const struct histogram *h)
{
    return h->count ? (double) h->sum / h->count : 0;
}

/* Sets the bounds of 'b' to those of bucket 'sub' of 'octave'. */
static void
set_bounds(struct histogram_bucket *b, size_t octave, size_t sub)
{
    unsigned int shift = octave ? octave - 1 : 0;

    b->from = (uint64_t) (octave ? HISTOGRAM_SUB + sub : sub) << shift;
    b->until = b->from + ((UINT64_C(1) << shift) - 1);
}

/* Finds the first bucket of 'h' that is not empty from '*pos' on, which is 0
 * at first.  Returns true and stores it in '*b', and in '*pos' where to go on;
 * or returns false if there are no more. */
bool
histogram_next(const struct histogram *h, size_t *pos,
               struct histogram_bucket *b)
{
    while (*pos < HISTOGRAM_OCTAVES * HISTOGRAM_SUB) {
        size_t octave = *pos / HISTOGRAM_SUB;
        size_t sub = *pos % HISTOGRAM_SUB;

        if (!h->octaves[octave]) {
            *pos = (octave + 1) * HISTOGRAM_SUB;
            continue;
        }
        ++*pos;
        b->count = h->octaves[octave][sub];
        if (b->count) {
            set_bounds(b, octave, sub);
            return true;
        }
    }
    return false;
}

/* Returns the smallest number, as far as 'h' can tell numbers apart, that at
 * least 'permille' of a thousand of the numbers in 'h' do not exceed: the
 * 'permille' / 10th percentile.  Returns 0 if there are no numbers. */
uint64_t
histogram_percentile(const struct histogram *h, unsigned int permille)
{
    uint64_t rank = (h->count / 1000 * permille
                     + DIV_ROUND_UP(h->count % 1000 * permille, 1000));
    struct histogram_bucket b;
    uint64_t n = 0;
    size_t pos = 0;

    if (rank >= h->count) {
        return h->max;
    }
    while (histogram_next(h, &pos, &b)) {
        n += b.count;
        if (n >= rank) {
            uint64_t middle = b.from + (b.until - b.from) / 2;

            return MAX(h->min, MIN(h->max, middle));
        }
    }
    OVS_NOT_REACHED();
}
