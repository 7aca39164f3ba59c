/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_POINTED_WALK_H
#define TESTS_POINTED_WALK_H 1

/* bpf/pass-pointed.bpf.h as a part of a test. */

struct kernel_layout;
struct ofpbuf;

void pointed_walk(const struct kernel_layout *, const struct ofpbuf *bytes,
                  const struct ofpbuf *pointed, struct ofpbuf *found);

#endif /* tests/unit/pointed-walk.h */
