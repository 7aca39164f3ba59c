/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_LINE_H
#define LIB_FORWARD_LINE_H 1

/* Lines of a receiver's files that are not as they have come: the first and
 * the last one of a trace, and gaps. */

#include <stdint.h>

struct ds;
struct forward_state;
struct json;

/* Who sends a trace, either of which may be NULL. */
struct forward_sender {
    char *address;              /* As the receiver sees it. */
    char *certificate;          /* The common name, printable. */
};

struct json *forward_line_first(const char *startup, const char *session,
                                const struct forward_sender *);
struct json *forward_line_last(const char *line, const char *why,
                               const char *startup,
                               const struct forward_state *,
                               const char *next);
struct json *forward_line_gap(uint64_t next, uint64_t dropped,
                              uint64_t missed);
void forward_line_put(struct ds *, struct json *, const char *host,
                      const char *system_id);

#endif /* lib/file/forward-line.h */
