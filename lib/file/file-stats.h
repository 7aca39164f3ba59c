/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FILE_STATS_H
#define LIB_FILE_STATS_H 1

/* Statistics of a trace that is read from files: the same as those that the
 * daemon has of it.  Memory does not depend on how long it is.
 *
 * It is one trace, which may be in several files, as with rotation.  Numbers
 * of ports, and times, are those of a host and of its boot: what is of another
 * trace would be counted as something else. */

#include <stdbool.h>
#include <stdint.h>

#include "show/trace-stats.h"

struct file_stats;
struct trace_item;

struct file_stats *file_stats_create(void);
void file_stats_destroy(struct file_stats *);

char *file_stats_put(struct file_stats *, const struct trace_item *);
bool file_stats_get(struct file_stats *, struct trace_stats *);

#endif /* lib/file/file-stats.h */
