/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_VERSION_QUERY_H
#define LIB_VERSION_QUERY_H 1

/* Asks an OVS daemon for its version, over its control socket and without
 * waiting for the answer. */

#include <stdbool.h>

/* The longest time until a query ends, in ms. */
#define VERSION_QUERY_TIMEOUT 2000

struct version_query *version_query_create(void);
void version_query_destroy(struct version_query *);

void version_query_ask(struct version_query *, const char *path);
bool version_query_run(struct version_query *, char **versionp);
void version_query_wait(struct version_query *);

#endif /* lib/flow/version-query.h */
