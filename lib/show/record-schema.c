/* SPDX-License-Identifier: Apache-2.0 */

/* What upcalls and passes have in common. */

#include <config.h>

#include "show/record-schema.h"

#include <stdlib.h>

#include "base/json-schema.h"
#include "flow/flow-table.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/userdata.h"
#include "show/record-schema-private.h"
#include "util.h"

static const struct schema_member port_members[] = {
    MEMBER_OF("name", "string|null", "Its name at that time; null if it is "
              "not known."),
    MEMBER_OF("number", "uint", "Its number in the datapath."),
};

static const struct schema_member packet_members[] = {
    MEMBER_OF("data", "base64|null", "The bytes of it that were kept, see "
              "--snaplen; null if there are none."),
    MEMBER_OF("flow", "string|null", "What the datapath knows of it, as "
              "dpctl prints it; null if that is not known."),
    MEMBER_OF("len", "uint|null", "Bytes of the whole packet; null if it is "
              "not known."),
};

static const struct schema_member flow_members[] = {
    MEMBER_OF("bridges", "[string|null]", "The bridge of each rule; null for "
              "one that is not known."),
    MEMBER_OF("datapath_flow", "string|null", "The flow, as dpctl prints it; "
              "null if it is not known."),
    MEMBER_OF("error", "string|null", "Why not all is known; null if it is, "
              "or if ovs-vswitchd was not asked."),
    MEMBER_OF("installed_as", "string|null", "What the kernel matches, if "
              "that is not what was put; otherwise null."),
    MEMBER_OF("openflow", "[string]", "The OpenFlow rules that it was made "
              "of."),
    MEMBER_OF("source", "string|null", "The command of ovs-vswitchd that "
              "told the rules; null if none has."),
    MEMBER_NAMES("state", "names", flow_state_name, "How much is known of "
                 "it, with its rules (complete) or not."),
    MEMBER_UFID,
};

static const struct schema_object objects[] = {
    OBJECT_OF("port", port_members, "A port of the datapath."),
    OBJECT_OF("packet", packet_members, "The packet."),
    OBJECT_OF("flow", flow_members, "A flow of the datapath, and what "
              "ovs-vswitchd says of it."),
};

/* Returns the type of values of 'kind'. */
static const char *
get_userdata_type(enum userdata_kind kind)
{
    switch (kind) {
    case USERDATA_NUMBER: return "uint";
    case USERDATA_HEX: return "0x";
    case USERDATA_PORT: return "@port";
    case USERDATA_FLAG: return "boolean";
    case USERDATA_NAME: return "string";
    default: OVS_NOT_REACHED();
    }
}

/* Adds the userdata of upcalls of 'class', unless they have none.  Returns
 * true if they have some. */
static bool
add_userdata_of(struct json *defs, int class)
{
    struct json *json = schema_object_to_json(
        "What ovs-vswitchd has noted for itself.  What is not known, or does "
        "not apply, is missing.");
    struct userdata_info info;
    bool any = false;

    for (size_t i = 0; userdata_get_info(i, &info); i++) {
        const struct schema_member member = {
            .name = info.name,
            .type = get_userdata_type(info.kind),
            .help = info.help,
            .optional = true,
        };

        if (info.class == class) {
            schema_object_add(json, &member);
            any = true;
        }
    }
    if (any) {
        char *name = xasprintf("userdata_%s", upcall_class_name(class));

        json_object_put(defs, name, json);
        free(name);
    } else {
        json_destroy(json);
    }
    return any;
}

static void
add_userdata(struct json *defs)
{
    struct json *any = json_array_create_empty();
    struct json *json = json_object_create();

    for (int class = 0; class < UPCALL_N_CLASSES; class++) {
        if (add_userdata_of(defs, class)) {
            char *type = xasprintf("@userdata_%s", upcall_class_name(class));

            json_array_add(any, schema_type_to_json(type, NULL));
            free(type);
        }
    }
    json_object_put_string(json, "description", "The userdata of upcalls of "
                           "some class.");
    json_object_put(json, "anyOf", any);
    json_object_put(defs, "userdata", json);
}

/* Adds the schemas of records, and of all that is in them, to 'defs'. */
void
record_schema_add(struct json *defs)
{
    schema_add_objects(defs, objects, ARRAY_SIZE(objects));
    add_userdata(defs);
    action_schema_add(defs);
    upcall_schema_add(defs);
    pass_schema_add(defs);
}
