/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PACKET_TEXT_H
#define LIB_PACKET_TEXT_H 1

/* A packet in a few words. */

#include <stdbool.h>

struct ds;
struct pass;
struct upcall;

bool packet_text_format(const struct upcall *, struct ds *);
bool packet_text_format_pass(const struct pass *, struct ds *);

#endif /* lib/show/packet-text.h */
