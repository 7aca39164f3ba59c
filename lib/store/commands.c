/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of the commands of the control socket.
 *
 * Everything that has to do with an option comes from here: its default, how
 * it is parsed and checked, what errors say, the help, the manual page, and
 * how its value is shown.  A new option needs an entry here and a member of
 * the structure that the command's options are parsed into.  Only a new kind
 * of value needs code: see option-kind.c and option-names.c. */

#include <config.h>
#include "store/commands.h"

#include <string.h>

#include "openvswitch/util.h"
#include "store/option-names.h"
#include "util.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define SIZE_UNIT "bytes (suffixes: K, M, G)"

/* Options that several commands have, in MEMBER of STRUCT. */

#define OPTION_TARGET(STRUCT, MEMBER)                                       \
    { .name = "target", .arg = "FILE|PID",                                  \
      .default_help = "ovs-vswitchd.pid", .example = "ovs-vswitchd.pid",    \
      .help = "which ovs-vswitchd",                                         \
      .details = "FILE is its pidfile or, if it was started with "          \
      "--unixctl, its control socket.  For one in a container, name the "   \
      "file as it is seen from outside, or the process id outside.  "       \
      "A process that is named by its id is not followed when it is "       \
      "started anew.",                                                      \
      .kind = &option_kind_target, .offset = offsetof(STRUCT, MEMBER) }

#define OPTION_CLASS(STRUCT, MEMBER, KIND)                                  \
    { .name = "class", .arg = "NAME,...", .default_help = "all",            \
      .example = "miss", .help = "only upcalls of these classes",           \
      .details = "A 'miss' is a packet that no flow matched; 'slow_path', " \
      "one whose flow needs user space, for example for LACP or BFD; "      \
      "'action', one that any other action sends to user space.",           \
      .kind = &KIND, .offset = offsetof(STRUCT, MEMBER) }

#define OPTION_PORT(STRUCT, MEMBER, KIND, WHAT)                             \
    { .name = "port", .arg = "NAME,...", .default_help = "all",             \
      .example = "eth0", .help = "only " WHAT " from these ports, as tap*", \
      .details = "In a name, '*' stands for any characters and '?' for "    \
      "one; put such a pattern in quotes, because of the shell.",           \
      .kind = &KIND, .offset = offsetof(STRUCT, MEMBER) }

/* Options of commands that show upcalls, or passes: WHAT. */

#define OPTION_MIN_LATENCY(WHAT, DETAILS)                                   \
    { .name = "min-latency", .arg = "US", .example = "1000",                \
      .help = "only " WHAT " that took so many microseconds in all, or "    \
      "more",                                                               \
      .details = DETAILS,                                                   \
      .min = 1, .max = INT64_MAX / 1000, .unit = "microseconds",            \
      .kind = &option_kind_min_latency,                                     \
      .offset = offsetof(struct show_options, selection.min_latency) }

#define OPTION_WHERE(WHAT)                                                  \
    { .name = "where", .arg = "COND,...", .example = "total>5ms",           \
      .help = "only " WHAT " that meet one of these conditions",            \
      .details = "If it is repeated, up to 16 times, they have to meet "    \
      "one of each.  See 'CONDITIONS', below.",                             \
      .kind = &option_kind_where,                                           \
      .offset = offsetof(struct show_options, selection.where) }

#define OPTIONS_CHOOSE(WHAT, ONE)                                           \
    { .name = "last", .arg = "N", .example = "20",                          \
      .default_help = "20, with --slowest and --after all",                 \
      .help = "of those, the last N, 0 for all", .max = INT64_MAX,          \
      .unit = WHAT, .kind = &option_kind_number,                            \
      .offset = offsetof(struct show_options, last) },                      \
    { .name = "slowest", .arg = "N", .example = "10",                       \
      .help = "of those, the N that took the longest time in all, the "     \
      "slowest first", .min = 1, .max = 100000, .unit = WHAT,               \
      .kind = &option_kind_number,                                          \
      .offset = offsetof(struct show_options, slowest) },                   \
    { .name = "after", .arg = "SEQ", .example = "17",                       \
      .help = "of those, what follows the one with this sequence number",   \
      .max = INT64_MAX, .unit = "as a sequence number",                     \
      .details = "An answer that would be too long ends with the number "   \
      "to continue after.", .kind = &option_kind_number,                    \
      .offset = offsetof(struct show_options, after) },                     \
    { .name = "events", .help = "a line for each event, not a paragraph "   \
      "for each " ONE, .kind = &option_kind_flag,                           \
      .offset = offsetof(struct show_options, events) }

