/* SPDX-License-Identifier: Apache-2.0 */

/* The keys of upcalls and passes.
 *
 * RECORD_KEYS below has an entry for each.  What a condition may ask for, what
 * upcalls may be counted by, and what help and errors say of it come from
 * there.  A new key needs an entry and a function that gets its value from a
 * record; only a new kind of value needs more.
 *
 * Values are got for each upcall that is recorded, so this reads the fixed
 * part of a record as far as that has them, and copies nothing. */

#include <config.h>
#include "store/record-keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/user-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "record/userdata.h"
#include "store/port-map.h"
#include "util.h"
#include "uuid.h"

/* The kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095

/* Stores the value that 'rec' has in '*value'.  Returns false if it has none,
 * or if it is not known. */
typedef bool get_func(const struct upcall_record *rec,
                      const struct port_map *, struct record_value *value);
typedef bool get_pass_func(const struct pass_record *rec,
                           const struct port_map *,
                           struct record_value *value);

/* What values are like. */
enum key_kind {
    KEY_NUMBER,                 /* 'number'. */
    KEY_NAME,                   /* 'number', of a list of names. */
    KEY_ERRNO,                  /* 'number', a positive errno value. */
    KEY_TEXT,                   /* 'text', which ends with a null. */
    KEY_THREAD,                 /* 'text', the name, and 'number', the id. */
    KEY_UFID,                   /* 'uuid'. */
};

struct record_key {
    const char *name;
    const char *help;
    enum key_kind kind;
    get_func *get;              /* Of an upcall; NULL if it has none, */
    get_pass_func *get_pass;    /* of a pass; the same. */
    const char *(*get_name)(int number);        /* For KEY_NAME. */
    const char *prefix;         /* What may stand before a value, or NULL. */
};

static const char *reason_name(int);

static get_func get_port;
static get_func get_datapath;
static get_func get_class;
static get_func get_reason;
static get_func get_outcome;
static get_func get_put;
static get_func get_errno;
static get_func get_handler;
static get_func get_handler_cpu;
static get_func get_cpu;
static get_func get_process;
static get_func get_rx_queue;
static get_func get_portid;
static get_func get_ufid;

static get_pass_func get_pass_port;
static get_pass_func get_pass_datapath;
static get_pass_func get_pass_class;
static get_pass_func get_pass_errno;
static get_pass_func get_pass_cpu;
static get_pass_func get_pass_process;
static get_pass_func get_pass_ufid;
static get_pass_func get_pass_lookup;
static get_pass_func get_pass_recirc_id;
static get_pass_func get_pass_masks;
static get_pass_func get_pass_cache;
static get_pass_func get_pass_upcall;

/* The keys. */
static const struct record_key RECORD_KEYS[] = {
    { "port", "name of the input port, then", KEY_TEXT, get_port,
      get_pass_port, NULL, NULL },
    { "datapath", "name of the datapath", KEY_TEXT, get_datapath,
      get_pass_datapath, NULL, "system@" },
    { "class", "why the packet was sent", KEY_NAME, get_class, get_pass_class,
      upcall_class_name, NULL },
    { "reason", "of classes slow_path and controller, why", KEY_NAME,
      get_reason, NULL, reason_name, NULL },
    { "outcome", "how it ended", KEY_NAME, get_outcome, NULL,
      upcall_outcome_name, NULL },
    { "put", "of a miss, what became of its flow", KEY_NAME, get_put, NULL,
      upcall_put_name, NULL },
    { "errno", "for which it failed or was lost, or its flow was refused",
      KEY_ERRNO, get_errno, get_pass_errno, NULL, NULL },
    { "handler", "thread that received it", KEY_THREAD, get_handler, NULL,
      NULL, NULL },
    { "handler-cpu", "CPU on which it was received", KEY_NUMBER,
      get_handler_cpu, NULL, NULL, NULL },
    { "cpu", "CPU on which the packet came", KEY_NUMBER, get_cpu, get_pass_cpu,
      NULL, NULL },
    { "process", "process that sent the packet, if one did", KEY_THREAD,
      get_process, get_pass_process, NULL, NULL },
    { "rx-queue", "receive queue of the packet", KEY_NUMBER, get_rx_queue,
      NULL, NULL, NULL },
    { "portid", "netlink socket of the handler", KEY_NUMBER, get_portid, NULL,
      NULL, NULL },
    { "ufid", "flow that was put, or that a pass has hit", KEY_UFID, get_ufid,
      get_pass_ufid, NULL, "ufid:" },
    { "lookup", "of a pass, what came of it", KEY_NAME, NULL, get_pass_lookup,
      pass_lookup_name, NULL },
    { "recirc-id", "of a pass, as it came", KEY_NUMBER, NULL,
      get_pass_recirc_id, NULL, NULL },
    { "masks", "of a pass, how many were tried", KEY_NUMBER, NULL,
      get_pass_masks, NULL, NULL },
    { "cache", "of a pass, how many of the masks were in the cache",
      KEY_NUMBER, NULL, get_pass_cache, NULL, NULL },
    { "upcall", "of a pass, the one it is of", KEY_NUMBER, NULL,
      get_pass_upcall, NULL, "#" },
};

