/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auto-start.h"
#include "base/compat.h"
#include "base/user-text.h"
#include "cmd-check.h"
#include "cmd-flows.h"
#include "cmd-metrics.h"
#include "cmd-pending.h"
#include "cmd-probes.h"
#include "cmd-read.h"
#include "cmd-show.h"
#include "cmd-stats.h"
#include "cmd-status.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "reply.h"
#include "session.h"
#include "store/start-options.h"
#include "target.h"
#include "unixctl.h"
#include "util.h"

/* Flows that upcall-trace/flows shows if not told otherwise. */
#define FLOWS_LAST 20

struct commands {
    struct session *session;    /* The last trace; NULL before the first. */
    struct readers *readers;    /* Wait for a record of 'session'. */
    struct measures *measures;  /* Of 'session', under way. */
    struct auto_start *auto_start;      /* The trace that is to start by
                                         * itself, NULL if none is. */

    /* The connection of the last command since commands_run().  More than one
     * is handled at once only if the client did not wait for the answer. */
    struct unixctl_conn *last_conn;
};

typedef void command_cb(struct commands *, struct unixctl_conn *,
                        struct args *);

/* Replies with an error if there are arguments left.  Returns true if so. */
static bool
has_unexpected(struct unixctl_conn *conn, const struct args *args)
{
    if (args->n) {
        reply_error(conn, args_unexpected(args, "the only option is --json"));
    }
    return args->n > 0;
}

/* Replies with an error if nothing was ever traced.  Returns true if so. */
static bool
lacks_session(const struct commands *c, struct unixctl_conn *conn)
{
    if (!c->session) {
        unixctl_command_reply_error(conn, REPLY_NO_SESSION);
    }
    return !c->session;
}

/* Returns why 'a' has not been started. */
static const char *
get_waiting(const struct auto_start *a)
{
    const char *error = auto_start_error(a);

    return error ? error : "not tried yet";
}

static void
reply_status(struct commands *c, struct unixctl_conn *conn,
             const struct args *args)
{
    if (c->session) {
        session_catch_up(c->session);
    }
    if (args->json) {
        struct json *json = status_to_json(c->session, NULL);

        if (c->auto_start) {
            json_object_put_string(json, "waiting",
                                   get_waiting(c->auto_start));
        }
        reply_json(conn, json);
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        if (c->auto_start) {
            ds_put_format(&text, "waiting:  to start a trace: %s\n",
                          get_waiting(c->auto_start));
        }
        status_format(c->session, NULL, &text);
        reply_text(conn, &text);
    }
}

static void
cmd_check(struct commands *c OVS_UNUSED, struct unixctl_conn *conn,
          struct args *args)
{
    const char *target = NULL;
    char *error = NULL;

    args_take_string(args, "--target", &target, &error);
    if (!error && args->n) {
        error = args_unexpected(args, "options are --target=PIDFILE|PID and "
                                "--json");
    }
    if (error) {
        reply_error(conn, error);
    } else if (args->json) {
        reply_json(conn, check_to_json(target));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        check_format(target, &text);
        reply_text(conn, &text);
    }
}

static void
cmd_probes(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    if (has_unexpected(conn, args)) {
        return;
    }
    if (args->json) {
        reply_json(conn, probes_to_json(c->session));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        probes_format(c->session, &text);
        reply_text(conn, &text);
    }
}

/* No trace starts by itself any more. */
static void
forget_auto_start(struct commands *c)
{
    auto_start_destroy(c->auto_start);
    c->auto_start = NULL;
}

/* Replaces the session by 'session'. */
static void
set_session(struct commands *c, struct session *session)
{
    readers_reply_all(c->readers, c->session);
    session_destroy(c->session);
    c->session = session;
}

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
    user_text_put_escaped(&error, dir, strlen(dir));
    ds_put_cstr(&error, ": must be an absolute name, which begins with /");
    return ds_steal_cstr(&error);
}

