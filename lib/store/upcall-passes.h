/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_PASSES_H
#define LIB_UPCALL_PASSES_H 1

/* The passes of an upcall: the one in which it happened, which is the one that
 * missed unless an action asked for the upcall; its executes; and what these
 * have recirculated, and so on, as far as that is known. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;
struct pass_record;
struct upcall_record;

/* Most passes of an upcall that are looked for. */
#define UPCALL_PASSES_MAX 64

/* In the order in which they began. */
struct upcall_passes {
    struct upcall_pass {
        uint64_t seq;           /* Number in the history. */
        uint64_t ts;            /* When it began, in ns of the kernel. */
    } passes[UPCALL_PASSES_MAX];
    size_t n;
};

bool upcall_passes_find(const struct history *, const struct upcall_record *,
                        struct upcall_passes *);
uint64_t upcall_passes_owner(const struct history *,
                             const struct pass_record *);

#endif /* lib/store/upcall-passes.h */
