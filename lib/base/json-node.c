/* SPDX-License-Identifier: Apache-2.0 */

/* The parser: the first half of json-node.h. */

#include <config.h>

#include "base/json-node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-node-private.h"
#include "base/json-plain.h"
#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"

/* How often objects and arrays may be in each other, as in OVS. */
#define DEPTH_MAX 1000

/* Digits of a number of which each fits into an int64_t. */
#define DIGITS_MAX 18

static bool parse_value(struct json_tree *, struct json_node *, int depth);

/* Returns a new tree, which the caller frees with json_tree_destroy(). */
struct json_tree *
json_tree_create(void)
{
    struct json_tree *t = xzalloc(sizeof *t);

    t->max_nodes = JSON_TREE_MAX;
    return t;
}

/* Has no text have more than 'n' values, which is no more than
 * JSON_TREE_MAX. */
void
json_tree_set_max(struct json_tree *t, size_t n)
{
    ovs_assert(n <= JSON_TREE_MAX);
    t->max_nodes = n;
}

/* Frees 't', which may be NULL. */
void
json_tree_destroy(struct json_tree *t)
{
    if (t) {
        for (size_t i = 0; i < JSON_TREE_CHUNKS; i++) {
            free(t->chunks[i]);
        }
        free(t->strings);
        free(t);
    }
}

/* Notes that 'what' is wrong where 't' is.  Returns false. */
bool
json_tree_fail(struct json_tree *t, const char *what)
{
    if (!t->error) {
        t->error = xasprintf("byte %"PRIuSIZE": %s", (size_t) (t->p - t->text),
                             what);
    }
    return false;
}

/* Returns a node of which the caller sets all, NULL if there are too many. */
static struct json_node *
new_node(struct json_tree *t)
{
    size_t i = t->n_nodes / JSON_TREE_CHUNK;

    if (t->n_nodes >= t->max_nodes) {
        json_tree_fail(t, "too many values");
        return NULL;
    }
    if (!t->chunks[i]) {
        t->chunks[i] = xmalloc(JSON_TREE_CHUNK * sizeof *t->chunks[i]);
    }
    return &t->chunks[i][t->n_nodes++ % JSON_TREE_CHUNK];
}

static inline void
skip_spaces(struct json_tree *t)
{
    /* What this program writes has none. */
    if (t->p < t->end && (unsigned char) *t->p > ' ') {
        return;
    }
    while (t->p < t->end && (*t->p == ' ' || *t->p == '\n' || *t->p == '\t'
                             || *t->p == '\r')) {
        t->p++;
    }
}

/* Takes 'word', which has to be next. */
static bool
take_word(struct json_tree *t, const char *word)
{
    size_t n = strlen(word);

    if (t->end - t->p < n || memcmp(t->p, word, n)) {
        return json_tree_fail(t, "a value is missing");
    }
    t->p += n;
    return true;
}

/* Strings. */

/* Takes a string, whose first quote was taken, and stores it in '*s', which
 * has '*len' bytes. */
static inline bool
take_string(struct json_tree *t, const char **s, size_t *len)
{
    size_t n = json_copy_plain(t->free, t->p, t->end);

    *s = t->free;
    if (n < t->end - t->p && t->p[n] == '"') {
        t->p += n + 1;
        t->free += n;
    } else if (!json_tree_take_rest(t)) {
        return false;
    }
    *len = t->free - *s;
    *t->free++ = '\0';
    return true;
}

/* Values. */

/* Takes any number, as OVS does. */
static bool
take_other_number(struct json_tree *t, struct json_node *node)
{
    const struct json *number = NULL;
    struct json *array;
    size_t n = 0;
    char *s;

    while (n < t->end - t->p && t->p[n]
           && strchr("+-.0123456789eE", t->p[n])) {
        n++;
    }
    s = xasprintf("[%.*s]", (int) n, t->p);
    array = json_from_string(s);
    free(s);
    if (array->type == JSON_ARRAY && upcall_json_array_size(array) == 1) {
        number = upcall_json_array_at(array, 0);
        node->type = number->type;
        node->integer = (number->type == JSON_INTEGER ? json_integer(number)
                         : 0);
        t->p += n;
    } else {
        json_tree_fail(t, "a value is missing");
    }
    json_destroy(array);
    return number != NULL;
}

/* Takes a number: if it is an integer that is not too large, at once. */
static bool
take_number(struct json_tree *t, struct json_node *node)
{
    const char *p = t->p;
    bool negative = p < t->end && *p == '-';
    const char *digits = p + negative;
    int64_t value = 0;

    for (p = digits; p < t->end && *p >= '0' && *p <= '9'
         && p - digits < DIGITS_MAX; p++) {
        value = value * 10 + (*p - '0');
    }
    if (p == digits || (*digits == '0' && p > digits + 1)
        || (p < t->end && ((*p >= '0' && *p <= '9') || *p == '.'
                           || *p == 'e' || *p == 'E'))) {
        return take_other_number(t, node);
    }
    node->type = JSON_INTEGER;
    node->integer = negative ? -value : value;
    t->p = p;
    return true;
}

