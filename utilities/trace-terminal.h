/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_TERMINAL_H
#define UTILITIES_TRACE_TERMINAL_H 1

/* The terminal that standard input and output are, as a screen: what is shown
 * on it, the keys that are pressed, and its size.
 *
 * Nothing here waits for the terminal.  What it has not taken yet is kept, and
 * no other screen should be shown until it has. */

#include <stdbool.h>
#include <stddef.h>

struct watch_screen;

char *terminal_open(bool no_color);
void terminal_close(void);

void terminal_run(void);
void terminal_wait(void);
bool terminal_is_busy(void);
bool terminal_is_gone(void);
bool terminal_has_changed(void);

size_t terminal_read_keys(char *keys, size_t size);
void terminal_get_size(size_t *rows, size_t *cols);
void terminal_show(const struct watch_screen *);
void terminal_redraw(void);

#endif /* utilities/trace-terminal.h */
