/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "read-pcapng.h"

#include <check.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"

static uint32_t
get_u32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static uint16_t
get_u16(const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static size_t
padded(size_t n)
{
    return (n + 3) / 4 * 4;
}

/* Returns the size of what is before the options, all of which begins behind
 * the block's two first words. */
static size_t
body_size(uint32_t type, const uint8_t *body, size_t size)
{
    size_t n;

    switch (type) {
    case 0x0a0d0d0a: n = 16; break;
    case 1: n = 8; break;
    case 5: n = 12; break;
    case 6: n = size >= 20 ? 20 + padded(get_u32(body + 12)) : 20; break;
    default: ck_abort_msg("block of type %#x", type);
    }
    ck_assert_uint_le(n, size);
    return n;
}

static void
check_zeros(const uint8_t *from, const uint8_t *to)
{
    while (from < to) {
        ck_assert_uint_eq(*from++, 0);
    }
}

/* Reads the options in the 'size' bytes at 'at', which have to end with an
 * opt_endofopt and nothing behind it. */
static void
read_options(const uint8_t *at, size_t size, struct read_block *b)
{
    const uint8_t *end = at + size;

    for (b->n_options = 0; ; b->n_options++) {
        struct read_option *o = &b->options[b->n_options];

        ck_assert_uint_lt(b->n_options, READ_OPTIONS_MAX);
        ck_assert_int_ge(end - at, 4);
        o->code = get_u16(at);
        o->len = get_u16(at + 2);
        o->value = at + 4;
        at += 4;
        if (!o->code) {
            ck_assert_uint_eq(o->len, 0);
            ck_assert_ptr_eq(at, end);
            return;
        }
        ck_assert_int_ge(end - at, padded(o->len));
        at += padded(o->len);
        check_zeros(o->value + o->len, at);
    }
}

/* Reads the block at '*ofs' of the 'size' bytes of 'file', and moves '*ofs'
 * behind it.  Returns false at the end. */
bool
read_pcapng_next(const uint8_t *file, size_t size, size_t *ofs,
                 struct read_block *b)
{
    const uint8_t *at = file + *ofs;
    size_t left = size - *ofs;
    uint32_t len;
    size_t n;

    if (!left) {
        return false;
    }
    ck_assert_uint_ge(left, 12);
    b->type = get_u32(at);
    len = get_u32(at + 4);
    ck_assert_uint_eq(len % 4, 0);
    ck_assert_uint_ge(len, 12);
    ck_assert_uint_le(len, left);
    ck_assert_uint_eq(get_u32(at + len - 4), len);

    b->body = at + 8;
    n = body_size(b->type, b->body, len - 12);
    if (b->type == 6) {
        check_zeros(b->body + 20 + get_u32(b->body + 12), b->body + n);
    }
    read_options(b->body + n, len - 12 - n, b);
    *ofs += len;
    return true;
}

/* Numbers 'ofs' bytes behind the start of the body. */
uint16_t
read_u16(const struct read_block *b, size_t ofs)
{
    return get_u16(b->body + ofs);
}

uint32_t
read_u32(const struct read_block *b, size_t ofs)
{
    return get_u32(b->body + ofs);
}

/* A time there, of which the upper half is first. */
uint64_t
read_time(const struct read_block *b, size_t ofs)
{
    return (uint64_t) read_u32(b, ofs) << 32 | read_u32(b, ofs + 4);
}

/* Returns the first option 'code', or NULL. */
const struct read_option *
read_find(const struct read_block *b, uint16_t code)
{
    for (size_t i = 0; i < b->n_options; i++) {
        if (b->options[i].code == code) {
            return &b->options[i];
        }
    }
    return NULL;
}

/* Returns the text of all options 'code' with 'between' between them, NULL if
 * there is none.  The caller frees it. */
char *
read_text(const struct read_block *b, uint16_t code, const char *between)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool any = false;

    for (size_t i = 0; i < b->n_options; i++) {
        const struct read_option *o = &b->options[i];

        if (o->code == code) {
            ds_put_cstr(&ds, any ? between : "");
            ds_put_buffer(&ds, (const char *) o->value, o->len);
            any = true;
        }
    }
    if (!any) {
        ds_destroy(&ds);
        return NULL;
    }
    return ds_steal_cstr(&ds);
}

/* Returns the number in option 'code', which has to be there and to have
 * 'size' bytes, up to 8. */
uint64_t
read_number(const struct read_block *b, uint16_t code, size_t size)
{
    const struct read_option *o = read_find(b, code);
    uint64_t value;

    ck_assert_ptr_nonnull(o);
    ck_assert_uint_eq(o->len, size);
    if (size == 1) {
        return o->value[0];
    } else if (size == 4) {
        return get_u32(o->value);
    }
    ck_assert_uint_eq(size, 8);
    memcpy(&value, o->value, size);
    return value;
}