/* Each command. */

static const struct command_option check_table[] = {
    OPTION_TARGET(struct check_options, target),
};
const struct command command_check = {
    .name = "check",
    .summary = "Prints what is possible here, a line for each condition, with "
    "the remedy where something is amiss.",
    COMMAND_OPTIONS(check_table, struct check_options),
};

const struct command command_clear = {
    .name = "clear",
    .summary = "Forgets all upcalls that were recorded, and starts the "
    "statistics anew.",
};

static const struct command_option flows_table[] = {
    { .name = "last", .arg = "N", .example = "20",
      .default_help = "20, with --after all",
      .help = "the last N flows, 0 for all", .max = INT64_MAX, .unit = "flows",
      .kind = &option_kind_number,
      .offset = offsetof(struct flows_options, last) },
    { .name = "after", .arg = "UPCALL", .example = "17",
      .help = "those that follow the one that this upcall has put, or as the "
      "last answer says",
      .min = 1, .max = INT64_MAX, .unit = "as the id of an upcall",
      .kind = &option_kind_number,
      .offset = offsetof(struct flows_options, after) },
};
const struct command command_flows = {
    .name = "flows",
    .summary = "Prints the last flows that upcalls have put, or with "
    "--datapath packets have hit, each with what ovs-vswitchd has told about "
    "it.  Needs a trace with --enrich.",
    .arg = "UFID",
    .arg_help = "With UFIDs, such as ufid:66252ae8-..., prints only these.",
    COMMAND_OPTIONS(flows_table, struct flows_options),
};

static const struct command_option metrics_table[] = {
    { .name = "openmetrics",
      .help = "in the text format of OpenMetrics, not of Prometheus",
      .kind = &option_kind_flag,
      .offset = offsetof(struct metrics_options, openmetrics) },
};
const struct command command_metrics = {
    .name = "metrics",
    .summary = "Prints statistics, and how the trace stands, for Prometheus.",
    COMMAND_OPTIONS(metrics_table, struct metrics_options),
};

static const struct command_option passes_table[] = {
    { .name = "outcome", .arg = "NAME,...", .default_help = "all",
      .example = "miss", .help = "only passes with these outcomes",
      .details = "A 'hit' or a 'miss' is what came of the lookup, and an "
      "'execute' of 'ovs-vswitchd' has none.  'drop' are those that dropped "
      "their packet, or a copy of it, as far as that was seen.",
      .kind = &option_kind_pass_outcome,
      .offset = offsetof(struct show_options, selection.outcomes) },
    { .name = "class", .arg = "NAME,...", .default_help = "all",
      .example = "miss", .help = "only passes that became an upcall of these "
      "classes", .details = "That is one whose lookup was a 'miss'; of others "
      "it is the upcalls that have a class.",
      .kind = &option_kind_key_class,
      .offset = offsetof(struct show_options, selection.classes) },
    OPTION_PORT(struct show_options, selection.ports, option_kind_key,
                "passes"),
    OPTION_MIN_LATENCY("passes", "If the end of a pass is not known, it is "
                       "that of its lookup that counts."),
    OPTION_WHERE("passes"),
    OPTIONS_CHOOSE("passes", "pass"),
};
const struct command command_passes = {
    .name = "passes",
    .summary = "Prints the last passes of packets through the datapath, or "
    "those that the options choose.  Needs a trace with --datapath.",
    .arg = "ID",
    .arg_help = "With IDs, such as p18, prints these passes; options that "
    "choose passes cannot be combined with that.",
    COMMAND_OPTIONS(passes_table, struct show_options),
};

