/* SPDX-License-Identifier: Apache-2.0 */

/* A terminal as a screen.
 *
 * Ncurses knows what the terminal understands, and sends only what has changed
 * on the screen.  It would wait for a slow terminal, though.  So what it
 * writes goes to a file in memory, and from there to the terminal, as much as
 * that takes without waiting.  All else that has to do with the terminal, its
 * modes, its size and its keys, ncurses then does not see, and it is done
 * here. */

#include <config.h>

#include "trace-terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/compat.h"
#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "show/watch-screen.h"
#include "socket-util.h"
#include "timeval.h"
#include "trace-crash.h"
#include "trace-output.h"
#include "util.h"

/* How long the terminal may take at the end for a screen that it has the first
 * part of, in ms. */
#define REST_TIME 1000

/* Has a terminal forget an escape sequence that has begun (CAN of ECMA-48,
 * which "cancels" one by DEC STD 070). */
#define CANCEL "\030"

/* Larger screens are not used beyond that. */
#define ROWS_MAX 1000
#define COLS_MAX 1000

static SCREEN *curses;          /* NULL if there is none. */
static FILE *curses_file;       /* What ncurses writes to, */
static int memory_fd = -1;      /* which is that. */
static struct output out;       /* What waits for the terminal. */
static int keys_fd;             /* Standard input: the poll loop does not take
                                 * STDIN_FILENO, which is 0. */
static struct termios modes;    /* Those that it had before. */
static bool is_shown;           /* Is it a screen now? */
static bool has_changed;        /* Is there a reason to draw it anew? */
static bool has_colors_;        /* Does it have, and may it use them? */
static int signal_fds[2];       /* A byte for each signal. */

/* Signals. */

static void
handle_signal(int number)
{
    int error = errno;
    char byte = number;

    upcall_ignore(write(signal_fds[1], &byte, 1));
    errno = error;
}

/* Has signals that have to do with terminals be known to run_signals().
 * Ncurses, which has handlers for some of them, leaves those alone that it
 * finds. */
static void
catch_signals(void)
{
    static const int numbers[] = { SIGWINCH, SIGTSTP, SIGCONT };

    xpipe_nonblocking(signal_fds);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct sigaction old, sa;

        memset(&sa, 0, sizeof sa);
        sa.sa_handler = handle_signal;
        sigemptyset(&sa.sa_mask);
        /* Shells without job control have Ctrl-Z be ignored. */
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &sa, NULL);
        }
    }
}

/* Output. */

/* Takes over what ncurses has written. */
static void
collect(void)
{
    off_t size = lseek(memory_fd, 0, SEEK_CUR);
    char *buffer = xmalloc(MAX(1, size));
    ssize_t n = pread(memory_fd, buffer, size, 0);

    if (n > 0) {
        ds_put_buffer(&out.ds, buffer, n);
    }
    free(buffer);
    upcall_ignore(ftruncate(memory_fd, 0));
    lseek(memory_fd, 0, SEEK_SET);
}

/* Returns a file descriptor for the terminal that need not be waited for,
 * while that of others for the same terminal is as before, or else standard
 * output itself. */
