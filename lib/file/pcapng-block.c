/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/pcapng-block.h"

#include <string.h>

#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

/* Everything in a block begins at a multiple of this. */
#define ALIGN 4

/* Most comments of a block, and most bytes of all of them. */
#define COMMENTS_MAX 512
#define COMMENTS_BYTES_MAX (256 * 1024)

/* What stands for what was left out. */
#define CUT "..."

/* Starts a block of 'type' in 'b', which may have another one before, which
 * is forgotten. */
void
pcapng_block_begin(struct ofpbuf *b, enum pcapng_block_type type)
{
    ofpbuf_clear(b);
    pcapng_block_put_u32(b, type);
    pcapng_block_put_u32(b, 0);
}

/* Ends the block in 'b', and its options: it can be written then. */
void
pcapng_block_end(struct ofpbuf *b)
{
    uint32_t len;

    pcapng_block_put_option(b, PCAPNG_OPT_END, NULL, 0);
    len = b->size + sizeof len;
    pcapng_block_put_u32(b, len);
    memcpy((uint8_t *) b->data + sizeof(uint32_t), &len, sizeof len);
}

void
pcapng_block_put_u32(struct ofpbuf *b, uint32_t value)
{
    ofpbuf_put(b, &value, sizeof value);
}

/* Appends a time in ns since the epoch: the upper half comes first, whatever
 * the byte order is. */
void
pcapng_block_put_time(struct ofpbuf *b, uint64_t ns)
{
    pcapng_block_put_u32(b, ns >> 32);
    pcapng_block_put_u32(b, ns);
}

/* Appends the 'n' bytes at 'data', and bytes of 0 up to where the next thing
 * begins. */
void
pcapng_block_put_bytes(struct ofpbuf *b, const void *data, size_t n)
{
    if (n) {
        ofpbuf_put(b, data, n);
        ofpbuf_put_zeros(b, PAD_SIZE(n, ALIGN));
    }
}

/* Appends an option whose value is the 'n' bytes at 'value', which are not
 * more than PCAPNG_OPTION_MAX. */
void
pcapng_block_put_option(struct ofpbuf *b, enum pcapng_option code,
                        const void *value, size_t n)
{
    const uint16_t head[2] = { code, n };

    ovs_assert(n <= PCAPNG_OPTION_MAX);
    ofpbuf_put(b, head, sizeof head);
    pcapng_block_put_bytes(b, value, n);
}

void
pcapng_block_put_u64_option(struct ofpbuf *b, enum pcapng_option code,
                            uint64_t value)
{
    pcapng_block_put_option(b, code, &value, sizeof value);
}

/* Appends an option that is a time, see pcapng_block_put_time(). */
void
pcapng_block_put_time_option(struct ofpbuf *b, enum pcapng_option code,
                             uint64_t ns)
{
    const uint32_t halves[2] = { ns >> 32, ns };

    pcapng_block_put_option(b, code, halves, sizeof halves);
}

/* Appends an option with the 'n' bytes of printable ASCII at 's', of which the
 * end is left out if they are too many. */
static void
put_ascii(struct ofpbuf *b, enum pcapng_option code, const char *s, size_t n)
{
    bool cut = n > PCAPNG_OPTION_MAX;
    uint8_t *value;

    n = MIN(n, PCAPNG_OPTION_MAX);
    pcapng_block_put_option(b, code, s, n);
    if (cut) {
        BUILD_ASSERT_DECL(PCAPNG_OPTION_MAX % ALIGN == 0);
        value = ofpbuf_tail(b);
        memcpy(value - strlen(CUT), CUT, strlen(CUT));
    }
}

/* Appends an option with 'text', whatever it is, as printable ASCII; nothing
 * if it is NULL. */
void
pcapng_block_put_text(struct ofpbuf *b, enum pcapng_option code,
                      const char *text)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (text) {
        printable_put_string(&ds, text);
        put_ascii(b, code, ds_cstr(&ds), ds.length);
    }
    ds_destroy(&ds);
}

/* Appends each line of 'text', which is printable ASCII, as a comment of its
 * own: Wireshark shows a list of comments, but of a line feed within one the
 * fields of tshark make "\n", and the packet's tree loses its indentation.  If
 * there are too many, the last one says so. */
void
pcapng_block_put_comments(struct ofpbuf *b, const char *text)
{
    size_t start = b->size;

    for (int i = 0; *text; i++) {
        size_t n = strcspn(text, "\n");

        if (i == COMMENTS_MAX || b->size - start > COMMENTS_BYTES_MAX) {
            put_ascii(b, PCAPNG_OPT_COMMENT, CUT, strlen(CUT));
            break;
        }
        put_ascii(b, PCAPNG_OPT_COMMENT, text, n);
        text += n + (text[n] == '\n');
    }
}
