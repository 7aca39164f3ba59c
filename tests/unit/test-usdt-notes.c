/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/usdt/usdt-notes.c, usdt-probe.c and usdt-known.c.
 *
 * Most use ELF files that libelf has written, in memory, with the segments of
 * build-elf.h, an address of .stapsdt.base, and notes that build_note() made.
 * Others look at the probes of this program. */

#include <config.h>
#include "usdt/usdt-notes.h"

#include <check.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_SYS_SDT_H
#include <sys/sdt.h>
#endif

#include "build-elf.h"
#include "hash.h"
#include "openvswitch/ofpbuf.h"
#include "usdt/usdt-known.h"
#include "util.h"

TCase *netlink_sockets_tcase(void);
TCase *proc_maps_tcase(void);
TCase *usdt_args_tcase(void);
Suite *usdt_notes_suite(void);

/* Asserts that a probe from a note with literal STRINGS is not accepted. */
#define CHECK_SKIPPED(PC, SEMAPHORE, STRINGS)                           \
    check_skipped(PC, SEMAPHORE, STRINGS, sizeof STRINGS)

static char *
read_fd(int fd, struct usdt_notes *notes)
{
    char *name = xasprintf("/proc/self/fd/%d", fd);
    char *error = usdt_notes_read_file(name, notes);

    free(name);
    return error;
}

/* Asserts that 'probe' is consistent, and touches all of its memory. */
static void
check_probe(const struct usdt_probe *probe)
{
    ck_assert_uint_gt(strlen(probe->provider), 0);
    ck_assert_uint_gt(strlen(probe->name), 0);
    ck_assert_uint_lt(strlen(probe->args_text), 4096);
    ck_assert_uint_le(probe->n_args, USDT_ARGS_MAX);
    for (size_t i = 0; i < probe->n_args; i++) {
        ck_assert_ptr_nonnull(strstr(probe->args_text,
                                     probe->args[i].location));
        ck_assert_uint_le(probe->args[i].size, 64);
    }
    ck_assert_int_eq(!probe->semaphore, !probe->semaphore_offset);
    ck_assert_uint_gt(strlen(probe->object->file), 0);
}

/* Reads 'fd', which may have been damaged.  Asserts that what comes out is
 * either an error of one line or consistent. */
static void
check_damaged(int fd)
{
    struct usdt_notes notes;
    char *error = read_fd(fd, &notes);

    ck_assert(!error || (*error && !strchr(error, '\n')));
    ck_assert_uint_le(notes.n, 4);
    for (size_t i = 0; i < notes.n; i++) {
        check_probe(&notes.probes[i]);
    }
    usdt_notes_destroy(&notes);
    free(error);
}

/* Asserts that reading 'fd' fails with a message that contains 'message'.
 * Closes 'fd'. */
static void
check_error(int fd, const char *message)
{
    struct usdt_notes notes;
    char *error = read_fd(fd, &notes);

    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, message) != NULL, "%s", error);
    ck_assert_uint_eq(notes.n, 0);
    usdt_notes_destroy(&notes);
    free(error);
    close(fd);
}

static void
check_skipped(uint64_t pc, uint64_t semaphore, const char *strings,
              size_t size)
{
    struct ofpbuf b;
    struct usdt_notes notes;
    int fd;

    ofpbuf_init(&b, 0);
    build_note(&b, ELFCLASS64, pc, semaphore, strings, size);
    PUT_NOTE(&b, ELFCLASS64, CODE, 0, "good\0one\0");
    fd = build_elf(ELFCLASS64, ET_DYN, BASE, &b);
    ck_assert_ptr_null(read_fd(fd, &notes));
    ck_assert_uint_eq(notes.n, 1);
    ck_assert_str_eq(notes.probes[0].provider, "good");
    ck_assert_uint_eq(notes.n_skipped_probes, 1);
    usdt_notes_destroy(&notes);
    ofpbuf_uninit(&b);
    close(fd);
}

