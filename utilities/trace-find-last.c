/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-find-last.h"

#include <stdbool.h>
#include <stdlib.h>

#include "file/trace-choice.h"
#include "file/trace-seek.h"
#include "store/file-options.h"
#include "svec.h"
#include "trace-input.h"
#include "util.h"

/* Returns true if all files 'names', which there are, can be read twice. */
static bool
are_regular(const struct svec *names)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!trace_input_is_regular(names->names[i])) {
            return false;
        }
    }
    return names->n > 0;
}

/* Begins the reading of 'in' where there are at least 'n' records left that
 * are chosen, which no two of the files 'names' have.  Stores how many there
 * are from there on in '*n_chosen'.  Returns false if that cannot be found
 * without reading all. */
static bool
seek(struct trace_input *in, const struct svec *names,
     const struct trace_choice *choice, uint64_t n, uint64_t *n_chosen)
{
    uint64_t sum = 0;

    for (size_t i = names->n; i-- > 0; ) {
        struct trace_place place;

        trace_seek_last(names->names[i], choice, n - sum, &place);
        if (!place.is_one_trace) {
            return false;
        }
        sum += place.n_chosen;
        if (sum >= n) {
            trace_input_begin_at(in, i, &place);
            break;
        }
    }
    *n_chosen = sum;
    return true;
}

/* Returns how many records of all that is read are chosen. */
static uint64_t
count_all(const struct command *command, const struct svec *names,
          const struct trace_choice *choice)
{
    struct trace_input *in = trace_input_create(command, names);
    struct trace_choice c = *choice;
    struct trace_item item;
    char *error = NULL;
    uint64_t n = 0;

    trace_input_be_quiet(in);
    trace_input_choose(in, &c);
    while (!error && trace_input_next(in, &item)) {
        if (item.kind == TRACE_STARTUP) {
            error = trace_choice_begin(&c, item.json);
        } else if (item.kind == TRACE_RECORD) {
            n += trace_choice_has(&c, &item);
        }
    }
    free(error);
    trace_input_destroy(in);
    return n;
}

/* Begins the reading of 'in', which reads the files 'names' for 'command',
 * where there are at least 'n' records left that 'choice' chooses, or where
 * there are fewer with all.  Returns how many of these are before the last
 * 'n', or UINT64_MAX if one of the files cannot be read twice.
 *
 * Only so much is read as is needed, unless files have records in common, or
 * several traces, or ids are chosen, of which is said whether they are there:
 * then, all are read once to count. */
uint64_t
trace_find_last(struct trace_input *in, const struct command *command,
                const struct svec *names, const struct trace_choice *choice,
                uint64_t n)
{
    uint64_t n_chosen;

    if (!are_regular(names)) {
        return UINT64_MAX;
    } else if (choice->options->ids.n || !trace_seek_are_disjoint(names)
               || !seek(in, names, choice, n, &n_chosen)) {
        n_chosen = count_all(command, names, choice);
    }
    return n_chosen > n ? n_chosen - n : 0;
}