/* Returns the key that is called 'name', or NULL. */
const struct record_key *
record_key_find(const char *name)
{
    const struct record_key *key = NULL;

    while ((key = record_key_next(key))) {
        if (!strcmp(key->name, name)) {
            break;
        }
    }
    return key;
}

/* Returns the key that follows 'key', the first if that is NULL, or NULL if
 * there are no more. */
const struct record_key *
record_key_next(const struct record_key *key)
{
    key = key ? key + 1 : RECORD_KEYS;
    return key < &RECORD_KEYS[ARRAY_SIZE(RECORD_KEYS)] ? key : NULL;
}

/* Returns the name of 'key', such as "port". */
const char *
record_key_name(const struct record_key *key)
{
    return key->name;
}

/* Returns what 'key' is, in a few words. */
const char *
record_key_help(const struct record_key *key)
{
    return key->help;
}

/* Stores in '*value' what 'key' is for the upcall or pass of 'record', which
 * must be one that upcall_parse() or pass_parse() accepts, and returns true;
 * or returns false if that has no such value, or it is not known.  Names of
 * ports are those that 'map' has for the time of the record.  The value is
 * valid as long as 'record' is there and 'map' does not change. */
bool
record_key_get(const struct record_key *key, const void *record,
               const struct port_map *map, struct record_value *value)
{
    value->text = NULL;
    if (record_is_pass(record)) {
        return key->get_pass && key->get_pass(record, map, value);
    }
    return key->get && key->get(record, map, value);
}

/* Values that users give. */

/* A number may be hexadecimal, as ids of recirculations are shown. */
static bool
parse_number(const char *s, struct record_value *value)
{
    const char *digits = s + 2;
    size_t n;

    if (strncmp(s, "0x", 2)) {
        return user_text_to_number(s, &value->number);
    }
    n = strspn(digits, "0123456789abcdef");
    value->number = n ? strtoull(digits, NULL, 16) : 0;
    return n && n <= 16 && !digits[n];
}

/* Stores in '*value' the errno value that 's' is, a name or a number. */
static bool
parse_errno(const char *s, struct record_value *value)
{
    if (user_text_to_number(s, &value->number)) {
        return value->number >= 1 && value->number <= ERRNO_MAX;
    }
    for (int error = 1; error <= ERRNO_MAX; error++) {
        struct ds name = DS_EMPTY_INITIALIZER;
        bool found;

        upcall_put_errno_name(&name, error);
        found = !strcmp(ds_cstr(&name), s);
        ds_destroy(&name);
        if (found) {
            value->number = error;
            return true;
        }
    }
    return false;
}

static bool
parse_name(const struct record_key *key, const char *s,
           struct record_value *value)
{
    const char *name;

    for (int i = 0; (name = key->get_name(i)); i++) {
        if (!strcmp(name, s)) {
            value->number = i;
            return true;
        }
    }

    /* An execute has no lookup, so this is a word for it, too. */
    value->number = PASS_NONE;
    return key->get_name == pass_lookup_name && !strcmp(s, "none");
}

static bool
parse_text(const char *s, size_t max, struct record_value *value)
{
    value->text = s;
    value->pattern = false;
    value->len = strlen(s);
    return value->len && value->len <= max && printable_is(s);
}

static bool
parse_pattern(const char *s, struct record_value *value)
{
    bool ok = parse_text(s, RECORD_KEY_TEXT_MAX, value);

    value->pattern = user_text_is_pattern(s);
    return ok;
}

