/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BUILD_RECORD_H
#define TESTS_BUILD_RECORD_H 1

/* Records as the kernel would make them, for tests.
 *
 * A test starts a record, adds the stages that it wants, changes what is to be
 * different, and takes the bytes. */

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/upcall-record.h"
#include "openvswitch/ofpbuf.h"

struct upcall;
struct user_action_cookie;

/* Where and when the upcall happens. */
#define BUILD_DP_IFINDEX 5
#define BUILD_TS 202388857516033ULL

/* A record in the making. */
struct build {
    struct upcall_record rec;   /* All but the lengths of the parts. */
    struct ofpbuf msg;          /* Message, from its nlmsghdr. */
    struct ofpbuf put;          /* Attributes of the put behind its key. */
    struct ofpbuf exec;         /* Those of the executes behind the packet. */
};

/* A ping from 172.200.0.3, behind port 3, to 172.200.0.2: the packet of 98
 * bytes, in hexadecimal digits, and its flow key. */
extern const char build_icmp[];
extern const char build_icmp_key[];

void build_init(struct build *, enum upcall_class);
void build_uninit(struct build *);

void build_message(struct build *, const char *key, const char *packet,
                   const struct user_action_cookie *, size_t cookie_size);
void build_lost(struct build *, int ret);
void build_lost_early(struct build *, const char *packet, int ret);
void build_receive(struct build *);
void build_put(struct build *, const char *mask, const char *actions,
               int ret);
void build_execute(struct build *, const char *actions, int ret);
void build_executed(struct build *);
void build_usdt(struct build *);

void *build_get(const struct build *, size_t *sizep);
void *build_parse(struct build *, struct upcall *);

/* What does something with a record of 'size' bytes. */
typedef void build_write_func(const void *record, size_t size);
void build_write(struct build *, build_write_func *);

/* Groups of tests that are in files of their own. */
TCase *attr_check_tcase(void);
TCase *facts_tcase(void);
TCase *actions_tcase(void);
TCase *action_json_tcase(void);
TCase *packet_text_tcase(void);
TCase *pass_links_tcase(void);
TCase *pass_show_tcase(void);
TCase *pass_execute_tcase(void);
TCase *pass_executed_tcase(void);
TCase *hostile_tcase(void);
TCase *printable_tcase(void);
TCase *usdt_tcase(void);

#endif /* tests/unit/build-record.h */
