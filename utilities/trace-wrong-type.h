/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_WRONG_TYPE_H
#define UTILITIES_TRACE_WRONG_TYPE_H 1

/* Files that people may take for a trace. */

const char *trace_wrong_type(const char *name);

#endif /* utilities/trace-wrong-type.h */