static void
cmd_start(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    struct start_options options;
    struct session *session;
    char *error;

    if (c->session && session_is_running(c->session)) {
        unixctl_command_reply_error(
            conn, "a trace is running already: stop it with "
            "upcall-trace/stop first");
        return;
    }
    start_options_init(&options);
    error = start_options_parse(&options, args->n + 1, args->args - 1);
    if (!error) {
        error = check_trigger_dir(&options);
    }
    if (!error) {
        error = session_start(&options, false, &session);
    }
    start_options_destroy(&options);
    if (error) {
        reply_error(conn, error);
        return;
    }
    forget_auto_start(c);
    set_session(c, session);
    if (args->json) {
        reply_status(c, conn, args);
    } else {
        const struct target *t = session_target(session);
        struct ds text = DS_EMPTY_INITIALIZER;

        ds_put_format(&text, "recording the upcalls of ovs-vswitchd, "
                      "pid %ld\n", (long) t->pid);
        status_format_absent_ports(session, "absent ports: ", &text);
        reply_text(conn, &text);
    }
}

static void
cmd_stop(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    struct session_counters counters;
    struct ds text = DS_EMPTY_INITIALIZER;

    if (has_unexpected(conn, args)) {
        return;
    }
    if (c->auto_start) {
        forget_auto_start(c);
        if (args->json) {
            reply_status(c, conn, args);
        } else {
            unixctl_command_reply(conn,
                                  "no trace will start by itself now\n");
        }
        return;
    }
    if (!c->session || !session_is_running(c->session)) {
        unixctl_command_reply_error(
            conn, "no trace is running: start one with upcall-trace/start");
        return;
    }
    measures_reply_all(c->measures, c->session);
    session_stop(c->session);
    readers_run(c->readers, c->session);
    if (args->json) {
        reply_status(c, conn, args);
        return;
    }
    session_get_counters(c->session, &counters);
    ds_put_format(&text, "stopped; %"PRIu64" upcalls recorded, %"PRIu64" "
                  "dropped\n", counters.delivered, counters.dropped);
    reply_text(conn, &text);
}

static void
cmd_status(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    bool may_wait = conn != c->last_conn;       /* See cmd_read(). */
    uint64_t seconds = 0;
    char *error = NULL;

    args_take_uint(args, "--measure", 1, MEASURE_MAX, &seconds, &error);
    if (!error && args->n) {
        error = args_unexpected(args, "options are --measure=SECONDS and "
                                "--json");
    }
    if (!error && seconds) {
        error = (may_wait
                 ? measures_add(c->measures, c->session, conn, args->json,
                                seconds)
                 : xstrdup("cannot measure before the client has the answer "
                           "to its last command: wait for that"));
    } else if (!error) {
        reply_status(c, conn, args);
    }
    if (error) {
        reply_error(conn, error);
    }
}

static void
cmd_show(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    show_reply(c->session, conn, args);
}

static void
cmd_metrics(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    metrics_reply(c->session, conn, args);
}

static void
cmd_pending(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    pending_reply(c->session, conn, args);
}

static void
cmd_flows(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    uint64_t last = FLOWS_LAST;
    char *error = NULL;

    args_take_uint(args, "--last", 0, INT64_MAX, &last, &error);
    if (!error && args_is_option(args)) {
        error = args_unexpected(args, "options are --last=N and --json");
    }
    if (error) {
        reply_error(conn, error);
    } else if (!lacks_session(c, conn)) {
        session_catch_up(c->session);
        flows_reply(c->session, conn, args, last);
    }
}

static void
cmd_stats(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    stats_reply(c->session, conn, args);
}

static void
cmd_read(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    /* OVS notices that a client is gone when it cannot send it the rest of an
     * earlier answer, and frees 'conn' then even if a command is waiting. */
    bool may_wait = conn != c->last_conn;

    if (!lacks_session(c, conn)) {
        readers_add(c->readers, c->session, conn, args, may_wait);
    }
}

