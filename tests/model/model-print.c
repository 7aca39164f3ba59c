/* SPDX-License-Identifier: Apache-2.0 */

/* Prints sequences of the model, one event a line. */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "model.h"

const char *
model_mode_name(enum model_mode mode)
{
    switch (mode) {
    case MODEL_USUAL:
        return "ends of batches visible";
    case MODEL_NO_ENDS:
        return "ends of batches not visible";
    case MODEL_MISSED:
        return "entries and returns missed";
    case MODEL_MISSED_RECEIVES:
        return "receives missed";
    case MODEL_N_MODES:
        break;
    }
    return "?";
}

static void
print_flow(const struct model_flow *f)
{
    if (f->slow) {
        printf("slow path, ");
    } else if (f->helped) {
        printf("helped, ");
    }
    printf("%d action%s", f->n_actions, f->n_actions == 1 ? "" : "s");
}

static void
print_upcall(const struct model_upcall *u)
{
    static const char *const classes[MODEL_N_CLASSES] = {
        [MODEL_MISS] = "miss",
        [MODEL_SLOW_PATH] = "slow_path",
        [MODEL_SFLOW] = "sflow",
    };
    const uint8_t *bytes = u->packet.bytes;

    printf("%s%s, port %"PRIu32" tunnel %"PRIu32" recirc %"PRIu32
           " mark %"PRIu32"%s, packet %"PRIu32":%u.%u.%u", classes[u->class_],
           u->unseen ? " without record" : "", u->port, u->tunnel, u->recirc,
           u->mark, u->hashed ? " hashed" : "", u->packet.len, bytes[13],
           bytes[40], bytes[u->packet.len - 1]);
    if (u->kept < u->packet.len) {
        printf(" of which %"PRIu32" kept", u->kept);
    }
    if (u->no_port) {
        printf(", port without bridge");
    }
    printf("; ");
    print_flow(&u->flow);
    if (!u->unseen) {
        printf("; %s, %s", u->recorded ? "recorded" : "no record",
               model_outcome_name(u->outcome));
    }
}

static void
print_link(const struct model_event *e, bool show_known)
{
    if (e->linked < 0) {
        printf(" -- unknown%s", show_known && e->known ? ", BUT CAN BE KNOWN"
               : "");
    } else if (e->linked != e->upcall) {
        printf(" -- linked to %d: WRONG", e->linked);
    } else {
        printf(" -- linked");
    }
}

/* Prints which of the programs at 'what' are not run. */
static void
print_runs(const char *what, uint8_t run)
{
    if (run != MODEL_TWINS) {
        printf(" [%s missed%s]", what, run == 1 ? " by the twin"
               : run == 2 ? " but by the twin" : "");
    }
}

static void
print_event(const struct model_sequence *s, const struct model_event *e)
{
    printf("  thread %d ", e->thread);
    switch (e->kind) {
    case MODEL_RECEIVE:
        printf("receives %d: ", e->upcall);
        print_upcall(&s->upcalls[e->upcall]);
        break;
    case MODEL_NOTHING:
        printf("receives nothing");
        break;
    case MODEL_PUT:
        printf("puts %d%s", e->upcall, e->immediate ? " at once" : "");
        print_link(e, !model_misses(s->mode));
        break;
    case MODEL_EXEC:
        printf("executes %d", e->upcall);
        if (e->action >= 0) {
            printf(", action %d", e->action);
        }
        if (e->changed >= 0) {
            printf(", byte %d changed", e->changed);
        }
        print_link(e, !model_misses(s->mode));
        break;
    case MODEL_SLEEP:
        printf("sleeps");
        break;
    }
    print_runs("entry", e->entries);
    print_runs("return", e->returns);
    printf("\n");
}

void
model_print(const struct model_sequence *s)
{
    printf(" (%s%s)\n", model_mode_name(s->mode),
           s->no_masks ? ", puts without masks" : "");
    for (int i = 0; i < s->n_events; i++) {
        print_event(s, &s->events[i]);
    }
    fflush(stdout);
}
