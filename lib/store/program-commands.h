/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PROGRAM_COMMANDS_H
#define LIB_PROGRAM_COMMANDS_H 1

/* The commands that the program ovs-upcall-trace has beside those of the
 * daemon, and their options.  Like store/commands.h for these, the tables are
 * the only source of names, defaults, limits and help.
 *
 * One that is called as one of the daemon does the same for files: without
 * any, the daemon does it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/command.h"
#include "record/record.h"
#include "store/file-options.h"
#include "store/selection.h"
#include "store/watch.h"

/* What users type before the name of a command of the program. */
#define PROGRAM_PREFIX "ovs-upcall-trace "

/* All of them, in the order of their names. */
#define PROGRAM_COMMANDS                        \
    X(convert)                                  \
    X(forward)                                  \
    X(monitor)                                  \
    X(pcap)                                     \
    X(print)                                    \
    X(receive)                                  \
    X(record)                                   \
    X(report)                                   \
    X(schema)                                   \
    X(sort)                                     \
    X(stats)                                    \
    X(watch)

#define X(NAME) extern const struct command program_##NAME;
PROGRAM_COMMANDS
#undef X

const struct command *program_command_get(size_t number);
const struct command *program_command_from_name(const char *);

/* What files are converted to: X(ENUM, NAME). */
#define CONVERT_FORMATS                         \
    X(JSON, "json")                             \
    X(PERFETTO, "perfetto")                     \
    X(RETIS, "retis")

enum convert_format {
    CONVERT_NONE,               /* Not given. */
#define X(ENUM, NAME) CONVERT_##ENUM,
    CONVERT_FORMATS
#undef X
    CONVERT_N_FORMATS
};

const char *convert_format_name(int number);

struct convert_options {
    enum convert_format to;     /* --to. */
    char *output;               /* --output: name of the file, NULL if not
                                 * given. */
    struct file_choice choice;  /* Of all others. */
};

struct monitor_options {
    bool tree;                  /* --tree: what is beneath each? */
    bool events;                /* --events: a line for each event? */
    uint64_t rate;              /* --rate: records a second, 0 for all;
                                 * OPTION_UNSET if not given. */
    struct selection selection; /* Of --where. */
};

struct pcap_options {
    char *output;               /* --output: name of the file, NULL if not
                                 * given. */
    uint64_t snaplen;           /* --snaplen: bytes of each packet, 0 for
                                 * all. */
    struct file_choice choice;  /* Of all others. */
};

struct print_options {
    bool lines, events;         /* --lines, --events. */
    uint64_t last;              /* --last: how many, OPTION_UNSET if not
                                 * given. */
    struct file_choice choice;  /* Of all others. */
};

/* With a file; without one, the daemon parses them. */
struct program_stats_options {
    enum upcall_stage stage;    /* --stage: of the histogram. */
    bool reset;                 /* --reset: of the daemon. */
};

/* Beside the options of start, which are passed on. */
struct record_options {
    char *output;               /* --output: name of the file. */
    uint64_t rotate;            /* --rotate: bytes; 0 if not given. */
    uint64_t files;             /* --files: how many, 0 for all. */
};

struct forward_options {
    uint64_t queue;             /* --queue: bytes. */
    char *host;                 /* --host: what it is called, or NULL. */
    char *system_id;            /* --system-id, or NULL. */
};

/* How files are compressed.  X(ENUM, ENDING) */
#define COMPRESSIONS                            \
    X(GZIP, "gz")                               \
    X(ZSTD, "zst")

enum compression {
    COMPRESSION_NONE,
#define X(ENUM, ENDING) COMPRESSION_##ENUM,
    COMPRESSIONS
#undef X
};

const char *compression_name(int number);

struct receive_options {
    char *output;               /* --output: name of a directory. */
    enum compression compress;  /* --compress. */
    uint64_t rotate;            /* --rotate: bytes; 0 if not given. */
    uint64_t files;             /* --files: how many, 0 for all. */
    uint64_t max_senders;       /* --max-senders. */
    uint64_t idle;              /* --idle: in s. */
    bool no_sync;               /* --no-sync. */
};

struct report_options {
    char *output;               /* --output: name of the page. */
};

struct sort_options {
    char *output;               /* --output: name of the file; NULL if not
                                 * given. */
    bool lines, events;         /* --lines, --events. */
    uint64_t last;              /* --last: packets, OPTION_UNSET if not
                                 * given. */
    uint64_t buffer;            /* --buffer: bytes. */
    struct file_choice choice;  /* Of all others. */
};

struct watch_options {
    uint64_t interval;          /* --interval: in s. */
    enum watch_sort sort;       /* --sort: by what. */
    bool once;                  /* --once: print one screen as text? */
    struct selection selection; /* Of --where. */
};

#endif /* lib/store/program-commands.h */
