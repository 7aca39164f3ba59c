/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ovs-upcall-traced: traces upcalls of Open vSwitch's kernel datapath, and is
 * controlled with ovs-appctl.
 *
 * This file is the daemon's frame: options, life cycle and main loop.  The
 * commands are in commands.c, a trace is in session.c.
 */

#include <config.h>

#include <getopt.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "auto-start.h"
#include "base/compat.h"
#include "command-line.h"
#include "commands.h"
#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "store/start-options.h"
#include "stream-socket.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(upcall_traced);

/* What the command line says. */
struct daemon_options {
    char *unixctl_path;         /* NULL for the default. */
    char *start;                /* Options of a trace that is to start by
                                 * itself, NULL for none. */
};

/* State of the "exit" command. */
struct exiting {
    struct unixctl_conn *conn;  /* Who asked, NULL if nobody did. */
    bool exiting;
};

OVS_NO_RETURN static void
usage(void)
{
    struct ds options = DS_EMPTY_INITIALIZER;

    printf("%s: traces upcalls of Open vSwitch's kernel datapath\n"
           "usage: %s [OPTION]...\n", program_name, program_name);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --start=OPTIONS         start a trace with these options, as "
           "soon\n"
           "                          as ovs-vswitchd is there\n"
           "  --unixctl=SOCKET        override default name of the control "
           "socket,\n"
           "                          and of that for followers\n"
           "  -h, --help              display this help message\n"
           "  -V, --version           display version information\n"
           "\nOptions of \"ovs-appctl -t %s upcall-trace/start\":\n",
           program_name);
    start_options_help(&options);
    fputs(ds_cstr(&options), stdout);
    ds_destroy(&options);
    exit(EXIT_SUCCESS);
}

static void
parse_options(int argc, char *argv[], struct daemon_options *o)
{
    enum {
        OPT_UNIXCTL = UCHAR_MAX + 1,
        OPT_START,
        DAEMON_OPTION_ENUMS,
        VLOG_OPTION_ENUMS,
    };
    static const struct option long_options[] = {
        {"unixctl",     required_argument, NULL, OPT_UNIXCTL},
        {"start",       required_argument, NULL, OPT_START},
        {"help",        no_argument, NULL, 'h'},
        {"version",     no_argument, NULL, 'V'},
        DAEMON_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    static char *short_options;

    short_options = ovs_cmdl_long_options_to_short_options(long_options);

    for (;;) {
        int c = getopt_long(argc, argv, short_options, long_options, NULL);

        if (c == -1) {
            break;
        }
        switch (c) {
        case OPT_UNIXCTL:
            o->unixctl_path = optarg;
            break;
        case OPT_START:
            o->start = optarg;
            break;
        case 'h':
            usage();
        case 'V':
            ovs_print_version(0, 0);
            exit(EXIT_SUCCESS);
        DAEMON_OPTION_HANDLERS
        VLOG_OPTION_HANDLERS
        case '?':
            exit(EXIT_FAILURE);
        default:
            abort();
        }
    }
    free(short_options);
    if (optind < argc) {
        ovs_fatal(0, "no arguments are needed, '%s' is one; use --help for "
                  "usage", argv[optind]);
    }
}

/* Allows as many open files as the process may have: there may be more clients
 * than the usual 1024, and a main loop that cannot accept one spins. */
static void
allow_open_files(void)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void
exit_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
        const char *argv[] OVS_UNUSED, void *exiting_)
{
    struct exiting *e = exiting_;

    if (e->exiting) {
        upcall_unixctl_reply_error(conn, "exiting already");
        return;
    }
    e->conn = conn;
    e->exiting = true;
}

static void
main_loop(struct unixctl_server *server, struct commands *commands,
          const struct exiting *e)
{
    while (!e->exiting) {
        unixctl_server_run(server);
        commands_run(commands);
        unixctl_server_wait(server);
        commands_wait(commands);
        if (e->exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
}

int
main(int argc, char *argv[])
{
    struct daemon_options options = { .unixctl_path = NULL };
    struct exiting exiting = { .exiting = false };
    struct auto_start *auto_start = NULL;
    struct unixctl_server *server;
    struct commands *commands;
    int error;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], VERSION);
    parse_options(argc, argv, &options);
    if (options.start) {
        char *start_error = auto_start_create(options.start, &auto_start);

        if (start_error) {
            ovs_fatal(0, "--start: %s", start_error);
        }
    }
    allow_open_files();
    fatal_ignore_sigpipe();
    upcall_daemonize_start(false);

    error = unixctl_server_create(options.unixctl_path, &server);
    if (error) {
        exit(EXIT_FAILURE);
    }
    if (stream_socket_open(options.unixctl_path)) {
        exit(EXIT_FAILURE);
    }
    unixctl_command_register("exit", "", 0, 0, exit_cb, &exiting);
    commands = commands_create(auto_start);
    daemonize_complete();
    VLOG_INFO("%s %s", program_name, VERSION);

    main_loop(server, commands, &exiting);

    commands_destroy(commands);
    stream_socket_close();
    unixctl_command_reply(exiting.conn, NULL);
    unixctl_server_destroy(server);
    return 0;
}
