/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/printable.h"
#include "cmd-start.h"
#include "cmd-status.h"
#include "commands-private.h"
#include "limited.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/filter.h"
#include "reply.h"
#include "session.h"
#include "target.h"
#include "traces.h"
#include "util.h"

struct starting {
    struct request request;     /* Without arguments and options. */
    struct start_options options;
    struct filter_job *job;     /* NULL only once the daemon ends. */
};

/* Returns NULL, or an error if 'options', which come from a client, have a
 * relative file name: the client's working directory is not ours. */
static char *
check_trigger_dir(const struct start_options *options)
{
    const char *dir = options->trigger_dir;
    struct ds error = DS_EMPTY_INITIALIZER;

    if (!dir || dir[0] == '/') {
        return NULL;
    }
    ds_put_cstr(&error, "--trigger-dir=");
    printable_put_start(&error, dir, strlen(dir));
    ds_put_cstr(&error, ": must be an absolute name, which begins with /");
    return ds_steal_cstr(&error);
}

/* Replies to 'request' that a trace has started. */
static void
reply_started(struct commands *c, const struct request *request)
{
    const struct session_view v = session_view(c->session);
    struct ds text = DS_EMPTY_INITIALIZER;

    if (request->json) {
        commands_reply_status(c, request);
        return;
    }
    ds_put_format(&text, "recording the upcalls of ovs-vswitchd, pid %ld%s\n",
                  (long) v.target->pid,
                  v.options->datapath == UPCALL_DATAPATH_OFF ? ""
                  : ", and passes of packets");
    status_format_absent_ports(c->session, "absent ports: ", &text);
    limited_format(c->session, "limited: ", &text);
    reply_text(request->conn, &text);
}

/* Starts a trace with 'options' and their 'filter', NULL if there is none, and
 * replies to 'request'. */
static void
start(struct commands *c, const struct request *request,
      const struct start_options *options, const struct filter *filter)
{
    char *error = traces_start(c->traces, options, filter);

    if (error) {
        reply_error(request->conn, error);
    } else {
        reply_started(c, request);
    }
}

/* Begins to make the filter of 'request'. */
static struct starting *
starting_create(const struct request *request)
{
    const struct start_options *options = request->options;
    struct starting *s = xmalloc(sizeof *s);

    s->request = (struct request) {
        .conn = request->conn, .json = request->json
    };
    start_options_clone(&s->options, options);
    s->job = filter_job_create(options->filter);
    return s;
}

static void
starting_destroy(struct starting *s)
{
    filter_job_destroy(s->job);
    start_options_destroy(&s->options);
    free(s);
}

/* Goes on with the start that waits, whose job has ended with 'filter' or the
 * error 'message', which are freed. */
static void
resume(struct commands *c, struct filter *filter, char *message)
{
    struct starting *s = c->starting;

    c->starting = NULL;
    if (message) {
        reply_error(s->request.conn,
                    start_options_filter_error(&s->options, message));
    } else {
        start(c, &s->request, &s->options, filter);
    }
    filter_destroy(filter);
    starting_destroy(s);
}

/* Starts the trace whose filter has been made. */
void
starting_run(struct commands *c)
{
    struct filter *filter;
    char *message;

    if (c->starting && filter_job_run(c->starting->job, &filter, &message)) {
        resume(c, filter, message);
    }
}

/* Arranges for the poll loop to wake up when starting_run() has work. */
void
starting_wait(const struct commands *c)
{
    if (c->starting) {
        filter_job_wait(c->starting->job);
    }
}

/* Gives up the start that waits, if there is one, whose client gets 'why' as
 * an error.  Returns true if there was one. */
bool
starting_cancel(struct commands *c, const char *why)
{
    struct starting *s = c->starting;

    if (s) {
        c->starting = NULL;
        upcall_unixctl_reply_error(s->request.conn, why);
        starting_destroy(s);
    }
    return s != NULL;
}

/* Ends the process that makes a filter, if there is one, because the daemon is
 * about to be ended by a signal. */
void
starting_end_process(struct commands *c)
{
    if (c->starting) {
        filter_job_destroy(c->starting->job);
        c->starting->job = NULL;
    }
}

/* The same as starting_run(), but at once, for a client that may not wait. */
static void
run_now(struct commands *c)
{
    struct filter *filter;
    char *message;

    if (filter_job_run_for(c->starting->job, COMMANDS_BLOCK_MS, &filter,
                           &message)) {
        resume(c, filter, message);
    } else {
        starting_cancel(c, "cannot wait for --filter while other commands are "
                        "being answered: try again");
    }
}

/* Adds the options of the start that waits to 'status', null if there is
 * none. */
void
starting_put_json(const struct commands *c, struct json *status)
{
    json_object_put(status, "starting",
                    c->starting ? start_options_to_json(&c->starting->options)
                    : json_null_create());
}

/* Appends the same to 'ds', a line, nothing if there is none. */
void
starting_format(const struct commands *c, struct ds *ds)
{
    if (c->starting) {
        ds_put_cstr(ds, "starting: libpcap is making the filter of ");
        start_options_format(&c->starting->options, ds);
        ds_put_char(ds, '\n');
    }
}

/* Returns NULL if 'request' can be tried, or an error. */
static char *
check_request(const struct commands *c, const struct request *request)
{
    char *error = check_trigger_dir(request->options);

    if (!error && c->starting) {
        error = xstrdup("a trace is being started already: wait for that, or "
                        "give it up with upcall-trace/stop");
    }
    return error ? error : traces_check_start(c->traces);
}

/* upcall-trace/start.  With a filter, the client gets its reply when that has
 * been made. */
void
cmd_start(struct commands *c, const struct request *request)
{
    const struct start_options *options = request->options;
    char *error = check_request(c, request);

    if (error) {
        reply_error(request->conn, error);
    } else if (!options->filter) {
        start(c, request, options, NULL);
    } else {
        c->starting = starting_create(request);
        if (!request->may_wait) {
            run_now(c);
        }
    }
}
