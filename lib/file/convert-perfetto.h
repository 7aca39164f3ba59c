/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_PERFETTO_H
#define LIB_CONVERT_PERFETTO_H 1

/* Writes records as a trace that Perfetto and Chrome's tracing show: JSON in
 * the form of "Trace Event Format".
 *
 * Tracks are the CPUs of the datapath, with upcalls and passes; the netlink
 * sockets, with the length of their queue; and the threads of ovs-vswitchd
 * that handle upcalls, with translations, puts and executes.  An upcall is a
 * flow over these, and how long it was in the queue and was handled, which
 * overlaps with others, are slices of their own.  One that was lost is an
 * instant on the CPU.  What revalidators did is known of all of them for all
 * of a trace with --track=full only, and so is one slice.  Records that are
 * missing are instants on a track of their own: gaps at the time at which the
 * record before ended, those that were dropped by the programs at the end of
 * the trace.
 *
 * Times are those of the records, in us with three decimals. */

#include <stddef.h>
#include <stdint.h>

struct json;
struct perfetto;
struct record_context;

/* Writes the 'n' bytes at 'data', all of them.  Returns 0 or a positive errno
 * value. */
typedef int perfetto_write_func(const void *data, size_t n, void *aux);

struct perfetto *perfetto_create(perfetto_write_func *, void *aux);
void perfetto_start(struct perfetto *, const struct json *startup);
void perfetto_note(struct perfetto *, const void *record);
void perfetto_put_gap(struct perfetto *, uint64_t n, uint64_t next);
char *perfetto_put_end(struct perfetto *, const struct json *);
char *perfetto_put(struct perfetto *, const void *record, size_t size,
                   const struct record_context *);
int perfetto_end(struct perfetto *);
int perfetto_get_error(const struct perfetto *);
void perfetto_destroy(struct perfetto *);

#endif /* lib/file/convert-perfetto.h */
