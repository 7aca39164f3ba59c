/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/history-relation.h"

#include "openvswitch/util.h"
#include "record/pass.h"
#include "util.h"

/* Stores the number of what 'record', 'size' bytes that are said to be those
 * of a pass, has 'relation' with in '*idp'.  Returns false if there is nothing
 * of that kind.  An execute has no parent. */
bool
history_relation_get(const void *record, size_t size,
                     enum history_relation relation, uint64_t *idp)
{
    const struct pass_record *rec = record;

    if (size < sizeof *rec) {
        return false;
    }
    switch (relation) {
    case HISTORY_SELF:
        *idp = pass_record_id(rec);
        return true;
    case HISTORY_EXECUTE:
        *idp = rec->upcall;
        return rec->lookup == PASS_NONE && rec->flags & PASS_F_UPCALL;
    case HISTORY_CHILD:
        *idp = rec->below;
        return rec->lookup != PASS_NONE && rec->flags & PASS_F_BELOW;
    case HISTORY_N_RELATIONS: default: OVS_NOT_REACHED();
    }
}
