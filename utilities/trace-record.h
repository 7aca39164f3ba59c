/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_RECORD_H
#define UTILITIES_TRACE_RECORD_H 1

/* What the files of the command record have in common:
 *
 *   trace-record.c           its arguments, signals, and its course
 *   trace-record-daemon.c    has the daemon start and stop the trace
 *   trace-record-stream.c    takes what the daemon sends, and writes it
 *   trace-record-summary.c   says what was written, meanwhile and at the end
 */

#include <stdbool.h>
#include <stdint.h>

struct child;
struct ctl_client;
struct follow;
struct record_options;
struct svec;
struct trace_writer;

struct recording {
    const struct record_options *options;       /* 'output' is not NULL. */

    struct follow *follow;      /* NULL once the trace has ended. */
    struct ctl_client *client;
    int pipe;                   /* The file, if that is one, or -1. */
    struct trace_writer *writer;        /* NULL before the trace starts. */
    struct child *child;        /* COMMAND, NULL if there is none. */
    long long int started;      /* "since_ms" of the trace. */
    bool is_ours;               /* Is the trace in the stream ours? */
    bool has_ended;             /* Has it ended, or will nothing come? */
    bool is_stopped;            /* Was the daemon told to stop? */
    int patience;               /* Then, so many signals are not enough not to
                                 * wait for the end. */
    bool is_incomplete;         /* Was it said that not all is in the file? */
    char *end_text;             /* What the daemon says at the end, or
                                 * NULL. */
    long long int last_item;    /* When something came, time_msec(). */

    bool json;                  /* Is the summary to be JSON? */
    bool shows_progress;
    long long int next_progress;        /* time_msec(). */
};

/* trace-record.c. */
void recording_run_signals(struct recording *);

/* trace-record-daemon.c. */
char *recording_connect(struct recording *, const char *target);
int recording_wait_accepted(struct recording *);
int recording_start(struct recording *, const struct svec *args);
void recording_stop(struct recording *);

/* trace-record-stream.c. */
void recording_run_stream(struct recording *);
void recording_wait_stream(struct recording *);
void recording_give_up(struct recording *, const char *why);

/* trace-record-summary.c. */
void recording_print_hello(const struct recording *);
void recording_show_progress(struct recording *);
void recording_print_summary(struct recording *);

#endif /* utilities/trace-record.h */
