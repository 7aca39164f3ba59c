/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ATTR_CHECK_H
#define LIB_ATTR_CHECK_H 1

/* Whether netlink attributes may be given to the functions of OVS.
 *
 * OVS takes flow keys and actions from the kernel, or makes them itself, and
 * so reads inner attributes without looking at their sizes.  A record may
 * come from anywhere, hence this. */

#include <stdbool.h>
#include <stddef.h>

struct nlattr;

bool attr_check_fit(const struct nlattr *, size_t len);
bool attr_check_key(const struct nlattr *, size_t len);
bool attr_check_action(const struct nlattr *);

#endif /* lib/record/attr-check.h */
