/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_KERNEL_FUNCTIONS_H
#define EXTENSION_KERNEL_FUNCTIONS_H 1

/* The functions of the kernel that have to be there. */

#define KERNEL_N_FUNCTIONS 5

char *kernel_functions_missing(void);

#endif /* extension/kernel-functions.h */
