/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SWEEP_H
#define EXTENSION_SWEEP_H 1

/* Collects upcalls whose end no program sees: those that a handler was done
 * with before it went to sleep, and those that were never received.  Lists
 * those that have not ended. */

#include <stddef.h>

#include "attach.h"

size_t sweep(struct attachment *, const char *sockets, attach_record_cb *,
             void *aux);
size_t sweep_all(struct attachment *, attach_record_cb *, void *aux);
void sweep_for_each_pending(struct attachment *,
                            void (*cb)(const struct upcall_record *,
                                       size_t size, void *aux), void *aux);

#endif /* extension/sweep.h */
