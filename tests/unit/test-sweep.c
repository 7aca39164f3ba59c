/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of extension/sweep.c, with slots of our own. */

#include <config.h>
#include "extension/sweep.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "build-record.h"
#include "fake-attach.h"
#include "record/record.h"
#include "util.h"

TCase *sweep_tcase(void);

#define N_SLOTS 64
#define SECOND UINT64_C(1000000000)

/* The age of an upcall that does not get old however long the test takes. */
#define YOUNG (-1000 * SECOND)

/* Sockets that a file in the form of /proc/net/netlink lists. */
#define OPEN_PORTID 4242
#define CLOSED_PORTID 17

static struct attachment *a;
static struct sweeper *sweeper;
static char sockets[] = "/tmp/test-sweep-XXXXXX";

/* What was delivered. */
static size_t n_delivered;
static int last_outcome;
static uint64_t last_id;

static void
setup(void)
{
    int fd = mkstemp(sockets);
    FILE *stream = fdopen(fd, "w");

    ck_assert_ptr_nonnull(stream);
    fprintf(stream, "sk               Eth Pid        Groups   Rmem     Wmem\n"
            "00000000f6a4b2c1 16  %-10d 00000000 0 0\n", OPEN_PORTID);
    ck_assert_int_eq(fclose(stream), 0);
    a = fake_attach_create(N_SLOTS);
    sweeper = sweeper_create(a);
    n_delivered = 0;
}

static void
teardown(void)
{
    sweeper_destroy(sweeper);
    fake_attach_destroy(a);
    unlink(sockets);
}

static void
deliver(const void *rec_, size_t size OVS_UNUSED, void *aux OVS_UNUSED)
{
    const struct upcall_record *rec = rec_;

    n_delivered++;
    last_outcome = rec->outcome;
    last_id = rec->id;
}

/* Sweeps.  Fails unless that reads 'reads' records and delivers 'delivered'
 * upcalls. */
static void
check_sweep(size_t reads, size_t delivered)
{
    size_t n = n_delivered;

    ck_assert_uint_eq(sweeper_run(sweeper, sockets, deliver, NULL),
                      delivered);
    ck_assert_uint_eq(n_delivered - n, delivered);
    ck_assert_uint_eq(fake_attach_reads(a), reads);
}

/* Has 'slot' hold an upcall that was enqueued 'age' ns ago to the socket
 * 'portid', under 'key'. */
static void
fill(size_t slot, uint64_t key, uint64_t age, uint32_t portid)
{
    struct build b;
    void *rec;

    build_executed(&b);
    b.rec.id = 1000 + slot;
    b.rec.enqueue_ts = clock_ns() - age;
    b.rec.recv_ts = b.rec.enqueue_ts + 1;
    b.rec.portid = portid;
    if (!UPCALL_SLOT_IS_RECEIVED(key)) {
        b.rec.flags &= ~UPCALL_F_RECEIVED;
    }
    rec = build_get(&b, NULL);
    fake_attach_fill(a, slot, key, rec);
    free(rec);
    build_uninit(&b);
}

/* Returns an address as an skb has. */
static uint64_t
skb(size_t i)
{
    return UINT64_C(0xffff888000000000) + 256 * i;
}

/* Upcalls that have come since the last sweep cannot have ended unseen, so
 * their records are not read. */
START_TEST(test_young)
{
    check_sweep(0, 0);
    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        fill(slot, skb(slot), YOUNG, OPEN_PORTID);
    }
    check_sweep(0, 0);
    check_sweep(0, 0);
    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        fill(slot, UPCALL_SLOT_STALE, YOUNG, OPEN_PORTID);
    }
    check_sweep(0, 0);
}
END_TEST

/* Upcalls that wait are read once, as long as their socket exists. */
START_TEST(test_waiting)
{
    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        fill(slot, skb(slot), 2 * SECOND, OPEN_PORTID);
    }
    check_sweep(N_SLOTS, 0);
    check_sweep(0, 0);
    check_sweep(0, 0);
}
END_TEST

/* Those of a socket that is closed, or too old, are abandoned. */
START_TEST(test_abandoned)
{
    for (size_t slot = 0; slot < 8; slot++) {
        fill(slot, skb(slot), 2 * SECOND, OPEN_PORTID);
    }
    fill(8, skb(8), 2 * SECOND, CLOSED_PORTID);
    fill(9, skb(9), YOUNG, CLOSED_PORTID);
    check_sweep(8 + 2 * 2 - 1, 1);
    ck_assert_int_eq(last_outcome, UPCALL_ABANDONED);
    ck_assert_uint_eq(last_id, 1008);
    ck_assert_uint_eq(fake_attach_key(a, 8), UPCALL_SLOT_FREE);

    fill(10, skb(10), 61 * SECOND, OPEN_PORTID);
    fake_attach_reads(a);
    sweeper_destroy(sweeper);           /* It knows none of them. */
    sweeper = sweeper_create(a);
    check_sweep(8 + 1 + 2, 1);
    ck_assert_uint_eq(last_id, 1010);
    fill(11, UPCALL_SLOT_STALE, 2 * SECOND, OPEN_PORTID);
    check_sweep(0, 0);                  /* It came after the last sweep. */
}
END_TEST

