/* SPDX-License-Identifier: Apache-2.0 */

/* The command record: writes a trace to a file.
 *
 * It follows the daemon before it has it start the trace, so that no record is
 * missed, and then writes the trace that began when the reply to the start
 * says: before and after it there may be that of the daemon's --start. */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/command.h"
#include "file/follow.h"
#include "file/trace-writer.h"
#include "flow/ctl-client.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "show/record-context.h"
#include "store/commands.h"
#include "store/program-commands.h"
#include "store/start-options.h"
#include "svec.h"
#include "timeval.h"
#include "trace-follow.h"
#include "trace-output.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-target.h"
#include "util.h"

/* Records that are taken before other work gets its turn. */
#define RECORDS_PER_RUN 2000

/* How long the daemon may take for an answer, in ms: libpcap may take long to
 * make a filter. */
#define ANSWER_TIME 60000

/* How long the rest of a trace may be on its way once it has stopped, without
 * anything coming, in ms. */
#define END_TIME 10000

/* How often it is looked whether COMMAND has ended, in ms. */
#define CHILD_INTERVAL 50

/* How often progress is shown, in ms. */
#define PROGRESS_INTERVAL 1000

/* What a shell says of a command that a signal has ended, and of one that is
 * not there. */
#define STATUS_SIGNAL 128
#define STATUS_NOT_FOUND 127

struct recording {
    struct follow *follow;
    struct ctl_client *client;
    struct trace_writer *writer;
    long long int started;      /* "since_ms" of the trace. */
    bool is_ours;               /* Is the trace in the stream ours? */
    bool has_ended;             /* Has it ended, or will nothing come? */
    char *why;                  /* Why nothing comes, or NULL. */
    int64_t dropped;            /* By the daemon, -1 if unknown. */
    long long int last_item;    /* When something came, time_msec(). */

    pid_t child;                /* COMMAND, 0 if it is not running. */
    int status;                 /* Exit status. */
    bool has_command;
    bool is_stopped;            /* Was the daemon told to stop? */

    bool shows_progress;
    long long int next_progress;
};

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

/* Returns true if 'argument' is an option of 'command', and stores in
 * '*takes_next' whether its value is the next argument. */
static bool
is_own(const struct command *command, const char *argument, bool *takes_next)
{
    size_t length = strcspn(argument, "=");

    FOR_EACH_COMMAND_OPTION (option, command) {
        const char letter[] = { '-', option->letter, '\0' };

        if ((length > 2 && !strncmp(argument, "--", 2)
             && strlen(option->name) == length - 2
             && !memcmp(argument + 2, option->name, length - 2))
            || (option->letter && !strcmp(argument, letter))) {
            *takes_next = !argument[length] && !option->kind->is_flag;
            return true;
        }
    }
    return false;
}

/* Adds the arguments of 'argv' that are options of 'command' to 'own', and the
 * others to 'others'. */
static void
split(const struct command *command, int argc, char *argv[], struct svec *own,
      struct svec *others)
{
    svec_add(own, argv[0]);
    for (int i = 1; i < argc; i++) {
        bool takes_next = false;
        struct svec *args = (is_own(command, argv[i], &takes_next)
                             ? own : others);

        svec_add(args, argv[i]);
        if (takes_next && i + 1 < argc) {
            svec_add(args, argv[++i]);
        }
    }
    svec_terminate(own);
    svec_terminate(others);
}

static bool
has_help(const struct svec *args)
{
    for (size_t i = 0; i < args->n; i++) {
        if (!strcmp(args->names[i], "--help")) {
            return true;
        }
    }
    return false;
}

static int
print_help(const struct command *command)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int status;

    command_put_help(command, PROGRAM_PREFIX, &text);
    ds_put_cstr(&text, "\nOptions of the trace:\n");
    command_put_options_help(&command_start, &text);
    status = output_text(ds_cstr(&text));
    ds_destroy(&text);
    return status;
}

/* Following. */

/* Returns the number 'name' of the JSON object 'text', -1 if it has none. */
static int64_t
get_number(const char *text, const char *name)
{
    struct json *json = json_from_string(text);
    const struct json *member;
    int64_t number = -1;

    member = (json->type == JSON_OBJECT
              ? shash_find_data(json_object(json), name) : NULL);
    if (member && member->type == JSON_INTEGER) {
        number = json_integer(member);
    }
    json_destroy(json);
    return number;
}

