/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/packed-reader.c: all that can be unpacked is, whatever
 * happened to the file. */

#include <config.h>

#include "file/packed-reader.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/packed-file.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "random.h"
#include "util.h"

TCase *packed_reader_tcase(void);

static const char *const endings[] = { ".json", ".json.gz", ".json.zst" };

static char dir[32];
static char *name;
static struct ds written, found;

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-packed-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ds_init(&written);
    ds_init(&found);
}

static void
teardown(void)
{
    if (name) {
        unlink(name);
        free(name);
        name = NULL;
    }
    ck_assert_int_eq(rmdir(dir), 0);
    ds_destroy(&written);
    ds_destroy(&found);
}

/* Writes a file with 'n' lines, and leaves what is in it in 'written'. */
static void
write_file(int kind, int n)
{
    struct packed_file *file;

    name = xasprintf("%s/t%s", dir, endings[kind]);
    ck_assert_int_eq(packed_file_create(name, NULL, &file), 0);
    for (int i = 0; i < n; i++) {
        size_t start = written.length;

        ds_put_format(&written, "%u and %u are the numbers of line %d\n",
                      i * 2654435761u, i * 40503u, i);
        ck_assert_int_eq(packed_file_write(file, ds_cstr(&written) + start,
                                           written.length - start), 0);
    }
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
}

/* Reads the whole file to 'found'.  Returns the error, which the caller
 * frees. */
static char *
read_file(void)
{
    struct packed_reader *r;
    const void *data;
    size_t size;
    char *error;

    ds_clear(&found);
    ck_assert_int_eq(packed_reader_open(name, &r), 0);
    do {
        error = packed_reader_next(r, &data, &size);
        ds_put_buffer(&found, data, size);
    } while (size && !error);
    if (!error) {
        ck_assert_uint_eq(packed_reader_position(r), packed_reader_size(r));
    }
    packed_reader_close(r);
    return error;
}

/* What was found is what was written, up to where it ends. */
static void
check_start(void)
{
    ck_assert_uint_le(found.length, written.length);
    ck_assert_int_eq(memcmp(ds_cstr(&found), ds_cstr(&written),
                            found.length), 0);
}

/* Returns the 'size' bytes of the file, which the caller frees. */
static uint8_t *
get_bytes(size_t *size)
{
    FILE *stream = fopen(name, "r");
    uint8_t *bytes = xmalloc(8 << 20);

    *size = fread(bytes, 1, 8 << 20, stream);
    fclose(stream);
    return bytes;
}

static void
put_bytes(const void *bytes, size_t size)
{
    FILE *stream = fopen(name, "w");

    ck_assert_uint_eq(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

START_TEST(test_whole)
{
    static const int sizes[] = { 0, 1, 1000, 100000 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        ds_clear(&written);
        free(name);
        write_file(_i, sizes[i]);
        ck_assert_ptr_null(read_file());
        ck_assert_uint_eq(found.length, written.length);
        check_start();
    }
}
END_TEST

/* Wherever a file is cut off, what was packed before is read.  What is packed
 * tells that it is cut, except between two members. */
START_TEST(test_cut)
{
    size_t size;
    uint8_t *bytes;

    write_file(_i, 30000);
    bytes = get_bytes(&size);
    for (int i = 0; i < 100; i++) {
        size_t n = 4 + (i < 20 ? i : random_range(size - 4));
        char *error;

        put_bytes(bytes, n);
        error = read_file();
        check_start();
        if (!_i) {
            ck_assert_ptr_null(error);
            ck_assert_uint_eq(found.length, n);
        } else {
            ck_assert(!error || strstr(error, "cut off"));
            ck_assert(error || found.length > PACKED_MEMBER / 2);
        }
        free(error);
    }
    free(bytes);
}
END_TEST

/* Wherever a bit is wrong, that is found, by a sum at the end of the member if
 * not before; unless it is one that says nothing of the bytes, as the time in
 * the header of a member of gzip. */
START_TEST(test_flipped)
{
    int n_found = 0;
    size_t size;
    uint8_t *bytes;

    if (!_i) {
        return;                 /* Nothing tells. */
    }
    write_file(_i, 30000);
    bytes = get_bytes(&size);
    for (int i = 0; i < 100; i++) {
        size_t at = 12 + random_range(size - 12);
        char *error;

        bytes[at] ^= 0x10;
        put_bytes(bytes, size);
        error = read_file();
        if (!error) {
            ck_assert_uint_eq(found.length, written.length);
            check_start();
        }
        n_found += error != NULL;
        free(error);
        bytes[at] ^= 0x10;
    }
    ck_assert_int_ge(n_found, 90);
    free(bytes);
}
END_TEST

/* What follows the last member is wrong, but all before it is good. */
START_TEST(test_garbage)
{
    size_t size;
    uint8_t *bytes;
    char *error;

    if (!_i) {
        return;
    }
    write_file(_i, 10);
    bytes = get_bytes(&size);
    memcpy(bytes + size, "garbage and more", 16);
    put_bytes(bytes, size + 16);
    error = read_file();
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "damaged at byte"));
    ck_assert_uint_eq(found.length, written.length);
    check_start();
    free(error);
    free(bytes);
}
END_TEST

