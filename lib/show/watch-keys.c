/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/watch-keys.h"

#include <stdbool.h>

#include "openvswitch/util.h"
#include "show/watch-screen.h"
#include "util.h"

#define ESCAPE 033
#define CTRL_L 014

/* States: after ESC, in a control sequence (ESC [), and after ESC O (ECMA-48
 * calls these CSI and SS3), which the keys that have no character send on all
 * terminals that are like a VT100. */
enum { PLAIN, ESCAPED, CONTROL, SHIFTED };

/* Returns the key that sends 'last' at the end of a sequence, after 'number',
 * if there is one. */
static int
get_key(unsigned char last, int number)
{
    switch (last) {
    case 'A': return WATCH_KEY_UP;
    case 'B': return WATCH_KEY_DOWN;
    case 'H': return WATCH_KEY_HOME;
    case 'Z': return WATCH_KEY_BACKTAB;
    case '~':
        return (number == 5 ? WATCH_KEY_PAGE_UP
                : number == 6 ? WATCH_KEY_PAGE_DOWN
                : number == 1 || number == 7 ? WATCH_KEY_HOME
                : WATCH_KEY_NONE);
    default:
        return WATCH_KEY_NONE;
    }
}

/* Takes 'byte' of a control sequence. */
static int
put_control(struct watch_keys *k, unsigned char byte)
{
    if (byte >= '0' && byte <= '9' && k->number < 1000) {
        k->number = k->number * 10 + (byte - '0');
    } else if (byte >= 0x40 && byte <= 0x7e) {
        k->state = PLAIN;
        return get_key(byte, k->number);
    } else if (byte < 0x20 || byte > 0x3f) {
        k->state = byte == ESCAPE ? ESCAPED : PLAIN;
    }
    return WATCH_KEY_NONE;
}

/* Takes the next byte that a terminal has sent.  Returns the key that has sent
 * it, or WATCH_KEY_NONE as long as more of it has to come, or if it is none
 * that matters. */
int
watch_keys_put(struct watch_keys *k, unsigned char byte)
{
    switch (k->state) {
    case ESCAPED:
        k->number = 0;
        k->state = (byte == '[' ? CONTROL : byte == 'O' ? SHIFTED
                    : byte == ESCAPE ? ESCAPED : PLAIN);
        return k->state == PLAIN ? byte : WATCH_KEY_NONE;
    case CONTROL:
        return put_control(k, byte);
    case SHIFTED:
        k->state = PLAIN;
        return get_key(byte, 0);
    case PLAIN:
    default:
        k->state = byte == ESCAPE ? ESCAPED : PLAIN;
        return byte == ESCAPE ? WATCH_KEY_NONE : byte;
    }
}

/* Returns the number that is 'by' behind 'number' of 'n', round and round. */
static int
step(int number, int by, int n)
{
    return (number + by + n) % n;
}

static void
change_view(struct watch_look *look, int by)
{
    look->view = step(look->view, by, WATCH_N_VIEWS);
    look->scroll = 0;
}

static void
change_sort(struct watch_look *look, int by)
{
    look->sort = step(look->sort, by, WATCH_N_SORTS);
}

static void
scroll_up(struct watch_look *look, unsigned int by)
{
    look->scroll -= MIN(look->scroll, by);
}

/* Changes 'look' as 'key' asks for; 'page' is by how much it scrolls with one
 * press.  Returns what else is to be done. */
enum watch_action
watch_look_press(struct watch_look *look, int key, unsigned int page)
{
    if (look->help) {
        look->help = false;
        return WATCH_DO_DRAW;
    }
    switch (key) {
    case 'q': case 'Q': return WATCH_DO_QUIT;
    case 'r': case 'R': return WATCH_DO_RESET;
    case CTRL_L: return WATCH_DO_REDRAW;
    case 'h': case '?': look->help = true; break;
    case 'p': case ' ': look->paused = !look->paused; break;
    case 'v': case '\t': change_view(look, 1); break;
    case 'V': case WATCH_KEY_BACKTAB: change_view(look, -1); break;
    case 's': case '>': change_sort(look, 1); break;
    case 'S': case '<': change_sort(look, -1); break;
    case WATCH_KEY_DOWN: look->scroll++; break;
    case WATCH_KEY_PAGE_DOWN: look->scroll += page; break;
    case WATCH_KEY_UP: scroll_up(look, 1); break;
    case WATCH_KEY_PAGE_UP: scroll_up(look, page); break;
    case WATCH_KEY_HOME: look->scroll = 0; break;
    default: return WATCH_DO_NOTHING;
    }
    return WATCH_DO_DRAW;
}
