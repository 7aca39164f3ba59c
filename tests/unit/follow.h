/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FOLLOW_H
#define TESTS_FOLLOW_H 1

/* A trace and its followers, all in this process, so that each test says when
 * they read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file/followers.h"

struct frame_reader;

/* A follower. */
struct follow_client {
    int fd;
    struct frame_reader *reader;
    bool is_closed;             /* By the other side. */

    /* What it got. */
    bool has_hello, in_trace;
    uint64_t begun, started;    /* 'seq' of the last BEGIN, START, and */
    int n_begins, n_ends, n_starts;     /* how many there were. */
    int n_layouts;
    int n_flows, n_found;
    uint64_t next;              /* Number that the next record must have. */
    uint64_t n, gap;            /* Records, and those that are missing. */
    uint64_t n_passes;          /* Of 'n'. */
    size_t bytes;
    char last_text[64];         /* Of BEGIN or END, */
    char error[200];            /* of ERROR. */
    struct port_map *ports;
};

/* What follow_setup() makes.  'follow_history' is NULL, in tests that set it
 * so, for no trace. */
extern char follow_dir[32];
extern char *follow_path;
extern struct followers *follow_followers;
extern struct follow_source follow_source;
extern struct history *follow_history;
extern struct port_map *follow_ports;
extern uint64_t follow_noted_gap;
extern struct follow_client follow_clients[FOLLOWERS_MAX + 1];
extern struct follower_stats follow_stats[FOLLOWERS_MAX];
extern void *follow_record;
extern size_t follow_record_size;

void follow_setup(void);
void follow_teardown(void);
void follow_begin_trace(size_t limit);
void follow_begin_with_passes(size_t limit);
void follow_add(uint64_t n);
void follow_add_passes(uint64_t n);
void follow_run(void);
size_t follow_get_stats(void);

struct follow_client *follow_start(int i);
void follow_disconnect(struct follow_client *);
void follow_say(struct follow_client *, uint64_t from);
void follow_take_some(struct follow_client *, size_t max);
void follow_take(struct follow_client *);
void follow_take_all(struct follow_client *);

#endif /* tests/unit/follow.h */