/* Takes an array, whose bracket was taken. */
static bool
take_array(struct json_tree *t, struct json_node *array, int depth)
{
    const struct json_node **last = &array->first;

    array->type = JSON_ARRAY;
    array->first = NULL;
    skip_spaces(t);
    if (json_tree_take(t, ']')) {
        return true;
    }
    do {
        struct json_node *node = new_node(t);

        if (!node) {
            return false;
        }
        node->name = NULL;
        node->name_len = 0;
        node->next = NULL;
        *last = node;
        last = &node->next;
        array->n++;
        if (!parse_value(t, node, depth)) {
            return false;
        }
        skip_spaces(t);
    } while (json_tree_take(t, ','));
    return (json_tree_take(t, ']')
            || json_tree_fail(t, "an array goes on without a comma"));
}

/* Takes a member of 'object'. */
static bool
take_member(struct json_tree *t, struct json_node *object, int depth)
{
    struct json_node *node = new_node(t);
    size_t len;

    skip_spaces(t);
    if (!node) {
        return false;
    } else if (!json_tree_take(t, '"')) {
        return json_tree_fail(t, "a name is missing");
    } else if (!take_string(t, &node->name, &len)) {
        return false;
    }
    node->name_len = len;
    node->next = object->first;
    object->first = node;
    object->n++;
    skip_spaces(t);
    return ((json_tree_take(t, ':') || json_tree_fail(t, "a colon is missing"))
            && parse_value(t, node, depth));
}

/* Takes an object, whose brace was taken. */
static bool
take_object(struct json_tree *t, struct json_node *object, int depth)
{
    object->type = JSON_OBJECT;
    object->first = NULL;
    skip_spaces(t);
    if (json_tree_take(t, '}')) {
        return true;
    }
    do {
        if (!take_member(t, object, depth)) {
            return false;
        }
        skip_spaces(t);
    } while (json_tree_take(t, ','));
    return (json_tree_take(t, '}')
            || json_tree_fail(t, "an object goes on without a comma"));
}

/* Takes a value, and sets 'node' but for what it has as a member or an
 * element.  It is within 'depth' others. */
static bool
parse_value(struct json_tree *t, struct json_node *node, int depth)
{
    node->n = 0;
    skip_spaces(t);
    switch (t->p < t->end ? *t->p : '\0') {
    case '"':
        t->p++;
        node->type = JSON_STRING;
        return take_string(t, &node->string, &node->n);
    case '{':
    case '[':
        if (depth >= DEPTH_MAX) {
            return json_tree_fail(t, "objects and arrays are in each other "
                                  "more than 1000 times");
        }
        return (*t->p++ == '{' ? take_object(t, node, depth + 1)
                : take_array(t, node, depth + 1));
    case 't':
        node->type = JSON_TRUE;
        return take_word(t, "true");
    case 'f':
        node->type = JSON_FALSE;
        return take_word(t, "false");
    case 'n':
        node->type = JSON_NULL;
        return take_word(t, "null");
    default:
        return take_number(t, node);
    }
}

/* Returns true if the text has nothing but ASCII. */
static bool
is_ascii(const struct json_tree *t)
{
    const char *p = t->text;
    uint64_t bits = 0;

    for (; t->end - p >= (ptrdiff_t) sizeof bits; p += sizeof bits) {
        uint64_t word;

        memcpy(&word, p, sizeof word);
        bits |= word;
    }
    for (; p < t->end; p++) {
        bits |= (uint8_t) *p;
    }
    return !(bits & UINT64_C(0x8080808080808080));
}

/* Fails unless the text is UTF-8. */
static void
check_utf8(struct json_tree *t)
{
    size_t length;
    char *copy, *error;

    if (is_ascii(t)) {
        return;
    }
    copy = xmemdup0(t->text, t->end - t->text);
    error = utf8_validate(copy, &length);
    if (error) {
        t->p = t->text + length;
        json_tree_fail(t, "not UTF-8");
    }
    free(copy);
    free(error);
}

/* Returns the value that the 'len' bytes at 'text' are, which stays until the
 * next call.  If they are none, returns NULL and stores what is wrong, for
 * people, in '*error', which the caller frees. */
const struct json_node *
json_tree_parse(struct json_tree *t, const char *text, size_t len,
                char **error)
{
    struct json_node *root;

    if (len >= t->allocated) {
        free(t->strings);
        t->allocated = ROUND_UP(len + 1, 4096);
        t->strings = xmalloc(t->allocated);
    }
    t->free = t->strings;
    t->n_nodes = 0;
    t->text = t->p = text;
    t->end = text + len;
    t->error = NULL;
    root = new_node(t);
    root->name = NULL;
    root->name_len = 0;
    root->next = NULL;
    if (parse_value(t, root, 0)) {
        skip_spaces(t);
        if (t->p < t->end) {
            json_tree_fail(t, "something follows");
        }
    }
    if (!t->error) {
        check_utf8(t);
    }
    *error = t->error;
    return t->error ? NULL : root;
}
