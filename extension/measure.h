/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_MEASURE_H
#define EXTENSION_MEASURE_H 1

/* "upcall-trace/status --measure": what the BPF programs cost, in a time that
 * is measured before the reply.
 *
 * The kernel counts runs and their time only while someone asks for that,
 * because it costs a little at each run. */

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct json;
struct measures;
struct session;
struct unixctl_conn;

/* What was measured. */
struct measured;

/* Replies to the client at 'conn' with 'measured' and how the session stands,
 * as JSON if 'json' is true. */
typedef void measure_reply_cb(struct session *, const struct measured *,
                              struct unixctl_conn *conn, bool json);

struct measures *measures_create(measure_reply_cb *);
void measures_destroy(struct measures *);
char *measures_add(struct measures *, const struct session *,
                   struct unixctl_conn *, bool json, uint64_t seconds);
void measures_run(struct measures *, struct session *);
void measures_wait(struct measures *);
void measures_reply_all(struct measures *, struct session *);

struct json *measured_to_json(const struct measured *);
void measured_format(const struct measured *, struct ds *);

#endif /* extension/measure.h */
