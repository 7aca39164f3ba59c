/* SPDX-License-Identifier: Apache-2.0 */

/* The command record: writes a trace to a file.
 *
 * It follows the daemon before it has it start the trace, so that no record is
 * missed, and then writes the trace that began when the reply to the start
 * says: before and after it there may be that of the daemon's --start. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command.h"
#include "file/follow.h"
#include "file/output-name.h"
#include "file/trace-writer.h"
#include "flow/ctl-client.h"
#include "openvswitch/poll-loop.h"
#include "store/program-commands.h"
#include "svec.h"
#include "timeval.h"
#include "trace-child.h"
#include "trace-program.h"
#include "trace-record.h"
#include "trace-signals.h"
#include "util.h"

/* How long the rest of a trace may be on its way once it has stopped, without
 * anything coming, in ms. */
#define END_TIME 10000

/* The command line. */

/* Returns where in 'argv' "--" is, 'argc' if it is not there. */
static int
find_end(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--")) {
            return i;
        }
    }
    return argc;
}

/* Returns what is wrong with 'options', or with what else is in front of the
 * command, the 'others', or with 'argv', that command, NULL if there is none,
 * 'has_end' if there was a "--".  Returns NULL if nothing is wrong.  The
 * caller frees it. */
static char *
check_arguments(const struct record_options *options,
                const struct svec *others, bool has_end, char *argv[])
{
    return (others->n
            ? xasprintf("unexpected argument \"%s\": a command to run comes "
                        "behind \"--\", as in \"" PROGRAM_PREFIX "record -o "
                        "trace.json.zst -- ping -c 3 10.0.0.1\"",
                        others->names[0])
            : !options->output
            ? xstrdup("--output=FILE is missing, such as -o trace.json.zst")
            : has_end && !argv
            ? xstrdup("the command is missing behind \"--\"")
            : output_name_check(options->output));
}

/* Signals. */

/* Passes a signal on that the command has not got by itself. */
void
recording_run_signals(struct recording *r)
{
    if (!signals_run() || !r->child) {
        return;
    } else if (signals_number() == SIGALRM) {
        child_signal(r->child, SIGTERM);        /* --timeout */
    } else if (signals_from_process()) {
        child_signal(r->child, signals_number());
    }
}

/* The whole. */

static bool
has_running_command(struct recording *r)
{
    return r->child && child_is_running(r->child);
}

/* Returns true if the trace is to stop: the command has ended, or somebody
 * wants it, for the second time if it is up to the command. */
static bool
is_time_to_stop(struct recording *r)
{
    return (trace_writer_error(r->writer)
            || (r->child ? !child_is_running(r->child) || signals_count() > 1
                : signals_count() > 0));
}

/* Returns true if the end of the trace, which was to stop, is not waited for
 * any longer. */
static bool
is_too_late(const struct recording *r)
{
    return (time_msec() >= r->last_item + END_TIME
            || signals_count() > r->patience);
}

static void
wait_all(struct recording *r)
{
    recording_wait_stream(r);
    signals_wait();
    if (has_running_command(r)) {
        child_wait(r->child);
    }
    if (r->is_stopped && !r->has_ended) {
        poll_timer_wait_until(r->last_item + END_TIME);
    }
    if (r->shows_progress) {
        poll_timer_wait_until(r->next_progress);
    }
    poll_block();
}

/* Says what is wrong with files, and once that nothing more can be written. */
static void
check_writer(struct recording *r)
{
    char *warning = trace_writer_take_warning(r->writer);

    if (warning) {
        ovs_error(0, "record: %s", warning);
        free(warning);
    }
    if (trace_writer_error(r->writer) && !r->is_incomplete) {
        ovs_error(0, "record: %s%s", trace_writer_error(r->writer),
                  has_running_command(r)
                  ? " (the command goes on, and is not recorded)" : "");
        r->is_incomplete = true;
    }
}

/* Records until all is over. */
static void
run(struct recording *r)
{
    for (;;) {
        recording_run_stream(r);
        recording_run_signals(r);
        check_writer(r);
        if (!r->has_ended && is_time_to_stop(r) && !r->is_stopped) {
            recording_stop(r);
        } else if (!r->has_ended && r->is_stopped && is_too_late(r)) {
            recording_give_up(r, "the daemon does not end the trace");
        }
        if (r->has_ended
            && (!has_running_command(r) || signals_count() > 1)) {
            return;
        }
        recording_show_progress(r);
        wait_all(r);
    }
}

/* Returns the exit status of what was recorded. */
static int
get_status(struct recording *r)
{
    int status = r->child ? child_status(r->child) : EXIT_SUCCESS;

    return (signals_number() == SIGALRM || has_running_command(r)
            ? PROGRAM_SIGNAL + signals_number()
            : status ? status
            : r->is_incomplete ? PROGRAM_FAILURE : EXIT_SUCCESS);
}

