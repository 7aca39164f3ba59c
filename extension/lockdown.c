/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "lockdown.h"

#include <stdio.h>
#include <string.h>

/* Returns true if the kernel is locked down for confidentiality, so that BPF
 * programs cannot read its memory: then it says of each that does that it is
 * invalid (bpf_tracing_func_proto() in kernel/trace/bpf_trace.c, Linux 5.4 to
 * 7.2). */
bool
kernel_is_locked_down(void)
{
    FILE *file = fopen("/sys/kernel/security/lockdown", "re");
    char line[128] = "";

    if (file) {
        if (!fgets(line, sizeof line, file)) {
            line[0] = '\0';
        }
        fclose(file);
    }
    return strstr(line, "[confidentiality]") != NULL;
}
