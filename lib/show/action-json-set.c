/* SPDX-License-Identifier: Apache-2.0 */

/* The arguments of "set" and "set_masked" as JSON. */

#include <config.h>

#include "show/action-json-private.h"

#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Stores in '*field' what OVS has made of a set: the name of the field, whose
 * value ends before the last two parentheses.  Returns where that begins, NULL
 * if it is unknown. */
static char *
split_set(struct ds *text, char **field)
{
    char *value;

    if (strncmp(ds_cstr(text), "set(", 4)) {
        return NULL;
    }
    *field = ds_cstr(text) + strlen("set(");
    value = strchr(*field, '(');
    if (!value) {
        return NULL;
    }
    *value++ = '\0';
    ds_cstr(text)[text->length - 2] = '\0';
    return value;
}

static void
write_field(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *field, *value;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    json_write_string(j->w, name, value ? field : NULL);
    ds_destroy(&text);
}

static void
write_set_value(const struct action_json *j, const char *name,
                int arg OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *field, *value;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    json_write_string(j->w, name,
                      value && strcmp(value, "?") ? value : NULL);
    ds_destroy(&text);
}

enum set_part { SET_VALUE, SET_MASK };

/* Appends the value or the mask of 'item', such as "ttl=4/0xf" or "0x1/0x3":
 * no mask if it has none.  Modifies 'item'. */
static void
put_masked_item(struct ds *ds, char *item, enum set_part part)
{
    char *mask = strchr(item, '/');
    char *value = strchr(item, '=');

    if (mask) {
        *mask++ = '\0';
    }
    if (part == SET_MASK && !mask) {
        return;
    }
    if (ds->length) {
        ds_put_char(ds, ',');
    }
    if (part == SET_VALUE) {
        ds_put_cstr(ds, item);
    } else {
        ds_put_buffer(ds, item, value ? value + 1 - item : 0);
        ds_put_cstr(ds, mask);
    }
}

/* Writes the values of a masked set, or the masks of those of which only a
 * part is set. */
static void
write_masked(const struct action_json *j, const char *name, int part)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds out = DS_EMPTY_INITIALIZER;
    char *field, *value, *item;
    char *save = NULL;

    flow_text_action(j->action, &text);
    value = split_set(&text, &field);
    for (item = value ? strtok_r(value, ",", &save) : NULL; item;
         item = strtok_r(NULL, ",", &save)) {
        put_masked_item(&out, item, part);
    }
    json_write_string(j->w, name, out.length ? ds_cstr(&out) : NULL);
    ds_destroy(&out);
    ds_destroy(&text);
}

static void
write_null(const struct action_json *j, const char *name, int arg OVS_UNUSED)
{
    json_write_null(j->w, name);
}

static const struct action_member set_members[] = {
    ACTION,
    { "field", write_field, 0, "string|null",
      "Which field is set, as dpctl calls it; null if that is not known.",
      NULL },
    { "mask", write_null, 0, "null",
      "All of the field is set.", NULL },
    TEXT,
    { "value", write_set_value, 0, "string|null",
      "The value, as dpctl prints it; null if that is not known.", NULL },
};
static const struct action_member set_masked_members[] = {
    ACTION,
    { "field", write_field, 0, "string|null",
      "Which field is set, as dpctl calls it; null if that is not known.",
      NULL },
    { "mask", write_masked, SET_MASK, "string|null",
      "Which bits are set, for the values that are not set as a whole; "
      "null if all are.", NULL },
    TEXT,
    { "value", write_masked, SET_VALUE, "string|null",
      "The values, as dpctl prints them; null if they are not known.", NULL },
};

const struct action_members action_json_set = {
    .members = set_members, .n = ARRAY_SIZE(set_members),
};
const struct action_members action_json_set_masked = {
    .members = set_masked_members, .n = ARRAY_SIZE(set_masked_members),
};
