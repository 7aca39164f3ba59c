/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "file/forward-dir.h"
#include "file/forward-file.h"
#include "file/forward-message.h"
#include "file/forward-session.h"
#include "file/trace-lines.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-background.h"
#include "trace-connection.h"
#include "trace-connections.h"
#include "trace-output.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(receiver);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* How long lines may wait until they are synced and acknowledged, in ms. */
#define SYNC_INTERVAL 1000

/* A session, which goes on when its connection is lost. */
struct sender {
    struct hmap_node node;      /* In 'senders', by UUID. */
    struct forward_session *session;
    struct connection *connection;      /* NULL if there is none. */
    long long int next_sync;    /* When it is due, LLONG_MAX if there is
                                 * nothing; time_msec(). */
    long long int last_seen;    /* When it had a connection, time_msec(). */
};

struct receiver {
    const struct receive_options *options;
    struct forward_file_options file;
    bool json;
    struct connections *connections;
    struct hmap senders;        /* "struct sender". */
    struct sset in_use;         /* Files; see forward-dir.h. */
    long long int next_forget;  /* When states are removed the next time,
                                 * time_msec(). */
    bool has_failed;            /* Was a file not ended, or a summary not
                                 * printed? */
};

/* Senders. */

/* Prints what became of the records of 's', or logs it in the background,
 * unless there were none: whoever connects could have anything be printed
 * without end. */
static void
print_summary(struct receiver *r, const struct sender *s)
{
    struct forward_counts counts = forward_session_counts(s->session);
    bool has_file = forward_session_has_file(s->session);
    const char *name = has_file ? forward_session_name(s->session) : NULL;

    if (!has_file && !counts.dropped && !counts.missed && !counts.refused) {
        return;
    } else if (r->json) {
        struct json *json = json_object_create();
        struct ds ds = DS_EMPTY_INITIALIZER;

        json_object_put_string(json, "session",
                               forward_session_id(s->session));
        json_object_put(json, "file", (name ? json_string_create(name)
                                       : json_null_create()));
#define X(NAME) \
        json_object_put(json, #NAME, json_integer_create(counts.NAME));
        X(records)
        X(refused)
        X(dropped)
        X(missed)
#undef X
        trace_line_put_json(&ds, json);
        r->has_failed |= output_text(ds_cstr(&ds)) != EXIT_SUCCESS;
        ds_destroy(&ds);
    } else {
        background_say("%s: %"PRIu64" records, %"PRIu64" refused, %"PRIu64
                       " dropped by the sender, %"PRIu64" missed",
                       name ? name : "no file",
                       counts.records, counts.refused, counts.dropped,
                       counts.missed);
    }
}

static struct sender *
find_sender(const struct receiver *r, const char *session)
{
    struct sender *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, hash_string(session, 0), &r->senders) {
        if (!strcmp(forward_session_id(s->session), session)) {
            return s;
        }
    }
    return NULL;
}

/* Forgets 's', with its file as it is, and closes its connection, telling it
 * 'why' unless that is NULL. */
static void
remove_sender(struct receiver *r, struct sender *s, const char *why)
{
    if (s->connection) {
        connection_set_sender(s->connection, NULL);
        if (why) {
            connection_fail(s->connection, why);
        }
    }
    hmap_remove(&r->senders, &s->node);
    forward_session_close(s->session);
    free(s);
}

/* Has what 's' has sent be in its file, and acknowledges it.  If that does not
 * work, the sender has to try again from what was acknowledged.  Returns
 * false then: 's' is gone. */
static bool
sync_sender(struct receiver *r, struct sender *s)
{
    struct forward_message m;

    s->next_sync = LLONG_MAX;
    if (forward_session_error(s->session)
        || forward_session_sync(s->session)) {
        const char *error = forward_session_error(s->session);

        VLOG_WARN_RL(&rl, "%s; nothing is acknowledged until it can be "
                     "written", error);
        remove_sender(r, s, error);
        return false;
    }
    if (s->connection) {
        forward_session_get_ack(s->session, &m);
        if (connection_send(s->connection, &m)) {
            forward_session_forget_why(s->session);
        } else {
            /* It may take it later, and waits for it. */
            s->next_sync = time_msec() + SYNC_INTERVAL;
        }
    }
    return true;
}

