/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_USERDATA_H
#define LIB_USERDATA_H 1

/* What ovs-vswitchd has written into the userdata of a userspace action, for
 * itself: which controller a packet is for and because of which rule, what is
 * sampled.  It is a struct user_action_cookie of lib/odp-util.h, the same in
 * OVS 3.1 to 4.0. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;
struct upcall;

/* How a value is shown. */
enum userdata_kind {
    USERDATA_NUMBER,
    USERDATA_HEX,               /* In base 16; in JSON a string. */
    USERDATA_PORT,              /* A port of the datapath. */
    USERDATA_FLAG,              /* True or false. */
    USERDATA_NAME               /* 'text'. */
};

struct userdata_field {
    const char *name;           /* In JSON. */
    const char *label;          /* In text, where the value follows; NULL if it
                                 * is not shown there. */
    enum userdata_kind kind;
    uint64_t value;
    const char *text;           /* The name of 'value', with USERDATA_NAME. */
};

/* Most fields that an upcall has. */
#define USERDATA_FIELDS_MAX 6

size_t userdata_get_fields(const struct upcall *,
                           struct userdata_field[USERDATA_FIELDS_MAX]);
size_t userdata_attr_fields(const struct nlattr *, int class,
                            struct userdata_field[USERDATA_FIELDS_MAX]);
int userdata_class(const struct nlattr *);

/* A field that upcalls of 'class', an enum upcall_class, may have. */
struct userdata_info {
    int class;
    const char *name;           /* In JSON. */
    enum userdata_kind kind;
    const char *help;           /* A sentence. */
};

bool userdata_get_info(size_t number, struct userdata_info *);

/* Room for the name of a reason. */
#define USERDATA_REASON_MAX 16

const char *userdata_reason(const struct upcall *,
                            char buf[USERDATA_REASON_MAX]);
const char *userdata_attr_reason(const struct nlattr *, int class,
                                 char buf[USERDATA_REASON_MAX]);

#endif /* lib/record/userdata.h */
