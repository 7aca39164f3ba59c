/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_COMMANDS_H
#define EXTENSION_COMMANDS_H 1

/* The upcall-trace/... commands of the control socket. */

struct auto_start;
struct commands;

struct commands *commands_create(struct auto_start *);
void commands_destroy(struct commands *);
void commands_run(struct commands *);
void commands_wait(struct commands *);

#endif /* extension/commands.h */
