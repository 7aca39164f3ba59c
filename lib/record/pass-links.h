/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_LINKS_H
#define LIB_PASS_LINKS_H 1

/* Which pass has recirculated the packet of another one, and of which packet
 * passes are where the programs do not know it.
 *
 * 'below' in the record that the programs write is the innermost pass that may
 * still be in progress on the same kernel stack.  That need not be the parent:
 * the end of a pass is not seen, and the kernel may defer a recirculation
 * until the outermost pass has executed all of its actions.
 *
 * What is certain is that a packet with a recirc_id was recirculated by an
 * action that has this id, of a pass with the same 'root'.  So the parent is
 * the pass with such an action that no other pass is known to come from, if
 * there is only one.  A pass whose actions are not known might have it.
 *
 * This is only so if no record of these passes was lost.  Each CPU numbers its
 * passes one after the other, so that is seen.  An execute whose record has
 * not come counts as one whose actions are not known. */

#include <stdint.h>

struct pass_links;
struct pass_record;
struct upcall_attrs;

struct pass_links *pass_links_create(unsigned int n_cpus);
void pass_links_destroy(struct pass_links *);
void pass_links_resolve(struct pass_links *, struct pass_record *,
                        const struct upcall_attrs *actions);

#endif /* lib/record/pass-links.h */
