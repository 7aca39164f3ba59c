/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_RETIS_H
#define LIB_CONVERT_RETIS_H 1

/* Writes records as events that Retis prints, sorts and puts into pcapng
 * files: a line of JSON for each, by time, after one about the trace.
 *
 * The form is that of the events of Retis 1.7 (its documentation,
 * docs/events; what its program "retis schema" prints), which 1.6 reads as
 * well.  It has no null, so where it wants a number that is not known here:
 *
 *   - "queue_id" is the number of the upcall, of which it has the lower 32
 *     bits.  (Retis takes a hash of the packet, which equal packets share.)
 *   - "skb-tracking" has in "orig_head" the first pass of the packet, with the
 *     highest bit set, or else the first upcall; in "timestamp" when something
 *     of it happened, that which the first of its records tells first; and in
 *     "skb" 0.
 *   - "flow" of a lookup is 1 if it was a hit, and "sf_acts" is 0.
 *   - "recirc_id" of an action of an execute is 0 if neither its upcall nor
 *     what missed came before it.
 *   - "batch_ts" is 0 if the first upcall of the batch is not there, and "ip"
 *     of what a USDT probe told always is.
 *
 * "kernel" has the function or the tracepoint that told of an event; one at
 * the entry of a function is a "kprobe" there, and one at its exit a
 * "kretprobe".  "task" is there if the process is known, not only the thread.
 * An event whose time is not known, and an action that may not have been
 * executed, is not there.
 *
 * Records come in the order in which they ended.  Events are kept back until
 * RETIS_EVENTS_MAX others, or RETIS_BYTES_MAX, came after them. */

#include <stddef.h>
#include <stdint.h>

struct json;
struct record_context;
struct retis;

/* What is kept back at most. */
#define RETIS_EVENTS_MAX 32768
#define RETIS_BYTES_MAX (16 << 20)

/* Packets that are remembered: their first time, and what was written of
 * them.  What comes to one that was forgotten is a packet of its own. */
#define RETIS_PACKETS_MAX 65536

/* Writes the 'n' bytes at 'data', all of them.  Returns 0 or a positive errno
 * value. */
typedef int retis_write_func(const void *data, size_t n, void *aux);

struct retis *retis_create(retis_write_func *, void *aux);
void retis_start(struct retis *, const struct json *startup);
char *retis_put(struct retis *, const void *record, size_t size,
                const struct record_context *);
int retis_end(struct retis *);
int retis_get_error(const struct retis *);
void retis_destroy(struct retis *);

#endif /* lib/file/convert-retis.h */
