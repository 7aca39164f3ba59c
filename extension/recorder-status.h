/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_RECORDER_STATUS_H
#define EXTENSION_RECORDER_STATUS_H 1

/* What upcall-trace/status says of the recorder, see traces.h. */

struct commands;
struct ds;
struct json;

void recorder_put_json(const struct commands *, struct json *status);
void recorder_format(const struct commands *, struct ds *);

#endif /* extension/recorder-status.h */