static void
take_item(struct recording *r, const struct follow_item *item)
{
    const struct record_context context = follow_context(r->follow);

    r->last_item = time_msec();
    switch (item->kind) {
    case FOLLOW_BEGIN:
        r->is_ours = (!r->has_ended
                      && get_number(item->text, "started_ms") == r->started);
        if (r->is_ours) {
            trace_writer_begin(r->writer, item->text);
        }
        break;
    case FOLLOW_RECORD:
    case FOLLOW_GAP:
        if (r->is_ours) {
            trace_writer_put(r->writer, item, &context, time_msec());
        }
        break;
    case FOLLOW_END:
        if (r->is_ours) {
            trace_writer_end(r->writer, item->text, NULL, &context);
            r->dropped = get_number(item->text, "dropped");
            r->is_ours = false;
            r->has_ended = true;
        }
        break;
    }
}

/* Ends the file because nothing comes any more, and 'why', which it takes the
 * ownership of. */
static void
give_up(struct recording *r, char *why)
{
    const struct record_context context = follow_context(r->follow);

    trace_writer_end(r->writer, NULL, why, &context);
    free(r->why);
    r->why = why;
    r->has_ended = true;
    r->is_ours = false;
}

/* Takes what has come. */
static void
run_follow(struct recording *r)
{
    struct follow_item item;
    int error = 0;

    for (int i = 0; i < RECORDS_PER_RUN && !error && !r->has_ended; i++) {
        error = follow_next(r->follow, &item);
        if (!error) {
            take_item(r, &item);
        }
    }
    if (error && error != EAGAIN) {
        give_up(r, follow_why_ended(r->follow, error));
    }
    if (!r->has_ended) {
        const struct record_context context = follow_context(r->follow);

        trace_writer_run(r->writer, &context, time_msec());
    }
}

static void
wait_follow(struct recording *r)
{
    if (!r->has_ended) {
        follow_wait(r->follow);
        trace_writer_wait(r->writer);
    }
}

/* The daemon. */

/* Has the daemon run 'name' with 'args' and stores its answer, of JSON, in
 * '*answer', which the caller destroys.  Records are taken meanwhile, once
 * there is a file for them.  Returns true if that is a reply. */
static bool
ask(struct recording *r, const char *name, const struct svec *args,
    struct ctl_answer *answer)
{
    char *method = xasprintf(COMMAND_PREFIX "%s", name);
    struct svec all = SVEC_EMPTY_INITIALIZER;

    if (args) {
        svec_append(&all, args);
    }
    svec_add(&all, "--json");
    ctl_client_request(r->client, method, (const char *const *) all.names,
                       all.n, ANSWER_TIME);
    while (!ctl_client_run(r->client, answer)) {
        if (r->writer) {
            run_follow(r);
            wait_follow(r);
        }
        ctl_client_wait(r->client);
        poll_block();
    }
    svec_destroy(&all);
    free(method);
    return answer->result == CTL_REPLY;
}

/* Prints why the daemon did not do 'name'. */
static void
print_refusal(const char *name, struct ctl_answer *answer)
{
    answer->text[strcspn(answer->text, "\n")] = '\0';
    ovs_error(0, "%s: %s", name, answer->text);
}

/* Returns true if 'args' are options of start. */
static bool
is_valid_start(const struct svec *args)
{
    struct svec all = SVEC_EMPTY_INITIALIZER;
    struct start_options options;
    struct command_line line;
    char *error;
    bool ok;

    svec_add(&all, command_start.name);
    svec_append(&all, args);
    command_init(&command_start, &options);
    error = command_parse(&command_start, all.n, (const char **) all.names,
                          &options, &line);
    ok = !error;
    free(error);
    command_line_destroy(&line);
    command_destroy(&command_start, &options);
    svec_destroy(&all);
    return ok;
}

/* Waits until the daemon knows that it is followed.  Returns the exit
 * status. */
