/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of those commands of the program that read files. */

#include <config.h>

#include "store/program-commands.h"

#include <string.h>

#include "openvswitch/util.h"
#include "store/option-names.h"
#include "util.h"

#define FILE_ARG "FILE"
#define FILE_ARG_HELP "With several, reads one after the other, such as " \
    "those of rotation; without, or for '-', standard input."

/* Options that choose records, in MEMBER, a struct file_choice, of STRUCT. */
#define OPTIONS_CHOOSE(STRUCT, MEMBER)                                      \
    { .name = "where", .arg = "COND,...", .example = "total>5ms",           \
      .help = "only those that meet one of these conditions",               \
      .details = "If it is repeated, up to 16 times, they have to meet one " \
      "of each.  'CONDITIONS' of 'ovs-upcall-traced'(8) has what a "        \
      "condition can be.", .kind = &option_kind_where,                      \
      .offset = offsetof(STRUCT, MEMBER.selection.where) },                 \
    { .name = "outcome", .arg = "NAME,...", .default_help = "all",          \
      .example = "lost", .help = "only upcalls with these outcomes",        \
      .kind = &option_kind_key_outcome,                                     \
      .offset = offsetof(STRUCT, MEMBER.selection.outcomes) },              \
    { .name = "class", .arg = "NAME,...", .default_help = "all",            \
      .example = "miss", .help = "only upcalls of these classes",           \
      .kind = &option_kind_key_class,                                       \
      .offset = offsetof(STRUCT, MEMBER.selection.classes) },               \
    { .name = "port", .arg = "NAME,...", .default_help = "all",             \
      .example = "eth0", .help = "only those from these ports, as tap*",    \
      .details = "In a name, '*' stands for any characters and '?' for "    \
      "one; put such a pattern in quotes, because of the shell.",           \
      .kind = &option_kind_key,                                             \
      .offset = offsetof(STRUCT, MEMBER.selection.ports) },                 \
    { .name = "id", .arg = "ID,...", .default_help = "all",                 \
      .example = "17", .help = "only these, such as 17,p18",                \
      .kind = &option_kind_ids, .offset = offsetof(STRUCT, MEMBER.ids) },   \
    { .name = "since", .arg = "TIME", .example = "14:05:30",                \
      .help = "only those that began then or later", .details = TIME_HELP,  \
      .kind = &option_kind_moment,                                          \
      .offset = offsetof(STRUCT, MEMBER.since) },                           \
    { .name = "until", .arg = "TIME", .example = "14:05:30",                \
      .help = "only those that began before that",                          \
      .kind = &option_kind_moment,                                          \
      .offset = offsetof(STRUCT, MEMBER.until) }

#define TIME_HELP "TIME is seconds after the start of the trace, as 12.5 or " \
    "300ms; a time of day, as 14:05 or 14:05:30.25, of the day on which the " \
    "trace began, or if that is more than 12 hours before it, the next day; " \
    "or a date, as 2026-11-29 or 2026-11-29T14:05:30, with Z or +01:00 if "  \
    "it is not of the local zone."

#define OPTION_OUTPUT(STRUCT, MEMBER, EXAMPLE)                              \
    { .name = "output", .letter = 'o', .arg = "FILE", .example = EXAMPLE,   \
      .default_help = "-", .help = "file to write, compressed if it ends "  \
      "in .gz or .zst, '-' for standard output",                            \
      .unit = "file", .kind = &option_kind_file,                            \
      .offset = offsetof(STRUCT, MEMBER) }

/* Returns the name of the format with 'number', from 0 on, or NULL if there
 * are no more. */
const char *
convert_format_name(int number)
{
    static const char *const names[] = {
#define X(ENUM, NAME) NAME,
        CONVERT_FORMATS
#undef X
    };

    return number >= 0 && number < ARRAY_SIZE(names) ? names[number] : NULL;
}

static const struct command_option convert_table[] = {
    { .name = "to", .arg = "FORMAT", .example = "perfetto",
      .help = "what to convert to",
      .details = "'json' is an array of records, each as 'show --json' has "
      "it; 'perfetto' is what ui.perfetto.dev and chrome://tracing show; "
      "'retis' is events that 'retis' 1.6 and later print, sort and put into "
      "pcapng files.",
      .kind = &option_kind_format,
      .offset = offsetof(struct convert_options, to) },
    OPTION_OUTPUT(struct convert_options, output, "trace.perfetto.json"),
    OPTIONS_CHOOSE(struct convert_options, choice),
};
const struct command program_convert = {
    .name = "convert",
    .summary = "Converts upcalls and passes from files to what other programs "
    "read.",
    .arg = FILE_ARG,
    .arg_help = FILE_ARG_HELP,
    COMMAND_OPTIONS(convert_table, struct convert_options),
};

