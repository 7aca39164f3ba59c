/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PCAPNG_BLOCK_H
#define LIB_PCAPNG_BLOCK_H 1

/* Blocks of a pcapng file, and their options.
 *
 * Numbers and names are those of the specification, "PCAP Next Generation
 * (pcapng) Capture File Format" (draft-ietf-opsawg-pcapng), version 1.0 of the
 * format.  All is written in the byte order of this machine, which the section
 * header tells. */

#include <stddef.h>
#include <stdint.h>

struct ofpbuf;

#define PCAPNG_BYTE_ORDER 0x1a2b3c4d
#define PCAPNG_MAJOR 1
#define PCAPNG_MINOR 0

/* Types of blocks. */
enum pcapng_block_type {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_INTERFACE = 1,
    PCAPNG_STATISTICS = 5,
    PCAPNG_PACKET = 6,          /* An enhanced one. */
};

/* Options, of which but the first two belong to one type of block. */
enum pcapng_option {
    PCAPNG_OPT_END = 0,
    PCAPNG_OPT_COMMENT = 1,

    PCAPNG_SHB_HARDWARE = 2,
    PCAPNG_SHB_OS = 3,
    PCAPNG_SHB_USERAPPL = 4,

    PCAPNG_IF_NAME = 2,
    PCAPNG_IF_DESCRIPTION = 3,
    PCAPNG_IF_TSRESOL = 9,      /* A byte: the power of 10 of its fractions of
                                 * a second. */

    PCAPNG_ISB_STARTTIME = 2,   /* As the time of a packet. */
    PCAPNG_ISB_ENDTIME = 3,
    PCAPNG_ISB_IFRECV = 4,      /* These are numbers of 64 bits. */
    PCAPNG_ISB_IFDROP = 5,
    PCAPNG_ISB_USRDELIV = 8,

    PCAPNG_EPB_PACKETID = 5,    /* A number of 64 bits, */
    PCAPNG_EPB_QUEUE = 6,       /* and one of 32. */
};

/* The longest value of an option that is written.  Those of 65535 bytes would
 * be possible. */
#define PCAPNG_OPTION_MAX 32768

void pcapng_block_begin(struct ofpbuf *, enum pcapng_block_type);
void pcapng_block_end(struct ofpbuf *);

void pcapng_block_put_u32(struct ofpbuf *, uint32_t);
void pcapng_block_put_time(struct ofpbuf *, uint64_t ns);
void pcapng_block_put_bytes(struct ofpbuf *, const void *, size_t n);

void pcapng_block_put_option(struct ofpbuf *, enum pcapng_option,
                             const void *, size_t n);
void pcapng_block_put_u64_option(struct ofpbuf *, enum pcapng_option,
                                 uint64_t);
void pcapng_block_put_time_option(struct ofpbuf *, enum pcapng_option,
                                  uint64_t ns);
void pcapng_block_put_text(struct ofpbuf *, enum pcapng_option, const char *);
void pcapng_block_put_comments(struct ofpbuf *, const char *text);

#endif /* lib/file/pcapng-block.h */
