/* SPDX-License-Identifier: Apache-2.0 */

/* A command that replies later keeps its struct unixctl_conn until then.  OVS
 * gives no notice when it frees one, so it must not do so meanwhile.  That it
 * does not can be told from run_connection() in lib/unixctl.c of OVS (the same
 * in 3.1 to 4.0), which is called once for each connection in each turn of the
 * main loop:
 *
 *   - It goes on sending earlier replies.  A connection on which that fails,
 *     because the client is gone, is freed, even if a command is waiting.
 *
 *   - Unless some are still to be sent, it takes up to 10 commands, one after
 *     the other.  The last one is the first that does not reply at once.
 *
 *   - While a command waits it receives nothing, so with nothing to send
 *     either, it does not even notice that the client is gone.
 *
 * So a connection lives on as long as a command waits if nothing is to be sent
 * on it, which is so if the command was the first one that was received on it
 * in its turn.  Those before may have been OVS's own, of which we are not
 * told, but OVS counts all that it receives, and those of one connection come
 * one after the other: a command is the first of its connection if none was
 * received since the turn began, or since another of our commands, on another
 * connection.
 *
 * That may also fail because of a command of OVS on another connection.  Then
 * a command that could wait has to do without. */

#include <config.h>

#include "waiting.h"

#include <stddef.h>

#include "coverage.h"

/* Counts the commands that unixctl has received: COVERAGE_DEFINE() makes it in
 * lib/unixctl.c of OVS. */
extern struct coverage_counter counter_unixctl_received;

/* Whose command was the last one of this turn that we know of, NULL if there
 * was none.  It is compared only. */
static const struct unixctl_conn *last_conn;

/* Returns how many commands were received since the last call.
 *
 * The count of this thread, in which all commands are received, is taken out,
 * and added to what "coverage/show" shows.  Another thread of OVS may do the
 * same at that moment: then some are missing there, but never here. */
static unsigned int
count_received(void)
{
    unsigned int n = counter_unixctl_received.count();

    counter_unixctl_received.total += n;
    return n;
}

/* To be called in each turn of the main loop, after unixctl_server_run(). */
void
waiting_begin_turn(void)
{
    count_received();
    last_conn = NULL;
}

/* To be called once by each command, before anything else.  Returns true if
 * the command of 'conn', which is about to be handled, may reply later. */
bool
waiting_is_safe(const struct unixctl_conn *conn)
{
    bool safe = count_received() == 1 && conn != last_conn;

    last_conn = conn;
    return safe;
}
