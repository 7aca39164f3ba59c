/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/userdata.h"

#include <stdbool.h>
#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/names.h"
#include "record/record.h"
#include "util.h"

/* From which member a field comes. */
#define MEMBER(NAME) offsetof(struct user_action_cookie, NAME),     \
                     MEMBER_SIZEOF(struct user_action_cookie, NAME)

/* How 'output' of an sFlow sample is to be read (compose_sflow_action() and
 * fix_sflow_action() in ofproto/ofproto-dpif-xlate.c; "Input/output port
 * information" of the sFlow version 5 datagram). */
#define SFLOW_FORMAT(OUTPUT) ((OUTPUT) >> 30)
#define SFLOW_VALUE(OUTPUT) ((OUTPUT) & ((1u << 30) - 1))
enum sflow_format {
    SFLOW_ONE,                  /* Sent to the device with this ifindex, 0 if
                                 * that is unknown. */
    SFLOW_DROPPED,              /* Dropped, for this reason. */
    SFLOW_MULTIPLE              /* Sent to so many, 0 if that is unknown. */
};

/* How a value gets out of a member. */
enum convert {
    PLAIN,
    BE64,                       /* It is in network order. */
    ODP_PORT,                   /* There may be none. */
    SFLOW_OUTPUTS,              /* How many outputs, if known. */
    SFLOW_IFINDEX,              /* That of the only output, if known. */
    TCI_VID,                    /* The VLAN of a TCI in network order, */
    TCI_PCP,                    /* and its priority. */
    DIRECTION,                  /* There may be none. */
};

/* The fields, by class and then by name. */
static const struct field {
    enum upcall_class class;
    const char *name, *label;
    enum userdata_kind kind;
    enum convert convert;
    size_t offset, size;
    const char *help;
} FIELDS[] = {
    { UPCALL_CLASS_CONTROLLER, "continuation", NULL, USERDATA_FLAG,
      PLAIN, MEMBER(controller.continuation),
      "Does the packet go on when the controller has resumed it?" },
    { UPCALL_CLASS_CONTROLLER, "controller_id", "controller", USERDATA_NUMBER,
      PLAIN, MEMBER(controller.controller_id),
      "The number of the controller." },
    { UPCALL_CLASS_CONTROLLER, "dont_send", NULL, USERDATA_FLAG,
      PLAIN, MEMBER(controller.dont_send),
      "Is the packet to be kept from the controller?" },
    { UPCALL_CLASS_CONTROLLER, "max_len", NULL, USERDATA_NUMBER,
      PLAIN, MEMBER(controller.max_len),
      "Most bytes of the packet that the controller wants." },
    { UPCALL_CLASS_CONTROLLER, "recirc_id", NULL, USERDATA_NUMBER,
      PLAIN, MEMBER(controller.recirc_id),
      "The number of the frozen state." },
    { UPCALL_CLASS_CONTROLLER, "rule_cookie", "cookie", USERDATA_HEX,
      BE64, MEMBER(controller.rule_cookie),
      "The cookie of the OpenFlow rule." },
    { UPCALL_CLASS_SFLOW, "output_ifindex", "ifindex", USERDATA_NUMBER,
      SFLOW_IFINDEX, MEMBER(sflow.output),
      "The network device that it was sent to." },
    { UPCALL_CLASS_SFLOW, "outputs", "outputs", USERDATA_NUMBER,
      SFLOW_OUTPUTS, MEMBER(sflow.output),
      "How many ports it was sent to." },
    { UPCALL_CLASS_SFLOW, "pcp", NULL, USERDATA_NUMBER,
      TCI_PCP, MEMBER(sflow.vlan_tci),
      "The priority of its VLAN tag, 0 to 7." },
    { UPCALL_CLASS_SFLOW, "vid", NULL, USERDATA_NUMBER,
      TCI_VID, MEMBER(sflow.vlan_tci),
      "The VLAN, 0 if there is none." },
    { UPCALL_CLASS_IPFIX, "output", "output", USERDATA_PORT,
      ODP_PORT, MEMBER(ipfix.output_odp_port),
      "The port that it was sent to." },
    { UPCALL_CLASS_FLOW_SAMPLE, "collector_set_id", "collector set",
      USERDATA_NUMBER, PLAIN, MEMBER(flow_sample.collector_set_id),
      "The set of collectors." },
    { UPCALL_CLASS_FLOW_SAMPLE, "direction", NULL, USERDATA_NAME,
      DIRECTION, MEMBER(flow_sample.direction),
      "Was it sampled at its input or at its output?" },
    { UPCALL_CLASS_FLOW_SAMPLE, "obs_domain_id", "domain", USERDATA_NUMBER,
      PLAIN, MEMBER(flow_sample.obs_domain_id),
      "The observation domain." },
    { UPCALL_CLASS_FLOW_SAMPLE, "obs_point_id", "point", USERDATA_NUMBER,
      PLAIN, MEMBER(flow_sample.obs_point_id),
      "The observation point." },
    { UPCALL_CLASS_FLOW_SAMPLE, "output", "output", USERDATA_PORT,
      ODP_PORT, MEMBER(flow_sample.output_odp_port),
      "The port that it was sent to." },
    { UPCALL_CLASS_FLOW_SAMPLE, "probability", "probability", USERDATA_NUMBER,
      PLAIN, MEMBER(flow_sample.probability),
      "How many of 65,535 packets are sampled." },
};

