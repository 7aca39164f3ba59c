/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands.h"

#include <pthread.h>
#include <stdlib.h>

#include "answer.h"
#include "base/clock.h"
#include "base/compat.h"
#include "cmd-check.h"
#include "cmd-read.h"
#include "cmd-start.h"
#include "cmd-status.h"
#include "commands-private.h"
#include "fatal-signal.h"
#include "measure.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "session.h"
#include "store/history.h"
#include "stream-socket.h"
#include "traces.h"
#include "unixctl.h"
#include "unread.h"
#include "util.h"
#include "waiting.h"

typedef void command_cb(struct commands *, const struct request *);

/* What does the work of each command. */
static const struct handler {
    const struct command *command;
    command_cb *cb;
} handlers[] = {
#define X(NAME) { &command_##NAME, cmd_##NAME },
    COMMANDS
#undef X
};

static struct commands *the_commands;

/* The thread in which everything here runs. */
static pthread_t main_thread;

static void
save(struct session *s)
{
    if (s) {
        session_save(s);
    }
}

/* Saves what the traces have not saved yet, because a signal ends the daemon,
 * and ends its child process.
 * OVS calls this from poll_block() of whichever thread waits first, with the
 * others in unknown states, so it is for the main thread only. */
static void
terminated(void *aux OVS_UNUSED)
{
    if (the_commands && pthread_equal(pthread_self(), main_thread)) {
        save(the_commands->session);
        save(traces_recorder(the_commands->traces));
        starting_end_process(the_commands);
    }
}

/* Replies with an error if nothing was ever traced.  Returns true if so. */
bool
commands_lack_session(const struct commands *c, const struct request *request)
{
    if (!c->session) {
        upcall_unixctl_reply_error(request->conn, REPLY_NO_SESSION);
    }
    return !c->session;
}

/* Shows 'session' from now on.  Who waits for the one before gets a reply. */
static void
show_session(struct session *session, void *c_)
{
    struct commands *c = c_;

    if (c->session) {
        measures_reply_all(c->measures, c->session);
    }
    readers_reply_all(c->readers, c->session);
    stream_socket_forget(c->session);
    c->session = session;
}

/* Replies to 'conn' with the help of 'command'. */
static void
reply_help(const struct command *command, struct unixctl_conn *conn, bool json)
{
    if (json) {
        reply_json(conn, command_to_json(command));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        command_put_help(command, COMMAND_PREFIX, &text);
        reply_text(conn, &text);
    }
}

/* Many commands may come before the main loop gets on, and some take long. */
static void
keep_up(struct session *s)
{
    if (s) {
        session_keep_up(s);
    }
}

/* Runs 'handler' for the client at 'conn', which may be left without a reply
 * for now if 'may_wait'; or replies with the help if 'line' has --help.
 * 'options' and 'line' are what was parsed. */
static void
handle(const struct handler *handler, struct unixctl_conn *conn, bool may_wait,
       const void *options, const struct command_line *line)
{
    struct request request = {
        .conn = conn,
        .json = line->json || upcall_unixctl_wants_json(conn),
        .may_wait = may_wait,
        .args = &line->args,
        .options = options,
    };

    if (line->help) {
        reply_help(handler->command, conn, request.json);
    } else {
        handler->cb(the_commands, &request);
    }
}

static void
command_run(struct unixctl_conn *conn, int argc, const char *argv[],
            void *handler_)
{
    const struct handler *handler = handler_;
    const struct command *command = handler->command;
    bool may_wait = waiting_is_safe(conn);
    uint64_t start = clock_ns();
    void *options = xmalloc(command->size);
    struct command_line line;
    char *error;

    command_init(command, options);
    error = command_parse(command, argc, argv, options, &line);
    if (error) {
        reply_error(conn, error);
    } else {
        handle(handler, conn, may_wait, options, &line);
    }
    command_line_destroy(&line);
    command_destroy(command, options);
    free(options);
    keep_up(the_commands->session);
    keep_up(traces_recorder(the_commands->traces));
    answer_spend_turn(clock_ns() - start);
}

static void
register_command(const struct handler *handler)
{
    char *name = xasprintf(COMMAND_PREFIX "%s", handler->command->name);
    struct ds usage = DS_EMPTY_INITIALIZER;

    command_put_usage(handler->command, &usage);

    /* The name is copied, the usage is not. */
    unixctl_command_register(name, ds_steal_cstr(&usage), 0, COMMAND_ARGS_MAX,
                             command_run,
                             CONST_CAST(struct handler *, handler));
    free(name);
}

/* Registers the commands with the control socket.  There can be one such
 * object only.  'auto_start', which it takes the ownership of, is the trace
 * that is to start by itself, or NULL. */
struct commands *
commands_create(struct auto_start *auto_start)
{
    struct commands *c = xzalloc(sizeof *c);

    unread_init();
    c->checks = checks_create();
    c->readers = readers_create();
    c->measures = measures_create(status_reply);
    c->traces = traces_create(auto_start, show_session, c);
    the_commands = c;
    main_thread = pthread_self();
    fatal_signal_add_hook(terminated, NULL, NULL, false);
    for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
        register_command(&handlers[i]);
    }
    return c;
}

/* Stops the traces and frees 'c'.  The control socket must still exist,
 * because those who wait get their reply. */
void
commands_destroy(struct commands *c)
{
    if (c) {
        starting_cancel(c, "not started: the daemon exits");
        if (c->session) {
            measures_reply_all(c->measures, c->session);
        }
        traces_destroy(c->traces);
        checks_destroy(c->checks);
        readers_destroy(c->readers);
        measures_destroy(c->measures);
        free(c);
        the_commands = NULL;
    }
}

/* Returns how much memory the records of 's', which may be NULL, take, in
 * bytes. */
static uint64_t
history_memory(const struct session *s)
{
    struct history_stats stats = { .memory = 0 };

    if (s) {
        history_get_stats(session_view(s).history, HISTORY_ALL, &stats);
    }
    return stats.memory;
}

/* Does what the trace and waiting clients need. */
void
commands_run(struct commands *c)
{
    const struct session *recorder = traces_recorder(c->traces);

    waiting_begin_turn();
    answer_begin_turn(history_memory(c->session)
                      + (recorder != c->session
                         ? history_memory(recorder) : 0));
    checks_run(c->checks);
    starting_run(c);
    traces_run(c->traces);
    if (c->session) {
        readers_run(c->readers, c->session);
        measures_run(c->measures, c->session);
    }
    stream_socket_run(c->session);
}

/* Arranges for the poll loop to wake up when commands_run() has work. */
void
commands_wait(struct commands *c)
{
    checks_wait(c->checks);
    starting_wait(c);
    traces_wait(c->traces);
    if (c->session) {
        readers_wait(c->readers);
        measures_wait(c->measures);
    }
    stream_socket_wait();
}
