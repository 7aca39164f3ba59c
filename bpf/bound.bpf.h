/* SPDX-License-Identifier: GPL-2.0-or-later OR Apache-2.0 */
/*
 * Bounds of indexes and lengths.
 *
 * The verifier takes an access at a variable offset only if it knows, of the
 * register that is added, how large it can be.  It learns that from
 * instructions: from a comparison for the register that is compared, and for
 * those that were copied from it before, but not for another register that
 * happens to have been calculated from the same memory, nor for what was
 * calculated from it before the comparison.
 *
 * A comparison in C says nothing of which register will be compared.  In
 *
 *     len = rec->put_len;
 *     if (len > UPCALL_PUT_MAX) {
 *         return;
 *     }
 *     p = rec->data + ALIGN8(len);
 *
 * the compiler may round up before it compares, since that is the same; it may
 * read 'rec->put_len' twice; it may compare the lower half of a register and
 * add the whole; and where it can prove that a comparison or a mask is always
 * true, it leaves it out, because it knows from elsewhere what the verifier
 * has forgotten.  Which of these it does differs by version, so a program that
 * loads when one clang has compiled it need not load when another has.  (Code
 * like this loaded with clang 14 and 16, and did not with 19 and 21.)
 *
 * So each variable index or length goes through one of the functions here, at
 * the place where it is used.  Each is a piece of assembly, which the compiler
 * can neither split, move past its use, nor drop, and about whose result it
 * knows nothing: it has to use the very register that the verifier has seen
 * bounded.  That is all 64 bits wide, so there is no other half.
 *
 * What is beyond its bounds is a mistake in these programs, as if an assertion
 * had failed.  It ends the program, or the function that is not inlined, as if
 * that had returned 0, whatever that means there.  So where a value can really
 * be too large, something in C comes before that makes it smaller or does
 * without it.  (To go on with the largest one instead would be another path,
 * which the verifier would follow to the end of the program, at each of them.)
 *
 * utilities/dev/bpf-matrix tests which compilers and kernels get along.
 */
#ifndef BPF_BOUND_BPF_H
#define BPF_BOUND_BPF_H 1

/* A function that the verifier looks at by itself, once, rather than for each
 * of its callers, knowing nothing of its arguments: whether a pointer is NULL,
 * or that what is behind it are pointers. */
#define GLOBAL __noinline

/* Returns 'X' modulo 'N', a constant that is a power of 2. */
#define MODULO(X, N) modulo(X, (N) - 1)

#ifdef __bpf__

/* Returns 'x', which is at most 'max'. */
static __always_inline __u64
bounded(__u64 x, __u64 max)
{
    asm volatile("if %[x] <= %[max] goto +2\n\t"
                 "r0 = 0\n\t"
                 "exit"
                 : [x] "+r"(x) : [max] "ri"(max));
    return x;
}

static __always_inline __u64
modulo(__u64 x, __u64 mask)
{
    asm volatile("%[x] &= %[mask]" : [x] "+r"(x) : [mask] "ri"(mask));
    return x;
}

/* Returns 'X', a constant, which the compiler does not make a variable. */
#define constant(X)                                     \
    ({                                                  \
        __u32 x__;                                      \
                                                        \
        asm volatile("%0 = %1" : "=r"(x__) : "i"(X));   \
        x__;                                            \
    })

#else /* As part of a test. */

#define constant(X) (X)

__u64 bounded(__u64 x, __u64 max);
__u64 modulo(__u64 x, __u64 mask);

#endif

#endif /* bpf/bound.bpf.h */