static const struct command_option pending_table[] = {
    { .name = "oldest", .arg = "N", .default_ = "20", .example = "20",
      .help = "the N oldest, 0 for all", .max = INT64_MAX, .unit = "upcalls",
      .kind = &option_kind_number,
      .offset = offsetof(struct pending_options, oldest) },
    { .name = "after", .arg = "NS", .default_ = "0", .example = "0",
      .help = "younger than this time of an earlier answer",
      .max = INT64_MAX, .unit = "nanoseconds", .kind = &option_kind_number,
      .offset = offsetof(struct pending_options, after) },
};
const struct command command_pending = {
    .name = "pending",
    .summary = "Prints the oldest upcalls that are queued to a handler, or "
    "received and not finished, with the time since each began.",
    COMMAND_OPTIONS(pending_table, struct pending_options),
};

const struct command command_probes = {
    .name = "probes",
    .summary = "Prints every hook in the kernel, how it is attached and how "
    "often it was hit, and every USDT probe of the ovs-vswitchd with its "
    "arguments.",
};

static const struct command_option read_table[] = {
    { .name = "after", .arg = "SEQ", .default_ = "0", .example = "0",
      .help = "those that follow the one with this sequence number",
      .max = INT64_MAX, .unit = "as a sequence number",
      .kind = &option_kind_number,
      .offset = offsetof(struct read_options, after) },
    { .name = "max", .arg = "N", .default_ = "100", .example = "100",
      .help = "no more than N", .min = 1, .max = 10000, .unit = "records",
      .kind = &option_kind_number,
      .offset = offsetof(struct read_options, max) },
    { .name = "wait", .arg = "MS", .default_ = "0", .example = "1000",
      .help = "if there are none, wait so many milliseconds", .max = 60000,
      .unit = "milliseconds",
      .details = "It does not wait if 64 others wait, or if other commands "
      "arrive at the same moment.",
      .kind = &option_kind_number,
      .offset = offsetof(struct read_options, wait) },
};
const struct command command_read = {
    .name = "read",
    .summary = "Prints the upcalls and passes that follow one, for programs: "
    "one that was read before, and with which number to continue.",
    COMMAND_OPTIONS(read_table, struct read_options),
};

static const struct command_option show_table[] = {
    { .name = "outcome", .arg = "NAME,...", .default_help = "all",
      .example = "lost", .help = "only upcalls with these outcomes",
      .kind = &option_kind_key_outcome,
      .offset = offsetof(struct show_options, selection.outcomes) },
    OPTION_CLASS(struct show_options, selection.classes,
                 option_kind_key_class),
    OPTION_PORT(struct show_options, selection.ports, option_kind_key,
                "upcalls"),
    OPTION_MIN_LATENCY("upcalls", "Those that were abandoned, or whose end is "
                       "not known, have no such time."),
    OPTION_WHERE("upcalls"),
    OPTIONS_CHOOSE("upcalls", "upcall"),
};
const struct command command_show = {
    .name = "show",
    .summary = "Prints the last upcalls, or those that the options choose, in "
    "the order in which they ended.",
    .arg = "ID",
    .arg_help = "With IDs, prints these upcalls; options that choose upcalls "
    "cannot be combined with that.",
    COMMAND_OPTIONS(show_table, struct show_options),
};

