/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_USDT_NOTES_H
#define LIB_USDT_NOTES_H 1

/* USDT probes: places that the authors of a program have marked for tracing.
 *
 * This finds the probes of an ELF file or of a running process, and has a
 * table of the probes of ovs-vswitchd with the meaning of their arguments.
 * Attaching to them is not done here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Arguments that a probe can have: <sys/sdt.h> has macros for up to 12. */
#define USDT_ARGS_MAX 12

/* An argument of a probe, such as "-4@12(%rbx)". */
struct usdt_arg {
    unsigned int size;          /* In bytes, here 4; 0 if it is not known, and
                                 * then 'location' is the whole text. */
    bool is_signed;             /* Was there a '-'? */
    bool is_float;              /* Was there an 'f' after the size? */
    const char *location;       /* Where it is, here "12(%rbx)": an operand in
                                 * the notation of the machine's assembler. */
};

/* A file with probes. */
struct usdt_object {
    char *path;                 /* For people: as the process calls it,
                                 * printable. */
    char *file;                 /* For open(): the same file, as long as the
                                 * process exists. */
    bool deleted;               /* Has it been deleted or replaced? */
    bool is_64bit;              /* ELF64, not ELF32? */
};

/* A probe.  One name can have any number of probes, at different places. */
struct usdt_probe {
    const struct usdt_object *object; /* File that contains it. */
    char *provider;             /* Printable, neither empty nor with spaces. */
    char *name;                 /* Likewise. */

    /* Arguments. */
    char *args_text;            /* As in the file, printable. */
    size_t n_args;              /* Number of arguments. */
    struct usdt_arg args[USDT_ARGS_MAX]; /* First 'n_args' are used. */
    char *args_split;           /* Memory of their 'location'. */

    /* Addresses as the note gives them, as "readelf -n" shows them. */
    uint64_t pc;                /* Instruction, before any prelinking. */
    uint64_t base;              /* Section .stapsdt.base at that time. */
    uint64_t semaphore;         /* 2-byte counter of users, 0 if none. */

    /* Positions in the file, in bytes, which are what uprobes need. */
    uint64_t offset;            /* Of the instruction. */
    uint64_t semaphore_offset;  /* Of the counter, 0 if there is none. */
};

/* The probes of a file or of a process, in the order of their appearance. */
struct usdt_notes {
    struct usdt_probe *probes;  /* Array of 'n' elements. */
    size_t n;                   /* Number of probes. */
    size_t n_allocated;         /* Allocated elements of 'probes'. */

    struct usdt_object **objects; /* Files that have probes. */
    size_t n_objects;           /* Number of elements in 'objects'. */

    /* What is missing. */
    size_t n_skipped_probes;    /* Damaged, absurd, or beyond a limit. */
    size_t n_skipped_maps;      /* Mappings of too many different files. */
    size_t n_skipped_files;     /* Could not be read. */
    char *problem;              /* Why the first of those files could not be
                                 * read; NULL if there is none. */
};

/* Both return NULL or an error.  After an error '*notes' is empty, so that it
 * may be destroyed but need not be. */
char *usdt_notes_read_file(const char *path, struct usdt_notes *);
char *usdt_notes_read_process(pid_t, struct usdt_notes *);
void usdt_notes_destroy(struct usdt_notes *);

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
size_t usdt_notes_count_known(const struct usdt_notes *);

#endif /* lib/usdt/usdt-notes.h */
