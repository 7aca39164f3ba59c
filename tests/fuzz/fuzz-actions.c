/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "record/kernel-actions.h"
#include "record/record.h"
#include "show/action-json.h"
#include "store/place.h"
#include "unit/kernel-bytes.h"
#include "util.h"

/* What the input begins with. */
enum layout_kind {
    LAYOUT_6_12,                /* That of a kernel. */
    LAYOUT_NONE,                /* Nothing is known. */
    LAYOUT_INPUT,               /* It is in the input, may be anything. */
    LAYOUT_N_KINDS
};

/* Takes a layout, or how to get one, from the input.  Why packets are dropped
 * does not matter here. */
static void
get_layout(const uint8_t **data, size_t *size, struct kernel_layout *layout)
{
    size_t used = offsetof(struct kernel_layout, n_drops);
    int kind = *size ? **data % LAYOUT_N_KINDS : LAYOUT_NONE;

    memset(layout, 0, sizeof *layout);
    *data += *size > 0;
    *size -= *size > 0;
    if (kind == LAYOUT_6_12) {
        *layout = kernel_layout_6_12;
    } else if (kind == LAYOUT_INPUT && *size >= used) {
        memcpy(layout, *data, used);
        *data += used;
        *size -= used;
    }
}

/* Takes what the actions point to from the input: its length, a byte that
 * counts 8, and that.  Returns it in memory of its own. */
static void *
get_pointed(const uint8_t **data, size_t *size, struct kernel_pointed *pointed)
{
    size_t len = *size ? **data * 8 : 0;
    void *copy;

    *data += *size > 0;
    *size -= *size > 0;
    len = MIN(len, *size);
    copy = xmalloc(MAX(len, 1));
    memcpy(copy, *data, len);
    *data += len;
    *size -= len;
    pointed->data = copy;
    pointed->len = len;
    return copy;
}

/* Writes 'action' as JSON and fails unless it is that. */
static void
check_json(const struct nlattr *action)
{
    const struct place place = { .map = NULL };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    struct action_json j;
    struct json *json;

    json_writer_init(&w, &ds);
    json_write_object(&w, NULL);
    action_json_init(&j, action, &place, &w);
    action_json_write_until(&j, NULL);
    json_write_end_object(&w);
    fuzz_check_utf8(ds_cstr(&ds));
    json = json_from_string(ds_cstr(&ds));
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
    ds_destroy(&ds);
}

static void
show(const struct upcall_attrs *actions)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct nlattr *a;

    flow_text_actions(actions, &ds);
    fuzz_check_printable(ds_cstr(&ds));
    for (size_t n = 0; (a = action_nth(actions, n)); n++) {
        ds_clear(&ds);
        flow_text_action_name(a, &ds);
        flow_text_action(a, &ds);
        fuzz_check_printable(ds_cstr(&ds));
        check_json(a);
    }
    ds_destroy(&ds);
}

/* Takes actions in the kernel's encoding. */
void
fuzz_actions(const uint8_t *data, size_t size)
{
    static const struct nlattr nothing;
    struct ofpbuf decoded, offsets;
    struct kernel_pointed pointed;
    struct kernel_layout layout;
    struct upcall_attrs attrs;
    void *actions, *copy;
    uint32_t ids[4];

    get_layout(&data, &size, &layout);
    copy = get_pointed(&data, &size, &pointed);
    actions = xmalloc(MAX(size, 1));
    memcpy(actions, data, size);
    ofpbuf_init(&decoded, 0);
    ofpbuf_init(&offsets, 0);
    kernel_actions_decode(&layout, actions, size, &pointed, &decoded,
                          &offsets);
    attrs.data = decoded.size ? decoded.data : &nothing;
    attrs.len = decoded.size;
    show(&attrs);
    ovs_assert(!action_nth(&attrs, offsets.size / sizeof(uint32_t)));
    action_recirc_ids(&attrs, ids, ARRAY_SIZE(ids));
    kernel_actions_match(&attrs, &attrs);
    ofpbuf_uninit(&offsets);
    ofpbuf_uninit(&decoded);
    free(copy);
    free(actions);
}
