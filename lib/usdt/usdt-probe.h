/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_PROBE_H
#define LIB_USDT_PROBE_H 1

/* One USDT probe, from the bytes of its note in an ELF file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arguments that a probe can have: <sys/sdt.h> has macros for up to 12. */
#define USDT_ARGS_MAX 12

/* An argument of a probe, such as "-4@12(%rbx)". */
struct usdt_arg {
    unsigned int size;          /* In bytes, here 4; 0 if it is not known, and
                                 * then 'location' is the whole text. */
    bool is_signed;             /* Was there a '-'? */
    bool is_float;              /* Was there an 'f' after the size? */
    const char *location;       /* Where it is, here "12(%rbx)": an operand in
                                 * the notation of the machine's assembler. */
};

/* A file with probes. */
struct usdt_object {
    char *path;                 /* For people: as the process calls it,
                                 * printable. */
    char *file;                 /* For open(): the same file, as long as the
                                 * process exists. */
    bool deleted;               /* Has it been deleted or replaced? */
    bool is_64bit;              /* ELF64, not ELF32? */
};

/* A probe.  One name can have any number of probes, at different places. */
struct usdt_probe {
    const struct usdt_object *object; /* File that contains it. */
    char *provider;             /* Printable, neither empty nor with spaces. */
    char *name;                 /* Likewise. */

    /* Arguments. */
    char *args_text;            /* As in the file, printable. */
    size_t n_args;              /* Number of arguments. */
    struct usdt_arg args[USDT_ARGS_MAX]; /* First 'n_args' are used. */
    char *args_split;           /* Memory of their 'location'. */

    /* Addresses as the note gives them, as "readelf -n" shows them. */
    uint64_t pc;                /* Instruction, before any prelinking. */
    uint64_t base;              /* Section .stapsdt.base at that time. */
    uint64_t semaphore;         /* 2-byte counter of users, 0 if none. */

    /* Positions in the file, in bytes, which are what uprobes need. */
    uint64_t offset;            /* Of the instruction. */
    uint64_t semaphore_offset;  /* Of the counter, 0 if there is none. */
};

bool usdt_probe_parse(const char *note, size_t size, bool is_64bit,
                      struct usdt_probe *);
void usdt_probe_uninit(struct usdt_probe *);

#endif /* lib/usdt/usdt-probe.h */
