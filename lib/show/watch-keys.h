/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_WATCH_KEYS_H
#define LIB_WATCH_KEYS_H 1

/* What the keys do that users of watch press. */

struct watch_look;

/* Keys that send an escape sequence.  Others are what they send. */
enum watch_key {
    WATCH_KEY_NONE = 0,
    WATCH_KEY_UP = 256,
    WATCH_KEY_DOWN,
    WATCH_KEY_PAGE_UP,
    WATCH_KEY_PAGE_DOWN,
    WATCH_KEY_HOME,
    WATCH_KEY_BACKTAB,
};

/* An escape sequence that has begun.  All zeros is none. */
struct watch_keys {
    char state;
    int number;                 /* Its first number. */
};

/* What there is to do after a key, beside what it has changed in the look. */
enum watch_action {
    WATCH_DO_NOTHING,
    WATCH_DO_DRAW,
    WATCH_DO_REDRAW,            /* Also what should be there already. */
    WATCH_DO_RESET,
    WATCH_DO_QUIT,
};

int watch_keys_put(struct watch_keys *, unsigned char byte);
enum watch_action watch_look_press(struct watch_look *, int key,
                                   unsigned int page);

#endif /* lib/show/watch-keys.h */
