/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H 1

/* What takes input that is not ours to choose, for a fuzzer.
 *
 * Each target takes any bytes and ends the program, by an assertion or by a
 * sanitizer, if something is wrong.  The bytes are in memory of exactly their
 * size.  "make fuzz" builds the targets with libFuzzer, whose coverage finds
 * inputs; test-fuzz.c runs them, without it, with what build-record.c and
 * build-elf.c make and with the files in tests/fuzz/inputs.
 *
 * X(NAME, WHAT) */

#include <stddef.h>
#include <stdint.h>

#define FUZZ_TARGETS                                                    \
    X(record, "a record, and all that is shown and counted of it")      \
    X(trace, "a trace as lines of JSON")                                \
    X(packed, "a file with a trace, packed or not, and places in it")   \
    X(stream, "what the daemon sends to who follows it")                \
    X(forward, "what a sender of traces sends to a receiver")           \
    X(actions, "actions of a flow as the kernel has them in memory")    \
    X(answer, "what ovs-vswitchd answers about a flow")                 \
    X(notes, "an ELF file with the notes of USDT probes")               \
    X(args, "an argument of a USDT probe")                              \
    X(maps, "a line of /proc/PID/maps, and all of /proc/net/netlink")   \
    X(options, "options of commands, and conditions")                   \
    X(control, "what a control socket sends")                           \
    X(filter, "a program of classic BPF, and a packet")

#define X(NAME, WHAT) void fuzz_##NAME(const uint8_t *data, size_t size);
FUZZ_TARGETS
#undef X

void fuzz_check_printable(const char *);
void fuzz_check_utf8(const char *);
char *fuzz_text(const uint8_t *data, size_t size);

#endif /* tests/fuzz/fuzz.h */
