/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/record.h"

#include <linux/netlink.h>
#include <string.h>

#include "netlink-protocol.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "record/attr-check.h"
#include "util.h"

/* What a message starts with. */
struct message_header {
    struct nlmsghdr nlmsg;
    struct genlmsghdr genlmsg;
    struct ovs_header ovs;
};

/* 146 years after the boot of the host.  Neither the sum of a time and a
 * duration nor a time as a signed number overflows below. */
#define TIME_BITS 62

BUILD_ASSERT_DECL(sizeof(struct upcall_record) % 8 == 0);
BUILD_ASSERT_DECL(sizeof(struct message_header) == 24);

static char *check_fixed(const void *, size_t size);
static size_t get_put_ofs(const struct upcall_record *);
static size_t get_exec_ofs(const struct upcall_record *);

static void parse_fixed(struct upcall *);
static void parse_message(struct upcall *);
static void parse_put(struct upcall *);
static void parse_exec(struct upcall *);
static bool parse_actions(struct upcall_attrs *, const struct nlattr *);

/* Fills '*u' with what the record at 'data', 'size' bytes, says.  'data' has
 * to be aligned to 8 bytes and to live as long as '*u' is used.
 *
 * Returns true if successful.  A part of the record that is missing, cut or
 * broken is unknown in '*u', and no reason for a failure.  If the structure
 * at the start of the record is impossible, returns false and stores a string
 * that says why, which the caller has to free, in '*errorp'; '*u' is undefined
 * then.  On success '*errorp' is NULL. */
bool
upcall_parse(const void *data, size_t size, struct upcall *u, char **errorp)
{
    *errorp = check_fixed(data, size);
    if (*errorp) {
        return false;
    }

    memset(u, 0, sizeof *u);
    u->rec = data;
    parse_fixed(u);
    parse_message(u);
    parse_put(u);
    parse_exec(u);
    return true;
}

/* Returns the size of 'rec' in bytes: of the structure, of which all has to be
 * there, and of the variable parts that it says it has. */
size_t
upcall_record_size(const struct upcall_record *rec)
{
    return get_exec_ofs(rec) + rec->exec_len;
}

/* Returns where the part about the put is in 'rec', 'put_len' bytes. */
const void *
upcall_record_put(const struct upcall_record *rec)
{
    return (const uint8_t *) rec + get_put_ofs(rec);
}

/* Removes what 'rec' has of the packet beyond 'snaplen' bytes and moves what
 * follows up.  'rec' must be one that upcall_parse() accepts.  Returns its
 * size in bytes, which is not larger than before. */
size_t
upcall_limit_packet(struct upcall_record *rec, size_t snaplen)
{
    size_t put_ofs = get_put_ofs(rec);
    size_t tail_size = upcall_record_size(rec) - put_ofs;

    if (rec->packet_kept > snaplen
        && rec->packet_ofs + rec->packet_kept == rec->msg_len) {
        uint8_t *end = rec->data + rec->packet_ofs + snaplen;
        uint8_t *tail = (uint8_t *) rec + put_ofs;

        rec->packet_kept = snaplen;
        rec->msg_len = rec->packet_ofs + snaplen;
        put_ofs = get_put_ofs(rec);
        memset(end, 0, (uint8_t *) rec + put_ofs - end);
        memmove((uint8_t *) rec + put_ofs, tail, tail_size);
    }
    return upcall_record_size(rec);
}

/* Sets '*actions' to the OVS_PACKET_ATTR_ACTIONS of the execute of 'u' that
 * follows the one of which '*actions' are, or of the first if 'actions->data'
 * is NULL.  Returns true if successful, false if there are no more.  Actions
 * that are cut or broken are left out. */
bool
upcall_next_actions(const struct upcall *u, struct upcall_attrs *actions)
{
    const uint8_t *start = (const uint8_t *) u->exec.data;
    const uint8_t *done = (const uint8_t *) actions->data;
    size_t ofs = done ? NLA_ALIGN(done - start + actions->len) : 0;
    const struct nlattr *a;
    size_t left;

    if (ofs >= u->exec.len) {
        return false;
    }
    NL_ATTR_FOR_EACH (a, left,
                      ALIGNED_CAST(const struct nlattr *, start + ofs),
                      u->exec.len - ofs) {
        if (nl_attr_type(a) == OVS_PACKET_ATTR_ACTIONS
            && parse_actions(actions, a)) {
            return true;
        }
    }
    return false;
}