static void
cmd_clear(struct commands *c, struct unixctl_conn *conn, struct args *args)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    if (has_unexpected(conn, args) || lacks_session(c, conn)) {
        return;
    }
    session_catch_up(c->session);
    session_clear(c->session);
    if (args->json) {
        reply_status(c, conn, args);
    } else {
        ds_put_cstr(&text, "the history is empty now\n");
        reply_text(conn, &text);
    }
}

/* The commands: name, arguments for list-commands, function. */
static const struct command {
    const char *name;
    const char *usage;
    command_cb *cb;
} commands[] = {
    { "check", "[--target=PIDFILE|PID] [--json]", cmd_check },
    { "clear", "[--json]", cmd_clear },
    { "flows", "[--last=N] [--json] [UFID]...", cmd_flows },
    { "metrics", "[--openmetrics] [--json]", cmd_metrics },
    { "pending", "[--oldest=N] [--json]", cmd_pending },
    { "probes", "[--json]", cmd_probes },
    { "read", "[--after=SEQ] [--max=N] [--wait=MS] [--json]", cmd_read },
    { "show", "[OPTION]... [--json] [ID]...", cmd_show },
    { "start", "[OPTION]... [--json]", cmd_start },
    { "stats", "[--stage=NAME] [--reset] [--json]", cmd_stats },
    { "status", "[--measure=SECONDS] [--json]", cmd_status },
    { "stop", "[--json]", cmd_stop },
};

static struct commands *the_commands;

static void
command_run(struct unixctl_conn *conn, int argc, const char *argv[],
            void *command_)
{
    const struct command *command = command_;
    struct args args;

    args_init(&args, conn, argc, argv);
    command->cb(the_commands, conn, &args);
    the_commands->last_conn = conn;
}

/* Registers the commands with the control socket.  There can be one such
 * object only.  'auto_start', which it takes the ownership of, is the trace
 * that is to start by itself, or NULL. */
struct commands *
commands_create(struct auto_start *auto_start)
{
    struct commands *c = xzalloc(sizeof *c);

    c->readers = readers_create();
    c->measures = measures_create(status_reply);
    c->auto_start = auto_start;
    the_commands = c;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        char *name = xasprintf("upcall-trace/%s", commands[i].name);

        unixctl_command_register(name, commands[i].usage, 0, ARGS_MAX,
                                 command_run,
                                 CONST_CAST(struct command *, &commands[i]));
        free(name);
    }
    return c;
}

/* Stops the trace and frees 'c'.  The control socket must still exist,
 * because those who wait get their reply. */
void
commands_destroy(struct commands *c)
{
    if (c) {
        if (c->session) {
            measures_reply_all(c->measures, c->session);
            session_stop(c->session);
        }
        set_session(c, NULL);
        forget_auto_start(c);
        readers_destroy(c->readers);
        measures_destroy(c->measures);
        free(c);
        the_commands = NULL;
    }
}

static void
run_auto_start(struct commands *c)
{
    struct session *session = auto_start_run(c->auto_start);

    if (session) {
        forget_auto_start(c);
        set_session(c, session);
    }
}

/* Does what the trace and waiting clients need. */
void
commands_run(struct commands *c)
{
    c->last_conn = NULL;
    if (c->auto_start) {
        run_auto_start(c);
    }
    if (c->session) {
        session_run(c->session);
        readers_run(c->readers, c->session);
        measures_run(c->measures, c->session);
    }
}

/* Arranges for the poll loop to wake up when commands_run() has work. */
void
commands_wait(struct commands *c)
{
    if (c->auto_start) {
        auto_start_wait(c->auto_start);
    }
    if (c->session) {
        session_wait(c->session);
        readers_wait(c->readers);
        measures_wait(c->measures);
    }
}