static void
check_arg(const struct usdt_probe *probe, size_t i, unsigned int size,
          bool is_signed, bool is_float, const char *location)
{
    const struct usdt_arg *arg = &probe->args[i];

    ck_assert_uint_lt(i, probe->n_args);
    ck_assert_uint_eq(arg->size, size);
    ck_assert_int_eq(arg->is_signed, is_signed);
    ck_assert_int_eq(arg->is_float, is_float);
    ck_assert_str_eq(arg->location, location);
}

/* Asserts that 'notes' are those of build_elf_sample() after a move by
 * 'moved'. */
static void
check_sample(const struct usdt_notes *notes, int64_t moved)
{
    const struct usdt_probe *p = notes->probes;

    ck_assert_uint_eq(notes->n, 3);
    ck_assert_uint_eq(notes->n_objects, 1);
    ck_assert_uint_eq(notes->n_skipped_probes, 0);
    for (size_t i = 0; i < notes->n; i++) {
        check_probe(&p[i]);
        ck_assert_ptr_eq(p[i].object, notes->objects[0]);
        ck_assert_uint_eq(p[i].base, BASE);
        ck_assert_uint_eq(p[i].pc, CODE + 4 + 4 * i);
        ck_assert_uint_eq(p[i].offset,
                          SEGMENT_OFFSET + 4 + 4 * i + moved);
    }

    ck_assert_str_eq(p[0].provider, "prov");
    ck_assert_str_eq(p[0].name, "first");
    ck_assert_str_eq(p[0].args_text, "");
    ck_assert_uint_eq(p[0].n_args, 0);

    ck_assert_str_eq(p[1].name, "second");
    ck_assert_str_eq(p[1].args_text, "8@%rdx -4@12(%rbx)");
    ck_assert_uint_eq(p[1].semaphore, DATA + 2);
    ck_assert_uint_eq(p[1].semaphore_offset, SEGMENT_OFFSET + 2 + moved);
    ck_assert_uint_eq(p[1].n_args, 2);
    check_arg(&p[1], 0, 8, false, false, "%rdx");
    check_arg(&p[1], 1, 4, true, false, "12(%rbx)");

    ck_assert_str_eq(p[2].provider, "other");
    ck_assert_uint_eq(p[2].n_args, 7);
    check_arg(&p[2], 0, 8, false, false, "[sp, 16]");
    check_arg(&p[2], 1, 1, true, false, "$-5");
    check_arg(&p[2], 2, 4, false, true, "%xmm0");
    check_arg(&p[2], 3, 0, false, false, "%eax");
    check_arg(&p[2], 4, 2, false, false, "a+4(%rip)");
    check_arg(&p[2], 5, 0, false, false, "8@");
    check_arg(&p[2], 6, 0, false, false, "99@%rax");
}

static const int classes[] = { ELFCLASS64, ELFCLASS32 };
static const int types[] = { ET_DYN, ET_EXEC };

/* Both classes, with and without PIE, as linked and prelinked. */
START_TEST(test_sample)
{
    int class = classes[_i & 1];
    int64_t moved = _i & 4 ? 0x10 : 0;
    int fd = build_elf_sample(class, types[(_i >> 1) & 1], BASE + moved);
    struct usdt_notes notes;

    ck_assert_ptr_null(read_fd(fd, &notes));
    check_sample(&notes, moved);
    ck_assert_int_eq(notes.objects[0]->is_64bit, class == ELFCLASS64);
    usdt_notes_destroy(&notes);
    usdt_notes_destroy(&notes);
    usdt_notes_destroy(NULL);
    close(fd);
}
END_TEST

