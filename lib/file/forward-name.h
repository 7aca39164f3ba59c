/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_NAME_H
#define LIB_FORWARD_NAME_H 1

/* What becomes of the name that a host gives itself, which may be anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Digits of the UUID of a session in the name of a file. */
#define FORWARD_SESSION_DIGITS 8

/* Least digits of the number of a file, and its limit: a number that cannot be
 * taken for a session. */
#define FORWARD_NUMBER_DIGITS 5
#define FORWARD_NUMBER_MAX 9999999

/* What the name of a file in a receiver's directory says; pointers are into
 * it. */
struct forward_name {
    const char *host;           /* As forward_file_name_of() makes it, */
    size_t host_len;            /* of so many bytes. */
    const char *session;        /* Its first digits, or all of them, */
    size_t session_len;         /* of so many bytes. */
    uint64_t number;            /* Which file of the session, from 1 on. */
};

bool forward_name_parse(const char *name, struct forward_name *);
char *forward_name_base(const struct forward_name *);
char *forward_file_name_of(const char *host);
char *forward_label(const char *host, const char *system_id);

#endif /* lib/file/forward-name.h */
