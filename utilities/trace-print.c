/* SPDX-License-Identifier: Apache-2.0 */

/* The command print: prints records from files. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/command.h"
#include "file/trace-choice.h"
#include "openvswitch/dynamic-string.h"
#include "store/program-commands.h"
#include "trace-find-last.h"
#include "trace-input.h"
#include "trace-last.h"
#include "trace-pager.h"
#include "trace-program.h"
#include "trace-text.h"
#include "util.h"

struct print {
    const struct print_options *options;
    bool json;
    enum trace_text form;
    struct trace_input *in;
    struct trace_choice choice;
    struct paged out;
    uint64_t n;                 /* Records that were chosen. */
    uint64_t skip;              /* Of those, the first that are not printed. */
    struct ds startup;          /* First line of a trace of which nothing else
                                 * is printed so far, or empty. */
    bool has_last;              /* Is there a --last to be kept in 'last'? */
    struct last last;
    bool has_trace;             /* Was there a trace at all? */
    bool failed;                /* Is there no use in going on? */
};

/* Prints 'text', of 'kind', which becomes empty, now or when all is read. */
static void
put(struct print *p, enum last_kind kind, struct ds *text)
{
    if (!p->has_last) {
        ds_put_buffer(&p->out.ds, ds_cstr(text), text->length);
        ds_clear(text);
        paged_run(&p->out);
    } else if (!last_push(&p->last, kind, text)) {
        trace_input_error(p->in, "--last=%"PRIu64" is more than the %d MB "
                          "that are kept of what is not read from a file",
                          p->options->last, LAST_BYTES_MAX >> 20);
        p->failed = true;
    }
}

/* Prints the first line that was kept back, if there is one. */
static void
put_startup(struct print *p)
{
    if (p->startup.length) {
        put(p, LAST_STARTUP, &p->startup);
    }
}

/* Prints the line of 'item', if it is to be JSON. */
static void
put_line(struct print *p, const struct trace_item *item, enum last_kind kind,
         struct ds *text)
{
    if (p->json) {
        put_startup(p);
        ds_put_buffer(text, item->text, item->text_len);
        ds_put_char(text, '\n');
        put(p, kind, text);
    }
}

static void
put_record(struct print *p, const struct trace_item *item, struct ds *text)
{
    char *error;

    if (!trace_choice_has(&p->choice, item) || p->n++ < p->skip) {
        return;
    }
    if (p->json) {
        put_line(p, item, LAST_RECORD, text);
        return;
    }
    error = trace_text_put(text, item->record, item->size, p->form,
                           p->out.color, item->context);
    if (error) {
        trace_input_error(p->in, "line %"PRIu64": %s", item->line, error);
        free(error);
    } else {
        put(p, LAST_RECORD, text);
    }
}

static void
put_gap(struct print *p, const struct trace_item *item, struct ds *text)
{
    if (p->n < p->skip) {
        return;
    } else if (p->json) {
        put_line(p, item, LAST_OTHER, text);
    } else {
        trace_text_put_missed(text, item->n);
        put(p, LAST_OTHER, text);
    }
}

/* A trace begins.  If the first of its records are not to be printed, all may
 * be such. */
static void
begin(struct print *p, const struct trace_item *item, struct ds *text)
{
    char *error = trace_choice_begin(&p->choice, item->json);

    p->has_trace = true;
    if (error) {
        trace_input_error(p->in, "%s", error);
        free(error);
        p->failed = true;
    } else if (p->json && p->skip && p->n <= p->skip) {
        ds_clear(&p->startup);
        ds_put_buffer(&p->startup, item->text, item->text_len);
        ds_put_char(&p->startup, '\n');
    } else {
        put_line(p, item, LAST_STARTUP, text);
    }
}

/* A trace ends, of which nothing was printed if its first line is kept
 * back. */
static void
end(struct print *p, const struct trace_item *item, struct ds *text)
{
    if (p->startup.length) {
        ds_clear(&p->startup);
    } else {
        put_line(p, item, LAST_OTHER, text);
    }
}

static void
put_item(struct print *p, const struct trace_item *item, struct ds *text)
{
    switch (item->kind) {
    case TRACE_STARTUP:
        begin(p, item, text);
        break;
    case TRACE_RECORD:
        put_record(p, item, text);
        break;
    case TRACE_GAP:
        put_gap(p, item, text);
        break;
    case TRACE_END:
        end(p, item, text);
        break;
    case TRACE_ERROR:
    default:
        OVS_NOT_REACHED();
    }
}

/* Prints what is there when all was read.  Returns the exit status. */
static int
finish(struct print *p)
{
    char *missing = trace_choice_get_missing(&p->choice);

    while (p->has_last && last_pop(&p->last, &p->out.ds)) {
        paged_run(&p->out);
    }
    if (p->has_trace && !p->n && !p->json) {
        ds_put_cstr(&p->out.ds, "(no records)\n");
    }
    if (!p->json && !trace_input_has_ended(p->in)) {
        ds_put_cstr(&p->out.ds, "-- the trace has no end: it was cut off, or "
                    "is still being written\n");
    }
    if (missing) {
        ovs_error(0, "print: there is no record with the id %s", missing);
        free(missing);
    }
    return missing ? PROGRAM_FAILURE : EXIT_SUCCESS;
}

/* Prepares for --last. */
static void
find_last(struct print *p, const struct command *command,
          const struct svec *files)
{
    uint64_t last = p->options->last;

    if (last && last != OPTION_UNSET) {
        p->skip = trace_find_last(p->in, command, files, &p->choice, last);
        p->has_last = p->skip == UINT64_MAX;
        p->skip = p->has_last ? 0 : p->skip;
    }
}

/* Prints the records of 'files'.  Returns the exit status. */
static int
print(const struct program *program, const struct command *command,
      const struct print_options *options, bool json,
      const struct svec *files)
{
    struct print p = {
        .options = options,
        .json = json,
        .form = (options->lines ? TRACE_TEXT_LINES
                 : options->events ? TRACE_TEXT_EVENTS
                 : TRACE_TEXT_PARAGRAPHS),
        .in = trace_input_create(command, files),
        .startup = DS_EMPTY_INITIALIZER,
    };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct trace_item item;
    int status, written;
    int found = EXIT_SUCCESS;

    trace_choice_init(&p.choice, &options->choice);
    trace_input_choose(p.in, &p.choice);
    find_last(&p, command, files);
    last_init(&p.last, options->last);
    paged_init(&p.out, program);
    while (!p.failed && !p.out.is_closed && trace_input_next(p.in, &item)) {
        put_item(&p, &item, &text);
    }
    if (!p.failed && !p.out.is_closed) {
        found = finish(&p);
    }
    ds_destroy(&text);
    ds_destroy(&p.startup);
    last_uninit(&p.last);
    written = paged_finish(&p.out);
    status = trace_input_destroy(p.in);
    return status ? status : written ? written : found;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct print_options *options = call->options;

    if (options->lines + options->events + call->line->json > 1) {
        return xstrdup("--lines, --events and --json exclude each other");
    }
    return NULL;
}

static int
work(const struct program_call *call)
{
    return print(call->program, call->command, call->options,
                 call->line->json, &call->line->args);
}

/* Parses 'argv', and prints. */
int
print_run(const struct program *program, const struct command *command,
          int argc, char *argv[])
{
    struct print_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
