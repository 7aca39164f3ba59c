/* SPDX-License-Identifier: Apache-2.0 */

/* Flows of which a file tells. */

#include <config.h>

#include "flow/flow-table-private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Has 't', which must have no other flow with the same id, or the same UFID in
 * the same datapath, know what 'said' has, of which it makes copies: nobody is
 * asked about it, and nothing is compared with it.  This may have 't' forget
 * it at once. */
void
flow_table_say(struct flow_table *t, const struct said_flow *said)
{
    struct dp_flow *f = xzalloc(sizeof *f);

    f->is_said = true;
    f->id = said->id;
    f->dp_ifindex = said->dp_ifindex;
    f->state = said->state;
    f->error = nullable_xstrdup(said->error);
    f->said_source = nullable_xstrdup(said->source);
    f->source = f->said_source;
    f->rules = nullable_xstrdup(said->rules);
    f->installed_as = nullable_xstrdup(said->installed_as);
    f->told = nullable_xstrdup(said->told);
    if (said->ufid) {
        memcpy(f->ufid, said->ufid, sizeof f->ufid);
        f->found = true;
        ovs_list_push_back(&t->found, &f->found_node);
        t->n_found++;
        flow_table_set_last(t, f);
    }
    flow_table_insert(t, f);
    flow_table_limit_memory(t);
}
