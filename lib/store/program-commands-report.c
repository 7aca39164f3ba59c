/* SPDX-License-Identifier: Apache-2.0 */

/* The table of the command report of the program. */

#include <config.h>

#include "store/program-commands.h"

#include "openvswitch/util.h"
#include "store/option-names.h"
#include "util.h"

static const struct command_option report_table[] = {
    { .name = "output", .letter = 'o', .arg = "FILE",
      .example = "trace.html",
      .help = "page to write, '-' for standard output", .unit = "file",
      .kind = &option_kind_file, .offset = offsetof(struct report_options,
                                                    output) },
};
const struct command program_report = {
    .name = "report",
    .summary = "Makes one page of HTML from files, which shows without a "
    "network what was lost, how long stages took, who upcalls, what handlers "
    "did, and the slowest upcalls.",
    .arg = "FILE",
    .arg_help = "With several, which have to be of one trace, reads one after "
    "the other; without, or for '-', standard input.",
    COMMAND_OPTIONS(report_table, struct report_options),
};