static const struct command_option start_table[] = {
    { .name = "track", .arg = "TIER", .default_ = "kernel", .example = "full",
      .help = "how much is seen, by USDT too or not",
      .details = "'kernel' needs nothing but the kernel.  'full' adds USDT "
      "probes of 'ovs-vswitchd'.  They tell which packet each execution is "
      "for, so that it is linked to its upcall even if 'ovs-vswitchd' has "
      "changed the packet itself, if the message to user space had no more "
      "than 512 bytes; what the handler did while an upcall waited for it; "
      "and how the main loop and the revalidators fare.  'all' adds the "
      "probes at the receive and at the flow put, which tell their time and "
      "where longer packets are; a handler then hits three breakpoints for "
      "each upcall instead of one.  An 'ovs-vswitchd' without these probes is "
      "an error: Open vSwitch has them if it was configured with "
      "--enable-usdt-probes.  See 'TRACING OVS-VSWITCHD', below.",
      .kind = &option_kind_track,
      .offset = offsetof(struct start_options, track) },
    { .name = "datapath", .arg = "WHAT", .implied = "flows",
      .default_help = "off", .example = "actions",
      .help = "record each packet's pass through the datapath as well",
      .details = "'flows' records the lookup of each packet and the actions "
      "of the flow that it has hit, at a cost for every packet in the "
      "datapath; 'actions' also which of these actions the kernel executes, "
      "when, what comes of conntrack and meters, where the pass ends, and "
      "whether the packet is dropped there and why, at a greater cost: see "
      "'PASSES', below.",
      .kind = &option_kind_datapath,
      .offset = offsetof(struct start_options, datapath) },
    { .name = "sample", .arg = "N", .default_ = "1", .example = "100",
      .help = "of the packets that come to the datapath, record one in N, "
      "with all of its passes", .only_with = "datapath",
      .min = 1, .max = UINT32_MAX, .unit = "packets",
      .kind = &option_kind_number,
      .offset = offsetof(struct start_options, sample) },
    { .name = "snaplen", .arg = "BYTES", .default_ = "128", .example = "128",
      .help = "packet bytes kept", .max = 9216, .unit = "bytes",
      .details = "Where the kernel has a packet in several pieces, as with "
      "TCP, those behind the first one are read if check says that they can "
      "be; bytes of fragments that the kernel has put together are not.",
      .kind = &option_kind_number,
      .offset = offsetof(struct start_options, snaplen) },
    { .name = "buffer", .arg = "SIZE", .default_ = "8M", .example = "8M",
      .help = "buffer between kernel and daemon", .min = 4 * KIB,
      .max = 1 * GIB, .unit = SIZE_UNIT, .kind = &option_kind_pow2,
      .offset = offsetof(struct start_options, buffer) },
    { .name = "history", .arg = "SIZE", .default_ = "32M", .example = "32M",
      .help = "memory for what was recorded", .min = 64 * KIB, .max = 16 * GIB,
      .unit = SIZE_UNIT,
      .details = "When it is full, the oldest are forgotten.  With "
      "--datapath, half of it is for passes.",
      .kind = &option_kind_size,
      .offset = offsetof(struct start_options, history) },
    { .name = "duration", .json_name = "duration_s", .arg = "SECONDS",
      .example = "60",
      .help = "stop after this time", .min = 1, .max = 365 * 24 * 60 * 60,
      .unit = "seconds", .kind = &option_kind_number,
      .offset = offsetof(struct start_options, duration) },
    { .name = "stop-after", .arg = "COUNT", .example = "1000",
      .help = "stop after so many upcalls", .min = 1, .max = INT64_MAX,
      .unit = "upcalls", .kind = &option_kind_number,
      .offset = offsetof(struct start_options, stop_after) },
    OPTION_TARGET(struct start_options, target),
    OPTION_CLASS(struct start_options, classes, option_kind_class),
    OPTION_PORT(struct start_options, ports, option_kind_port, "packets"),
    { .name = "filter", .arg = "EXPR", .default_help = "all packets",
      .example = "icmp", .help = "only packets that match it",
      .details = "EXPR is an expression as 'tcpdump'(8) has them: see "
      "'FILTERS', below, and 'pcap-filter'(7).  It is one argument, so put it "
      "in quotes.",
      .kind = &option_kind_filter,
      .offset = offsetof(struct start_options, filter) },
    { .name = "enrich",
      .help = "ask ovs-vswitchd which OpenFlow rules flows have",
      .details = "See 'ASKING OVS-VSWITCHD', below.",
      .kind = &option_kind_flag,
      .offset = offsetof(struct start_options, enrich) },
    { .name = "enrich-rate", .arg = "N", .default_ = "20", .example = "20",
      .help = "requests a second, with --enrich", .only_with = "enrich",
      .min = 1, .max = 1000, .unit = "requests per second",
      .kind = &option_kind_number,
      .offset = offsetof(struct start_options, enrich_rate) },
    { .name = "trigger", .arg = "COND,...", .example = "total>5ms",
      .help = "write what was around one that meets COND to a file",
      .details = "See 'CONDITIONS' and 'FLIGHT RECORDER', below.",
      .kind = &option_kind_conditions,
      .offset = offsetof(struct start_options, trigger) },
    { .name = "trigger-window", .arg = "N", .default_ = "1000",
      .example = "1000", .help = "how many before and after it",
      .only_with = "trigger", .min = 1, .max = 10000, .unit = "upcalls",
      .kind = &option_kind_number,
      .offset = offsetof(struct start_options, trigger_window) },
    { .name = "trigger-dir", .arg = "DIR", .default_help = "OVS's for logs",
      .example = "/var/tmp", .help = "directory for files",
      .details = "Its name must begin with '/'; only in --start of the daemon "
      "may it be relative, to where the daemon is started.",
      .only_with = "trigger",
      .kind = &option_kind_file,
      .offset = offsetof(struct start_options, trigger_dir) },
    { .name = "trigger-files", .arg = "N", .default_ = "16", .example = "16",
      .help = "most files there, of any trace",
      .details = "After each file, the oldest are removed, also those of "
      "earlier traces and of other daemons.",
      .only_with = "trigger", .min = 1, .max = 10000, .unit = "files",
      .kind = &option_kind_number,
      .offset = offsetof(struct start_options, trigger_files) },
};
const struct command command_start = {
    .name = "start",
    .summary = "Starts a trace.  Only one runs at a time; a new one forgets "
    "what the one before it has recorded.",
    COMMAND_OPTIONS(start_table, struct start_options),
};

