/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_KERNEL_FUNCTIONS_H
#define EXTENSION_KERNEL_FUNCTIONS_H 1

/* The functions of the kernel that have to be there, by what they are needed
 * for. */

#include <stddef.h>

enum kernel_functions {
    KERNEL_FUNCTIONS_UPCALLS,   /* Upcalls. */
    KERNEL_FUNCTIONS_PASSES,    /* Passes, in addition. */
    KERNEL_FUNCTIONS_ACTIONS,   /* Which actions are executed, too. */
    KERNEL_FUNCTIONS_RESULTS,   /* What comes of them; not necessary. */
    KERNEL_FUNCTIONS_REASONS,   /* Why Open vSwitch drops packets; not
                                 * necessary. */
    KERNEL_N_FUNCTIONS
};

size_t kernel_functions_count(enum kernel_functions);
char *kernel_functions_missing(enum kernel_functions);

#endif /* extension/kernel-functions.h */
