/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SESSION_FILES_H
#define TESTS_SESSION_FILES_H 1

/* A session of a receiver, in a directory of its own, for tests. */

#include <stdint.h>

#include "file/forward-file.h"
#include "file/forward-session.h"

struct forward_message;

#define SESSION_ID "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER_ID "01234567-89ab-cdef-0123-456789abcde0"
#define STARTUP "{\"event\":\"startup\",\"version\":\"1\"}"
#define END "{\"event\":\"end\"}"

/* What is in files. */
struct session_found {
    int traces, gaps;
    uint64_t records, dropped, missed, last;
};

extern char session_dir[32];
extern struct forward_file_options session_options;
extern struct forward_session *session;
extern const char *session_host;

void session_setup(void);
void session_teardown(void);
void session_open(const char *id, uint64_t first);
void session_kill(void);
uint64_t session_number(void);

void session_take_expecting(const struct forward_message *,
                            const char *expected);
void session_take(const struct forward_message *);
void session_begin(uint64_t next, const char *startup);
void session_take_line(uint64_t first, const char *);
void session_take_record(uint64_t first, uint64_t seq);
char *session_make_record(uint64_t seq);

struct session_found session_read_files(int n_files);

#endif /* tests/unit/session-files.h */
