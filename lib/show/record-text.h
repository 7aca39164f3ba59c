/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_TEXT_H
#define LIB_RECORD_TEXT_H 1

/* What upcalls and passes have in common as text for people. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct nlattr;
struct place;

void record_text_port(const struct place *, uint32_t port_no, struct ds *);
void record_text_in_port(const struct place *, bool known, uint32_t port_no,
                         struct ds *);
void record_text_us(uint64_t ns, struct ds *);
void record_text_errno(int error, struct ds *);

/* A stage, in a line of its own: what is in front, the details, the end. */
void record_text_begin_stage(bool has_offset, int64_t offset, struct ds *);
void record_text_stage_name(const char *name, struct ds *);
void record_text_action_name(const struct nlattr *, struct ds *);
void record_text_action(const struct nlattr *, const struct place *,
                        struct ds *);
void record_text_end_stage(struct ds *);

/* An event, in a line of its own. */
void record_text_begin_event(bool has_ts, uint64_t ts, const char *comm,
                             struct ds *);
void record_text_action_event(const struct nlattr *, struct ds *);
void record_text_action_short(const struct nlattr *, struct ds *);

#endif /* lib/show/record-text.h */
