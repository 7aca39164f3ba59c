/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-wrong-type.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "util.h"

/* Files that people may take for a trace, by their first bytes. */
static const struct {
    const char *bytes;
    size_t n;
    const char *what;           /* And what to do about it. */
} wrong_types[] = {
#define TYPE(BYTES, WHAT) { BYTES, sizeof BYTES - 1, WHAT }
#define PACKETS "a file of packets, not of records: take the one that " \
    "record has written"
#define UNPACK(PROGRAM) "compressed: unpack it (" PROGRAM ")"
    TYPE("\x0a\x0d\x0d\x0a", PACKETS),
    TYPE("\xd4\xc3\xb2\xa1", PACKETS),
    TYPE("\xa1\xb2\xc3\xd4", PACKETS),
    TYPE("\x4d\x3c\xb2\xa1", PACKETS),
    TYPE("\xa1\xb2\x3c\x4d", PACKETS),
    TYPE("\xfd" "7zXZ", UNPACK("xz -dc")),
    TYPE("BZh", UNPACK("bzip2 -dc")),
    TYPE("\x04\x22\x4d\x18", UNPACK("lz4 -dc")),
    TYPE("PK\x03\x04", UNPACK("unzip -p")),
    TYPE("[{", "an array, not lines: take a file that record has written"),
#undef UNPACK
#undef PACKETS
#undef TYPE
};

/* Returns what the file 'name' is instead of a trace, and what to do about it,
 * for people; NULL if that is not known. */
const char *
trace_wrong_type(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char bytes[8] = "";
    ssize_t n;

    if (fd < 0) {
        return NULL;
    }
    n = read(fd, bytes, sizeof bytes);
    close(fd);
    for (size_t i = 0; i < ARRAY_SIZE(wrong_types); i++) {
        if (n >= (ssize_t) wrong_types[i].n
            && !memcmp(bytes, wrong_types[i].bytes, wrong_types[i].n)) {
            return wrong_types[i].what;
        }
    }
    return NULL;
}