/* Returns what the file is to be. */
static struct trace_writer_options
get_file(const struct recording *r)
{
    return (struct trace_writer_options) {
        .name = r->options->output, .rotate = r->options->rotate,
        .files = r->options->files, .is_hurried = signals_have_come,
        .fd = r->pipe >= 0 ? &r->pipe : NULL,
    };
}

/* Writes what is recorded while the command, if any, runs.  The trace has
 * started.  Returns the exit status. */
static int
record(struct recording *r)
{
    const struct trace_writer_options file = get_file(r);
    char *error = trace_writer_create(&file, &r->writer);

    if (error) {
        ovs_error(0, "record: %s", error);
        free(error);
        recording_stop(r);
        return PROGRAM_FAILURE;
    }
    if (r->child) {
        child_start(r->child);
    }
    recording_print_hello(r);
    run(r);
    check_writer(r);
    recording_print_summary(r);
    error = trace_writer_destroy(r->writer);
    r->writer = NULL;
    if (error && !r->is_incomplete) {
        ovs_error(0, "record: %s", error);
        r->is_incomplete = true;
    }
    free(error);
    return get_status(r);
}

/* Waits until somebody reads the file, if that is a pipe with a name: no trace
 * runs meanwhile, and signals end this program.  Returns NULL or an error
 * message, which the caller frees. */
static char *
open_pipe(struct recording *r)
{
    const char *name = r->options->output;
    struct stat s;

    if (r->options->rotate || output_name_descriptor(name) >= 0
        || stat(name, &s) || !S_ISFIFO(s.st_mode)) {
        return NULL;
    }
    r->pipe = open(name, O_WRONLY | O_CLOEXEC);
    return r->pipe < 0 ? output_name_error(name, errno) : NULL;
}

/* Connects to the daemon, has it start a trace with 'args', and records it,
 * unless there can be no file for it: no trace is started for nothing, and
 * what a file has is gone only once there is one. */
static int
connect_and_record(const struct program *program, struct recording *r,
                   const struct svec *args)
{
    const struct trace_writer_options file = get_file(r);
    char *error = trace_writer_try(&file);
    int status;

    alarm(program->timeout);
    error = error ? error : open_pipe(r);
    error = error ? error : recording_connect(r, program->target);
    if (error) {
        ovs_error(0, "record: %s", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    signals_catch();
    status = recording_wait_accepted(r);
    if (!status) {
        status = recording_start(r, args);
    }
    return status ? status : record(r);
}

/* Records as 'options' say while 'argv', NULL for none, runs.  Returns the
 * exit status. */
static int
run_and_record(const struct program *program,
               const struct record_options *options, bool json,
               const struct svec *args, char *argv[])
{
    bool to_stdout = output_name_descriptor(options->output) == STDOUT_FILENO;
    struct recording r = { .options = options, .json = json, .pipe = -1 };
    int status = PROGRAM_FAILURE;

    if (argv) {
        r.child = child_create(argv, to_stdout);
    }
    r.shows_progress = (!json && isatty(STDERR_FILENO)
                        && (!argv || (!to_stdout && !isatty(STDOUT_FILENO))));
    r.last_item = time_msec();
    if (!argv || r.child) {
        status = connect_and_record(program, &r, args);
    }
    ctl_client_destroy(r.client);
    follow_close(r.follow);
    if (r.pipe >= 0) {
        close(r.pipe);
    }
    child_destroy(r.child);
    free(r.end_text);
    return status;
}

/* What is on the command line. */
struct record_line {
    struct record_options options; /* Our own ones. */
    struct svec passed_on;      /* Those of start. */
    struct svec others;         /* What is no option. */
    bool has_end;               /* Is there a "--"? */
    char **child;               /* What is behind it; NULL if nothing is. */
};

static char *
check(const struct program_call *call)
{
    const struct record_line *line
        = CONTAINER_OF(call->options, struct record_line, options);

    return check_arguments(&line->options, &line->others, line->has_end,
                           line->child);
}

static int
work(const struct program_call *call)
{
    const struct record_line *line
        = CONTAINER_OF(call->options, struct record_line, options);

    return run_and_record(call->program, &line->options, call->line->json,
                          &line->passed_on, line->child);
}

/* Parses 'argv', and records. */
int
record_run(const struct program *program, const struct command *command,
           int argc, char *argv[])
{
    int end = find_end(argc, argv);
    struct record_line line = {
        .passed_on = SVEC_EMPTY_INITIALIZER,
        .others = SVEC_EMPTY_INITIALIZER,
        .has_end = end < argc,
        .child = end + 1 < argc ? argv + end + 1 : NULL,
    };
    struct svec own = SVEC_EMPTY_INITIALIZER;
    int status;

    command_split(command, end, argv, &own, &line.passed_on, &line.others);
    status = program_run_command(program, command, own.n, own.names,
                                 &line.options, check, work);
    svec_destroy(&own);
    svec_destroy(&line.passed_on);
    svec_destroy(&line.others);
    return status;
}
