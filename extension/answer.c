/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "reply.h"
#include "unread.h"
#include "util.h"

/* Bytes after which an answer is full.  The last record may go beyond. */
#define ANSWER_SIZE (4 << 20)

/* Time after which it is, in ns.  About as much again is needed to send it,
 * and as much may have been needed to search. */
#define ANSWER_TIME (UINT64_C(25) * 1000 * 1000)

/* So many records are no matter of time, or the answer to any command could
 * be cut because something else has kept the daemon from the CPU. */
#define ANSWER_RECORDS 250

/* The same when records are only looked at. */
#define LOOKS_MIN 8192

/* Looks at the clock in one of so many cases, when each takes little time. */
#define LOOK_INTERVAL 64

/* Time that the commands of one turn of the main loop have, in ns.  Each
 * answer that is begun later, or when memory is short, is full after so many
 * records or bytes. */
#define TURN_TIME (UINT64_C(50) * 1000 * 1000)
#define SHORT_RECORDS 25
#define SHORT_SIZE (64 << 10)

/* Time that those of this turn have had, in ns, and the memory that records
 * take, in bytes. */
static uint64_t turn_time, kept_memory;

/* To be called in each turn of the main loop.  'kept' is the memory that is
 * not for answers, in bytes. */
void
answer_begin_turn(uint64_t kept)
{
    turn_time = 0;
    kept_memory = kept;
}

/* A command of this turn has taken 'ns'. */
void
answer_spend_turn(uint64_t ns)
{
    turn_time += ns;
}

/* Initializes 'a', an array of JSON if 'json'.  The caller must pass it to
 * answer_reply() or to answer_destroy(). */
void
answer_init(struct answer *a, bool json)
{
    a->json = json;
    ds_init(&a->ds);
    json_writer_init(&a->w, &a->ds);
    a->n_records = 0;
    a->n_looks = 0;
    a->is_short = turn_time > TURN_TIME || unread_takes_much(kept_memory);
    answer_restart(a);
    if (json) {
        json_write_array(&a->w, NULL);
    }
}

/* Frees what 'a' refers to. */
void
answer_destroy(struct answer *a)
{
    ds_destroy(&a->ds);
}

/* Returns true if 'a' has had its time.  Costs next to nothing: this is for
 * loops that look at records of which most are not shown. */
bool
answer_is_late(struct answer *a)
{
    if (!a->late && ++a->n_looks >= LOOKS_MIN
        && a->n_looks % LOOK_INTERVAL == 0) {
        a->late = clock_ns() > a->deadline;
    }
    return a->late;
}

/* Gives 'a' time anew, to be used once, after the records that it is to have
 * were searched for. */
void
answer_restart(struct answer *a)
{
    a->deadline = clock_ns() + ANSWER_TIME;
    a->late = false;
}

/* Returns true if no more records must be appended to 'a'.  To be called once
 * for each record but the first, before it is appended. */
bool
answer_is_full(struct answer *a)
{
    a->n_records++;
    if (a->is_short) {
        return a->n_records >= SHORT_RECORDS || a->ds.length >= SHORT_SIZE;
    }
    if (!a->late && a->n_records >= ANSWER_RECORDS) {
        a->late = clock_ns() > a->deadline;
    }
    return a->late || answer_is_large(a);
}

/* Returns true if 'a' has as many bytes as an answer may have. */
bool
answer_is_large(const struct answer *a)
{
    return a->ds.length >= ANSWER_SIZE;
}

/* The record that was appended to 'a' has 'n' parts that each take as much
 * time as a record does. */
void
answer_add_parts(struct answer *a, size_t n)
{
    a->n_records += n;
}

/* Makes an object of the array in 'ds': it becomes its last member, 'name',
 * behind 'members', which are JSON. */
static void
wrap_array(struct ds *ds, const char *members, const char *name)
{
    char *head = xasprintf("{%s,\"%s\":", members, name);
    size_t len = strlen(head);

    ds_put_uninit(ds, len);
    memmove(ds->string + len, ds->string, ds->length - len);
    memcpy(ds->string, head, len);
    ds_put_char(ds, '}');
    free(head);
}

/* Replies to 'conn' with 'a', and destroys it.  If 'members' is not NULL, then
 * what is JSON is not an array but an object with these, in JSON, and with the
 * array as 'name'. */
void
answer_reply(struct answer *a, struct unixctl_conn *conn, const char *members,
             const char *name)
{
    if (!a->json) {
        reply_text(conn, &a->ds);
        return;
    }
    json_write_end_array(&a->w);
    if (members) {
        wrap_array(&a->ds, members, name);
    }
    reply_json_text(conn, &a->ds);
}
