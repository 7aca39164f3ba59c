/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "chosen.h"
#include "commands-private.h"

/* upcall-trace/show. */
void
cmd_show(struct commands *c, const struct request *request)
{
    chosen_reply(c, request, HISTORY_UPCALLS);
}
