/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-pager.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "file/write-all.h"
#include "trace-output.h"
#include "trace-program.h"
#include "util.h"

/* Bytes that are written at once. */
#define CHUNK (64 * 1024)

/* Prepares 'p' for standard output. */
void
paged_init(struct paged *p, const struct program *program)
{
    bool is_terminal = isatty(STDOUT_FILENO);

    *p = (struct paged) {
        .ds = DS_EMPTY_INITIALIZER,
        .first = DS_EMPTY_INITIALIZER,
        .color = is_terminal && !program->no_color,
        .wants_pager = is_terminal,
    };
}

/* Starts the pager, if there is to be one. */
static void
start_pager(struct paged *p)
{
    const char *pager = output_get_pager();

    p->wants_pager = false;
    p->pager = pager ? popen(pager, "w") : NULL;
    if (p->pager) {
        /* What the user interrupts is the pager. */
        signal(SIGINT, SIG_IGN);
    }
}

/* Closes the pager.  If that was no command, prints what it has got. */
static void
close_pager(struct paged *p)
{
    int status = pclose(p->pager);

    p->pager = NULL;
    if (output_lacks_pager(status)) {
        signal(SIGINT, SIG_DFL);
        p->error = write_all(STDOUT_FILENO, p->first.string, p->first.length);
    } else {
        p->is_closed = true;
    }
}

/* Writes to the pager, or if that ends without it. */
static void
write_to_pager(struct paged *p)
{
    bool is_first = !p->first.length;

    if (is_first) {
        ds_put_buffer(&p->first, p->ds.string, p->ds.length);
    }
    p->error = write_all(fileno(p->pager), p->ds.string, p->ds.length);
    if (p->error) {
        p->error = 0;
        close_pager(p);
        if (!is_first && !p->is_closed && !p->error) {
            p->error = write_all(STDOUT_FILENO, p->ds.string, p->ds.length);
        }
    }
}

static void
write_out(struct paged *p)
{
    if (!p->is_closed && p->ds.length) {
        if (p->wants_pager) {
            start_pager(p);
        }
        if (p->pager) {
            write_to_pager(p);
        } else {
            p->error = write_all(STDOUT_FILENO, p->ds.string, p->ds.length);
        }
        p->is_closed = p->is_closed || p->error;
    }
    ds_clear(&p->ds);
}

/* Writes what has come together, if that is enough. */
void
paged_run(struct paged *p)
{
    if (p->ds.length >= CHUNK) {
        write_out(p);
    }
}

/* Writes the rest, waits for the pager, and frees what is in 'p'.  Returns the
 * exit status, after an error message if that is none of success. */
int
paged_finish(struct paged *p)
{
    write_out(p);
    if (p->pager) {
        close_pager(p);
    }
    ds_destroy(&p->ds);
    ds_destroy(&p->first);
    return output_check_error(p->error);
}
