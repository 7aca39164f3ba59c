/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BUILD_ACTIONS_H
#define TESTS_BUILD_ACTIONS_H 1

/* Actions of texts, as in messages and as in the memory of a kernel. */

#include <stddef.h>

#include "record/record.h"

struct kernel_layout;
struct ofpbuf;

/* Every action that OVS 3.1 can make for the kernel, with all its arguments,
 * and nested ones. */
extern const char *const action_texts[];
extern const size_t n_action_texts;

void build_actions(const char *text, struct ofpbuf *);
struct upcall_attrs build_actions_attrs(const struct ofpbuf *);
char *build_actions_text(const struct ofpbuf *);
void build_actions_kernel(const struct kernel_layout *, const char *text,
                         struct ofpbuf *);

#endif /* tests/unit/build-actions.h */
