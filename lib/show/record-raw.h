/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_RAW_H
#define LIB_RECORD_RAW_H 1

/* What has to be in the JSON of a record so that the record can be made again
 * of it (file/record-from-json.h), and is not among what else is there: bytes
 * of netlink messages, of which the other members have the text, and numbers
 * that only programs need.
 *
 * Text is not parsed back to make attributes: there is none for what is
 * broken, or unknown to this version of OVS, and the functions of OVS that
 * parse text trust the user who has typed it. */

struct flow_table;
struct json_writer;
struct pass;
struct pass_actions;
struct upcall;

void record_raw_write_upcall(struct json_writer *, const char *name,
                             const struct upcall *,
                             const struct flow_table *);
void record_raw_write_pass(struct json_writer *, const char *name,
                           const struct pass *, const struct pass_actions *,
                           const struct flow_table *);

#endif /* lib/show/record-raw.h */