/* Ends the file of 's', because of 'why', and forgets it. */
static void
end_sender(struct receiver *r, struct sender *s, const char *why)
{
    forward_session_end(s->session, why);
    if (sync_sender(r, s)) {
        print_summary(r, s);
        remove_sender(r, s, NULL);
    } else {
        r->has_failed = true;
    }
}

/* Ends the sender that has had no connection for the longest time, for another
 * one.  Returns false if all have one. */
static bool
end_oldest(struct receiver *r)
{
    struct sender *s, *oldest = NULL;

    HMAP_FOR_EACH (s, node, &r->senders) {
        if (!s->connection && (!oldest || s->last_seen < oldest->last_seen)) {
            oldest = s;
        }
    }
    if (oldest) {
        end_sender(r, oldest, "other senders came in its place");
    }
    return oldest != NULL;
}

/* Opens the session of 'hello'.  Returns NULL and stores the sender in '*sp',
 * or returns why there is none, which the caller frees. */
static char *
add_sender(struct receiver *r, const struct forward_message *hello,
           struct sender **sp)
{
    struct forward_session *session;
    struct sender *s;
    char *error;

    *sp = NULL;
    if (hmap_count(&r->senders) >= r->options->max_senders
        && !end_oldest(r)) {
        return xasprintf("there are %"PRIu64" senders already (--max-senders)",
                         r->options->max_senders);
    }
    error = forward_session_open(&r->file, hello, &session);
    if (error) {
        VLOG_WARN_RL(&rl, "%s", error);
        return error;
    }
    s = *sp = xzalloc(sizeof *s);
    s->session = session;
    s->next_sync = LLONG_MAX;
    hmap_insert(&r->senders, &s->node, hash_string(hello->session, 0));
    return NULL;
}

/* Has 's' go on with 'c'. */
static void
set_connection(struct sender *s, struct connection *c)
{
    if (s->connection) {
        /* The sender has noticed before we have. */
        connection_set_sender(s->connection, NULL);
        connection_fail(s->connection, "the session has another connection");
    }
    s->connection = c;
    s->next_sync = LLONG_MAX;
    connection_set_sender(c, s);
}

/* Messages. */

/* Takes 'hello' from 'c'.  Returns why it is refused, which the caller frees,
 * or NULL. */
static char *
take_hello(struct receiver *r, struct connection *c,
           const struct forward_message *hello)
{
    struct sender *s = find_sender(r, hello->session);
    char *error = s ? NULL : add_sender(r, hello, &s);
    struct forward_message reply;

    if (error) {
        return error;
    } else if (strcmp(forward_session_host(s->session), hello->host)) {
        return xstrdup("the session is that of another host");
    }
    forward_session_set_sender(s->session, connection_name(c),
                               connection_certificate(c));
    forward_session_resume(s->session, hello);
    if (forward_session_has_news(s->session)
        && forward_session_sync(s->session)) {
        error = xstrdup(forward_session_error(s->session));
        remove_sender(r, s, error);
        return error;
    }
    set_connection(s, c);
    forward_session_get_ack(s->session, &reply);
    connection_reply(c, &reply);
    VLOG_INFO_RL(&rl, "%s: sends %s", connection_name(c),
                 forward_session_name(s->session));
    return NULL;
}

/* Takes 'm' from 's'.  Returns what is wrong with it, which the caller frees,
 * or NULL. */
static char *
take_from(struct receiver *r, struct sender *s,
          const struct forward_message *m)
{
    char *error = forward_session_take(s->session, m);

    if (error) {
        return error;
    } else if (forward_session_error(s->session)
               || forward_session_is_full(s->session)
               || forward_session_is_closed(s->session)) {
        if (sync_sender(r, s) && forward_session_is_closed(s->session)) {
            print_summary(r, s);
            remove_sender(r, s, NULL);
        }
    } else if (s->next_sync == LLONG_MAX
               && forward_session_has_news(s->session)) {
        s->next_sync = time_msec() + SYNC_INTERVAL;
    }
    return NULL;
}

