/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CHECK_LIST_H
#define EXTENSION_CHECK_LIST_H 1

/* What upcall-trace/check looks at.  check-list.c has the checks, cmd-check.c
 * the clients. */

#include <stdbool.h>

#include "openvswitch/list.h"

struct filter_job;
struct target;
struct unixctl_conn;
struct version_query;

enum check_result {
    CHECK_OK,
    CHECK_LIMITED,              /* It works, but not everything. */
    CHECK_FAILED
};

/* The result of one check. */
struct check {
    const char *name;
    enum check_result result;
    char *found;                /* What was found, owned. */
    const char *remedy;         /* What to do, unless CHECK_OK. */
};

/* What is checked, for a client that waits. */
struct checking {
    struct ovs_list node;       /* In struct checks. */
    struct unixctl_conn *conn;
    bool json;
    struct target *target;      /* NULL if it was not found, because of */
    char *error;                /* this. */
    struct version_query *version;      /* NULL if that is not asked for. */
    bool version_ended;         /* Has that ended? */
    struct filter_job *filters; /* Makes a filter; NULL once it has ended. */
    char *filters_found;        /* What came of it; NULL if it has not ended
                                 * in time. */
    bool filters_ok;
};

void check_list_run(const struct checking *,
                    void (*cb)(const struct check *, void *aux), void *aux);

#endif /* extension/check-list.h */