static int
open_nonblocking(void)
{
    const char *name = ttyname(STDOUT_FILENO);
    int fd = name ? open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
             : -1;

    /* Who is not its owner, as after su(1), may open it by this name if it is
     * that of its session. */
    if (fd < 0 && tcgetsid(STDOUT_FILENO) == getsid(0)) {
        fd = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    return fd < 0 ? STDOUT_FILENO : fd;
}

/* Modes. */

/* Has keys be read one by one, without being shown, and bytes be sent as they
 * are: what ncurses writes expects that. */
static void
set_modes(void)
{
    struct termios raw = modes;

    raw.c_lflag &= ~(ICANON | ECHO | ECHONL);
    raw.c_iflag &= ~(ICRNL | INLCR | IGNCR);
    raw.c_oflag &= ~OPOST;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* Has the terminal be as it was before, as far as it takes what is sent. */
static void
leave(void)
{
    long long int deadline = time_msec() + REST_TIME;

    if (!is_shown) {
        return;
    }
    is_shown = false;
    output_flush(&out, deadline);
    if (out.ds.length) {
        ds_clear(&out.ds);
        ds_put_cstr(&out.ds, CANCEL);
    }
    endwin();
    collect();
    output_flush(&out, time_msec() + REST_TIME);
    ds_clear(&out.ds);
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

/* Has the terminal be a screen, all of which is drawn the next time. */
static void
enter(void)
{
    set_modes();
    clearok(curscr, TRUE);
    is_shown = has_changed = true;
}

static void
leave_hook(void *aux OVS_UNUSED)
{
    leave();
}

/* Stops this process, as the user has asked for, until somebody has it go
 * on. */
static void
suspend(void)
{
    leave();
    kill(getpid(), SIGSTOP);
}

/* Size. */

/* Stores in '*rows' and '*cols' the size of the terminal. */
void
terminal_get_size(size_t *rows, size_t *cols)
{
    struct winsize size;
    bool known = (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row
                  && size.ws_col);

    *rows = MIN(known ? size.ws_row : LINES, ROWS_MAX);
    *cols = MIN(known ? size.ws_col : COLS, COLS_MAX);
}

static void
resize(void)
{
    size_t rows, cols;

    terminal_get_size(&rows, &cols);
    if (rows != LINES || cols != COLS) {
        resizeterm(rows, cols);
    }
    has_changed = true;
}

/* Opening and closing. */

/* Returns why the terminal cannot be a screen, or NULL.  The caller frees
 * it. */
static char *
check_term(void)
{
    const char *term = getenv("TERM");
    const char *cup = curses ? tigetstr("cup") : NULL;

    if (!term || !*term) {
        return xstrdup("the environment variable TERM does not say what kind "
                       "of terminal this is");
    } else if (!curses) {
        return xasprintf("terminals of the kind \"%s\", as the environment "
                         "variable TERM says, are unknown", term);
    } else if (!cup || cup == (const char *) -1) {
        return xasprintf("terminals of the kind \"%s\", as the environment "
                         "variable TERM says, cannot move the cursor", term);
    }
    return NULL;
}

/* Has ncurses begin to write to memory.  Returns NULL or an error. */
static char *
start_curses(void)
{
    memory_fd = memfd_create("screen", MFD_CLOEXEC);
    if (memory_fd < 0) {
        return xasprintf("cannot create a file in memory (%s)",
                         ovs_strerror(errno));
    }
    curses_file = fdopen(memory_fd, "w");
    curses = newterm(NULL, curses_file, stdin);
    return check_term();
}

static void
start_colors(bool no_color)
{
    has_colors_ = !no_color && has_colors() && start_color() == OK;
    if (has_colors_) {
        init_pair(1, COLOR_RED,
                  use_default_colors() == OK ? -1 : COLOR_BLACK);
    }
}

/* Makes the terminal a screen.  Returns NULL if successful, otherwise an error
 * that the caller frees.  Until terminal_close(), and at the latest until the
 * program ends, nothing else may be written to it. */
char *
terminal_open(bool no_color)
{
    char *error;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return xasprintf("standard %s is not a terminal",
                         isatty(STDIN_FILENO) ? "output" : "input");
    } else if (tcgetattr(STDIN_FILENO, &modes)) {
        return xasprintf("cannot read the modes of the terminal (%s)",
                         ovs_strerror(errno));
    }
    keys_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (keys_fd < 0) {
        return xasprintf("cannot read keys (%s)", ovs_strerror(errno));
    }
    catch_signals();
    error = start_curses();
    if (error) {
        return error;
    }
    /* What is logged would be on the screen. */
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    typeahead(-1);              /* Pressing keys does not stop drawing. */
    curs_set(0);
    start_colors(no_color);
    output_init(&out);
    out.fd = open_nonblocking();
    crash_restores(&modes);
    fatal_signal_add_hook(leave_hook, NULL, NULL, true);
    resize();
    enter();
    return NULL;
}

/* Has the terminal be as it was before terminal_open(). */
void
terminal_close(void)
{
    leave();
    delscreen(curses);
    curses = NULL;
    fclose(curses_file);
    if (out.fd != STDOUT_FILENO) {
        close(out.fd);
    }
    close(keys_fd);
    output_uninit(&out);
}

/* Running. */

static void
run_signals(void)
{
    char number;

    while (read(signal_fds[0], &number, 1) == 1) {
        if (number == SIGTSTP) {
            suspend();
        } else if (number == SIGCONT) {
            enter();
            resize();
        } else {
            resize();
        }
    }
}

/* Sends what the terminal takes, and does what signals ask for. */
void
terminal_run(void)
{
    run_signals();
    output_run(&out);
}

/* Arranges for the poll loop to wake up when terminal_run() has work, or when
 * a key is pressed. */
void
terminal_wait(void)
{
    poll_fd_wait(signal_fds[0], POLLIN);
    poll_fd_wait(keys_fd, POLLIN);
    output_wait(&out);
}

/* Returns true if the terminal has not taken all of the last screen yet. */
bool
terminal_is_busy(void)
{
    return out.ds.length > 0;
}

/* Returns true if the terminal is not there any more. */
bool
terminal_is_gone(void)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

    return (out.is_closed
            || (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR)));
}

/* Returns true if the terminal has another size since the last call, or has to
 * be drawn anew. */
bool
terminal_has_changed(void)
{
    bool changed = has_changed;

    has_changed = false;
    return changed;
}

/* Stores up to 'size' bytes of what the keys that were pressed send in 'keys'.
 * Returns how many. */
size_t
terminal_read_keys(char *keys, size_t size)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
    ssize_t n = 0;

    if (poll(&p, 1, 0) > 0 && p.revents & POLLIN) {
        n = read(STDIN_FILENO, keys, size);
    }
    return n > 0 ? n : 0;
}

/* Drawing. */

static int
get_attributes(enum watch_style style)
{
    switch (style) {
    case WATCH_BAR: return A_REVERSE;
    case WATCH_HEAD: return A_BOLD | A_UNDERLINE;
    case WATCH_HEAD_SORTED: return A_BOLD | A_REVERSE;
    case WATCH_STRONG: return A_BOLD;
    case WATCH_BAD: return has_colors_ ? A_BOLD | COLOR_PAIR(1) : A_STANDOUT;
    case WATCH_WEAK: return A_DIM;
    case WATCH_PLAIN:
    case WATCH_N_STYLES:
    default: return A_NORMAL;
    }
}

static void
show_row(const struct watch_screen *s, size_t row)
{
    const char *text = s->text + row * s->cols;
    const uint8_t *styles = s->styles + row * s->cols;

    for (size_t i = 0, n; i < s->cols; i += n) {
        for (n = 1; i + n < s->cols && styles[i + n] == styles[i]; n++) {
            continue;
        }
        attrset(get_attributes(styles[i]));
        mvaddnstr(row, i, text + i, n);
    }
}

/* Shows 's', which has the size of the terminal.  Not to be called while
 * terminal_is_busy(). */
void
terminal_show(const struct watch_screen *s)
{
    erase();
    for (size_t row = 0; row < s->rows; row++) {
        show_row(s, row);
    }
    attrset(A_NORMAL);
    refresh();
    collect();
}

/* Has all of the screen be drawn the next time, whatever it should have on
 * it. */
void
terminal_redraw(void)
{
    clearok(curscr, TRUE);
    has_changed = true;
}
