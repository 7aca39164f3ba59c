/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_KNOWN_H
#define LIB_USDT_KNOWN_H 1

/* A table of the USDT probes of ovs-vswitchd, with the meaning of their
 * arguments. */

#include <stddef.h>

#include "usdt/usdt-notes.h"

/* The probes of ovs-vswitchd, up to version 4.0:
 *
 *     PROBE(PROVIDER, NAME, SINCE, N_ARGS, WHEN, ARG...)
 *
 * SINCE is the OVS version that introduced it, WHEN says when it fires.  Each
 * ARG has a short name, the type that it has in the sources of OVS, and its
 * meaning; a probe without arguments has an empty one.  The arguments of a
 * probe have not changed since it was introduced. */
#define USDT_KNOWN_PROBES                                                     \
    PROBE(main, run_start, "2.17", 0,                                         \
          "the main loop begins an iteration",                                \
          ARG(NULL, NULL, NULL))                                              \
    PROBE(main, poll_block, "2.17", 0,                                        \
          "the main loop is about to wait",                                   \
          ARG(NULL, NULL, NULL))                                              \
    PROBE(dpif_recv, recv_upcall, "2.17", 6,                                  \
          "a handler has received an upcall",                                 \
          ARG("name", "const char *", "type and name of the datapath")        \
          ARG("type", "enum dpif_upcall_type", "0 miss, 1 action")            \
          ARG("packet", "void *", "data of the packet")                       \
          ARG("packet_len", "uint32_t", "bytes of the packet")                \
          ARG("key", "struct nlattr *", "flow key from the datapath")         \
          ARG("key_len", "size_t", "bytes of the flow key"))                  \
    PROBE(dpif_netlink_operate__, op_flow_put, "2.17", 4,                     \
          "the request to add or change a flow is about to be sent",          \
          ARG("dpif", "struct dpif_netlink *", "datapath")                    \
          ARG("put", "struct dpif_flow_put *", "flow to put")                 \
          ARG("flow", "struct dpif_netlink_flow *", "parts of the request")   \
          ARG("request", "struct ofpbuf *", "Netlink message"))               \
    PROBE(dpif_netlink_operate__, op_flow_del, "2.17", 4,                     \
          "the request to delete a flow is about to be sent",                 \
          ARG("dpif", "struct dpif_netlink *", "datapath")                    \
          ARG("del", "struct dpif_flow_del *", "flow to delete")              \
          ARG("flow", "struct dpif_netlink_flow *", "parts of the request")   \
          ARG("request", "struct ofpbuf *", "Netlink message"))               \
    PROBE(dpif_netlink_operate__, op_flow_get, "2.17", 4,                     \
          "the request to read a flow is about to be sent",                   \
          ARG("dpif", "struct dpif_netlink *", "datapath")                    \
          ARG("get", "struct dpif_flow_get *", "flow to read")                \
          ARG("flow", "struct dpif_netlink_flow *", "parts of the request")   \
          ARG("request", "struct ofpbuf *", "Netlink message"))               \
    PROBE(dpif_netlink_operate__, op_flow_execute, "2.17", 5,                 \
          "the request to execute actions on a packet is about to be sent",   \
          ARG("dpif", "struct dpif_netlink *", "datapath")                    \
          ARG("execute", "struct dpif_execute *", "packet and actions")       \
          ARG("packet", "void *", "data of the packet")                       \
          ARG("packet_len", "uint32_t", "bytes of the packet")                \
          ARG("request", "struct ofpbuf *", "Netlink message"))               \
    PROBE(udpif_revalidator, start_dump, "3.2", 2,                            \
          "the revalidators begin to dump the flows",                         \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("n_flows", "size_t", "flows in the datapath"))                  \
    PROBE(udpif_revalidator, sweep_done, "3.2", 3,                            \
          "the revalidators have finished a round",                           \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("n_flows", "size_t", "flows in the datapath at the start")      \
          ARG("timeout", "uint32_t", "ms until the next round at the latest"))\
    PROBE(revalidate_ukey__, entry, "3.2", 6,                                 \
          "the translation of a flow is about to be repeated",                \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("ukey", "struct udpif_key *", "flow")                           \
          ARG("tcp_flags", "uint16_t", "TCP flags seen in the flow")          \
          ARG("odp_actions", "struct ofpbuf *", "where actions are put")      \
          ARG("recircs", "struct recirc_refs *", "recirculations it uses")    \
          ARG("xcache", "struct xlate_cache *", "side effects it caches"))    \
    PROBE(revalidate_ukey__, exit, "3.2", 3,                                  \
          "the translation of a flow has been repeated",                      \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("ukey", "struct udpif_key *", "flow")                           \
          ARG("result", "enum reval_result", "0 keep, 1 delete, 2 modify"))   \
    PROBE(revalidate, flow_result, "3.4", 4,                                  \
          "a dumped flow has been judged",                                    \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("ukey", "struct udpif_key *", "flow")                           \
          ARG("result", "enum reval_result", "0 keep, 1 delete, 2 modify")    \
          ARG("del_reason", "enum flow_del_reason", "why; 0 none"))           \
    PROBE(revalidator_sweep__, flow_sweep_result, "3.4", 4,                   \
          "a flow has been judged in the sweep after the dump",               \
          ARG("udpif", "struct udpif *", "upcall handling of a datapath")     \
          ARG("ukey", "struct udpif_key *", "flow")                           \
          ARG("result", "enum reval_result", "0 keep, 1 delete, 2 modify")    \
          ARG("del_reason", "enum flow_del_reason", "why; 0 none"))

/* An argument of a probe in the table. */
struct usdt_known_arg {
    const char *name;           /* Short name. */
    const char *type;           /* C type. */
    const char *meaning;        /* What it is. */
};

/* A probe in the table. */
struct usdt_known_probe {
    const char *provider;       /* As in struct usdt_probe. */
    const char *name;           /* As in struct usdt_probe. */
    const char *since;          /* OVS version that introduced it. */
    const char *when;           /* When it fires. */
    size_t n_args;              /* Number of arguments. */
    struct usdt_known_arg args[USDT_ARGS_MAX]; /* First 'n_args' are used. */
};

/* The table, with USDT_N_KNOWN_PROBES elements. */
#define USDT_N_KNOWN_PROBES 13
extern const struct usdt_known_probe usdt_known_probes[USDT_N_KNOWN_PROBES];

const struct usdt_known_probe *usdt_known_probe_find(const char *provider,
                                                     const char *name);
size_t usdt_known_count(const struct usdt_notes *);

#endif /* lib/usdt/usdt-known.h */
