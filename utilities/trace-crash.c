/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-crash.h"

#include <curses.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* What has the terminal be as it was before, and how much it is. */
static char sequence[256];
static size_t length;
static struct termios modes;

/* Runs when nothing else may be relied on.  The signal then does what it does
 * by default. */
static void
restore(int number)
{
    ssize_t n = write(STDOUT_FILENO, sequence, length);

    (void) n;                   /* There is no other way. */
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    raise(number);
}

static int
put_char(int c)
{
    if (length < sizeof sequence) {
        sequence[length++] = c;
    }
    return c;
}

/* Adds the string that terminals of this kind have for 'capability', if
 * any. */
static void
put(const char *capability)
{
    const char *s = tigetstr(capability);

    if (s && s != (const char *) -1) {
        tputs(s, 1, put_char);
    }
}

/* From now on, has the terminal be as it was before, with the modes 'before',
 * when this program crashes, so that what is said of that can be read.
 * Ncurses has to know the terminal. */
void
crash_restores(const struct termios *before)
{
    static const int numbers[] = {
        SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSYS, SIGXCPU,
        SIGUSR1, SIGUSR2
    };
    struct sigaction sa;

    modes = *before;
    length = 0;
    put("sgr0");
    put("cnorm");
    put("rmcup");
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = restore;
    sa.sa_flags = SA_RESETHAND;
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaction(numbers[i], &sa, NULL);
    }
}