/* Checking. */

static bool
times_are_possible(const struct upcall_record *rec)
{
    return !((rec->ts | rec->enqueue_ts | rec->recv_ts | rec->put_ts
              | rec->put_duration | rec->exec_ts | rec->exec_duration
              | rec->usdt_recv_ts | rec->translated_ts | rec->usdt_put_ts
              | rec->usdt_exec_ts | rec->idle_from | rec->idle_until
              | rec->idle_delay | rec->recv_delay | rec->end_delay)
             >> TIME_BITS);
}

static bool
parts_are_possible(const struct upcall_record *rec)
{
    return (rec->msg_len <= UPCALL_KEY_MAX + UPCALL_SNAP_MAX
            && rec->put_len <= UPCALL_PUT_MAX
            && rec->exec_len <= UPCALL_EXEC_MAX);
}

/* Returns NULL if the structure at the start of the record at 'data' is
 * possible and its parts are in the record, 'size' bytes, otherwise a string
 * that says what is wrong. */
static char *
check_fixed(const void *data, size_t size)
{
    const struct upcall_record *rec = data;

    if ((uintptr_t) data % 8) {
        return xstrdup("record is not aligned to 8 bytes");
    } else if (size < sizeof *rec) {
        return xasprintf("record of %"PRIuSIZE" bytes is shorter than its "
                         "fixed part, %"PRIuSIZE" bytes", size, sizeof *rec);
    } else if (!parts_are_possible(rec)) {
        return xasprintf("record has impossible parts of %d, %d and %d bytes",
                         rec->msg_len, rec->put_len, rec->exec_len);
    } else if (size < upcall_record_size(rec)
               || size > ROUND_UP(upcall_record_size(rec), 8)) {
        return xasprintf("record has %"PRIuSIZE" bytes, its parts need "
                         "%"PRIuSIZE, size, upcall_record_size(rec));
    } else if (rec->outcome > UPCALL_OUTCOME_UNKNOWN) {
        return xasprintf("record has unknown outcome %d", rec->outcome);
    } else if (rec->class_ > UPCALL_N_CLASSES) {
        return xasprintf("record has unknown class %d", rec->class_);
    } else if (rec->exec_rule >= UPCALL_N_RULES) {
        return xasprintf("record has unknown rule %d", rec->exec_rule);
    } else if (rec->conflicts >> UPCALL_N_CONFLICTS) {
        return xasprintf("record has unknown conflicts %#x", rec->conflicts);
    } else if (!times_are_possible(rec)) {
        return xstrdup("record has an impossible time");
    }
    return NULL;
}

/* The following return where the parts of 'rec' behind the message start, in
 * bytes. */

static size_t
get_put_ofs(const struct upcall_record *rec)
{
    return sizeof *rec + ROUND_UP(rec->msg_len, 8);
}

static size_t
get_exec_ofs(const struct upcall_record *rec)
{
    return get_put_ofs(rec) + ROUND_UP(rec->put_len, 8);
}

/* Parsing. */

static const struct nlattr *
get_attrs(const struct upcall_record *rec, size_t ofs)
{
    return ALIGNED_CAST(const struct nlattr *, (const uint8_t *) rec + ofs);
}

/* Sets '*attrs' to the payload of 'a'. */
static void
set_attrs(struct upcall_attrs *attrs, const struct nlattr *a)
{
    attrs->data = nl_attr_get(a);
    attrs->len = nl_attr_get_size(a);
}

/* Sets '*attrs' to the payload of 'a' if it is a sound flow key or mask. */
static void
parse_key(struct upcall_attrs *attrs, const struct nlattr *a)
{
    if (attr_check_key(nl_attr_get(a), nl_attr_get_size(a))) {
        set_attrs(attrs, a);
    }
}

/* Sets '*attrs' to the payload of 'a' if it consists of whole attributes.
 * Returns true if it does. */
static bool
parse_actions(struct upcall_attrs *attrs, const struct nlattr *a)
{
    bool fit = attr_check_fit(nl_attr_get(a), nl_attr_get_size(a));

    if (fit) {
        set_attrs(attrs, a);
    }
    return fit;
}

