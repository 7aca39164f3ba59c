/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_SHOW_H
#define EXTENSION_SHOW_H 1

/* Upcalls of the history, for upcall-trace/show and upcall-trace/read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct json;
struct session;

enum show_form {
    SHOW_UPCALLS,               /* A paragraph for each upcall. */
    SHOW_EVENTS,                /* A line for each event. */
};

void show_add_json(const struct session *, uint64_t seq, struct json *array);
struct json *show_range_json(const struct session *, uint64_t from,
                             uint64_t until);
void show_range_text(const struct session *, uint64_t from, uint64_t until,
                     enum show_form, struct ds *);
uint64_t show_find_id(const struct session *, uint64_t id);

#endif /* extension/show.h */