static int
wait_until_accepted(struct recording *r)
{
    struct follow_item item;
    int error = 0;

    while (!follow_is_accepted(r->follow)) {
        error = follow_next(r->follow, &item);
        if (error && error != EAGAIN) {
            char *why = follow_why_ended(r->follow, error);

            ovs_error(0, "record: %s", why);
            free(why);
            return PROGRAM_FAILURE;
        } else if (signals_run()) {
            return STATUS_SIGNAL + signals_number();
        } else if (!follow_is_accepted(r->follow)) {
            follow_wait(r->follow);
            signals_wait();
            poll_block();
        }
    }
    return EXIT_SUCCESS;
}

/* Has the trace start, and notes when.  Returns the exit status. */
static int
start(struct recording *r, const struct svec *args)
{
    struct ctl_answer answer;
    int status = EXIT_SUCCESS;

    if (!ask(r, "start", args, &answer)) {
        print_refusal("start", &answer);
        status = is_valid_start(args) ? PROGRAM_FAILURE : PROGRAM_USAGE;
    } else {
        r->started = get_number(answer.text, "since_ms");
    }
    ctl_answer_destroy(&answer);
    return status;
}

/* Has the trace stop if it is still the one that is running. */
static void
stop(struct recording *r)
{
    struct ctl_answer answer;

    r->is_stopped = true;
    if (ask(r, "status", NULL, &answer) && !r->has_ended
        && get_number(answer.text, "since_ms") == r->started) {
        ctl_answer_destroy(&answer);
        if (!ask(r, "stop", NULL, &answer) && !r->has_ended) {
            print_refusal("stop", &answer);
        }
    }
    ctl_answer_destroy(&answer);
    r->last_item = time_msec();
}

/* COMMAND. */

/* Runs 'argv'. */
static void
start_child(struct recording *r, char *argv[])
{
    r->child = fork();
    if (!r->child) {
        execvp(argv[0], argv);
        ovs_error(errno, "%s", argv[0]);
        _exit(STATUS_NOT_FOUND);
    } else if (r->child < 0) {
        ovs_error(errno, "cannot run %s", argv[0]);
        r->child = 0;
        r->status = PROGRAM_FAILURE;
    }
}

/* Notes it if COMMAND has ended. */
static void
run_child(struct recording *r)
{
    int status;

    if (r->child && waitpid(r->child, &status, WNOHANG) == r->child) {
        r->child = 0;
        r->status = (WIFEXITED(status) ? WEXITSTATUS(status)
                     : STATUS_SIGNAL + WTERMSIG(status));
    }
}

/* Passes a signal on that COMMAND has not got by itself. */
static void
run_signals(struct recording *r)
{
    if (signals_run() && r->child && signals_from_process()) {
        kill(r->child, signals_number());
    }
}

/* Returns true if the trace is to stop: COMMAND has ended, or somebody wants
 * it, for the second time if it is up to COMMAND. */
static bool
is_time_to_stop(const struct recording *r)
{
    return (trace_writer_has_failed(r->writer)
            || (r->has_command ? !r->child || signals_count() > 1
                : signals_count() > 0));
}

/* What people see. */

static void
show_progress(struct recording *r)
{
    struct trace_writer_stats stats;

    if (r->shows_progress && time_msec() >= r->next_progress) {
        trace_writer_get_stats(r->writer, &stats);
        fprintf(stderr, "\r%"PRIu64" upcalls, %"PRIu64" passes, %"PRIu64
                " missed, %"PRIu64" bytes ", stats.upcalls, stats.passes,
                stats.missed, stats.bytes);
        fflush(stderr);
        r->next_progress = time_msec() + PROGRESS_INTERVAL;
    }
}

/* Prints what was written, after its last line. */
static void
print_summary(const struct recording *r,
              const struct trace_writer_stats *stats)
{
    fprintf(stderr, "%s%s: %"PRIu64" upcalls, %"PRIu64" passes, ",
            r->shows_progress ? "\r" : "", stats->name, stats->upcalls,
            stats->passes);
    if (r->dropped >= 0) {
        fprintf(stderr, "%"PRId64" upcalls dropped, ", r->dropped);
    }
    fprintf(stderr, "%"PRIu64" records missed, %"PRIu64" bytes",
            stats->missed, stats->bytes);
    if (stats->n_files > 1) {
        fprintf(stderr, " in %"PRIu64" files", stats->n_files);
    }
    if (stats->n_removed) {
        fprintf(stderr, ", the first %"PRIu64" removed", stats->n_removed);
    }
    if (stats->damaged) {
        fprintf(stderr, ", %"PRIu64" damaged records left out",
                stats->damaged);
    }
    fputc('\n', stderr);
}