/* Takes the message that 'c' has. */
static void
take_message(struct receiver *r, struct connection *c)
{
    struct sender *s = connection_sender(c);
    struct forward_message m;
    char *error = connection_parse(c, &m);

    if (!error && m.kind == FORWARD_MESSAGE_HELLO) {
        error = s ? xstrdup("a second hello") : take_hello(r, c, &m);
    } else if (!error) {
        error = s ? take_from(r, s, &m) : xstrdup("there was no hello");
    }
    if (error) {
        VLOG_WARN_RL(&rl, "%s: %s", connection_name(c), error);
        connection_fail(c, error);
        free(error);
    }
}

/* Connections. */

static void
remove_connection(struct connection *c)
{
    struct sender *s = connection_sender(c);

    if (s) {
        s->connection = NULL;
        s->last_seen = time_msec();
    }
    connection_destroy(c);
}

static void
run_connections(struct receiver *r)
{
    struct connection *c;

    connections_accept(r->connections);
    LIST_FOR_EACH_SAFE (c, node, connections_list(r->connections)) {
        if (connections_run(r->connections, c)) {
            take_message(r, c);
        }
        connection_forget(c);
        if (connection_is_over(c)) {
            remove_connection(c);
        }
    }
}

static void
run_senders(struct receiver *r)
{
    long long int idle = r->options->idle * 1000LL;
    long long int now = time_msec();
    struct sender *s;

    HMAP_FOR_EACH_SAFE (s, node, &r->senders) {
        if (now >= s->next_sync && !sync_sender(r, s)) {
            continue;
        } else if (!s->connection && now >= s->last_seen + idle) {
            end_sender(r, s, "the sender does not come back");
        }
    }
    if (now >= r->next_forget) {
        forward_dir_forget(r->file.dir, r->options->idle, &r->in_use);
        r->next_forget = now + idle;
    }
}

/* Accepts connections, and does what comes on them. */
void
receiver_run(struct receiver *r)
{
    run_connections(r);
    run_senders(r);
}

/* Arranges for the poll loop to wake up when receiver_run() has something to
 * do. */
void
receiver_wait(const struct receiver *r)
{
    long long int idle = r->options->idle * 1000LL;
    struct sender *s;

    connections_wait(r->connections);
    poll_timer_wait_until(r->next_forget);
    HMAP_FOR_EACH (s, node, &r->senders) {
        if (s->next_sync != LLONG_MAX) {
            poll_timer_wait_until(s->next_sync);
        }
        if (!s->connection) {
            poll_timer_wait_until(s->last_seen + idle);
        }
    }
}

/* Returns a receiver of what connects to 'pstream', which writes files as
 * 'file' says, and prints its counts on standard output if 'json' is true.
 * 'options' and the strings of 'file' have to stay.  The caller frees it with
 * receiver_destroy(). */
struct receiver *
receiver_create(struct pstream *pstream, const struct receive_options *options,
                const struct forward_file_options *file, bool json)
{
    struct receiver *r = xzalloc(sizeof *r);

    r->options = options;
    r->file = *file;
    r->file.in_use = &r->in_use;
    sset_init(&r->in_use);
    r->json = json;
    r->connections = connections_create(pstream, options->max_senders);
    hmap_init(&r->senders);
    return r;
}

/* Ends all files, closes all connections and frees 'r'.  Returns true if all
 * files that it ended are whole and all summaries were printed. */
bool
receiver_destroy(struct receiver *r)
{
    struct connection *c;
    struct sender *s;
    bool ok;

    HMAP_FOR_EACH_SAFE (s, node, &r->senders) {
        end_sender(r, s, "the receiver was ended");
    }
    LIST_FOR_EACH_SAFE (c, node, connections_list(r->connections)) {
        connection_run(c);
        remove_connection(c);
    }
    connections_destroy(r->connections);
    hmap_destroy(&r->senders);
    sset_destroy(&r->in_use);
    ok = !r->has_failed;
    free(r);
    return ok;
}