START_TEST(test_skipped)
{
    char args[2048];

    memset(args, 'x', sizeof args);
    memcpy(args, "a\0b", 4);
    args[sizeof args - 1] = '\0';
    check_skipped(CODE, 0, args, sizeof args);      /* Absurd length. */
    memset(args, 'x', sizeof args);
    memcpy(args + 1000, "\0a", 3);
    check_skipped(CODE, 0, args, 1004);

    CHECK_SKIPPED(CODE - 1, 0, "a\0b\0");           /* Outside of code. */
    CHECK_SKIPPED(CODE + SEGMENT_SIZE, 0, "a\0b\0");
    CHECK_SKIPPED(DATA, 0, "a\0b\0");
    CHECK_SKIPPED(UINT64_MAX, 0, "a\0b\0");
    CHECK_SKIPPED(CODE, CODE, "a\0b\0");            /* Outside of data. */
    CHECK_SKIPPED(CODE, UINT64_MAX, "a\0b\0");

    CHECK_SKIPPED(CODE, 0, "\0b\0");                /* Strings. */
    CHECK_SKIPPED(CODE, 0, "a\0\0");
    CHECK_SKIPPED(CODE, 0, "a\0b");
    CHECK_SKIPPED(CODE, 0, "a");
    check_skipped(CODE, 0, "a\0b\0c", 5);
    check_skipped(CODE, 0, "", 0);
    CHECK_SKIPPED(CODE, 0, "\033[2J\0b\0");
    CHECK_SKIPPED(CODE, 0, "a\0b\n\0");
    CHECK_SKIPPED(CODE, 0, "a\0b b\0");
    CHECK_SKIPPED(CODE, 0, "a\0\xc3\xa9\0");
    CHECK_SKIPPED(CODE, 0, "a\0b\0" "8@\t");

    CHECK_SKIPPED(CODE, 0, "a\0b\0" "1 2 3 4 5 6 7 8 9 10 11 12 13");
}
END_TEST

/* More probes than any list takes. */
START_TEST(test_many)
{
    struct usdt_notes notes;
    struct ofpbuf b;
    int fd;

    ofpbuf_init(&b, 0);
    for (int i = 0; i < 10000; i++) {
        PUT_NOTE(&b, ELFCLASS64, CODE, 0, "a\0b\0" "8@%rax");
    }
    fd = build_elf(ELFCLASS64, ET_DYN, BASE, &b);
    ck_assert_ptr_null(read_fd(fd, &notes));
    ck_assert_uint_eq(notes.n, 8192);
    ck_assert_uint_eq(notes.n_skipped_probes, 10000 - 8192);
    usdt_notes_destroy(&notes);
    close(fd);

    ofpbuf_put_zeros(&b, 4 * 1024 * 1024);
    fd = build_elf(ELFCLASS64, ET_DYN, BASE, &b);
    check_error(fd, "section is too large");
    ofpbuf_uninit(&b);
}
END_TEST

static int
make_with_byte(size_t offset, uint8_t byte)
{
    int fd = build_elf_sample(ELFCLASS64, ET_DYN, BASE);

    ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
    return fd;
}

START_TEST(test_errors)
{
    int fd = memfd_create("empty", MFD_CLOEXEC);
    struct usdt_notes notes;
    char *error;
    int fds[2];

    check_error(fd, "not an ELF file");
    check_error(make_with_byte(0, 0), "not an ELF file");
    check_error(make_with_byte(EI_CLASS, 3), "neither ELF32 nor ELF64");
    check_error(make_with_byte(EI_DATA, 3), "byte order");
    check_error(build_elf_sample(ELFCLASS64, ET_REL, BASE),
                "neither a program");
    check_error(build_elf_sample(ELFCLASS32, ET_CORE, BASE),
                "neither a program");
    check_error(make_with_byte(offsetof(Elf64_Ehdr, e_shnum), 0),
                "too many sections");
    check_error(make_with_byte(offsetof(Elf64_Ehdr, e_shnum) + 1, 0xff),
                "too many sections");
    check_error(make_with_byte(offsetof(Elf64_Ehdr, e_phnum) + 1, 0xff),
                "too many segments");

    ck_assert_int_eq(pipe(fds), 0);
    check_error(fds[0], "not a regular file");
    close(fds[1]);

    error = usdt_notes_read_file("/no\nsuch\033file", &notes);
    ck_assert_str_eq(error, "cannot read the USDT probes of /no\\012such\\033"
                     "file: No such file or directory");
    usdt_notes_destroy(&notes);
    free(error);
}
END_TEST