/* The whole. */

static void
wait_all(struct recording *r)
{
    wait_follow(r);
    signals_wait();
    if (r->child) {
        poll_timer_wait(CHILD_INTERVAL);
    }
    if (r->is_stopped && !r->has_ended) {
        poll_timer_wait_until(r->last_item + END_TIME);
    }
    if (r->shows_progress) {
        poll_timer_wait_until(r->next_progress);
    }
    poll_block();
}

/* Records until all is over. */
static void
run(struct recording *r)
{
    for (;;) {
        run_follow(r);
        run_signals(r);
        run_child(r);
        if (!r->has_ended && is_time_to_stop(r) && !r->is_stopped) {
            stop(r);
        } else if (!r->has_ended && r->is_stopped
                   && time_msec() >= r->last_item + END_TIME) {
            give_up(r, xstrdup("the daemon does not end the trace"));
        }
        if (r->has_ended && (!r->child || signals_count() > 1)) {
            return;
        }
        show_progress(r);
        wait_all(r);
    }
}

/* Writes what is recorded while 'argv', NULL for none, runs.  The trace has
 * started.  Returns the exit status. */
static int
record(struct recording *r, const struct trace_writer_options *options,
       char *argv[])
{
    char *error = trace_writer_create(options, &r->writer);
    struct trace_writer_stats stats;

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        stop(r);
        return PROGRAM_FAILURE;
    }
    r->has_command = argv != NULL;
    r->shows_progress = (isatty(STDERR_FILENO)
                         && (!argv || !isatty(STDOUT_FILENO)));
    if (argv) {
        start_child(r, argv);
    }
    run(r);
    trace_writer_get_stats(r->writer, &stats);
    print_summary(r, &stats);
    error = trace_writer_destroy(r->writer);
    if (r->why) {
        ovs_error(0, "record: %s: the trace is not complete", r->why);
    }
    if (error) {
        ovs_error(0, "record: %s", error);
        free(error);
    } else if (!r->why) {
        return r->status;
    }
    return r->status ? r->status : PROGRAM_FAILURE;
}

/* Connects to the daemon, has it start a trace with 'args', and records it. */
static int
connect_and_record(const struct program *program,
                   const struct record_options *options,
                   const struct svec *args, char *argv[])
{
    const struct trace_writer_options file = {
        .name = options->output, .rotate = options->rotate,
        .files = options->files,
    };
    struct recording r = { .dropped = -1, .last_item = time_msec() };
    char *error = follow_target(program->target, &r.follow);
    char *path;
    int status;

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    signals_catch();
    path = target_ctl_path(program->target, &error);
    r.client = ctl_client_create();
    ctl_client_set_path(r.client, path);
    status = wait_until_accepted(&r);
    if (!status) {
        status = start(&r, args);
    }
    if (!status) {
        status = record(&r, &file, argv);
    }
    ctl_client_destroy(r.client);
    follow_close(r.follow);
    free(r.why);
    free(path);
    free(error);
    return status;
}

/* Parses 'argv', and records. */
int
record_run(const struct program *program, const struct command *command,
           int argc, char *argv[])
{
    struct svec own = SVEC_EMPTY_INITIALIZER;
    struct svec others = SVEC_EMPTY_INITIALIZER;
    struct record_options options;
    int end = find_end(argc, argv);
    char *error;
    int status;

    split(command, end, argv, &own, &others);
    command_init(command, &options);
    error = command_parse(command, own.n, (const char **) own.names, &options,
                          NULL);
    if (has_help(&others)) {
        status = print_help(command);
    } else if (error || !options.output) {
        ovs_error(0, "%s: %s", command->name, error ? error
                  : "--output=FILE is missing, such as -o trace.json.zst");
        status = PROGRAM_USAGE;
    } else {
        status = connect_and_record(program, &options, &others,
                                    end + 1 < argc ? argv + end + 1 : NULL);
    }
    free(error);
    command_destroy(command, &options);
    svec_destroy(&own);
    svec_destroy(&others);
    return status;
}
