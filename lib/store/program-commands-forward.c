/* SPDX-License-Identifier: Apache-2.0 */

/* The commands of the program that carry records between hosts. */

#include <config.h>

#include "store/program-commands.h"

#include "openvswitch/util.h"
#include "store/option-names.h"
#include "util.h"

static const struct command_option forward_table[] = {
    { .name = "queue", .arg = "SIZE", .example = "256M", .default_ = "64M",
      .help = "memory for records that wait for the receiver",
      .details = "If they are more, the oldest are dropped and counted.  Half "
      "of it is for what was sent and not acknowledged.",
      .min = 128 * 1024, .max = 1024ULL * 1024 * 1024 * 1024,
      .unit = "bytes (suffixes: K, M, G)", .kind = &option_kind_size,
      .offset = offsetof(struct forward_options, queue) },
    { .name = "host", .arg = "NAME", .example = "node7",
      .default_help = "as hostname(1) prints it",
      .help = "what the receiver calls this host", .unit = "host",
      .kind = &option_kind_file,
      .offset = offsetof(struct forward_options, host) },
    { .name = "system-id", .arg = "ID",
      .example = "7f0a3c5e-1f0b-4a9e-8d55-2f2f6f6a1c01",
      .default_help = "that of Open vSwitch's start script",
      .help = "the host's external_ids:system-id", .unit = "id",
      .details = "The script keeps it in the file "
      "'openvswitch/system-id.conf' of the directory for configuration.  If "
      "that is not there, it is null.",
      .kind = &option_kind_file,
      .offset = offsetof(struct forward_options, system_id) },
};
const struct command program_forward = {
    .name = "forward",
    .summary = "Sends upcalls and passes to a receiver, as they end, until it "
    "is interrupted, and says how many were dropped.",
    .arg = "METHOD",
    .one_arg = true,
    .arg_help = "ssl:HOST:PORT, tcp:HOST:PORT or unix:PATH of 'receive'.",
    COMMAND_OPTIONS(forward_table, struct forward_options),
};

static const struct command_option receive_table[] = {
    { .name = "output", .letter = 'o', .arg = "DIR", .example = "traces",
      .help = "directory for the files, a file for each sender",
      .unit = "directory", .kind = &option_kind_file,
      .offset = offsetof(struct receive_options, output) },
    { .name = "compress", .arg = "KIND", .example = "zst",
      .default_help = "not", .help = "compress the files",
      .kind = &option_kind_compression,
      .offset = offsetof(struct receive_options, compress) },
    { .name = "rotate", .arg = "SIZE", .example = "100M",
      .help = "begin another file after so many", .min = 4096,
      .max = INT64_MAX, .unit = "bytes (suffixes: K, M, G)",
      .kind = &option_kind_size,
      .offset = offsetof(struct receive_options, rotate) },
    { .name = "files", .arg = "N", .example = "10", .default_help = "all",
      .only_with = "rotate", .help = "keep the last N files of each host",
      .details = "These are the files that were written last, of all runs of "
      "'forward' there.  One that is still being written is not removed.",
      .min = 1, .max = 99999, .unit = "files", .kind = &option_kind_number,
      .offset = offsetof(struct receive_options, files) },
    { .name = "max-senders", .arg = "N", .default_ = "100",
      .help = "take no more than N senders at a time", .min = 1,
      .max = 10000, .unit = "senders", .kind = &option_kind_number,
      .offset = offsetof(struct receive_options, max_senders) },
    { .name = "idle", .arg = "SECONDS", .default_ = "3600",
      .help = "end the file of a sender that has no connection for so long",
      .details = "After that time, it is also forgotten what was acknowledged "
      "of senders that have ended, or of which there are no files any more.",
      .min = 1, .max = 31536000, .unit = "seconds",
      .kind = &option_kind_number,
      .offset = offsetof(struct receive_options, idle) },
    { .name = "no-sync",
      .help = "do not wait for the disk before records are acknowledged",
      .details = "What was acknowledged is then lost if the machine stops, "
      "not if 'receive' does.", .kind = &option_kind_flag,
      .offset = offsetof(struct receive_options, no_sync) },
};
const struct command program_receive = {
    .name = "receive",
    .summary = "Writes what 'forward' sends from many hosts, into a file for "
    "each, until it is interrupted.",
    .arg = "METHOD",
    .one_arg = true,
    .arg_help = "pssl:PORT[:ADDRESS], ptcp:PORT[:ADDRESS] or punix:PATH.",
    COMMAND_OPTIONS(receive_table, struct receive_options),
};

/* Returns the name of the compression with 'number', from 0 on, which the
 * names of files end in, or NULL if there are no more. */
const char *
compression_name(int number)
{
    static const char *const names[] = {
#define X(ENUM, ENDING) ENDING,
        COMPRESSIONS
#undef X
    };

    return number < ARRAY_SIZE(names) ? names[number] : NULL;
}