/* A number is the id of a thread, anything else its name. */
static bool
parse_thread(const char *s, struct record_value *value)
{
    return (s[strspn(s, "0123456789")]
            ? parse_text(s, UPCALL_COMM_LEN - 1, value)
            : (user_text_to_number(s, &value->number)
               && value->number <= UINT32_MAX));
}

/* Stores in '*value' the value of 'key' that a user calls 's'.  Returns true
 * if successful, false if 'key' cannot have such a value.  '*value' is valid
 * as long as 's' is. */
bool
record_key_parse(const struct record_key *key, const char *s,
                 struct record_value *value)
{
    value->text = NULL;
    if (key->prefix && !strncmp(s, key->prefix, strlen(key->prefix))) {
        s += strlen(key->prefix);
    }
    switch (key->kind) {
    case KEY_NUMBER:
        return parse_number(s, value);
    case KEY_NAME:
        return parse_name(key, s, value);
    case KEY_ERRNO:
        return parse_errno(s, value);
    case KEY_TEXT:
        return parse_pattern(s, value);
    case KEY_THREAD:
        return parse_thread(s, value);
    case KEY_UFID:
        return uuid_from_string(&value->uuid, s);
    }
    OVS_NOT_REACHED();
}

/* Returns true if 'value', from record_key_get(), is 'wanted', from
 * record_key_parse(). */
bool
record_key_is(const struct record_key *key, const struct record_value *value,
              const struct record_value *wanted)
{
    if (key->kind == KEY_UFID) {
        return uuid_equals(&value->uuid, &wanted->uuid);
    } else if (wanted->text && wanted->pattern) {
        return user_text_matches(value->text, wanted->text);
    } else if (wanted->text) {
        return (value->len == wanted->len
                && !memcmp(value->text, wanted->text, wanted->len));
    } else {
        return value->number == wanted->number;
    }
}

/* Texts. */

/* Appends 'value', from record_key_get(), to 'ds'.  What is not printable is
 * escaped. */
void
record_key_put_value(const struct record_key *key,
                     const struct record_value *value, struct ds *ds)
{
    switch (key->kind) {
    case KEY_NUMBER:
        ds_put_format(ds, "%"PRIu64, value->number);
        break;
    case KEY_NAME:
        ds_put_cstr(ds, key->get_name(value->number));
        break;
    case KEY_ERRNO:
        upcall_put_errno_name(ds, value->number);
        break;
    case KEY_TEXT:
        ds_put_cstr(ds, key->prefix ? key->prefix : "");
        printable_put_start(ds, value->text, value->len);
        break;
    case KEY_THREAD:
        printable_put_start(ds, value->text, value->len);
        ds_put_format(ds, " (%"PRIu64")", value->number);
        break;
    case KEY_UFID:
        ds_put_format(ds, "ufid:"UUID_FMT, UUID_ARGS(&value->uuid));
        break;
    }
}

static void
put_names(const struct record_key *key, struct ds *ds)
{
    const char *name;

    for (int i = 0; (name = key->get_name(i)); i++) {
        ds_put_format(ds, "%s%s", i ? ", " : "", name);
    }
}

/* Appends what record_key_parse() takes for 'key' to 'ds', for errors. */
void
record_key_put_allowed(const struct record_key *key, struct ds *ds)
{
    switch (key->kind) {
    case KEY_NUMBER:
        ds_put_cstr(ds, "a number");
        break;
    case KEY_NAME:
        ds_put_cstr(ds, "one of ");
        put_names(key, ds);
        break;
    case KEY_ERRNO:
        ds_put_cstr(ds, "an error such as EAGAIN, or its number");
        break;
    case KEY_TEXT:
        ds_put_format(ds, "a name of 1 to %d printable characters, or a "
                      "pattern such as tap*", RECORD_KEY_TEXT_MAX);
        break;
    case KEY_THREAD:
        ds_put_format(ds, "the name of a thread, of 1 to %d printable "
                      "characters, or its id", UPCALL_COMM_LEN - 1);
        break;
    case KEY_UFID:
        ds_put_cstr(ds, "the UFID of a flow, as upcall-trace/show prints it");
        break;
    }
}

/* Values of records. */

