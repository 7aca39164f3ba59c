/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BUILD_PASS_H
#define TESTS_BUILD_PASS_H 1

/* Records of passes as the kernel would make them, for tests; see
 * build-record.h, whose ping it is that passes. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/pass-record.h"
#include "build-record.h"
#include "openvswitch/ofpbuf.h"

struct pass;

/* A record in the making. */
struct build_pass {
    struct pass_record rec;     /* All but the lengths of the parts. */
    struct ofpbuf packet;       /* The bytes that were kept. */
    struct ofpbuf actions;
    struct ofpbuf pointed;      /* Of struct pass_pointed, with what follows
                                 * each. */
    struct ofpbuf executed;     /* Of struct pass_executed. */
};

void build_pass_init(struct build_pass *, uint64_t id, enum pass_lookup);
void build_pass_uninit(struct build_pass *);

void build_pass_packet(struct build_pass *, const char *hex);
void build_pass_actions(struct build_pass *, const char *actions);
void build_pass_hit(struct build_pass *);
void build_pass_miss(struct build_pass *);
void build_pass_execute(struct build_pass *, const char *actions, int ret);

void *build_pass_get(const struct build_pass *, size_t *sizep);
void build_pass_write(struct build_pass *, build_write_func *);
void *build_pass_parse(struct build_pass *, struct pass *);

#endif /* tests/unit/build-pass.h */
