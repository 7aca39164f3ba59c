/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_NOTES_H
#define LIB_USDT_NOTES_H 1

/* USDT probes: places that the authors of a program have marked for tracing.
 *
 * This finds the probes of an ELF file or of a running process.  Attaching to
 * them is not done here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* The probes of a file or of a process, in the order of their appearance. */
struct usdt_notes {
    struct usdt_probe *probes;  /* Array of 'n' elements. */
    size_t n;                   /* Number of probes. */
    size_t n_allocated;         /* Allocated elements of 'probes'. */

    struct usdt_object **objects; /* Files that have probes. */
    size_t n_objects;           /* Number of elements in 'objects'. */

    /* What is missing. */
    size_t n_skipped_probes;    /* Damaged, absurd, or beyond a limit. */
    size_t n_skipped_maps;      /* Mappings of too many different files. */
    size_t n_skipped_files;     /* Could not be read. */
    char *problem;              /* Why the first of those files could not be
                                 * read; NULL if there is none. */
};

/* Both return NULL or an error.  After an error '*notes' is empty, so that it
 * may be destroyed but need not be. */
char *usdt_notes_read_file(const char *path, struct usdt_notes *);
char *usdt_notes_read_process(pid_t, struct usdt_notes *);
void usdt_notes_destroy(struct usdt_notes *);

#endif /* lib/usdt/usdt-notes.h */
