/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_SESSION_H
#define LIB_FORWARD_SESSION_H 1

/* A session as its receiver has it: takes what comes, checks it and writes it
 * to files.  It survives its connections; see file/forward-message.h.
 *
 * What forward_session_number() returns has been taken; it may be acknowledged
 * after forward_session_sync() only. */

#include <stdbool.h>
#include <stdint.h>

struct forward_counts;
struct forward_file_options;
struct forward_message;
struct forward_session;

char *forward_session_open(const struct forward_file_options *,
                           const struct forward_message *hello,
                           struct forward_session **);
void forward_session_close(struct forward_session *);

void forward_session_set_sender(struct forward_session *, const char *address,
                                const char *certificate);
void forward_session_resume(struct forward_session *,
                            const struct forward_message *hello);
char *forward_session_take(struct forward_session *,
                           const struct forward_message *);
void forward_session_end(struct forward_session *, const char *why);

bool forward_session_is_full(const struct forward_session *);
bool forward_session_has_news(const struct forward_session *);
int forward_session_sync(struct forward_session *);

void forward_session_get_ack(struct forward_session *,
                             struct forward_message *);
void forward_session_forget_why(struct forward_session *);
bool forward_session_is_closed(const struct forward_session *);
const char *forward_session_id(struct forward_session *);
const char *forward_session_host(const struct forward_session *);
bool forward_session_has_file(const struct forward_session *);
const char *forward_session_name(const struct forward_session *);
const char *forward_session_error(const struct forward_session *);
struct forward_counts forward_session_counts(struct forward_session *);

#endif /* lib/file/forward-session.h */