/* Returns the value of the member of 'f' in 'cookie'. */
static uint64_t
get_member(const struct field *f, const struct user_action_cookie *cookie)
{
    const uint8_t *p = (const uint8_t *) cookie + f->offset;
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;

    switch (f->size) {
    case sizeof *p: return *p;
    case sizeof u16: memcpy(&u16, p, sizeof u16); return u16;
    case sizeof u32: memcpy(&u32, p, sizeof u32); return u32;
    case sizeof u64: memcpy(&u64, p, sizeof u64); return u64;
    default: OVS_NOT_REACHED();
    }
}

/* Returns the name of 'direction', an enum nx_action_sample_direction, as OVS
 * prints it, NULL if it has none. */
static const char *
get_direction(uint64_t direction)
{
    return (direction == NX_ACTION_SAMPLE_INGRESS ? "ingress"
            : direction == NX_ACTION_SAMPLE_EGRESS ? "egress" : NULL);
}

/* Stores in '*value' what 'f' is in 'cookie'.  Returns false if that is not
 * known, or does not apply. */
static bool
get_value(const struct field *f, const struct user_action_cookie *cookie,
          uint64_t *value)
{
    uint64_t v = get_member(f, cookie);

    switch (f->convert) {
    case PLAIN:
        *value = v;
        return true;
    case BE64:
        *value = ntohll((OVS_FORCE ovs_be64) v);
        return true;
    case ODP_PORT:
        *value = v;
        return v != odp_to_u32(ODPP_NONE);
    case SFLOW_OUTPUTS:
        *value = (SFLOW_FORMAT(v) == SFLOW_ONE ? 1
                  : SFLOW_FORMAT(v) == SFLOW_DROPPED ? 0
                  : SFLOW_VALUE(v));
        return (SFLOW_FORMAT(v) <= SFLOW_DROPPED
                || (SFLOW_FORMAT(v) == SFLOW_MULTIPLE && *value));
    case SFLOW_IFINDEX:
        *value = SFLOW_VALUE(v);
        return SFLOW_FORMAT(v) == SFLOW_ONE && *value;
    case TCI_VID:
        *value = vlan_tci_to_vid((OVS_FORCE ovs_be16) v);
        return true;
    case TCI_PCP:
        *value = vlan_tci_to_pcp((OVS_FORCE ovs_be16) v);
        return true;
    case DIRECTION:
        *value = v;
        return get_direction(v) != NULL;
    default:
        OVS_NOT_REACHED();
    }
}

/* Stores in '*info' what the field with 'number', from 0 on, can be.  Returns
 * false if there are no more. */
bool
userdata_get_info(size_t number, struct userdata_info *info)
{
    if (number >= ARRAY_SIZE(FIELDS)) {
        return false;
    }
    *info = (struct userdata_info) {
        .class = FIELDS[number].class,
        .name = FIELDS[number].name,
        .kind = FIELDS[number].kind,
        .help = FIELDS[number].help,
    };
    return true;
}

