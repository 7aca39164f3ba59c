/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/numbered-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file/packed-file.h"
#include "openvswitch/util.h"
#include "svec.h"
#include "util.h"

/* Digits of a number: at least so many, and at most so many in names of files
 * that are taken for ours.  A date has more. */
#define DIGITS_MIN 5
#define DIGITS_MAX 7

/* How many numbers are tried if there are files that were not before. */
#define TRIES_MAX 1000

/* Returns where in 'name' the ending is that says what is in the file: ".json"
 * or the like, and that of the compression. */
static size_t
find_ending(const char *name)
{
    static const char *const endings[] = {
        ".gz", ".zst", ".json", ".jsonl", ".ndjson"
    };
    size_t length = strlen(name);

    for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t n = strlen(endings[i]);

        if (length > n && !memcmp(name + length - n, endings[i], n)) {
            length -= n;
        }
    }
    return length;
}

/* Returns what the file 'number', from 1 on, of 'name' is called.  The caller
 * frees it. */
char *
numbered_file_name(const char *name, uint64_t number)
{
    size_t ending = find_ending(name);

    return xasprintf("%.*s.%0*"PRIu64"%s", (int) ending, name, DIGITS_MIN,
                     number, name + ending);
}

/* Creates the file of 'name' that comes behind '*number', of which there is
 * none yet: another process may be writing files of this name.  Returns 0,
 * stores its number in '*number', and in '*fp' what is to be closed with
 * packed_file_close(), or returns a positive errno value. */
int
numbered_file_create(const char *name, uint64_t *number,
                     struct packed_file **fp)
{
    int error = EEXIST;

    for (int i = 0; error == EEXIST && i < TRIES_MAX; i++) {
        char *next = numbered_file_name(name, ++*number);

        error = packed_file_create_new(next, fp);
        free(next);
    }
    return error;
}

/* Returns the number of the file 'entry' if it is one of 'name', which has no
 * directory, otherwise 0. */
static uint64_t
get_number(const char *entry, const char *name)
{
    size_t start = find_ending(name);
    uint64_t number = 0;
    char *expected;
    size_t n;
    bool is_ours;

    if (strncmp(entry, name, start) || entry[start] != '.') {
        return 0;
    }
    n = strspn(entry + start + 1, "0123456789");
    if (n < DIGITS_MIN || n > DIGITS_MAX) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        number = number * 10 + (entry[start + 1 + i] - '0');
    }
    expected = numbered_file_name(name, number);
    is_ours = !strcmp(entry, expected);
    free(expected);
    return is_ours ? number : 0;
}

/* Compares names of files by their numbers, which are all that differs. */
static int
compare(const void *a_, const void *b_)
{
    const char *const *a = a_;
    const char *const *b = b_;
    size_t a_len = strlen(*a), b_len = strlen(*b);

    return (a_len != b_len ? (a_len < b_len ? -1 : 1)
            : strcmp(*a, *b));
}

/* Adds the files of 'name' that 'dir' has to 'files'. */
static void
list(DIR *dir, const char *name, struct svec *files, uint64_t *last)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const struct dirent *entry;

    while ((entry = readdir(dir))) {
        uint64_t number = get_number(entry->d_name, base);
        struct stat s;

        if (number && !fstatat(dirfd(dir), entry->d_name, &s,
                               AT_SYMLINK_NOFOLLOW) && S_ISREG(s.st_mode)) {
            svec_add_nocopy(files, xasprintf("%.*s%s", (int) (base - name),
                                             name, entry->d_name));
            *last = MAX(*last, number);
        }
    }
}

/* Adds the files of 'name' that are there to 'files', those with the least
 * numbers first, and stores the greatest number in '*last', 0 if there is
 * none.  Returns 0 or a positive errno value. */
int
numbered_files_find(const char *name, struct svec *files, uint64_t *last)
{
    const char *slash = strrchr(name, '/');
    char *path = (slash ? xmemdup0(name, slash - name + 1) : xstrdup("."));
    DIR *dir = opendir(path);
    int error = dir ? 0 : errno;

    *last = 0;
    if (dir) {
        list(dir, name, files, last);
        closedir(dir);
    }
    if (files->n) {
        qsort(files->names, files->n, sizeof *files->names, compare);
    }
    free(path);
    return error;
}
