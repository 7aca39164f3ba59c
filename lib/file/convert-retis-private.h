/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_RETIS_PRIVATE_H
#define LIB_CONVERT_RETIS_PRIVATE_H 1

/* For the convert-retis*.c only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json-writer.h"
#include "file/convert-retis.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct executed;
struct nlattr;
struct pass;
struct record_context;
struct upcall;

/* An event that is kept back. */
struct retis_event {
    uint64_t ts;                /* CLOCK_MONOTONIC, ns. */
    uint64_t number;            /* Of those with the same time, in order. */
    enum retis_event_kind {
        RETIS_OTHER,
        RETIS_UPCALL,           /* Segments of a packet have these, and */
        RETIS_RETURN            /* these, together. */
    } kind;
    uint64_t upcall_ts;         /* With these two, which upcall it is. */
    uint32_t upcall_cpu;
    char *line;
};

/* What is remembered of an upcall, or of a packet. */
struct retis_packet {
    struct hmap_node node;      /* In 'packets' of struct retis. */
    struct ovs_list list;       /* In 'oldest'. */
    uint64_t id;                /* Of the upcall; or, for a packet that has no
                                 * known upcall before it, that of its first
                                 * pass, with PASS_RECORD. */
    uint64_t root;              /* 'id' of what is the first known of its
                                 * packet; 0 if it was not looked for yet. */
    uint64_t ts;                /* When something of it was first seen, 0 if
                                 * nothing was. */
    uint64_t queued;            /* The time of its enqueue, 0 if that was not
                                 * written. */
    uint32_t recirc_id;         /* The recirculation that its packet continues,
                                 * 0 if there is none or it is not known. */
    bool told_by_upcall;        /* Were its actions written because of its */
    bool told_by_pass;          /* record, or of that of a pass? */
};

/* A batch of a handler. */
struct retis_batch {
    uint32_t tid, batch;
    uint64_t ts;                /* Of its first upcall. */
};

#define RETIS_BATCHES 64        /* By thread. */

struct retis {
    retis_write_func *write;
    void *aux;
    int error;                  /* The first one that 'write' returned. */
    struct json *startup;       /* The first line of the trace, NULL before
                                 * one. */
    bool is_started;            /* Was that written? */
    char *binary;               /* Of ovs-vswitchd, NULL if it is not known. */

    struct ds text;             /* The event under way. */
    struct json_writer json;

    struct retis_event *events;
    size_t n_events, n_allocated, n_bytes;
    uint64_t next_number;
    struct retis_event upcall;  /* What was written last of these kinds, but
                                 * for 'line', */
    bool has_upcall;            /* if an upcall was, */
    bool has_return;            /* and one that returned, after it. */

    struct hmap packets;
    struct ovs_list oldest;

    struct retis_batch batches[RETIS_BATCHES];
};

/* What all events have. */
struct retis_head {
    uint64_t ts;
    bool has_cpu;
    uint32_t cpu;
    const char *comm;           /* UPCALL_COMM_LEN bytes, or NULL if the
                                 * process is not known. */
    uint32_t process, thread;
    const char *symbol;         /* The hook or probe, */
    const char *where;          /* and where in that, as upcall_hook_where()
                                 * has it. */
    uint64_t root;              /* Of the packet, 0 if there is none. */
};

/* In convert-retis-start.c. */
void retis_put_startup(struct retis *);

/* In convert-retis.c. */
void retis_begin(struct retis *, const struct retis_head *);
void retis_finish(struct retis *, const struct retis_head *);
void retis_finish_upcall(struct retis *, const struct retis_head *,
                         enum retis_event_kind, uint64_t upcall_ts,
                         uint32_t upcall_cpu);
void retis_put_packet(struct retis *, const uint8_t *data, size_t kept,
                      uint32_t len, bool has_ethernet, uint16_t ethertype);
void retis_put_ufid(struct retis *, const uint8_t ufid[16]);

/* In convert-retis-packets.c. */
struct retis_packet *retis_packet_get(struct retis *, uint64_t id);
uint64_t retis_root_of_upcall(struct retis *, const struct upcall *);
uint64_t retis_root_of_pass(struct retis *, const struct pass *);
uint64_t retis_root_ts(struct retis *, uint64_t root, uint64_t ts);
void retis_forget_all(struct retis *);

/* In convert-retis-upcall.c, convert-retis-pass.c, convert-retis-action.c. */
void retis_put_upcall(struct retis *, const struct upcall *);
void retis_put_pass(struct retis *, const struct pass *,
                    const struct record_context *);
void retis_put_action(struct retis *, struct retis_head *,
                      const struct nlattr *, uint32_t recirc_id,
                      bool has_queue_id, uint32_t queue_id);

/* Returns what Retis tells upcall 'id' by. */
static inline uint32_t
retis_queue_id(uint64_t id)
{
    return id;
}

#endif /* lib/file/convert-retis-private.h */