/* Stores 'number' in '*value' if it is 'known', and returns that. */
static bool
set_number(struct record_value *value, bool known, uint64_t number)
{
    value->number = number;
    return known;
}

/* Stores 's' in '*value' unless it is NULL.  Returns true if it is not. */
static bool
set_text(struct record_value *value, const char *s)
{
    value->text = s;
    value->len = s ? strlen(s) : 0;
    return s != NULL;
}

/* Stores the thread 'tid' that is called 'comm' in '*value' if it is 'known',
 * and returns that. */
static bool
set_thread(struct record_value *value, bool known, uint32_t tid,
           const char comm[UPCALL_COMM_LEN])
{
    value->text = comm;
    value->len = strnlen(comm, UPCALL_COMM_LEN);
    return set_number(value, known, tid);
}

/* Returns the reason for a controller with 'number', from 0 on, but for those
 * that have no name and for "action", which is one for the slow path, too;
 * NULL if there are no more. */
static const char *
controller_reason_name(int number)
{
    for (int reason = 0; reason < OFPR_N_REASONS; reason++) {
        char buf[OFPUTIL_PACKET_IN_REASON_BUFSIZE];     /* For a number. */
        const char *name = ofputil_packet_in_reason_to_string(reason, buf,
                                                              sizeof buf);

        if (name[0] && name != buf && strcmp(name, "action") && !number--) {
            return name;
        }
    }
    return NULL;
}

/* Returns the reason with 'number', from 0 on: first those for the slow path,
 * then those for a controller.  They are what userdata_reason() returns. */
static const char *
reason_name(int number)
{
    int i;

    for (i = 0; i < 32 && upcall_slow_path_reason_name(1u << i); i++) {
        if (i == number) {
            return upcall_slow_path_reason_name(1u << i);
        }
    }
    return controller_reason_name(number - i);
}

static bool
get_port(const struct upcall_record *rec, const struct port_map *map,
         struct record_value *value)
{
    uint32_t dp_ifindex, port_no;

    return (map && upcall_get_port(rec, &dp_ifindex, &port_no)
            && set_text(value, port_map_lookup(map, dp_ifindex, port_no,
                                               rec->ts)));
}

/* The datapath of a packet may be known when its port is not. */
static bool
get_datapath(const struct upcall_record *rec, const struct port_map *map,
             struct record_value *value)
{
    uint32_t dp_ifindex, port_no;
    bool known = upcall_get_port(rec, &dp_ifindex, &port_no);

    known = known || rec->flags & UPCALL_F_ENQUEUED;
    return (map && known
            && set_text(value, port_map_dp_name(map, dp_ifindex, rec->ts)));
}

static bool
get_class(const struct upcall_record *rec,
          const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_number(value, rec->class_ < UPCALL_N_CLASSES, rec->class_);
}

/* It is in the message, in which only upcalls of classes that have one are
 * looked for it. */
static bool
get_reason(const struct upcall_record *rec,
           const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    const char *reason = NULL, *name;
    char buf[USERDATA_REASON_MAX];

    if (rec->class_ == UPCALL_CLASS_SLOW_PATH
        || rec->class_ == UPCALL_CLASS_CONTROLLER) {
        struct upcall u;
        char *error;

        if (upcall_parse(rec, upcall_record_size(rec), &u, &error)) {
            reason = userdata_reason(&u, buf);
        }
        free(error);
    }
    for (int i = 0; reason && (name = reason_name(i)); i++) {
        if (!strcmp(name, reason)) {
            return set_number(value, true, i);
        }
    }
    return false;
}

static bool
get_outcome(const struct upcall_record *rec,
            const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_number(value, rec->outcome < UPCALL_N_OUTCOMES, rec->outcome);
}

static bool
get_put(const struct upcall_record *rec, const struct port_map *map OVS_UNUSED,
        struct record_value *value)
{
    int put = upcall_get_put(rec);

    return set_number(value, put >= 0, put);
}

static bool
get_errno(const struct upcall_record *rec,
          const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    struct upcall u = { .rec = rec };   /* All that is used of it. */
    int error = upcall_get_errno(&u);

    error = error ? error : upcall_get_put_errno(&u);
    return set_number(value, error, error);
}

static bool
get_handler(const struct upcall_record *rec,
            const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_thread(value, rec->flags & UPCALL_F_RECEIVED, rec->recv_tid,
                      rec->recv_comm);
}

