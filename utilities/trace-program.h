/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_PROGRAM_H
#define UTILITIES_TRACE_PROGRAM_H 1

/* The program ovs-upcall-trace: what its commands have in common. */

#include <stdbool.h>

struct command;
struct command_line;

/* Exit status. */
#define PROGRAM_FAILURE 1
#define PROGRAM_USAGE 2         /* The command line is wrong. */
#define PROGRAM_SIGNAL 128      /* And the number of a signal: what a shell
                                 * says of what that has ended. */

/* Files for TLS, each NULL if it was not given. */
struct tls_files {
    const char *private_key;    /* --private-key. */
    const char *certificate;    /* --certificate. */
    const char *ca_cert;        /* --ca-cert: also "none". */
    const char *protocols;      /* --ssl-protocols. */
};

/* The options that come before the command. */
struct program {
    const char *target;         /* --target: which daemon. */
    unsigned int timeout;       /* --timeout: in s, 0 if not given. */
    bool no_color;              /* --no-color, or as if it was given. */
    struct tls_files tls;
    bool is_daemon;             /* --detach, --pidfile or the like. */
};

/* What does the work of 'command', whose arguments are 'argv[1]' to
 * 'argv[argc - 1]', 'argv[0]' being its name.  Returns the exit status. */
typedef int program_run(const struct program *, const struct command *,
                        int argc, char *argv[]);

program_run relay_run;          /* Has the daemon do it. */
program_run convert_run;
program_run forward_run;
program_run monitor_run;
program_run pcap_run;
program_run print_run;
program_run receive_run;
program_run record_run;
program_run report_run;
program_run schema_run;
program_run sort_run;
program_run stats_run;
program_run watch_run;

/* A command as it was typed. */
struct program_call {
    const struct program *program;
    const struct command *command;
    const void *options;        /* The command's own struct. */
    const struct command_line *line;
};

/* Returns what is wrong with options or arguments that are right by
 * themselves, NULL if nothing is.  The caller frees it. */
typedef char *program_check(const struct program_call *);

/* Does what the command is for.  Returns the exit status. */
typedef int program_work(const struct program_call *);

int program_run_command(const struct program *, const struct command *,
                        int argc, char *argv[], void *options, program_check *,
                        program_work *);
int program_print_help(const struct command *);

#endif /* utilities/trace-program.h */
