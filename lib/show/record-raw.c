/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/record-raw.h"

#include "base/base64.h"
#include "base/json-writer.h"
#include "record/kernel-actions.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/record-json.h"

/* Members are in the order of their names. */

/* Writes the 'len' bytes at 'data' in base 64, null if that is NULL. */
static void
write_bytes(struct json_writer *w, const char *name, const void *data,
            size_t len)
{
    if (data) {
        base64_put(json_write_text(w, name), data, len);
        json_write_end_text(w);
    } else {
        json_write_null(w, name);
    }
}

/* Upcalls. */

/* Writes the message of 'u' up to the bytes of the packet that are known, null
 * if there was none. */
static void
write_message(struct json_writer *w, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    if (rec->flags & UPCALL_F_ENQUEUED) {
        write_bytes(w, "upcall", rec->data,
                    u->packet ? rec->packet_ofs : rec->msg_len);
    } else {
        json_write_null(w, "upcall");
    }
}

/* Writes what 'u' is made of.  'flows' is NULL if nobody is asked about
 * flows. */
void
record_raw_write_upcall(struct json_writer *w, const char *name,
                        const struct upcall *u,
                        const struct flow_table *flows)
{
    const struct upcall_record *rec = u->rec;

    json_write_object(w, name);
    json_write_bool(w, "asked", flows);
    json_write_integer_if(w, "dp_ifindex", u->has_dp, u->dp_ifindex);
    write_bytes(w, "execute", u->exec.data, u->exec.len);
    write_bytes(w, "put", rec->flags & UPCALL_F_PUT
                ? upcall_record_put(rec) : NULL, rec->put_len);
    flow_show_write_rules_text(w, "rules", u, flows);
    json_write_integer(w, "segment", rec->segment);
    json_write_integer(w, "sent", rec->packet_sent);
    json_write_integer(w, "tgid", rec->recv_tgid);
    record_json_pass_id(w, "track", rec->track, rec->track);
    json_write_bool(w, "unsure", rec->flags & UPCALL_F_UNSURE);
    write_message(w, u);
    json_write_end_object(w);
}

/* Passes. */

/* Writes which of 'actions' begins at 'offset' of the kernel's, null if that
 * is not known. */
static void
write_place(struct json_writer *w, const char *name,
            const struct pass_actions *actions, uint32_t offset)
{
    int nth = (actions->attrs.data
               ? kernel_actions_find(&actions->offsets, offset) : -1);

    json_write_integer_if(w, name, nth >= 0, nth);
}

/* Writes which of 'actions' were executed: for each its place, when that was
 * in ns since the pass began, and what came of it, as far as that is known.
 * Null if nothing of that is. */
static void
write_executed(struct json_writer *w, const struct pass *p,
               const struct pass_actions *actions)
{
    if (!p->executed) {
        json_write_null(w, "executed");
        return;
    }
    json_write_array(w, "executed");
    for (size_t i = 0; i < p->n_executed; i++) {
        const struct pass_executed *e = &p->executed[i];

        json_write_array(w, NULL);
        write_place(w, NULL, actions, e->offset);
        json_write_integer(w, NULL, e->ns);
        json_write_integer_if(w, NULL, e->result != PASS_NO_RESULT,
                              e->result);
        json_write_end_array(w);
    }
    json_write_end_array(w);
}

/* Writes the action during which the packet of 'p' was dropped. */
static void
write_drop_action(struct json_writer *w, const struct pass *p,
                  const struct pass_actions *actions)
{
    const struct pass_record *rec = p->rec;

    if (rec->flags & PASS_F_DROP && rec->drop_offset != PASS_NO_OFFSET) {
        write_place(w, "drop_action", actions, rec->drop_offset);
    } else {
        json_write_null(w, "drop_action");
    }
}

/* Writes what 'p' is made of, whose actions are 'actions' as far as they are
 * known.  'flows' is NULL if nobody is asked about flows. */
void
record_raw_write_pass(struct json_writer *w, const char *name,
                      const struct pass *p,
                      const struct pass_actions *actions,
                      const struct flow_table *flows)
{
    const struct pass_record *rec = p->rec;

    json_write_object(w, name);
    write_bytes(w, "actions", actions->attrs.data, actions->attrs.len);
    json_write_bool(w, "asked", flows);
    json_write_integer(w, "ct_state", rec->ct_state);
    json_write_integer(w, "ct_zone", rec->ct_zone);
    json_write_integer_if(w, "dp_ifindex", p->has_dp, rec->dp_ifindex);
    write_drop_action(w, p, actions);
    json_write_bool(w, "drop_told", rec->flags & PASS_F_DROP);
    json_write_integer_if(w, "ethertype", rec->flags & PASS_F_L3,
                          rec->ethertype);
    write_executed(w, p, actions);
    json_write_bool(w, "executed_cut",
                    p->executed && (rec->n_not_kept
                                    || rec->flags & PASS_F_EXECUTED_CUT));
    json_write_bool(w, "first_actions", p->first_actions);
    json_write_integer_if(w, "port", rec->flags & PASS_F_PORT, rec->port_no);
    record_json_pass_id(w, "root", true, rec->root);
    json_write_end_object(w);
}
