/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H 1

/* A model of handlers, for the code of bpf/ that finds out of which upcalls
 * their requests are.
 *
 * A sequence is what some handler threads receive and send, in order, and of
 * which upcall each of their requests really is.
 *
 *   model-match.c      counts, and finds wrong links
 *   model-generate.c   makes sequences as ovs-vswitchd does
 *   model-machine.c    has the programs see them, and tells what they found
 *   model-messages.c   writes what the programs see
 *   model-oracle.c     tells what could be known
 *   model-shrink.c     makes sequences smaller
 *   model-print.c      prints them
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How a sequence is seen. */
enum model_mode {
    MODEL_USUAL,                /* It is seen where batches end, */
    MODEL_NO_ENDS,              /* or not (a socket for each port). */
    MODEL_MISSED,               /* Some programs at puts and executes are not
                                 * run, at the entry or at the return. */
    MODEL_MISSED_RECEIVES,      /* Some at receives are not run. */
    MODEL_N_MODES
};

enum model_class {
    MODEL_MISS,
    MODEL_SLOW_PATH,
    MODEL_SFLOW,                /* Has no operations. */
    MODEL_N_CLASSES
};

#define MODEL_PACKET_MAX 160

/* So many bytes of packets are compared (UPCALL_MATCH_MAX). */
#define MODEL_COMPARED 128

/* So many of them tell that packets start alike, and so many are headers
 * (PRINT_START, PRINT_HEADERS). */
#define MODEL_STARTS 64
#define MODEL_HEADERS 42

struct model_packet {
    uint32_t len;
    uint8_t bytes[MODEL_PACKET_MAX];
};

/* What a flow does: so many actions, each another one; none if it drops. */
struct model_flow {
    int n_actions;
    int n_unchanged;            /* Before the first that changes the packet. */
    bool helped;                /* ovs-vswitchd has to do some of them. */
    bool slow;                  /* In the slow path, but without help. */
};

struct model_upcall {
    int thread;                 /* Which receives it. */
    enum model_class class_;
    uint32_t port, tunnel, recirc, mark;
    bool hashed;                /* The message has a hash. */
    bool unseen;                /* There is no record of it. */
    bool no_port;               /* No bridge has its port: a miss. */
    uint32_t kept;              /* So many bytes of its packet at most can be
                                 * read. */
    struct model_packet packet;
    struct model_flow flow;

    /* What the programs say. */
    bool recorded;
    bool has_put;
    int n_execs;
    int outcome;                /* enum upcall_outcome. */
    uint32_t batch, batch_idx, batch_size;
};

enum model_kind {
    MODEL_RECEIVE,              /* Receives an upcall. */
    MODEL_NOTHING,              /* Receives nothing: EAGAIN. */
    MODEL_PUT,                  /* Puts a flow. */
    MODEL_EXEC,                 /* Executes a packet. */
    MODEL_SLEEP                 /* The daemon sees it asleep. */
};

struct model_event {
    enum model_kind kind;
    int thread;
    int upcall;                 /* Whose it is; MODEL_RECEIVE, _PUT, _EXEC. */
    bool immediate;             /* MODEL_PUT: for a port that no bridge has. */
    int action;                 /* MODEL_EXEC: the only one, -1 if all are. */
    int changed;                /* MODEL_EXEC: the byte of the packet that is
                                 * not as it was received, or -1. */

    /* Which of the programs at the entry, and which of those at the return,
     * are run: bits, since each has a twin. */
    uint8_t entries, returns;

    int linked;                 /* The upcall that the programs say; or -1. */
    bool known;                 /* It can be known. */
};

#define MODEL_TWINS 3           /* The bits of both. */

#define MODEL_THREADS 3
#define MODEL_UPCALLS 512
#define MODEL_EVENTS 4096

/* Most upcalls of a batch, of a list of the programs, and of batches of which
 * nothing shows that they are several: a few more than can be listed. */
#define MODEL_BATCH 64
#define MODEL_LIST 128
#define MODEL_GROUP (MODEL_LIST + 8)

struct model_sequence {
    enum model_mode mode;
    bool no_masks;              /* Flows are put without masks. */
    bool keeps_hash;            /* What is executed with help has it, too. */
    int n_upcalls, n_events;
    struct model_upcall upcalls[MODEL_UPCALLS];
    struct model_event events[MODEL_EVENTS];
};

/* The family of requests about packets, and the attribute of executes that
 * tells which event it is, which neither the kernel nor the programs know. */
#define MODEL_PACKET_FAMILY 33
#define MODEL_ATTR_EVENT 99

struct model_message {
    uint64_t words[256];
    size_t len;                 /* In bytes. */
};

/* What the programs did wrong, the worst last. */
enum model_fault {
    MODEL_FINE,
    MODEL_NOT_LINKED,           /* Unknown, and could be known. */
    MODEL_WRONG_OUTCOME,        /* Of an upcall. */
    MODEL_WRONG_BATCH,          /* Of upcalls. */
    MODEL_NO_RECORD,            /* Of an upcall. */
    MODEL_WRONG_LINK
};

/* Returns true if some programs are not run in 'mode', so that only links are
 * checked. */
static inline bool
model_misses(enum model_mode mode)
{
    return mode == MODEL_MISSED || mode == MODEL_MISSED_RECEIVES;
}

/* model-generate.c */
void model_seed(uint64_t);
void model_generate(struct model_sequence *, enum model_mode);

/* model-machine.c */
void model_machine_init(void);
void model_machine_run(struct model_sequence *);
bool model_outcome_is_unknown(int outcome);
bool model_outcome_is_wrong(int outcome, bool has_put, bool has_exec);
const char *model_outcome_name(int outcome);

/* model-messages.c */
void model_message_put(struct model_message *, const void *data, size_t n);
void model_message_upcall(struct model_message *, const struct model_upcall *);
void model_message_put_flow(struct model_message *,
                            const struct model_sequence *,
                            const struct model_event *);
void model_message_execute(struct model_message *,
                           const struct model_sequence *,
                           const struct model_event *);

/* model-oracle.c */
bool model_ask_oracle(struct model_sequence *);

/* model-match.c */
enum model_fault model_run(struct model_sequence *);

/* model-shrink.c */
void model_shrink(struct model_sequence *, enum model_fault);

/* model-print.c */
void model_print(const struct model_sequence *);
const char *model_mode_name(enum model_mode);

/* What several of these need. */
bool model_has_operations(const struct model_upcall *);
bool model_same_key(const struct model_upcall *, const struct model_upcall *);
bool model_same_action(const struct model_sequence *,
                       const struct model_event *, const struct model_event *);
void model_packet_of(const struct model_sequence *, const struct model_event *,
                     struct model_packet *);

#endif /* tests/model/model.h */
