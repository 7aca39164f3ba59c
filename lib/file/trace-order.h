/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRACE_ORDER_H
#define LIB_TRACE_ORDER_H 1

/* Which records of each trace were read, by their "seq", so that none is read
 * twice where several files have parts of the same trace: those of rotation,
 * which follow each other, or those of the flight recorder, which may have
 * some records in common. */

#include <stdint.h>

struct json;
struct trace_order;

enum trace_order_result {
    TRACE_ORDER_NEXT,           /* It was not read before. */
    TRACE_ORDER_AGAIN,          /* It was. */
    TRACE_ORDER_LEFT_OUT,       /* It was not: see trace_order_skip(). */
    TRACE_ORDER_WRONG           /* It was not, or that is not known any more,
                                 * but later ones of its trace were. */
};

struct trace_order *trace_order_create(void);
void trace_order_destroy(struct trace_order *);
void trace_order_begin(struct trace_order *, const struct json *startup);
void trace_order_skip(struct trace_order *);
enum trace_order_result trace_order_put(struct trace_order *, uint64_t seq);
uint64_t trace_order_put_gap(struct trace_order *, uint64_t next, uint64_t n);
uint64_t trace_order_last(const struct trace_order *);

#endif /* lib/file/trace-order.h */
