/* SPDX-License-Identifier: Apache-2.0 */

/* Are the links between upcalls and requests right?
 *
 * usage: model-match [-u] [SEED|random [SEQUENCES]]
 *
 * The matching code of bpf/ sees sequences of what handlers receive and send,
 * see model.h.  Who has sent what is known here.  No link may be wrong, and
 * nearly all that can be known must be.  The first sequence with a wrong link
 * is made as small as it can be and printed; with -u, so is the first in which
 * something is unknown that could be known, and the first that is wrong where
 * that must be.  The exit status is 1 if not all is right. */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

/* At least so many of what can be known must be, in MODEL_USUAL. */
#define KNOWN_PERCENT 99.99

/* What is counted of puts, and of executes. */
struct count {
    uint64_t n;                 /* Those of upcalls with a record. */
    uint64_t known;             /* Those whose upcall can be known, */
    uint64_t linked;            /* and those of these that are linked. */
    uint64_t others;            /* Linked rightly, though the oracle does not
                                 * know it: it takes a packet for known only
                                 * if all that is compared is. */
    uint64_t unknown;           /* Not linked. */
    uint64_t wrong;             /* Linked to another upcall. */
};

struct counts {
    uint64_t sequences, upcalls, records, outcomes;
    uint64_t wrong_outcomes, wrong_batches, no_records;
    struct count puts, execs;
};

static struct model_sequence sequence, small;

/* Counts what the programs say of the requests in 's'. */
static void
count_events(const struct model_sequence *s, struct counts *c)
{
    for (int i = 0; i < s->n_events; i++) {
        const struct model_event *e = &s->events[i];
        struct count *n = e->kind == MODEL_PUT ? &c->puts : &c->execs;
        bool linked = e->linked >= 0 && e->linked == e->upcall;

        if (e->kind != MODEL_PUT && e->kind != MODEL_EXEC) {
            continue;
        }
        n->wrong += e->linked >= 0 && !linked;
        if (!s->upcalls[e->upcall].unseen) {
            n->n++;
            n->known += e->known;
            n->linked += e->known && linked;
            n->others += !e->known && linked;
            n->unknown += e->linked < 0;
        }
    }
}

/* Counts what they say of the upcalls. */
static void
count_upcalls(const struct model_sequence *s, struct counts *c)
{
    bool has_put[MODEL_UPCALLS] = { false };
    bool has_exec[MODEL_UPCALLS] = { false };

    for (int i = 0; i < s->n_events; i++) {
        const struct model_event *e = &s->events[i];

        if (e->kind == MODEL_PUT) {
            has_put[e->upcall] = true;
        } else if (e->kind == MODEL_EXEC) {
            has_exec[e->upcall] = true;
        }
    }
    c->sequences++;
    c->upcalls += s->n_upcalls;
    for (int i = 0; i < s->n_upcalls; i++) {
        const struct model_upcall *u = &s->upcalls[i];

        if (u->unseen) {
            continue;
        }
        c->records++;
        c->outcomes += !model_outcome_is_unknown(u->outcome);
        if (!model_misses(s->mode)) {
            c->no_records += !u->recorded;
            c->wrong_outcomes += model_outcome_is_wrong(u->outcome, has_put[i],
                                                        has_exec[i]);
        }
    }
}

/* Returns true if what the programs say of the batches that 'thread' has
 * received can be: each upcall has its place in one, also those without a
 * record. */
static bool
batches_are_right(const struct model_sequence *s, int thread)
{
    const struct model_upcall *last = NULL;
    uint32_t n = 0;             /* Received since 'last'. */

    for (int i = 0; i < s->n_events; i++) {
        const struct model_event *e = &s->events[i];
        const struct model_upcall *u;

        if (e->thread != thread || e->kind != MODEL_RECEIVE) {
            continue;
        }
        n++;
        u = &s->upcalls[e->upcall];
        if (u->unseen) {
            continue;
        }
        if (u->batch_idx >= u->batch_size
            || (last && u->batch == last->batch
                && u->batch_idx != last->batch_idx + n)
            || (last && u->batch == last->batch + 1
                && (last->batch_size - last->batch_idx + u->batch_idx != n))) {
            return false;
        }
        last = u;
        n = 0;
    }
    return true;
}

static void
count_batches(const struct model_sequence *s, struct counts *c)
{
    for (int thread = 0; thread < MODEL_THREADS; thread++) {
        c->wrong_batches += !batches_are_right(s, thread);
    }
}

static uint64_t
unlinked(const struct counts *c)
{
    return (c->puts.known - c->puts.linked
            + c->execs.known - c->execs.linked);
}

/* Returns the worst that there is in 'c' and not in 'before'. */
static enum model_fault
find_fault(const struct counts *before, const struct counts *c)
{
    return (c->puts.wrong > before->puts.wrong
            || c->execs.wrong > before->execs.wrong ? MODEL_WRONG_LINK
            : c->no_records > before->no_records ? MODEL_NO_RECORD
            : c->wrong_batches > before->wrong_batches ? MODEL_WRONG_BATCH
            : c->wrong_outcomes > before->wrong_outcomes ? MODEL_WRONG_OUTCOME
            : unlinked(c) > unlinked(before) ? MODEL_NOT_LINKED
            : MODEL_FINE);
}

/* Has the programs and the oracle see 's', and adds to 'c' what they say. */
static enum model_fault
run(struct model_sequence *s, struct counts *c)
{
    struct counts before = *c;

    model_machine_run(s);
    if (!model_misses(s->mode) && !model_ask_oracle(s)) {
        printf("The generator and the oracle disagree.\n");
        model_print(s);
        abort();
    }
    count_events(s, c);
    count_upcalls(s, c);
    if (!model_misses(s->mode)) {
        count_batches(s, c);
    }
    return find_fault(&before, c);
}

