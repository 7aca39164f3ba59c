/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PCAPNG_H
#define LIB_PCAPNG_H 1

/* Writes packets of records as a pcapng file, which Wireshark and others read.
 *
 * Each record that has a packet, be it an upcall or a pass, becomes a packet
 * with what "show" or "passes" prints about it as comments, a line each.  The
 * number that is the same for all records of a packet, if it is known, is its
 * epb_packetid.  Packets come in the order of the records, which is that in
 * which these ended.
 *
 * An input port is an interface: another one if its name changes, and another
 * one for each kind of packet, since packets without an Ethernet header have a
 * link type of their own. */

#include <stddef.h>
#include <stdint.h>

struct record_context;

/* Most interfaces of which memory is kept.  Packets of further ones are in the
 * file as those whose port is unknown: their comments have the port. */
#define PCAPNG_INTERFACES_MAX 4096

/* Writes the 'n' bytes at 'data', all of them.  Returns 0 or a positive errno
 * value. */
typedef int pcapng_write_func(const void *data, size_t n, void *aux);

/* What is known at the start.  All text is copied, NULL if unknown. */
struct pcapng_about {
    const char *hardware;       /* Of the host that was traced. */
    const char *os;
    const char *application;    /* That has written the file. */
    const char *comment;        /* About the trace, lines of printable
                                 * ASCII. */
    int64_t wall_offset;        /* To be added to times in records for those of
                                 * the wall clock, since the epoch, ns. */
    uint64_t start_ts;          /* When the trace began, as times in records; 0
                                 * if unknown. */
    uint32_t snaplen;           /* Bytes that are kept of each packet, at most;
                                 * 0 for all that are in the records. */
};

/* What is known at the end: the numbers of records of the whole trace, which
 * has more than the file if some were chosen. */
struct pcapng_counts {
    uint64_t produced, delivered, dropped;
    const char *comment;        /* About these, as above. */
    uint64_t end_ts;            /* When the trace ended; 0 if unknown. */
};

struct pcapng *pcapng_create(const struct pcapng_about *,
                             pcapng_write_func *, void *aux);
char *pcapng_put(struct pcapng *, const void *record, size_t size,
                 const struct record_context *);
int pcapng_end(struct pcapng *, const struct pcapng_counts *);
int pcapng_get_error(const struct pcapng *);
void pcapng_destroy(struct pcapng *);

pcapng_write_func pcapng_write_stream;

#endif /* lib/file/pcapng.h */
