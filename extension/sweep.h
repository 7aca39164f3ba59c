/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SWEEP_H
#define EXTENSION_SWEEP_H 1

/* Collects upcalls whose end no program sees: those that a handler was done
 * with before it went to sleep, and those that were never received.  Lists
 * those that have not ended. */

#include <stddef.h>

#include "attach.h"

struct sweeper;

struct sweeper *sweeper_create(struct attachment *);
void sweeper_destroy(struct sweeper *);

size_t sweeper_run(struct sweeper *, const char *sockets_file,
                   attach_record_cb *, void *aux);
size_t sweeper_finish(struct sweeper *, attach_record_cb *, void *aux);
void sweeper_for_each_pending(struct sweeper *,
                              void (*cb)(const struct upcall_record *,
                                         size_t size, void *aux), void *aux);

#endif /* extension/sweep.h */
