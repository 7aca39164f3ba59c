/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_SCAN_H
#define LIB_JSON_SCAN_H 1

/* Looks through text of JSON without making values of all that is in it, as
 * json-node.h and OVS's parser do, which takes several times as long.
 *
 * This accepts less than these: plain ASCII, numbers of few digits and without
 * fractions, no escapes by number, few objects within each other, no other
 * spaces than spaces.  Whatever it does not accept has to be given to one of
 * them, which then says what is wrong with it, if anything is.  What it does
 * accept, they do, too.
 *
 * Each function goes on behind what it has read and returns true, or returns
 * false if that is not accepted: then nothing else can be read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_scan {
    const char *p;              /* What comes next, */
    const char *end;            /* up to here. */
};

bool json_scan_char(struct json_scan *, char);
bool json_scan_word(struct json_scan *, const char *);
bool json_scan_number(struct json_scan *, uint64_t *);
bool json_scan_string(struct json_scan *, const char **, size_t *len);
bool json_scan_value(struct json_scan *, int depth);

bool json_scan_open(struct json_scan *, char open, char close, bool *more);
bool json_scan_name(struct json_scan *, const char **name, size_t *len);
bool json_scan_separator(struct json_scan *, char close, bool *more);

size_t json_scan_digits(const char *digits, const char *end, uint64_t *);

#endif /* lib/base/json-scan.h */
