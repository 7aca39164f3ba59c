/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PRINTABLE_H
#define LIB_PRINTABLE_H 1

/* Text that is not ours to choose: names of ports, threads and files, what
 * ovs-vswitchd answers, what users write.  It may have anything in it, such as
 * sequences that control a terminal, and everything that we print or log of it
 * goes through these functions: in text as printable ASCII, in JSON and in the
 * labels of metrics also as UTF-8. */

#include <stdbool.h>
#include <stddef.h>

struct ds;

/* Characters that printable_put_start() shows. */
#define PRINTABLE_START_MAX 64

void printable_put(struct ds *, const char *s, size_t len);
void printable_put_string(struct ds *, const char *s);
void printable_put_start(struct ds *, const char *s, size_t len);
void printable_put_utf8(struct ds *, const char *s);
char *printable_copy(const char *s, size_t len);
char *printable_undo(const char *);

bool printable_is(const char *);
bool printable_is_utf8(const char *);

#endif /* lib/base/printable.h */
