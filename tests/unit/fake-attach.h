/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_ATTACH_H
#define TESTS_FAKE_ATTACH_H 1

/* Slots as the BPF programs would share them with the daemon, in our own
 * memory, in place of extension/attach*.c.  No handler is known. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extension/attach.h"

struct attachment *fake_attach_create(size_t n_slots);
void fake_attach_destroy(struct attachment *);

void fake_attach_fill(struct attachment *, size_t slot, uint64_t key,
                      const struct upcall_record *);
uint64_t fake_attach_key(const struct attachment *, size_t slot);

/* Records that were read since this was called last. */
size_t fake_attach_reads(struct attachment *);

#endif /* tests/unit/fake-attach.h */