static bool
get_handler_cpu(const struct upcall_record *rec,
                const struct port_map *map OVS_UNUSED,
                struct record_value *value)
{
    return set_number(value, rec->flags & UPCALL_F_RECEIVED, rec->recv_cpu);
}

static bool
get_cpu(const struct upcall_record *rec, const struct port_map *map OVS_UNUSED,
        struct record_value *value)
{
    return set_number(value, true, rec->cpu);
}

/* In a softirq, the current thread has nothing to do with the packet. */
static bool
get_process(const struct upcall_record *rec,
            const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_thread(value, rec->flags & UPCALL_F_PROCESS, rec->tid,
                      rec->comm);
}

static bool
get_rx_queue(const struct upcall_record *rec,
             const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_number(value, rec->rx_queue, rec->rx_queue - UINT64_C(1));
}

static bool
get_portid(const struct upcall_record *rec,
           const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_number(value, rec->portid, rec->portid);
}

static bool
get_ufid(const struct upcall_record *rec,
         const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    memcpy(&value->uuid, rec->ufid, sizeof value->uuid);
    return rec->flags & UPCALL_F_UFID;
}

/* Values of passes. */

static bool
get_pass_port(const struct pass_record *rec, const struct port_map *map,
              struct record_value *value)
{
    return (map && rec->flags & PASS_F_DP && rec->flags & PASS_F_PORT
            && set_text(value, port_map_lookup(map, rec->dp_ifindex,
                                               rec->port_no, rec->ts)));
}

static bool
get_pass_datapath(const struct pass_record *rec, const struct port_map *map,
                  struct record_value *value)
{
    return (map && rec->flags & PASS_F_DP
            && set_text(value, port_map_dp_name(map, rec->dp_ifindex,
                                                rec->ts)));
}

/* A miss becomes an upcall of this class. */
static bool
get_pass_class(const struct pass_record *rec,
               const struct port_map *map OVS_UNUSED,
               struct record_value *value)
{
    return set_number(value, rec->lookup == PASS_MISS, UPCALL_CLASS_MISS);
}

static bool
get_pass_errno(const struct pass_record *rec,
               const struct port_map *map OVS_UNUSED,
               struct record_value *value)
{
    int error = (rec->lookup == PASS_NONE && rec->flags & PASS_F_DONE
                 ? upcall_ret_to_errno(rec->ret) : 0);

    return set_number(value, error, error);
}

static bool
get_pass_cpu(const struct pass_record *rec,
             const struct port_map *map OVS_UNUSED, struct record_value *value)
{
    return set_number(value, true, rec->cpu);
}

static bool
get_pass_process(const struct pass_record *rec,
                 const struct port_map *map OVS_UNUSED,
                 struct record_value *value)
{
    return set_thread(value, rec->flags & PASS_F_PROCESS, rec->tid, rec->comm);
}

static bool
get_pass_ufid(const struct pass_record *rec,
              const struct port_map *map OVS_UNUSED,
              struct record_value *value)
{
    memcpy(&value->uuid, rec->ufid, sizeof value->uuid);
    return rec->flags & PASS_F_UFID;
}

static bool
get_pass_lookup(const struct pass_record *rec,
                const struct port_map *map OVS_UNUSED,
                struct record_value *value)
{
    return set_number(value, true, rec->lookup);
}

static bool
get_pass_recirc_id(const struct pass_record *rec,
                   const struct port_map *map OVS_UNUSED,
                   struct record_value *value)
{
    return set_number(value, rec->lookup != PASS_NONE, rec->recirc_id);
}

static bool
get_pass_masks(const struct pass_record *rec,
               const struct port_map *map OVS_UNUSED,
               struct record_value *value)
{
    return set_number(value, rec->lookup != PASS_NONE, rec->masks);
}

static bool
get_pass_cache(const struct pass_record *rec,
               const struct port_map *map OVS_UNUSED,
               struct record_value *value)
{
    return set_number(value, rec->lookup != PASS_NONE, rec->cache);
}

static bool
get_pass_upcall(const struct pass_record *rec,
                const struct port_map *map OVS_UNUSED,
                struct record_value *value)
{
    return set_number(value, rec->flags & PASS_F_UPCALL, rec->upcall);
}