static const struct command_option pcap_table[] = {
    OPTION_OUTPUT(struct pcap_options, output, "trace.pcapng"),
    { .name = "snaplen", .arg = "BYTES", .example = "64",
      .default_help = "all that was recorded",
      .help = "bytes to write of each packet", .min = 1, .max = 9216,
      .unit = "bytes", .kind = &option_kind_number,
      .offset = offsetof(struct pcap_options, snaplen) },
    OPTIONS_CHOOSE(struct pcap_options, choice),
};
const struct command program_pcap = {
    .name = "pcap",
    .summary = "Writes the packets of upcalls and passes from files as "
    "pcapng, each with what print prints as its comment.",
    .arg = FILE_ARG,
    .arg_help = FILE_ARG_HELP,
    COMMAND_OPTIONS(pcap_table, struct pcap_options),
};

static const struct command_option print_table[] = {
    { .name = "lines", .help = "a line for each, as 'monitor' prints it, not "
      "a paragraph", .kind = &option_kind_flag,
      .offset = offsetof(struct print_options, lines) },
    { .name = "events", .help = "a line for each event",
      .kind = &option_kind_flag,
      .offset = offsetof(struct print_options, events) },
    { .name = "last", .arg = "N", .example = "20", .default_help = "all",
      .help = "of those, the last N, 0 for all", .max = INT64_MAX,
      .unit = "records",
      .kind = &option_kind_number,
      .offset = offsetof(struct print_options, last) },
    OPTIONS_CHOOSE(struct print_options, choice),
};
const struct command program_print = {
    .name = "print",
    .summary = "Prints upcalls and passes from files, as show and passes do, "
    "or with --json their lines.",
    .arg = FILE_ARG,
    .arg_help = FILE_ARG_HELP,
    COMMAND_OPTIONS(print_table, struct print_options),
};

static const struct command_option sort_table[] = {
    { .name = "output", .letter = 'o', .arg = "FILE",
      .example = "sorted.json.zst", .default_help = "text on standard output",
      .help = "write lines of JSON to FILE, compressed if it ends in .gz or "
      ".zst", .unit = "file", .kind = &option_kind_file,
      .offset = offsetof(struct sort_options, output) },
    { .name = "lines", .help = "a line for each, as 'monitor' prints it, not "
      "a paragraph", .kind = &option_kind_flag,
      .offset = offsetof(struct sort_options, lines) },
    { .name = "events", .help = "a line for each event",
      .kind = &option_kind_flag,
      .offset = offsetof(struct sort_options, events) },
    { .name = "last", .arg = "N", .example = "20", .default_help = "all",
      .help = "of those, the last N packets of each trace", .max = INT64_MAX,
      .unit = "packets", .kind = &option_kind_number,
      .offset = offsetof(struct sort_options, last) },
    { .name = "buffer", .arg = "SIZE", .example = "256M", .default_ = "32M",
      .help = "memory to sort in", .min = 1024 * 1024, .max = INT64_MAX / 2,
      .unit = "bytes (suffixes: K, M, G)",
      .details = "What does not fit goes to temporary files in the directory "
      "that TMPDIR names, or /tmp.",
      .kind = &option_kind_size,
      .offset = offsetof(struct sort_options, buffer) },
    OPTIONS_CHOOSE(struct sort_options, choice),
};
const struct command program_sort = {
    .name = "sort",
    .summary = "Prints upcalls and passes by packet, all that belongs to one "
    "together.  The options that choose records choose the packets of these.",
    .arg = FILE_ARG,
    .arg_help = FILE_ARG_HELP,
    COMMAND_OPTIONS(sort_table, struct sort_options),
};

static const struct command_option stats_table[] = {
    { .name = "stage", .arg = "NAME", .default_ = "total", .example = "queue",
      .help = "stage of which there is a histogram",
      .kind = &option_kind_stage,
      .offset = offsetof(struct program_stats_options, stage) },
    { .name = "reset", .help = "without files: start the daemon's statistics "
      "anew after that", .kind = &option_kind_flag,
      .offset = offsetof(struct program_stats_options, reset) },
};
const struct command program_stats = {
    .name = "stats",
    .summary = "Prints statistics of the trace in files, or without any those "
    "that the daemon has.",
    .arg = FILE_ARG,
    .arg_help = "With several, reads one after the other: those of one trace; "
    "for '-', standard input, as in 'zstdcat t.zst | ovs-upcall-trace stats "
    "-'.  Without, the daemon tells, whatever standard input is.",
    COMMAND_OPTIONS(stats_table, struct program_stats_options),
};