/* A key of the kernel without an input port is of a packet that has none. */
static void
parse_in_port(struct upcall *u)
{
    const struct nlattr *a = nl_attr_find__(u->key.data, u->key.len,
                                            OVS_KEY_ATTR_IN_PORT);

    if (a) {
        u->port_no = nl_attr_get_u32(a);
        u->has_port = true;
    }
}

/* Sets the packet of 'u' to the payload of 'a', OVS_PACKET_ATTR_PACKET, of
 * which 'left' bytes with its header are there, if it is where the record says
 * it is. */
static void
parse_packet(struct upcall *u, const struct nlattr *a, size_t left)
{
    const struct upcall_record *rec = u->rec;
    const uint8_t *packet = (const uint8_t *) (a + 1);

    if (a->nla_len >= sizeof *a
        && packet - rec->data == rec->packet_ofs
        && rec->packet_kept == left - sizeof *a
        && rec->packet_kept <= a->nla_len - sizeof *a) {
        u->packet = rec->packet_kept ? packet : NULL;
        u->packet_kept = rec->packet_kept;
    }
}

static void
parse_message_attr(struct upcall *u, const struct nlattr *a)
{
    switch (nl_attr_type(a)) {
    case OVS_PACKET_ATTR_KEY:
        parse_key(&u->key, a);
        break;
    case OVS_PACKET_ATTR_USERDATA:
        u->userdata = a;
        break;
    }
}

/* Parses the attributes of the message, of which the last, the packet, need
 * not be whole. */
static void
parse_message_attrs(struct upcall *u)
{
    size_t len = u->rec->msg_len - sizeof(struct message_header);
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left,
                      get_attrs(u->rec, sizeof *u->rec
                                        + sizeof(struct message_header)),
                      len) {
        if (nl_attr_type(a) == OVS_PACKET_ATTR_PACKET) {
            break;
        }
        parse_message_attr(u, a);
    }
    if (left >= sizeof *a && nl_attr_type(a) == OVS_PACKET_ATTR_PACKET) {
        parse_packet(u, a, left);
    }
}

static void
parse_fixed(struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    u->class = rec->class_ < UPCALL_N_CLASSES ? rec->class_ : -1;
    u->packet_len = rec->packet_len >= rec->packet_kept ? rec->packet_len : 0;
    if (rec->flags & UPCALL_F_PORT) {
        u->has_dp = u->has_port = true;
        u->dp_ifindex = rec->dp_ifindex;
        u->port_no = rec->port_no;
    }
}

/* Without a message, there is nothing but packet bytes in its place. */
static void
parse_bytes(struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    if (!rec->packet_ofs && rec->packet_kept == rec->msg_len) {
        u->packet = rec->packet_kept ? rec->data : NULL;
        u->packet_kept = rec->packet_kept;
    }
}

static void
parse_message(struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    struct message_header header;

    if (!(rec->flags & UPCALL_F_ENQUEUED)) {
        parse_bytes(u);
    } else if (rec->msg_len >= sizeof header) {
        memcpy(&header, rec->data, sizeof header);
        u->has_dp = true;
        u->dp_ifindex = header.ovs.dp_ifindex;
        u->has_port = false;
        parse_message_attrs(u);
        parse_in_port(u);
    }
}

/* Without a mask, a put is an exact match; but whether there is a mask is
 * known only if what follows was found. */
static void
parse_put(struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    const struct nlattr *attrs = get_attrs(rec, get_put_ofs(rec));
    bool has_mask = false;
    const struct nlattr *a;
    size_t left;

    if (!(rec->flags & UPCALL_F_PUT)) {
        return;
    }
    NL_ATTR_FOR_EACH (a, left, attrs, rec->put_len) {
        if (nl_attr_type(a) == OVS_FLOW_ATTR_MASK) {
            parse_key(&u->mask, a);
            has_mask = true;
        } else if (nl_attr_type(a) == OVS_FLOW_ATTR_ACTIONS) {
            parse_actions(&u->put_actions, a);
        }
    }
    if (u->put_actions.data && !has_mask) {
        u->mask.data = attrs;
    }
}

static void
parse_exec(struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    if (rec->flags & UPCALL_F_EXEC) {
        u->exec.data = get_attrs(rec, get_exec_ofs(rec));
        u->exec.len = rec->exec_len;
        upcall_next_actions(u, &u->exec_actions);
    }
}
