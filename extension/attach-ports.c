/* SPDX-License-Identifier: Apache-2.0 */

/* Which upcalls the programs record: part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "util.h"

/* Places for handlers that can keep messages, 32 kB each. */
#define UNREAD_PLACES_MAX 512

/* The classes of upcalls that can have puts and executes. */
#define WITH_OPERATIONS \
    ((1U << UPCALL_CLASS_MISS) | (1U << UPCALL_CLASS_SLOW_PATH))

/* Returns true if the programs, which are configured, have to look at upcalls
 * that have no record all the time, for those with one may be like them: if
 * some are chosen of what can have puts and executes and others are not, by
 * class or by bytes of the packet, of which not all are in the key of a
 * flow. */
static bool
unseen_matter(const struct attachment *a)
{
    uint32_t chosen = a->skel->rodata->class_mask & WITH_OPERATIONS;

    return (chosen && (chosen != WITH_OPERATIONS
                       || a->skel->rodata->filter_bytes));
}

/* Has the programs, which are configured otherwise as 'config' says and not
 * loaded yet, keep messages of upcalls that are not recorded, if such have to
 * be looked at all the time.  With --track=full they have to be at once. */
void
attach_configure_unread(struct attachment *a,
                        const struct attach_config *config)
{
    struct upcall_bpf *skel = a->skel;

    if (unseen_matter(a) && !config->full) {
        a->n_unread = MIN(a->n_handlers, UNREAD_PLACES_MAX);
        bpf_map__set_max_entries(skel->maps.unread, a->n_unread);
        skel->rodata->keep_unread = true;
    }
}

/* Returns until when the programs have to look at such upcalls; if not for
 * ever, then until those that are in a queue already have been received. */
static uint64_t
get_unseen_until(const struct attachment *a)
{
    return (!(a->skel->rodata->class_mask & WITH_OPERATIONS) ? 0
            : unseen_matter(a) ? UINT64_MAX
            : clock_ns() + UPCALL_UNSEEN_NS);
}

/* What is recorded has changed just now.  Has the programs look at upcalls
 * that were queued before, and have no record. */
void
attach_expect_unseen(struct attachment *a)
{
    uint64_t until = get_unseen_until(a);

    if (until > a->skel->bss->unseen_until) {
        __atomic_store_n(&a->skel->bss->unseen_until, until, __ATOMIC_SEQ_CST);
    }
}

BUILD_ASSERT_DECL(sizeof(struct upcall_port_key) == 2 * sizeof(uint32_t));

static int
compare_ports(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct upcall_port_key));
}

/* Has the programs forget all ports that are not among the 'n' 'ports'. */
static void
forget_other_ports(struct attachment *a, const struct upcall_port_key *ports,
                   size_t n)
{
    struct upcall_port_key *sorted = NULL;
    int fd = bpf_map__fd(a->skel->maps.ports);
    struct upcall_port_key key, next;
    int error;

    if (n) {
        sorted = xmemdup(ports, n * sizeof *ports);
        qsort(sorted, n, sizeof *sorted, compare_ports);
    }
    for (error = bpf_map_get_next_key(fd, NULL, &key); !error; key = next) {
        error = bpf_map_get_next_key(fd, &key, &next);
        if (!sorted
            || !bsearch(&key, sorted, n, sizeof *sorted, compare_ports)) {
            bpf_map_delete_elem(fd, &key);
        }
    }
    free(sorted);
}

/* Sets the bits of programs, 'bits', to 'chosen', or adds these if 'add'. */
static void
set_bits(unsigned long long *bits, const unsigned long long *chosen, bool add)
{
    for (size_t i = 0; i < UPCALL_PORTS_MAX / 64; i++) {
        __atomic_store_n(&bits[i], add ? bits[i] | chosen[i] : chosen[i],
                         __ATOMIC_RELAXED);
    }
}

/* Has the programs look at packets from ports with the numbers of the 'n'
 * 'ports', in any datapath: at these too if 'add', else at no others. */
static void
choose_numbers(struct attachment *a, const struct upcall_port_key *ports,
               size_t n, bool add)
{
    unsigned long long chosen[UPCALL_PORTS_MAX / 64] = { 0 };

    for (size_t i = 0; i < n; i++) {
        if (ports[i].port_no < UPCALL_PORTS_MAX) {
            chosen[ports[i].port_no / 64] |= 1ULL << ports[i].port_no % 64;
        }
    }
    set_bits(a->skel->bss->port_bits, chosen, add);
    if (a->packet) {
        set_bits(a->packet->bss->port_bits, chosen, add);
    }
}

/* Chooses upcalls of the 'n' 'ports' and no others.  Returns false if there
 * are too many. */
bool
attach_choose_ports(struct attachment *a,
                    const struct upcall_port_key *ports, size_t n)
{
    int fd = bpf_map__fd(a->skel->maps.ports);
    uint8_t value = 1;
    bool added = false;
    bool ok = true;

    /* Those that are no longer chosen make room for the others. */
    choose_numbers(a, ports, n, true);
    forget_other_ports(a, ports, n);
    for (size_t i = 0; i < n; i++) {
        int error = bpf_map_update_elem(fd, &ports[i], &value, BPF_NOEXIST);

        added |= !error;
        ok = ok && (!error || error == -EEXIST);
    }
    choose_numbers(a, ports, n, false);
    if (added) {
        attach_expect_unseen(a);
    }
    return ok;
}
