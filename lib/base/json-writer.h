/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_WRITER_H
#define LIB_JSON_WRITER_H 1

/* Writes JSON as text, value by value, without a tree of "struct json".
 *
 * Text is the same, byte for byte, as json_to_string() of OVS makes of a tree
 * with the same values, with JSSF_SORT if the members of each object are
 * written in the order of strcmp().
 *
 *     json_write_object(&w, NULL);
 *     json_write_integer(&w, "cpu", 7);
 *     json_write_array(&w, "names");
 *     json_write_string(&w, NULL, "p0");
 *     json_write_end_array(&w);
 *     json_write_end_object(&w);
 *
 * Each function that writes a value takes the name of the member if it is in
 * an object, and NULL otherwise.  Names are ours: they have nothing that JSON
 * escapes.  The writer sets the commas; that what is begun is ended is the
 * matter of the caller. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct json;

struct json_writer {
    struct ds *ds;              /* What is written is appended to this. */
    bool comma;                 /* One is due before the next value. */
    size_t string;              /* Where the string under way began. */
};

void json_writer_init(struct json_writer *, struct ds *);

void json_write_object(struct json_writer *, const char *name);
void json_write_end_object(struct json_writer *);
void json_write_array(struct json_writer *, const char *name);
void json_write_end_array(struct json_writer *);

void json_write_null(struct json_writer *, const char *name);
void json_write_bool(struct json_writer *, const char *name, bool);
void json_write_integer(struct json_writer *, const char *name, long long int);
void json_write_integer_if(struct json_writer *, const char *name, bool known,
                           long long int);
void json_write_tree(struct json_writer *, const char *name,
                     const struct json *);
void json_write_real(struct json_writer *, const char *name, double);
void json_write_string(struct json_writer *, const char *name, const char *);
void json_write_string_len(struct json_writer *, const char *name,
                           const char *, size_t len);
void json_write_number_string(struct json_writer *, const char *name,
                              uint64_t);

struct ds *json_write_text(struct json_writer *, const char *name);
void json_write_end_text(struct json_writer *);
void json_write_null_text(struct json_writer *);

#endif /* lib/base/json-writer.h */
