/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_START_OPTIONS_H
#define LIB_START_OPTIONS_H 1

/* The options of upcall-trace/start, of which a trace has a copy. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/condition.h"
#include "store/port-names.h"

struct ds;
struct json;

/* What is traced.
 *
 * X(ENUM, NAME) */
#define UPCALL_TRACKS                                                   \
    X(KERNEL, "kernel")         /* The kernel only. */                  \
    X(FULL, "full")             /* USDT probes of ovs-vswitchd, too, */ \
    X(ALL, "all")               /* and those that tell a time only. */

enum upcall_track {
#define X(ENUM, NAME) UPCALL_TRACK_##ENUM,
    UPCALL_TRACKS
#undef X
    UPCALL_N_TRACKS
};

/* What is recorded of the passes of packets through the datapath.
 *
 * X(ENUM, NAME) */
#define UPCALL_DATAPATHS                                                \
    X(FLOWS, "flows")           /* The lookup, and the flow's actions. */   \
    X(ACTIONS, "actions")       /* And which of them are executed. */

enum upcall_datapath {
    UPCALL_DATAPATH_OFF,
#define X(ENUM, NAME) UPCALL_DATAPATH_##ENUM,
    UPCALL_DATAPATHS
#undef X
    UPCALL_N_DATAPATHS
};

struct start_options {
    enum upcall_track track;    /* --track. */
    enum upcall_datapath datapath;      /* --datapath. */
    uint64_t sample;            /* --sample: of the packets, one in so many; 0
                                 * without --datapath. */
    uint64_t snaplen;           /* --snaplen: packet bytes kept. */
    uint64_t buffer;            /* --buffer: bytes, a power of 2 >= 4096. */
    uint64_t history;           /* --history: bytes. */
    uint64_t duration;          /* --duration: seconds, 0 for no end. */
    uint64_t stop_after;        /* --stop-after: upcalls, 0 for no end. */
    char *target;               /* --target: file or pid, NULL for the
                                 * default. */
    uint32_t classes;           /* --class: bit (1 << enum upcall_class) for
                                 * each chosen class; UINT32_MAX for all. */
    struct port_names ports;    /* --port: names; empty for all. */
    char *filter;               /* --filter: which packets, an expression that
                                 * may be wrong; NULL for all. */
    bool enrich;                /* --enrich: ask ovs-vswitchd about flows? */
    uint64_t enrich_rate;       /* --enrich-rate: requests per second. */
    struct conditions trigger;  /* --trigger: which upcalls to write files
                                 * about. */
    uint64_t trigger_window;    /* --trigger-window: upcalls before and after
                                 * that. */
    char *trigger_dir;          /* --trigger-dir: where to; NULL for the
                                 * directory of logs. */
    uint64_t trigger_files;     /* --trigger-files: how many may be there. */
};

void start_options_init(struct start_options *);
void start_options_clone(struct start_options *dst,
                         const struct start_options *src);
void start_options_destroy(struct start_options *);
char *start_options_parse(struct start_options *, int argc,
                          const char *argv[]);
struct json *start_options_to_json(const struct start_options *);
void start_options_format(const struct start_options *, struct ds *);
void start_options_help(struct ds *);
char *start_options_filter_error(const struct start_options *, char *message);

const char *start_track_name(int track);
const char *start_datapath_name(int number);

#endif /* lib/store/start-options.h */
