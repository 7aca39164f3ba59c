/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_STREAM_SOCKET_H
#define EXTENSION_STREAM_SOCKET_H 1

/* The socket beside the control socket that followers connect to.  There is
 * one for the daemon.  Where a session may be NULL, no trace was started. */

struct ds;
struct json;
struct session;

int stream_socket_open(const char *unixctl_path);
void stream_socket_close(void);

void stream_socket_run(struct session *);
void stream_socket_wait(void);
void stream_socket_forget(struct session *);

struct json *stream_socket_to_json(struct session *);
void stream_socket_format(struct session *, struct ds *);

#endif /* extension/stream-socket.h */