/* Copies the contents of 'fd' into '*copy'. */
static void
read_all(int fd, struct ofpbuf *copy)
{
    size_t size = lseek(fd, 0, SEEK_END);

    ofpbuf_init(copy, size);
    ck_assert_int_eq(pread(fd, ofpbuf_put_uninit(copy, size), size, 0), size);
}

START_TEST(test_truncated)
{
    int fd = build_elf_sample(classes[_i], ET_DYN, BASE);
    size_t size = lseek(fd, 0, SEEK_END);

    while (size-- > 0) {
        ck_assert_int_eq(ftruncate(fd, size), 0);
        check_damaged(fd);
    }
    close(fd);
}
END_TEST

/* Changes one to four bytes, half of the time to something extreme. */
START_TEST(test_flipped)
{
    int fd = build_elf_sample(classes[_i], ET_DYN, BASE);
    struct ofpbuf original;

    read_all(fd, &original);
    for (uint32_t i = 0; i < 20000; i++) {
        for (uint32_t j = 0; j <= i % 4; j++) {
            uint32_t random = hash_2words(i, j);
            uint8_t byte = random & 0x100 ? random : random & 0x200 ? 255 : 0;
            size_t offset = (random >> 10) % original.size;

            ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
        }
        check_damaged(fd);
        ck_assert_int_eq(pwrite(fd, original.data, original.size, 0),
                         original.size);
    }
    ofpbuf_uninit(&original);
    close(fd);
}
END_TEST

static const struct usdt_probe *
find_probe(const struct usdt_notes *notes, const char *provider,
           const char *name)
{
    for (size_t i = 0; i < notes->n; i++) {
        const struct usdt_probe *probe = &notes->probes[i];

        if (!strcmp(probe->provider, provider) && !strcmp(probe->name, name)) {
            return probe;
        }
    }
    return NULL;
}

#ifdef HAVE_SYS_SDT_H
static void
check_own_probes(const struct usdt_notes *notes)
{
    const struct usdt_probe *probe;

    probe = find_probe(notes, "usdt_notes_test", "none");
    ck_assert_ptr_nonnull(probe);
    ck_assert_uint_eq(probe->n_args, 0);

    probe = find_probe(notes, "usdt_notes_test", "three");
    ck_assert_ptr_nonnull(probe);
    ck_assert_uint_eq(probe->n_args, 3);
    ck_assert_uint_eq(probe->args[0].size, sizeof(void *));
    ck_assert_uint_eq(probe->args[1].size, 4);
    ck_assert(probe->args[1].is_signed);
    ck_assert_uint_eq(probe->args[2].size, 2);
    ck_assert(!probe->args[2].is_signed);
}

/* The probes of this program, in its file and in this process. */
START_TEST(test_own)
{
    struct usdt_notes notes;
    uint16_t last = _i;
    int middle = -_i;

    DTRACE_PROBE(usdt_notes_test, none);
    DTRACE_PROBE3(usdt_notes_test, three, &notes, middle, last);

    ck_assert_ptr_null(usdt_notes_read_file("/proc/self/exe", &notes));
    check_own_probes(&notes);
    usdt_notes_destroy(&notes);

    ck_assert_ptr_null(usdt_notes_read_process(getpid(), &notes));
    check_own_probes(&notes);
    usdt_notes_destroy(&notes);
}
END_TEST
#endif

