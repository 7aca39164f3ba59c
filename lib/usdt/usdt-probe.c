/* SPDX-License-Identifier: Apache-2.0 */

/* Parsing of the note of a USDT probe.
 *
 * A probe made with <sys/sdt.h> is a "nop" instruction and a note in section
 * .note.stapsdt of the ELF file, which strip keeps.  The note has the owner
 * "stapsdt" and type 3, and consists of three addresses, as large as those of
 * the ELF class, and of three strings with null terminators:
 *
 *     pc, base, semaphore     provider, name, arguments
 *
 * Arguments are separated by spaces.  Each is SIZE@LOCATION, after a '-' if it
 * is signed, and with an 'f' after the size if it is a floating-point number.
 * A location may have spaces between brackets ("8@[sp, 16]" on ARM).
 *
 * Nothing in a note is trusted: what makes no sense, or exceeds the limits
 * below, is no probe. */

#include <config.h>
#include "usdt/usdt-probe.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define NAME_LENGTH_MAX 128     /* Of provider, and of name. */
#define ARGS_LENGTH_MAX 1024    /* Of all arguments. */
#define ARG_SIZE_MAX 64         /* The largest vector register. */

/* What remains of a note. */
struct cursor {
    const char *data;
    size_t size;
};

static uint64_t take_address(struct cursor *, bool is_64bit);
static char *take_string(struct cursor *, char first, size_t max_length);
static bool split_args(struct usdt_probe *);
static size_t arg_length(const char *);
static void parse_arg(const char *text, struct usdt_arg *);

/* Fills '*probe', which must be empty but for 'object', from the 'size' bytes
 * at 'note'.  Returns true if successful; the caller must free what is in
 * '*probe' with usdt_probe_uninit() in any case. */
bool
usdt_probe_parse(const char *note, size_t size, bool is_64bit,
                 struct usdt_probe *probe)
{
    struct cursor cursor = { note, size };

    if (cursor.size < 3 * (is_64bit ? 8 : 4)) {
        return false;
    }
    probe->pc = take_address(&cursor, is_64bit);
    probe->base = take_address(&cursor, is_64bit);
    probe->semaphore = take_address(&cursor, is_64bit);
    probe->provider = take_string(&cursor, '!', NAME_LENGTH_MAX);
    probe->name = take_string(&cursor, '!', NAME_LENGTH_MAX);
    probe->args_text = take_string(&cursor, ' ', ARGS_LENGTH_MAX);
    return (probe->provider && probe->provider[0]
            && probe->name && probe->name[0]
            && probe->args_text && split_args(probe));
}

/* Frees what is in '*probe', but not 'probe' itself. */
void
usdt_probe_uninit(struct usdt_probe *probe)
{
    free(probe->provider);
    free(probe->name);
    free(probe->args_text);
    free(probe->args_split);
}

/* Removes an address from the start of 'c', which must have one. */
static uint64_t
take_address(struct cursor *c, bool is_64bit)
{
    size_t size = is_64bit ? sizeof(uint64_t) : sizeof(uint32_t);
    uint64_t address64;
    uint32_t address32;

    memcpy(is_64bit ? (void *) &address64 : &address32, c->data, size);
    c->data += size;
    c->size -= size;
    return is_64bit ? address64 : address32;
}

/* Removes a string from the start of 'c'.  Returns a copy, or NULL if there is
 * none, it is longer than 'max_length', or has characters other than 'first'
 * up to '~'. */
static char *
take_string(struct cursor *c, char first, size_t max_length)
{
    const char *s = c->data;
    const char *end = memchr(s, '\0', c->size);

    if (!end || end - s > max_length) {
        return NULL;
    }
    for (const char *p = s; p < end; p++) {
        if (*p < first || *p > '~') {
            return NULL;
        }
    }
    c->size -= end + 1 - s;
    c->data = end + 1;
    return xmemdup0(s, end - s);
}

/* Arguments. */

/* Fills 'args' of 'probe'.  Returns false if there are too many. */
static bool
split_args(struct usdt_probe *probe)
{
    char *p = probe->args_split = xstrdup(probe->args_text);

    while (*(p += strspn(p, " "))) {
        size_t length = arg_length(p);
        bool is_last = !p[length];

        if (probe->n_args >= USDT_ARGS_MAX) {
            return false;
        }
        p[length] = '\0';
        parse_arg(p, &probe->args[probe->n_args++]);
        p += length + !is_last;
    }
    return true;
}

/* Returns the length of the argument at the start of 's'. */
static size_t
arg_length(const char *s)
{
    int depth = 0;
    size_t i;

    for (i = 0; s[i] && (s[i] != ' ' || depth > 0); i++) {
        depth += s[i] == '(' || s[i] == '[';
        depth -= s[i] == ')' || s[i] == ']';
    }
    return i;
}

static void
parse_arg(const char *text, struct usdt_arg *arg)
{
    const char *digits = text + (*text == '-');
    const char *p = digits + strspn(digits, "0123456789");
    bool is_float = *p == 'f';
    unsigned int size = p - digits <= 2 ? atoi(digits) : 0;

    p += is_float;
    if (size && size <= ARG_SIZE_MAX && p[0] == '@' && p[1]) {
        *arg = (struct usdt_arg) { size, *text == '-', is_float, p + 1 };
    } else {
        *arg = (struct usdt_arg) { .location = text };
    }
}