/* A message may be where an older one was, in the same slot. */
START_TEST(test_address_is_used_again)
{
    fill(3, skb(3), 2 * SECOND, OPEN_PORTID);
    check_sweep(1, 0);
    fill(3, skb(3), YOUNG, CLOSED_PORTID);
    check_sweep(0, 0);
    fill(4, skb(4), 2 * SECOND, OPEN_PORTID);
    check_sweep(0, 0);                  /* New in its slot. */

    fill(5, skb(5), 2 * SECOND, CLOSED_PORTID);
    sweeper_destroy(sweeper);
    sweeper = sweeper_create(a);
    check_sweep(4, 1);                  /* 3 and 4 once, 5 twice. */
    ck_assert_uint_eq(last_id, 1005);
    fill(5, skb(5), YOUNG, OPEN_PORTID);
    check_sweep(1, 0);                  /* It looked as if it had ended. */
    check_sweep(0, 0);
    ck_assert_uint_eq(fake_attach_key(a, 5), skb(5));
}
END_TEST

/* Returns the id of a thread that has ended. */
static pid_t
gone_thread(void)
{
    pid_t pid = fork();

    if (!pid) {
        _exit(0);
    }
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return pid;
}

/* Returns true if the PID namespace is that of the machine, PROC_PID_INIT_INO
 * of include/linux/proc_ns.h of the kernel: else no thread can be asked. */
static bool
can_ask_threads(void)
{
    struct stat s;

    return !stat("/proc/self/ns/pid", &s) && s.st_ino == 0xeffffffcU;
}

/* What a thread that is at work has received is not read. */
START_TEST(test_received)
{
    uint64_t busy = UPCALL_SLOT_RECEIVED(syscall(SYS_gettid));
    uint64_t gone = UPCALL_SLOT_RECEIVED(gone_thread());

    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        fill(slot, slot % 8 ? busy : gone, 2 * SECOND, OPEN_PORTID);
    }
    if (can_ask_threads()) {
        check_sweep(2 * N_SLOTS / 8, N_SLOTS / 8);
        ck_assert_int_eq(last_outcome, UPCALL_EXECUTED);
    }
    check_sweep(0, 0);
}
END_TEST

/* In the end, everything is delivered. */
START_TEST(test_finish)
{
    fill(0, skb(0), 0, OPEN_PORTID);
    fill(1, skb(1), 2 * SECOND, OPEN_PORTID);
    fill(2, UPCALL_SLOT_RECEIVED(syscall(SYS_gettid)), 0, OPEN_PORTID);
    fill(3, UPCALL_SLOT_PENDING(1), 0, OPEN_PORTID);
    check_sweep(2, 0);
    ck_assert_uint_eq(sweeper_finish(sweeper, deliver, NULL), 3);
    ck_assert_int_eq(last_outcome, UPCALL_OUTCOME_UNKNOWN);
    for (size_t slot = 0; slot < N_SLOTS; slot++) {
        ck_assert_uint_eq(fake_attach_key(a, slot), UPCALL_SLOT_FREE);
    }
}
END_TEST

static void
count(const struct upcall_record *rec, size_t size, void *n_)
{
    size_t *n = n_;

    ck_assert_uint_eq(size, upcall_record_size(rec));
    ++*n;
}

/* What is pending is shown as it is, however young. */
START_TEST(test_pending)
{
    size_t n = 0;

    fill(0, skb(0), 0, OPEN_PORTID);
    fill(1, UPCALL_SLOT_STALE, 0, OPEN_PORTID);
    fill(2, UPCALL_SLOT_RECEIVED(1), 0, OPEN_PORTID);
    fill(3, UPCALL_SLOT_PENDING(1), 0, OPEN_PORTID);
    sweeper_for_each_pending(sweeper, count, &n);
    ck_assert_uint_eq(n, 2);
}
END_TEST

/* Returns the tests of this file. */
TCase *
sweep_tcase(void)
{
    TCase *tc = tcase_create("sweep");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_young);
    tcase_add_test(tc, test_waiting);
    tcase_add_test(tc, test_abandoned);
    tcase_add_test(tc, test_address_is_used_again);
    tcase_add_test(tc, test_received);
    tcase_add_test(tc, test_finish);
    tcase_add_test(tc, test_pending);
    return tc;
}