/* The same for a sequence that is being made smaller.  Returns MODEL_FINE if
 * that can't be. */
enum model_fault
model_run(struct model_sequence *s)
{
    struct counts c;

    memset(&c, 0, sizeof c);
    return model_ask_oracle(s) ? run(s, &c) : MODEL_FINE;
}

static double
percent(uint64_t n, uint64_t of)
{
    return of ? 100.0 * n / of : 100.0;
}

static void
print_count(const char *what, const struct count *c, bool asked)
{
    printf("; %"PRIu64" %s", c->n, what);
    if (asked) {
        printf(", %"PRIu64" can be known, of these %"PRIu64" (%.4f %%) and"
               " %"PRIu64" others linked, %"PRIu64" unknown",
               c->known, c->linked, percent(c->linked, c->known), c->others,
               c->unknown);
    } else {
        printf(", %"PRIu64" linked", c->linked + c->others);
    }
    printf(", %"PRIu64" wrong", c->wrong);
}

/* Prints what there is to say about all sequences of 'mode', on one line. */
static void
print_counts(enum model_mode mode, uint64_t seed, const struct counts *c)
{
    bool asked = !model_misses(mode);   /* The oracle. */

    printf("%s: seed %"PRIu64", %"PRIu64" sequences, %"PRIu64" upcalls,"
           " %"PRIu64" links", model_mode_name(mode), seed, c->sequences,
           c->upcalls, c->puts.linked + c->puts.others + c->puts.wrong
           + c->execs.linked + c->execs.others + c->execs.wrong);
    print_count("puts", &c->puts, asked);
    print_count("executes", &c->execs, asked);
    if (asked) {
        printf("; %.2f %% of outcomes known, %"PRIu64" wrong;"
               " %"PRIu64" wrong batches, %"PRIu64" upcalls without record",
               percent(c->outcomes, c->records), c->wrong_outcomes,
               c->wrong_batches, c->no_records);
    }
    printf("\n");
    fflush(stdout);
}

/* Sequence 'i' of 'seed' has 'fault': prints the smallest with it. */
static void
report(enum model_fault fault, uint64_t seed, uint64_t i)
{
    static const char *const names[] = {
        [MODEL_FINE] = "fine",
        [MODEL_NOT_LINKED] = "unknown what could be known",
        [MODEL_WRONG_OUTCOME] = "a wrong outcome",
        [MODEL_WRONG_BATCH] = "a wrong batch",
        [MODEL_NO_RECORD] = "no record",
        [MODEL_WRONG_LINK] = "a wrong link",
    };

    printf("Sequence %"PRIu64" of seed %"PRIu64", %s, with %d events: %s."
           "  The smallest such:\n", i, seed, model_mode_name(sequence.mode),
           sequence.n_events, names[fault]);
    small = sequence;
    model_shrink(&small, fault);
    model_print(&small);
}

/* Returns true if all is as it must be. */
static bool
is_right(enum model_mode mode, const struct counts *c)
{
    if (mode == MODEL_MISSED_RECEIVES) {
        return true;            /* Nothing shows that there was another. */
    }
    return (!c->puts.wrong && !c->execs.wrong && !c->wrong_outcomes
            && !c->wrong_batches && !c->no_records
            && (mode != MODEL_USUAL
                || percent(c->puts.linked + c->execs.linked,
                           c->puts.known + c->execs.known) >= KNOWN_PERCENT));
}

/* Checks 'n' sequences.  Returns true if all is right. */
static bool
check_mode(enum model_mode mode, uint64_t seed, uint64_t n, bool show_all)
{
    enum model_fault worst = (show_all ? MODEL_FINE
                              : mode == MODEL_MISSED_RECEIVES
                              ? MODEL_WRONG_LINK : MODEL_NOT_LINKED);
    struct counts c;

    memset(&c, 0, sizeof c);
    model_seed(seed);
    for (uint64_t i = 0; i < n; i++) {
        enum model_fault fault;

        model_generate(&sequence, mode);
        fault = run(&sequence, &c);
        if (fault > worst) {
            worst = fault;
            report(fault, seed, i);
        }
    }
    print_counts(mode, seed, &c);
    return is_right(mode, &c);
}

/* Returns a seed that is another one each time. */
static uint64_t
any_seed(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint32_t) (ts.tv_nsec ^ ts.tv_sec << 10 ^ getpid());
}

int
main(int argc, char *argv[])
{
    /* How many of 100 sequences are in each mode. */
    static const int shares[MODEL_N_MODES] = {
        [MODEL_USUAL] = 60, [MODEL_NO_ENDS] = 15,
        [MODEL_MISSED] = 15, [MODEL_MISSED_RECEIVES] = 10,
    };
    bool show_all = argc > 1 && !strcmp(argv[1], "-u");
    bool ok = true;
    uint64_t seed, n;

    argc -= show_all;
    argv += show_all;
    seed = (argc <= 1 ? 1 : !strcmp(argv[1], "random") ? any_seed()
            : strtoull(argv[1], NULL, 0));
    n = argc > 2 ? strtoull(argv[2], NULL, 0) : 10000;

    /* First, in case that not even counts are printed. */
    printf("seed %"PRIu64"\n", seed);
    fflush(stdout);
    model_machine_init();
    for (int mode = 0; mode < MODEL_N_MODES; mode++) {
        ok &= check_mode(mode, seed, n * shares[mode] / 100, show_all);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