/* The types of cookies, by class; -1 for those that have none. */
static const int cookie_types[UPCALL_N_CLASSES] = {
    [UPCALL_CLASS_MISS] = -1,
    [UPCALL_CLASS_SLOW_PATH] = USER_ACTION_COOKIE_SLOW_PATH,
    [UPCALL_CLASS_CONTROLLER] = USER_ACTION_COOKIE_CONTROLLER,
    [UPCALL_CLASS_SFLOW] = USER_ACTION_COOKIE_SFLOW,
    [UPCALL_CLASS_IPFIX] = USER_ACTION_COOKIE_IPFIX,
    [UPCALL_CLASS_FLOW_SAMPLE] = USER_ACTION_COOKIE_FLOW_SAMPLE,
    [UPCALL_CLASS_ACTION] = -1,
};

/* Copies 'userdata', which may be NULL, to '*cookie'.  Returns how many bytes
 * there are, 0 if they are not of 'class'. */
static size_t
get_cookie(const struct nlattr *userdata, int class,
           struct user_action_cookie *cookie)
{
    size_t size;

    if (!userdata || class < 0) {
        return 0;
    }
    size = MIN(nl_attr_get_size(userdata), sizeof *cookie);
    memset(cookie, 0, sizeof *cookie);
    memcpy(cookie, nl_attr_get(userdata), size);
    return cookie->type == cookie_types[class] ? size : 0;
}

/* Returns the class, an enum upcall_class, of upcalls of a userspace action
 * with 'userdata', an attribute OVS_USERSPACE_ATTR_USERDATA or NULL. */
int
userdata_class(const struct nlattr *userdata)
{
    struct user_action_cookie cookie;

    for (int class = 0; class < UPCALL_N_CLASSES; class++) {
        if (get_cookie(userdata, class, &cookie)
            >= OFFSETOFEND(struct user_action_cookie, type)) {
            return class;
        }
    }
    return UPCALL_CLASS_ACTION;
}

/* Stores in 'fields' what the userdata of 'u' say, as far as that is of the
 * class of 'u' and known.  Returns how many fields there are. */
size_t
userdata_get_fields(const struct upcall *u,
                    struct userdata_field fields[USERDATA_FIELDS_MAX])
{
    return userdata_attr_fields(u->userdata, u->class, fields);
}

/* Does the same for 'userdata' of 'class'. */
size_t
userdata_attr_fields(const struct nlattr *userdata, int class,
                     struct userdata_field fields[USERDATA_FIELDS_MAX])
{
    struct user_action_cookie cookie;
    size_t size = get_cookie(userdata, class, &cookie);
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(FIELDS); i++) {
        const struct field *f = &FIELDS[i];
        uint64_t value;

        if (f->class == class && f->offset + f->size <= size
            && get_value(f, &cookie, &value)) {
            ovs_assert(n < USERDATA_FIELDS_MAX);
            fields[n++] = (struct userdata_field) {
                .name = f->name,
                .label = f->label,
                .kind = f->kind,
                .value = value,
                .text = f->kind == USERDATA_NAME ? get_direction(value) : NULL,
            };
        }
    }
    return n;
}

/* Returns the name of the reason why the packet of 'u' took the slow path or
 * is for a controller (as in OpenFlow: "action", "no_match", "invalid_ttl",
 * ...), NULL if there is none.  May use 'buf'. */
const char *
userdata_reason(const struct upcall *u, char buf[USERDATA_REASON_MAX])
{
    return userdata_attr_reason(u->userdata, u->class, buf);
}

/* Does the same for 'userdata' of 'class'. */
const char *
userdata_attr_reason(const struct nlattr *userdata, int class,
                     char buf[USERDATA_REASON_MAX])
{
    struct user_action_cookie cookie;
    size_t size = get_cookie(userdata, class, &cookie);
    const char *name;

    if (class == UPCALL_CLASS_SLOW_PATH
        && size >= OFFSETOFEND(struct user_action_cookie, slow_path.reason)) {
        return upcall_slow_path_reason_name(cookie.slow_path.reason);
    } else if (class == UPCALL_CLASS_CONTROLLER
               && size >= OFFSETOFEND(struct user_action_cookie,
                                      controller.reason)) {
        name = ofputil_packet_in_reason_to_string(cookie.controller.reason,
                                                  buf, USERDATA_REASON_MAX);
        return name[0] ? name : "no_match";     /* Kinds of misses. */
    }
    return NULL;
}
