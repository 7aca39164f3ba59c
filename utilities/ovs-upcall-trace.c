/* SPDX-License-Identifier: Apache-2.0 */

/* The program ovs-upcall-trace: what people type.
 *
 * Each command is in a file of its own; those of the daemon are all in
 * trace-relay.c.  This file has the table of all of them, and the options that
 * come before a command. */

#include <config.h>

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "command-line.h"
#include "daemon.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "store/commands.h"
#include "store/program-commands.h"
#include "stream-ssl.h"
#include "timeval.h"
#include "trace-output.h"
#include "trace-program.h"
#include "util.h"

/* All commands.  Of those that the daemon has as well, the program's come
 * first. */
static const struct program_command {
    const struct command *command;
    program_run *run;
} commands[] = {
#define X(NAME) { &program_##NAME, NAME##_run },
    PROGRAM_COMMANDS
#undef X
#define X(NAME) { &command_##NAME, relay_run },
    COMMANDS
#undef X
};

/* Options that have no letter. */
enum {
    OPT_NO_COLOR = UCHAR_MAX + 1,
    SSL_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
};

static void parse_options(int argc, char *argv[], struct program *);
static bool is_daemon_option(int c);
static void note_tls(struct tls_files *, int c, const char *value);
static const struct program_command *find_command(const char *name);
static bool wants_no_color(void);
static void catch_nothing(int);
static void open_standard_streams(void);
static int usage(void);
OVS_NO_RETURN static void usage_error(void);

int
main(int argc, char *argv[])
{
    struct program program = {
        .target = "ovs-upcall-traced", .no_color = wants_no_color()
    };
    const struct program_command *c;

    open_standard_streams();
    ovs_set_program_name(argv[0], VERSION);
    /* What is ignored, programs that are run from here would ignore, too. */
    signal(SIGPIPE, catch_nothing);
    signal(SIGXFSZ, catch_nothing);
    parse_options(argc, argv, &program);
    c = find_command(argv[optind]);
    if (program.is_daemon && c->run != forward_run && c->run != receive_run) {
        ovs_error(0, "%s: --detach, --pidfile and the like are for forward "
                  "and receive", c->command->name);
        usage_error();
    }
    /* This ends the program, unless the command has something to do first and
     * catches it (signals_catch()). */
    alarm(program.timeout);
    return c->run(&program, c->command, argc - optind, argv + optind);
}

/* Parses the options before the command, and stops at that. */
static void
parse_options(int argc, char *argv[], struct program *program)
{
    static const struct option long_options[] = {
        {"target", required_argument, NULL, 't'},
        {"no-color", no_argument, NULL, OPT_NO_COLOR},
        {"timeout", required_argument, NULL, 'T'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        STREAM_SSL_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    static char *short_options; /* Not freed: some options end the program. */
    char *letters = ovs_cmdl_long_options_to_short_options(long_options);
    unsigned int timeout = 0;
    int c;

    short_options = xasprintf("+%s", letters);
    free(letters);
    while ((c = getopt_long(argc, argv, short_options, long_options, NULL))
           != -1) {
        note_tls(&program->tls, c, optarg);
        program->is_daemon |= is_daemon_option(c);
        switch (c) {
        case 't':
            program->target = optarg;
            break;

        case 'T':
            if (!str_to_uint(optarg, 10, &timeout) || !timeout) {
                ovs_error(0, "value %s on -T or --timeout is invalid", optarg);
                usage_error();
            }
            break;

        case OPT_NO_COLOR:
            program->no_color = true;
            break;

        case 'h':
            exit(usage());

        case 'V':
            ovs_print_version(0, 0);
            exit(EXIT_SUCCESS);

        STREAM_SSL_OPTION_HANDLERS

        VLOG_OPTION_HANDLERS

        DAEMON_OPTION_HANDLERS

        case '?':
            usage_error();

        default:
            OVS_NOT_REACHED();
        }
    }
    program->timeout = timeout;
    if (optind >= argc) {
        ovs_error(0, "a command is missing");
        usage_error();
    }
}

/* Returns true if 'c' is an option of OVS's daemons. */
static bool
is_daemon_option(int c)
{
    switch (c) {
    DAEMON_OPTION_CASES
        return true;

    default:
        return false;
    }
}

/* Notes 'value' of the option 'c' if it is one of 'tls', of which Open vSwitch
 * only says that there is one. */
static void
note_tls(struct tls_files *tls, int c, const char *value)
{
    if (c == 'p') {
        tls->private_key = value;
    } else if (c == 'c') {
        tls->certificate = value;
    } else if (c == 'C') {
        tls->ca_cert = value;
    } else if (c == OPT_SSL_PROTOCOLS) {
        tls->protocols = value;
    }
}

static void
catch_nothing(int signal_number OVS_UNUSED)
{
}

/* Has what is closed of standard input, output and error be something that
 * cannot be written, so that no socket or file becomes one of these. */
static void
open_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

/* Returns true if the environment says that there are to be no colors (see
 * https://no-color.org). */
static bool
wants_no_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return (no_color && *no_color) || !term || !strcmp(term, "dumb");
}

/* Returns the command that is called 'name'.  Exits if there is none. */
static const struct program_command *
find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(commands[i].command->name, name)) {
            return &commands[i];
        }
    }
    ovs_error(0, "there is no command \"%s\"", name);
    usage_error();
}

/* Appends what each command does, a line for each. */
static void
put_summaries(struct ds *ds)
{
    const struct command *command;

    for (size_t i = 0; (command = command_get(i)); i++) {
        if (!program_command_from_name(command->name)) {
            command_put_summary(command, ds);
        }
    }
    for (size_t i = 0; (command = program_command_get(i)); i++) {
        command_put_summary(command, ds);
    }
}

/* Prints the help.  Returns the exit status. */
static int
usage(void)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int status;

    ds_put_cstr(&text, "\
usage: " PROGRAM_PREFIX "[OPTION]... COMMAND [ARGUMENT]...\n\
Shows what ovs-upcall-traced traces: upcalls of the Open vSwitch kernel\n\
datapath, and passes of packets through it.\n\
\n\
Commands (COMMAND --help has the options of each):\n");
    put_summaries(&text);
    ds_put_cstr(&text, "\
\n\
Options, before the command:\n\
  -t, --target=TARGET  pidfile or control socket of the daemon (default\n\
                       ovs-upcall-traced)\n\
  --no-color           print no colors\n\
  -T, --timeout=SECS   end after so many seconds at most\n\
  -p, --private-key=FILE, -c, --certificate=FILE, -C, --ca-cert=FILE\n\
                       for ssl: and pssl: of forward and receive\n\
  --detach, --pidfile[=FILE], --monitor, --no-chdir, --user=USER\n\
                       for forward and receive, as for all daemons of OVS\n\
  -v, --verbose[=SPEC] set logging levels, see ovs-appctl(8)\n\
  -h, --help           print this help\n\
  -V, --version        print the version\n");
    status = output_text(ds_cstr(&text));
    ds_destroy(&text);
    return status;
}

static void
usage_error(void)
{
    fprintf(stderr, "(\"%s--help\" has all commands and options)\n",
            PROGRAM_PREFIX);
    exit(PROGRAM_USAGE);
}
