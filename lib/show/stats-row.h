/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_ROW_H
#define LIB_STATS_ROW_H 1

/* Statistics as tables, of whatever kind of records: a row for each outcome,
 * port or what else they are told apart by.  Which ports and datapaths there
 * are is the same for all kinds. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct histogram;
struct json;
struct stats_group_class;
struct stats_ports;

struct stats_row {
    char *name;                 /* NULL if unknown. */
    uint64_t n_past;            /* For how many that are not kept; else 0. */

    /* Of a port or a datapath. */
    bool has_port;              /* Are the numbers of the port known? */
    uint32_t dp_ifindex;
    uint32_t port_no;
    const char *datapath;       /* Its name, NULL if unknown. */

    /* Of a handler. */
    uint32_t tid, tgid;         /* 0 if unknown. */
    const struct histogram *queue;      /* UPCALL_STAGE_QUEUE, or NULL. */

    /* Of the records. */
    uint64_t count;
    const void *group;          /* Of the class of the rows. */
    void *own;                  /* The same, if it was added up for the row;
                                 * else NULL. */
};

struct stats_rows {
    const struct stats_group_class *class;
    struct stats_row *rows;
    size_t n, allocated;
};

/* Rows. */
void stats_rows_init(struct stats_rows *, const struct stats_group_class *);
void stats_rows_destroy(struct stats_rows *);
struct stats_row *stats_rows_add(struct stats_rows *, const char *name,
                                 const void *group);
struct stats_row *stats_rows_add_own(struct stats_rows *, const char *name);
void stats_rows_count_own(struct stats_rows *);
void stats_rows_add_past(struct stats_rows *, uint64_t n, const void *group);
void stats_rows_sort(struct stats_rows *);

/* Rows of ports and datapaths. */
void stats_rows_add_ports(struct stats_rows *, const struct stats_ports *);
void stats_rows_add_datapaths(struct stats_rows *, const struct stats_ports *);
void stats_rows_merge_ports(struct stats_rows *);

/* As JSON: stats-row-show.c. */
typedef void stats_row_json_cb(struct json *, const struct stats_row *);
struct json *stats_rows_to_json(const struct stats_rows *,
                                stats_row_json_cb *put_what,
                                stats_row_json_cb *put_counts);
stats_row_json_cb stats_row_put_port;
stats_row_json_cb stats_row_put_datapath;

/* For people: likewise. */
#define STATS_MAX_ROWS 10

struct stats_table {
    const char *title, *plural; /* Of what has a row: "port", "ports". */
    const char *records;        /* Plural of what is counted: "upcalls". */
    const char *columns;        /* Titles of those that 'put' appends. */
    uint64_t all;               /* How many records there are. */

    /* Appends what else there is of a row. */
    void (*put)(const struct stats_row *, struct ds *);
};

void stats_rows_format(const struct stats_rows *, const struct stats_table *,
                       struct ds *);

#endif /* lib/show/stats-row.h */
