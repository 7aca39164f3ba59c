/* SPDX-License-Identifier: Apache-2.0 */

/* What libpcap says of packets, for tests of filters.  A file of its own since
 * its struct bpf_insn is not that of <linux/bpf.h>. */

#include <config.h>

#include "unit/filter-cases.h"

#include <pcap.h>

#include "record/filter.h"
#include "util.h"

BUILD_ASSERT_DECL(sizeof(struct filter_insn) == sizeof(struct bpf_insn));

/* Returns true if the packet in 'data', 'len' bytes, matches 'code'. */
bool
filter_libpcap_matches(const struct filter_code *code, const uint8_t *data,
                       size_t len)
{
    return code->n && bpf_filter((const struct bpf_insn *) code->insns, data,
                                 len, len);
}