/* Returns how many of the 'n' bytes at 'p' begin the last member, which is
 * found by how members begin, from the end on. */
static size_t
find_last_member(const uint8_t *p, size_t n, const void *magic, size_t len)
{
    while (n && memcmp(p + --n, magic, len)) {
        continue;
    }
    return n;
}

/* What fills the space between members, before them and behind them is left
 * out, whatever comes together in what is read at once. */
START_TEST(test_filled)
{
    static const size_t sizes[] = { 1, 3, 512, 65536, 100000 };
    /* An empty member of gzip; a frame to be skipped, and an empty one. */
    static const uint8_t gzip[] = {
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    static const uint8_t zstd[] = {
        0x57, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c',
        0x28, 0xb5, 0x2f, 0xfd, 0, 0, 1, 0, 0
    };
    const uint8_t *empty = _i == 1 ? gzip : zstd;
    size_t n_empty = _i == 1 ? sizeof gzip : sizeof zstd;
    size_t size, start;
    uint8_t *bytes;

    if (!_i) {
        return;
    }
    write_file(_i, 60000);
    bytes = get_bytes(&size);
    start = find_last_member(bytes, size - 4, _i == 1 ? gzip : zstd + 11,
                             _i == 1 ? 3 : 4);
    ck_assert_uint_gt(start, 0);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint8_t *zeros = xzalloc(sizes[i]);
        FILE *stream = fopen(name, "w");

        fwrite(empty, 1, n_empty, stream);
        fwrite(bytes, 1, start, stream);
        fwrite(zeros, 1, sizes[i], stream);
        fwrite(empty, 1, n_empty, stream);
        fwrite(bytes + start, 1, size - start, stream);
        fwrite(zeros, 1, sizes[i], stream);
        fwrite(empty, 1, n_empty, stream);
        fwrite(zeros, 1, sizes[i], stream);
        fclose(stream);
        free(zeros);
        ck_assert_ptr_null(read_file());
        ck_assert_uint_eq(found.length, written.length);
        check_start();
    }
    free(bytes);
}
END_TEST

/* The first bytes of a small file come behind a frame that is skipped, and are
 * all that is left when that was read. */
START_TEST(test_skipped_first)
{
    static const uint8_t skipped[] = {
        0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4
    };
    size_t size;
    uint8_t *bytes;

    write_file(2, 10);
    bytes = get_bytes(&size);
    memmove(bytes + sizeof skipped, bytes, size);
    memcpy(bytes, skipped, sizeof skipped);
    put_bytes(bytes, size + sizeof skipped);
    free(bytes);
    ck_assert_ptr_null(read_file());
    ck_assert_uint_eq(found.length, written.length);
    check_start();
}
END_TEST

/* A window that would need much memory is refused: a frame with the smallest
 * descriptor that says 1 GB. */
START_TEST(test_window)
{
    static const uint8_t frame[] = {
        0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00
    };
    char *error;

    name = xasprintf("%s/t", dir);
    put_bytes(frame, sizeof frame);
    error = read_file();
    ck_assert_ptr_nonnull(error);
    ck_assert_str_eq(error, "what is packed at byte 0 of the file needs a "
                     "window of more than 8 MB, as \"zstd --long\" and "
                     "\"--ultra\" make it: unpack it with \"zstd -dc "
                     "--long=31\"");
    free(error);
}
END_TEST

START_TEST(test_errors)
{
    struct packed_reader *r;

    ck_assert_int_eq(packed_reader_open("/nonexistent/t", &r), ENOENT);
    ck_assert_ptr_null(r);
    packed_reader_close(r);
    name = xasprintf("%s/t", dir);
    put_bytes("", 0);
    ck_assert_ptr_null(read_file());
    free(name);
    name = xstrdup("/");
    char *error = read_file();
    ck_assert_ptr_nonnull(strstr(error, "cannot be read (Is a directory)"));
    free(error);
    free(name);
    name = xasprintf("%s/t", dir);
}
END_TEST

/* Returns the tests of this file. */
TCase *
packed_reader_tcase(void)
{
    TCase *tc = tcase_create("packed-reader");
    int n = ARRAY_SIZE(endings);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_whole, 0, n);
    tcase_add_loop_test(tc, test_cut, 0, n);
    tcase_add_loop_test(tc, test_flipped, 0, n);
    tcase_add_loop_test(tc, test_garbage, 0, n);
    tcase_add_loop_test(tc, test_filled, 0, n);
    tcase_add_test(tc, test_skipped_first);
    tcase_add_test(tc, test_window);
    tcase_add_test(tc, test_errors);
    return tc;
}