/* A file that this process may run, and that has no name. */
START_TEST(test_deleted)
{
    int fd = build_elf_sample(ELFCLASS64, ET_DYN, BASE);
    void *memory = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    const struct usdt_probe *probe;
    struct usdt_notes notes, again;

    ck_assert_ptr_ne(memory, MAP_FAILED);
    ck_assert_ptr_null(usdt_notes_read_process(getpid(), &notes));
    probe = find_probe(&notes, "other", "third");
    if (probe) {
        ck_assert_str_eq(probe->object->path, "/memfd:usdt");
        ck_assert(probe->object->deleted);
        ck_assert_ptr_null(usdt_notes_read_file(probe->object->file, &again));
        check_sample(&again, 0);
        usdt_notes_destroy(&again);
    } else {
        /* Needs a privilege that we do not have. */
        ck_assert_uint_gt(notes.n_skipped_files, 0);
        ck_assert_ptr_nonnull(strstr(notes.problem, "/memfd:usdt: "));
    }
    usdt_notes_destroy(&notes);
    munmap(memory, 1);
    close(fd);
}
END_TEST

static void
check_process_error(pid_t pid)
{
    struct usdt_notes notes;
    char *error = usdt_notes_read_process(pid, &notes);

    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, "process") && strstr(error, "check that"),
                  "%s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
    ck_assert_uint_eq(notes.n, 0);
    usdt_notes_destroy(&notes);
    free(error);
}

START_TEST(test_no_process)
{
    siginfo_t info;
    pid_t pid = fork();

    if (!pid) {
        _exit(0);
    }
    ck_assert_int_eq(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
    check_process_error(pid);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    check_process_error(pid);
    check_process_error(0);
    check_process_error(-1);
}
END_TEST

START_TEST(test_known)
{
    struct usdt_probe probes[] = {
        { .provider = CONST_CAST(char *, "main"),
          .name = CONST_CAST(char *, "run_start") },
        { .provider = CONST_CAST(char *, "libc"),
          .name = CONST_CAST(char *, "setjmp") },
    };
    struct usdt_notes notes = { .probes = probes, .n = ARRAY_SIZE(probes) };

    for (size_t i = 0; i < USDT_N_KNOWN_PROBES; i++) {
        const struct usdt_known_probe *known = &usdt_known_probes[i];

        ck_assert_ptr_eq(usdt_known_probe_find(known->provider, known->name),
                         known);
        ck_assert(known->since[0] && known->when[0]);
        for (size_t j = 0; j < USDT_ARGS_MAX; j++) {
            ck_assert_int_eq(known->args[j].name != NULL, j < known->n_args);
            ck_assert_int_eq(known->args[j].meaning != NULL,
                             j < known->n_args);
        }
    }
    ck_assert_ptr_null(usdt_known_probe_find("main", "recv_upcall"));
    ck_assert_ptr_null(usdt_known_probe_find("", ""));
    ck_assert_uint_eq(usdt_known_count(&notes), 1);
}
END_TEST

/* Returns the tests of this file, and others of what is in processes. */
Suite *
usdt_notes_suite(void)
{
    Suite *suite = suite_create("usdt-notes");
    TCase *tcase = tcase_create("usdt-notes");

    tcase_add_loop_test(tcase, test_sample, 0, 8);
    tcase_add_test(tcase, test_skipped);
    tcase_add_test(tcase, test_many);
    tcase_add_test(tcase, test_errors);
    tcase_add_loop_test(tcase, test_truncated, 0, ARRAY_SIZE(classes));
    tcase_add_loop_test(tcase, test_flipped, 0, ARRAY_SIZE(classes));
#ifdef HAVE_SYS_SDT_H
    tcase_add_test(tcase, test_own);
#endif
    tcase_add_test(tcase, test_deleted);
    tcase_add_test(tcase, test_no_process);
    tcase_add_test(tcase, test_known);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, proc_maps_tcase());
    suite_add_tcase(suite, usdt_args_tcase());
    suite_add_tcase(suite, netlink_sockets_tcase());
    return suite;
}
