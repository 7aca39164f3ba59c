/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "file/follow.h"
#include "flow/ctl-client.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "store/commands.h"
#include "store/program-commands.h"
#include "store/start-options.h"
#include "svec.h"
#include "timeval.h"
#include "trace-follow.h"
#include "trace-json.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-target.h"
#include "util.h"

/* How long the daemon may take for an answer, in ms: libpcap may take long to
 * make a filter. */
#define ANSWER_TIME 60000

/* Connects to the daemon 'target': to its socket for followers and to its
 * control socket.  Returns NULL, or an error message, which the caller
 * frees. */
char *
recording_connect(struct recording *r, const char *target)
{
    char *error = follow_target(target, &r->follow);
    char *path = error ? NULL : target_ctl_path(target, &error);

    if (path) {
        r->client = ctl_client_create();
        ctl_client_set_path(r->client, path);
    }
    free(path);
    return error;
}

/* Waits until the daemon knows that it is followed.  Returns the exit
 * status. */
int
recording_wait_accepted(struct recording *r)
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
            return PROGRAM_SIGNAL + signals_number();
        } else if (!follow_is_accepted(r->follow)) {
            follow_wait(r->follow);
            signals_wait();
            poll_block();
        }
    }
    return EXIT_SUCCESS;
}

/* Does and waits for what there is to do while the daemon is asked for
 * something, until more than 'patience' signals have come.  Returns false if
 * they have. */
static bool
wait_meanwhile(struct recording *r, int patience)
{
    if (r->writer) {
        recording_run_stream(r);
    }
    recording_run_signals(r);
    if (signals_count() > patience) {
        return false;
    }
    if (r->writer) {
        recording_wait_stream(r);
    }
    signals_wait();
    ctl_client_wait(r->client);
    poll_block();
    return true;
}

/* Returns what is to be said if nobody has waited for an answer. */
static struct ctl_answer
no_answer(void)
{
    return (struct ctl_answer) {
        .result = CTL_FAILED, .error = EINTR,
        .text = xstrdup("interrupted before the daemon has answered: \""
                        PROGRAM_PREFIX "status\" tells whether a trace is "
                        "running"),
    };
}

/* Has the daemon run 'name' with 'args' and stores its answer, of JSON, in
 * '*answer', which the caller destroys.  Records are taken meanwhile, once
 * there is a file for them.  The first signal is not for this, nor are those
 * that have come before.  Returns true if that is a reply. */
static bool
ask(struct recording *r, const char *name, const struct svec *args,
    struct ctl_answer *answer)
{
    char *method = xasprintf(COMMAND_PREFIX "%s", name);
    struct svec all = SVEC_EMPTY_INITIALIZER;
    int patience = MAX(signals_count(), 1);
    bool is_over;

    if (args) {
        svec_append(&all, args);
    }
    svec_add(&all, "--json");
    ctl_client_request(r->client, method, (const char *const *) all.names,
                       all.n, ANSWER_TIME);
    do {
        is_over = ctl_client_run(r->client, answer);
        if (!is_over && !wait_meanwhile(r, patience)) {
            *answer = no_answer();
            is_over = true;
        }
    } while (!is_over);
    svec_destroy(&all);
    free(method);
    return answer->result == CTL_REPLY;
}

/* Prints why the daemon did not do 'name'. */
static void
print_refusal(const char *name, struct ctl_answer *answer)
{
    answer->text[strcspn(answer->text, "\n")] = '\0';
    ovs_error(0, "record: %s: %s", name, answer->text);
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

/* Returns true if a trace is running that somebody has started by hand: that
 * of the daemon's --start would have been set aside. */
static bool
is_busy(struct recording *r)
{
    struct ctl_answer answer;
    bool busy = false;

    if (ask(r, "status", NULL, &answer)) {
        struct json *json = json_from_string(answer.text);
        const struct json *recorder = trace_json_get(json, "recorder",
                                                     JSON_OBJECT);
        const struct json *state = trace_json_get(recorder, "state",
                                                  JSON_STRING);

        busy = (trace_json_get(json, "running", JSON_TRUE)
                && (!state || strcmp(json_string(state), "running")));
        json_destroy(json);
    }
    ctl_answer_destroy(&answer);
    return busy;
}

/* Says why the daemon has not started a trace with 'args'.  What the options
 * may be, it decides itself: it may be of another release.  Returns the exit
 * status. */
static int
refuse_start(struct recording *r, const struct svec *args,
             struct ctl_answer *answer)
{
    if (!is_valid_start(args)) {
        print_refusal("start", answer);
        return PROGRAM_USAGE;
    } else if (answer->result == CTL_ERROR && is_busy(r)) {
        ovs_error(0, "record: a trace is running already, started by hand, "
                  "or by a record that was killed: stop it with \""
                  PROGRAM_PREFIX "stop\" first, or look at it with \""
                  PROGRAM_PREFIX "monitor\"");
    } else {
        print_refusal("start", answer);
    }
    return PROGRAM_FAILURE;
}

/* Has the trace start, and notes when.  Returns the exit status. */
int
recording_start(struct recording *r, const struct svec *args)
{
    struct ctl_answer answer;
    int status = EXIT_SUCCESS;

    if (ask(r, "start", args, &answer)) {
        r->started = trace_json_text_number(answer.text, "since_ms");
    } else {
        status = refuse_start(r, args, &answer);
    }
    ctl_answer_destroy(&answer);
    return status;
}

/* Has the trace stop, if it is still running, and no other one: the daemon
 * then goes on with that of its --start, if there is one.  If it is not
 * running any more, its end is about to come. */
void
recording_stop(struct recording *r)
{
    struct svec args = SVEC_EMPTY_INITIALIZER;
    struct ctl_answer answer;

    r->is_stopped = true;
    svec_add_nocopy(&args, xasprintf("--since-ms=%lld", r->started));
    if (!ask(r, "stop", &args, &answer) && !r->has_ended
        && answer.result != CTL_ERROR) {
        print_refusal("stop", &answer);
    }
    ctl_answer_destroy(&answer);
    svec_destroy(&args);
    r->last_item = time_msec();
    r->patience = MAX(signals_count(), 1);
}
