/* SPDX-License-Identifier: Apache-2.0 */

/* What sweep.c uses of attach.h for handler threads, in place of
 * extension/attach*.c: no handler is known, and no program has been missed. */

#include <config.h>

#include "extension/attach.h"
#include "openvswitch/util.h"
#include "util.h"

size_t
attach_n_places(const struct attachment *a OVS_UNUSED)
{
    return 0;
}

struct upcall_handler *
attach_handler_at(const struct attachment *a OVS_UNUSED,
                  size_t place OVS_UNUSED)
{
    return NULL;
}

struct upcall_handler *
attach_get_handler(const struct attachment *a OVS_UNUSED,
                   uint32_t tid OVS_UNUSED)
{
    return NULL;
}

void
attach_handler_is_gone(struct attachment *a OVS_UNUSED,
                       struct upcall_handler *h OVS_UNUSED)
{
    OVS_NOT_REACHED();
}

void
attach_look_for_missed(struct attachment *a OVS_UNUSED)
{
    /* No program has been missed. */
}

bool
attach_missed_since(struct attachment *a OVS_UNUSED,
                    enum upcall_hook hook OVS_UNUSED, uint64_t ts OVS_UNUSED)
{
    return false;
}

int
attach_doubt_outcome(struct attachment *a OVS_UNUSED,
                     const struct upcall_record *rec OVS_UNUSED, int outcome)
{
    return outcome;
}
