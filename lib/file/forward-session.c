/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "file/forward-check.h"
#include "file/forward-file.h"
#include "file/forward-message.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(forward_session);

/* Anybody may send anything. */
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* Least bytes that a sender is believed to send without an acknowledgement: so
 * many are written before the disk has to follow. */
#define WINDOW_MIN 65536

/* Why a trace has ended whose last line has not come. */
#define TRACE_CUT "the end of the trace is missing"

struct forward_session {
    struct forward_file *file;
    struct forward_check *check;
    uint64_t window;            /* Bytes that are sent without an
                                 * acknowledgement. */
    char *why;                  /* Why a line was refused, the last time, or
                                 * NULL. */
    bool is_closed;             /* Was it said that nothing else comes? */
};

/* Returns what is known of 's', to be changed. */
static struct forward_state *
state(struct forward_session *s)
{
    return forward_file_state(s->file);
}

/* Opens the session of 'hello', which may be one that was there before, and
 * writes it as 'options' ask for.  Returns NULL and stores in '*sp' what the
 * caller frees with forward_session_close(), or returns an error message,
 * which the caller frees. */
char *
forward_session_open(const struct forward_file_options *options,
                     const struct forward_message *hello,
                     struct forward_session **sp)
{
    struct forward_file *file;
    char *error = forward_file_open(options, hello->session, hello->host,
                                    hello->system_id, &file);

    *sp = NULL;
    if (!error) {
        *sp = xzalloc(sizeof **sp);
        (*sp)->file = file;
        (*sp)->check = forward_check_create();
    }
    return error;
}

/* Frees 's', which may be NULL, with its files as they are. */
void
forward_session_close(struct forward_session *s)
{
    if (s) {
        forward_file_close(s->file);
        forward_check_destroy(s->check);
        free(s->why);
        free(s);
    }
}

/* Has first lines of files say that the sender is at 'address' and has a
 * certificate with the common name 'certificate', which may be anything, NULL
 * if it has none. */
void
forward_session_set_sender(struct forward_session *s, const char *address,
                           const char *certificate)
{
    forward_file_set_sender(s->file, address, certificate);
}

/* Gaps. */

/* Writes what was kept for this trace. */
static void
put_kept_gap(struct forward_session *s)
{
    struct forward_state *st = state(s);
    uint64_t dropped = st->next_dropped;
    uint64_t missed = st->next_missed;

    if (dropped || missed) {
        /* Not before: what is known of the session may be saved here. */
        forward_file_put_gap(s->file, 0, dropped, missed);
        st->next_dropped = st->next_missed = 0;
    }
}

/* Writes that so many records are missing before the record 'next', or keeps
 * that for the next trace if there is none. */
static void
put_gap(struct forward_session *s, uint64_t next, uint64_t dropped,
        uint64_t missed)
{
    struct forward_state *st = state(s);

    if (!forward_check_startup(s->check)) {
        forward_state_add(&st->next_dropped, dropped);
        forward_state_add(&st->next_missed, missed);
        return;
    }
    put_kept_gap(s);
    if (dropped || missed) {
        forward_file_put_gap(s->file, next, dropped, missed);
    }
}

/* Goes on with 's' on another connection, on which 'hello' has come. */
void
forward_session_resume(struct forward_session *s,
                       const struct forward_message *hello)
{
    s->window = MAX(hello->window, WINDOW_MIN);
    if (hello->first > state(s)->number + 1) {
        /* Another receiver, or another directory, has had them. */
        if (state(s)->number) {
            forward_session_end(s, "what comes next was sent to another "
                                "receiver");
        }
        state(s)->number = hello->first - 1;
        state(s)->next_seq = 0;
    }
}

/* Lines. */

/* Begins with a trace.  If the one before has not ended, its last line was
 * dropped. */
static void
begin_trace(struct forward_session *s)
{
    if (forward_file_in_trace(s->file)) {
        forward_file_end(s->file, NULL, TRACE_CUT);
    }
    forward_file_begin(s->file, forward_check_startup(s->check));
    put_kept_gap(s);
}

/* Notes that the next line is refused because of 'why', which it frees.  Those
 * in a row become one gap, once something else comes. */
