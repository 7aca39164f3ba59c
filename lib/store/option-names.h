/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_OPTION_NAMES_H
#define LIB_OPTION_NAMES_H 1

/* The kinds of options whose values are names, beside those of
 * base/option-kind.h. */

#include "base/option-kind.h"

/* Limits of the list of ports, and of each of its names. */
#define OPTION_PORTS_MAX 1024
#define OPTION_PORT_LEN_MAX 64

/* Largest process id (PID_MAX_LIMIT of the kernel). */
#define OPTION_PID_MAX 4194304

extern const struct option_kind option_kind_track;      /* An enum. */
extern const struct option_kind option_kind_datapath;   /* An enum. */
extern const struct option_kind option_kind_stage;      /* An enum. */
extern const struct option_kind option_kind_format;     /* An enum. */
extern const struct option_kind option_kind_compression;        /* An enum. */
extern const struct option_kind option_kind_watch_sort; /* An enum. */
extern const struct option_kind option_kind_target;     /* char * */
extern const struct option_kind option_kind_class;      /* uint32_t */
extern const struct option_kind option_kind_port;       /* struct port_names */
extern const struct option_kind option_kind_filter;     /* char * */
extern const struct option_kind option_kind_file;       /* char * */

/* Conditions on upcalls, see condition.h. */
extern const struct option_kind option_kind_conditions; /* struct conditions */
extern const struct option_kind option_kind_key;        /* struct conditions */
extern const struct option_kind option_kind_key_class;  /* struct conditions */
extern const struct option_kind option_kind_key_outcome; /* The same. */
extern const struct option_kind option_kind_pass_outcome; /* The same. */
extern const struct option_kind option_kind_min_latency; /* The same. */
extern const struct option_kind option_kind_where;      /* struct where */

#endif /* lib/store/option-names.h */
