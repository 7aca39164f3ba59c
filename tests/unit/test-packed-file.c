/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/packed-file.c: what was flushed can be read, whatever
 * happens then. */

#include <config.h>

#include "file/packed-file.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *packed_file_tcase(void);

static const char *const endings[] = { ".json", ".json.gz", ".json.zst" };

static char dir[32];
static char *name;
static struct ds written, found;
static struct packed_file *file;

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
    }
    free(name);
    name = NULL;
    ck_assert_int_eq(rmdir(dir), 0);
    ds_destroy(&written);
    ds_destroy(&found);
}

static void
create(int i)
{
    name = xasprintf("%s/t%s", dir, endings[i]);
    ck_assert_int_eq(packed_file_create(name, NULL, &file), 0);
}

static void
write_lines(int n)
{
    for (int i = 0; i < n; i++) {
        char line[64];
        int length = snprintf(line, sizeof line, "line %u of %d\n",
                              i * 2654435761u, n);

        ck_assert_int_eq(packed_file_write(file, line, length), 0);
        ds_put_buffer(&written, line, length);
    }
}

/* Reads all that zlib can read of the file, which is what it is if it is not
 * compressed. */
static void
read_gzip(void)
{
    gzFile gz = gzopen(name, "r");
    char buffer[4096];
    int n;

    while ((n = gzread(gz, buffer, sizeof buffer)) > 0) {
        ds_put_buffer(&found, buffer, n);
    }
    gzclose(gz);
}

/* The same with libzstd. */
static void
read_zstd(void)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    FILE *stream = fopen(name, "r");
    char in[4096], buffer[4096];
    size_t n;

    while ((n = fread(in, 1, sizeof in, stream)) > 0) {
        ZSTD_inBuffer input = { in, n, 0 };
        ZSTD_outBuffer output = { buffer, sizeof buffer, 0 };

        do {
            output.pos = 0;
            ck_assert(!ZSTD_isError(ZSTD_decompressStream(zstd, &output,
                                                          &input)));
            ds_put_buffer(&found, buffer, output.pos);
        } while (input.pos < input.size || output.pos == sizeof buffer);
    }
    fclose(stream);
    ZSTD_freeDCtx(zstd);
}

/* What can be read of the file must be what was written. */
static void
expect_all(int i)
{
    ds_clear(&found);
    if (i == 2) {
        read_zstd();
    } else {
        read_gzip();
    }
    ck_assert_uint_eq(found.length, written.length);
    ck_assert_int_eq(memcmp(ds_cstr(&found), ds_cstr(&written),
                            written.length), 0);
}

/* Returns how many members begin in the file: their first bytes do not come
 * about by chance in what is written here. */
static int
count_members(int i)
{
    static const char gzip[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00";
    static const char zstd[] = "\x28\xb5\x2f\xfd";
    const char *magic = i == 2 ? zstd : gzip;
    size_t n = i == 2 ? sizeof zstd - 1 : sizeof gzip - 1;
    FILE *stream = fopen(name, "r");
    char *bytes = xmalloc(8 << 20);
    size_t length = fread(bytes, 1, 8 << 20, stream);
    int count = 0;

    for (size_t k = 0; k + n <= length; k++) {
        count += !memcmp(bytes + k, magic, n);
    }
    fclose(stream);
    free(bytes);
    return count;
}

START_TEST(test_flushed)
{
    struct stat s;

    create(_i);
    ck_assert_int_eq(stat(name, &s), 0);
    ck_assert_int_eq(s.st_mode & 0777, 0600);
    for (int i = 0; i < 3; i++) {
        write_lines(1000);
        ck_assert_int_eq(packed_file_flush(file), 0);
        expect_all(_i);         /* While it is being written. */
    }
    ck_assert_int_eq(packed_file_flush(file), 0);
    ck_assert_int_eq(stat(name, &s), 0);
    ck_assert_uint_eq(packed_file_size(file), s.st_size);
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    expect_all(_i);
}
END_TEST

START_TEST(test_members)
{
    struct stat s;

    create(_i);
    while (written.length <= 3 * PACKED_MEMBER) {
        write_lines(1000);
    }
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    expect_all(_i);
    ck_assert_int_eq(stat(name, &s), 0);
    if (_i) {
        ck_assert_int_eq(count_members(_i), 4);
        ck_assert_uint_lt(s.st_size, written.length / 2);
    } else {
        ck_assert_uint_eq(s.st_size, written.length);
    }
}
END_TEST

/* What was there before goes. */
START_TEST(test_truncated)
{
    create(_i);
    write_lines(1000);
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    ds_clear(&written);
    free(name);
    create(_i);
    write_lines(1);
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    expect_all(_i);
}
END_TEST

START_TEST(test_errors)
{
    int error = 0;

    ck_assert_int_eq(packed_file_create("/nonexistent/t", NULL, &file),
                     ENOENT);
    ck_assert_ptr_null(file);
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    if (access("/dev/full", W_OK)) {
        return;
    }
    ck_assert_int_eq(packed_file_create("/dev/full", NULL, &file), 0);
    ck_assert_int_eq(packed_file_write(file, "x\n", 2), 0);
    ck_assert_int_eq(packed_file_flush(file), ENOSPC);
    ck_assert_int_eq(packed_file_write(file, "x\n", 2), ENOSPC);
    ck_assert_int_eq(packed_file_close(file, NULL), ENOSPC);

    ck_assert_int_eq(packed_file_create("/dev/full", NULL, &file), 0);
    for (int i = 0; i < 100000 && !error; i++) {
        error = packed_file_write(file, "12345678\n", 9);
    }
    ck_assert_int_eq(error, ENOSPC);    /* Without a flush, too. */
    packed_file_close(file, NULL);
}
END_TEST

/* Returns the tests of this file. */
TCase *
packed_file_tcase(void)
{
    TCase *tc = tcase_create("packed-file");
    int n = ARRAY_SIZE(endings);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_flushed, 0, n);
    tcase_add_loop_test(tc, test_members, 0, n);
    tcase_add_loop_test(tc, test_truncated, 0, n);
    tcase_add_test(tc, test_errors);
    return tc;
}