static void
refuse_line(struct forward_session *s, char *why)
{
    struct forward_state *st = state(s);

    free(s->why);
    s->why = xasprintf("line %"PRIu64" of the session: %s", st->number + 1,
                       why);
    free(why);
    forward_state_add(&st->counts.refused, 1);
    forward_state_add(&st->next_missed, 1);
}

/* Takes the line 'line'. */
static void
take_line(struct forward_session *s, const char *line)
{
    bool in_trace = forward_check_startup(s->check) != NULL;
    size_t len = strlen(line);
    enum forward_kind kind;
    char *error = forward_check_line(s->check, line, len, &kind);

    if (error) {
        refuse_line(s, error);
        return;
    } else if (in_trace) {
        put_kept_gap(s);
    }
    if (kind == FORWARD_STARTUP) {
        begin_trace(s);
    } else if (kind == FORWARD_END) {
        forward_file_end(s->file, line, NULL);
    } else {
        forward_file_put(s->file, line, len);
    }
    state(s)->next_seq = forward_check_next_seq(s->check);
}

/* Messages.  Each of these functions returns what the sender has done wrong,
 * which the caller frees, or NULL. */

/* Looks at what is said to be the next number: those before may come again,
 * those after it cannot come yet. */
static char *
check_number(struct forward_session *s, uint64_t number)
{
    uint64_t next = state(s)->number + 1;

    return (number > next
            ? xasprintf("number %"PRIu64" comes in place of %"PRIu64, number,
                        next)
            : NULL);
}

/* Has what comes next be of the trace of 'startup', NULL if that is none.  If
 * it is the one of what came last, all that is known of it stays, such as what
 * the next "seq" may be; so it does if that was before this process. */
static char *
change_trace(struct forward_session *s, const char *startup)
{
    const char *old = forward_check_startup(s->check);
    bool is_known = old != NULL;
    char *error;

    if (nullable_string_is_equal(old, startup)) {
        return NULL;
    } else if (is_known) {
        put_kept_gap(s);
    }
    error = forward_check_begin(s->check, startup);
    if (error) {
        return error;
    } else if (is_known) {
        if (forward_file_in_trace(s->file)) {
            forward_file_end(s->file, NULL, TRACE_CUT);
        }
        state(s)->next_seq = 0;
    }
    forward_check_set_next_seq(s->check, state(s)->next_seq);
    forward_file_begin(s->file, forward_check_startup(s->check));
    return NULL;
}

static char *
take_begin(struct forward_session *s, const struct forward_message *m)
{
    char *error = check_number(s, m->number);

    if (!error && m->number <= state(s)->number) {
        error = xasprintf("a begin of number %"PRIu64", which has come",
                          m->number);
    }
    return error ? error : change_trace(s, m->startup);
}

static char *
take_records(struct forward_session *s, const struct forward_message *m)
{
    size_t n = upcall_json_array_size(m->lines);
    char *error = check_number(s, m->first);

    for (size_t i = 0; i < n && !error; i++) {
        uint64_t number = m->first + i;

        if (number > state(s)->number) {
            take_line(s, json_string(upcall_json_array_at(m->lines, i)));
            state(s)->number = number;
        }
    }
    return error;
}

/* Returns what is wrong with 'gap', which the caller frees, NULL if nothing
 * is: no reader of a file takes more missing records than INT64_MAX. */
static char *
check_gap(struct forward_session *s, const struct forward_gap *gap)
{
    const struct forward_counts *counts = &state(s)->counts;
    uint64_t left = INT64_MAX / 2;

    left -= MIN(left, counts->dropped);
    left -= MIN(left, counts->missed);
    return (gap->dropped <= left && gap->missed <= left - gap->dropped ? NULL
            : xstrdup("more records are missing than there can be"));
}

static char *
take_gap(struct forward_session *s, const struct forward_message *m)
{
    char *error = check_number(s, m->first);

    if (!error && m->number > state(s)->number) {
        if (m->first <= state(s)->number) {
            return xasprintf("the gap from %"PRIu64" on has changed",
                             m->first);
        }
        error = check_gap(s, &m->gap);
        if (error) {
            return error;
        }
        put_gap(s, m->gap.next, m->gap.dropped, m->gap.missed);
        forward_state_add(&state(s)->counts.dropped, m->gap.dropped);
        forward_state_add(&state(s)->counts.missed, m->gap.missed);
        state(s)->number = m->number;
    }
    return error;
}

