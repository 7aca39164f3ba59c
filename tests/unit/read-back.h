/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_READ_BACK_H
#define TESTS_READ_BACK_H 1

/* Records that are written as JSON and read back (file/json-record.h). */

#include <stdbool.h>
#include <stddef.h>

struct record_context;

void keep_line(const char *line);
char *read_back(const void *record, size_t size, bool is_pass,
                const struct record_context *);
void check_read_back(const void *record, size_t size, bool is_pass,
                     const struct record_context *);

#endif /* tests/unit/read-back.h */