static const struct command_option stats_table[] = {
    { .name = "stage", .arg = "NAME", .default_ = "total", .example = "queue",
      .help = "stage of which there is a histogram",
      .kind = &option_kind_stage,
      .offset = offsetof(struct stats_options, stage) },
    { .name = "reset", .help = "start the statistics anew after that",
      .details = "The history stays.", .kind = &option_kind_flag,
      .offset = offsetof(struct stats_options, reset) },
};
const struct command command_stats = {
    .name = "stats",
    .summary = "Prints statistics of all upcalls, and of all passes, since "
    "the trace was started, or since they were reset: also of those that the "
    "history has forgotten.",
    COMMAND_OPTIONS(stats_table, struct stats_options),
};

static const struct command_option status_table[] = {
    { .name = "measure", .arg = "SECONDS", .example = "10",
      .help = "measure for so long what the BPF programs cost, then reply",
      .min = 1, .max = 60, .unit = "seconds", .kind = &option_kind_number,
      .offset = offsetof(struct status_options, measure) },
};
const struct command command_status = {
    .name = "status",
    .summary = "Prints whether a trace is running, its target and options, "
    "how often each hook was hit and missed, how many records were produced, "
    "delivered and dropped, and why, and what the trace costs.",
    COMMAND_OPTIONS(status_table, struct status_options),
};

static const struct command_option stop_table[] = {
    { .name = "since-ms", .arg = "MS", .example = "1764410000000",
      .help = "only a trace by hand that was started then, as since_ms of "
      "status has it", .min = 1, .max = INT64_MAX,
      .unit = "ms since the epoch", .kind = &option_kind_number,
      .offset = offsetof(struct stop_options, since_ms) },
};
const struct command command_stop = {
    .name = "stop",
    .summary = "Stops the trace, or ends the waiting of --start.  What it has "
    "recorded can still be shown.",
    COMMAND_OPTIONS(stop_table, struct stop_options),
};

/* An enum is as large as an int, as option_kind_track, option_kind_datapath
 * and option_kind_stage have it. */
BUILD_ASSERT_DECL(MEMBER_SIZEOF(struct start_options, track)
                  == sizeof(unsigned int));
BUILD_ASSERT_DECL(MEMBER_SIZEOF(struct start_options, datapath)
                  == sizeof(unsigned int));
BUILD_ASSERT_DECL(MEMBER_SIZEOF(struct stats_options, stage)
                  == sizeof(unsigned int));

/* Returns the command with 'number', from 0 on, or NULL if there are no
 * more. */
const struct command *
command_get(size_t number)
{
    static const struct command *const commands[] = {
#define X(NAME) &command_##NAME,
        COMMANDS
#undef X
    };

    return number < ARRAY_SIZE(commands) ? commands[number] : NULL;
}

/* Returns the command that is called 'name', without COMMAND_PREFIX, or
 * NULL. */
const struct command *
command_from_name(const char *name)
{
    const struct command *command;

    for (size_t i = 0; (command = command_get(i)); i++) {
        if (!strcmp(command->name, name)) {
            return command;
        }
    }
    return NULL;
}