static char *
take_close(struct forward_session *s, const struct forward_message *m)
{
    char *error = check_number(s, m->number);

    if (!error && m->number > state(s)->number) {
        state(s)->number = m->number;
        state(s)->is_over = true;
        forward_session_end(s, m->why);
    }
    s->is_closed = !error;
    return error;
}

/* Takes 'm', which has come from the sender after a hello. */
char *
forward_session_take(struct forward_session *s,
                     const struct forward_message *m)
{
    switch (m->kind) {
    case FORWARD_MESSAGE_BEGIN:
        return take_begin(s, m);
    case FORWARD_MESSAGE_RECORDS:
        return take_records(s, m);
    case FORWARD_MESSAGE_GAP:
        return take_gap(s, m);
    case FORWARD_MESSAGE_CLOSE:
        return take_close(s, m);
    case FORWARD_MESSAGE_HELLO:
    case FORWARD_MESSAGE_ACK:
    case FORWARD_MESSAGE_ERROR:
    case FORWARD_N_MESSAGES:
    default:
        return xstrdup("not a message of a sender");
    }
}

/* Has a gap be told that has no trace to be in.  It gets one of its own, of
 * which nothing is known, if there are files of the session. */
static void
put_last_gap(struct forward_session *s)
{
    struct forward_state *st = state(s);

    if (st->file || forward_check_startup(s->check)) {
        put_kept_gap(s);
    } else if (st->next_dropped || st->next_missed) {
        VLOG_WARN_RL(&rl, "%s: session %s ends without a file, and %"PRIu64
                     " records dropped by the sender and %"PRIu64" missed are "
                     "in none", forward_file_host(s->file), st->session,
                     st->next_dropped, st->next_missed);
    }
}

/* Ends the file, with a last line that says 'why'.  If more comes, there will
 * be another. */
void
forward_session_end(struct forward_session *s, const char *why)
{
    put_last_gap(s);
    forward_file_end_file(s->file, why);
}

/* Acknowledging. */

/* Returns true if the sender soon has to wait for an acknowledgement. */
bool
forward_session_is_full(const struct forward_session *s)
{
    return forward_file_unsynced(s->file) >= s->window / 2;
}

/* Returns true if there is something to be synced. */
bool
forward_session_has_news(const struct forward_session *s)
{
    return forward_file_has_news(s->file);
}

/* Has all that was taken survive a kill.  Returns 0, or a positive errno
 * value: then forward_session_error() says what is wrong, and 's' is of no use
 * any more. */
int
forward_session_sync(struct forward_session *s)
{
    return forward_file_sync(s->file);
}

/* Stores in '*m' what there is to acknowledge, once it is synced. */
void
forward_session_get_ack(struct forward_session *s, struct forward_message *m)
{
    *m = (struct forward_message) {
        .kind = FORWARD_MESSAGE_ACK,
        .number = state(s)->number,
        .refused = state(s)->counts.refused,
        .why = s->why,
    };
}

/* Forgets why a line was refused, once that was told. */
void
forward_session_forget_why(struct forward_session *s)
{
    free(s->why);
    s->why = NULL;
}

/* Returns true if the sender has said that nothing else comes. */
bool
forward_session_is_closed(const struct forward_session *s)
{
    return s->is_closed;
}

/* Returns the UUID. */
const char *
forward_session_id(struct forward_session *s)
{
    return state(s)->session;
}

/* Returns the name of the host, as that has said it. */
const char *
forward_session_host(const struct forward_session *s)
{
    return forward_file_host(s->file);
}

/* Returns true if there is a file, or was. */
bool
forward_session_has_file(const struct forward_session *s)
{
    return forward_file_exists(s->file);
}

/* Returns the name of the last file, or what the first will be. */
const char *
forward_session_name(const struct forward_session *s)
{
    return forward_file_name(s->file);
}

/* Returns why 's' cannot be written any more, NULL if it can. */
const char *
forward_session_error(const struct forward_session *s)
{
    return forward_file_error(s->file);
}

/* Returns how many records were written and missing, of all files. */
struct forward_counts
forward_session_counts(struct forward_session *s)
{
    return state(s)->counts;
}
