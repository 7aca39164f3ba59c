# SPDX-License-Identifier: Apache-2.0
#
# Prints pairs for tsort, "A B" if A includes B.h, of the files extension/NAME
# that it is given, which tsort says have a loop if some include each other in
# a circle.  Files that share a header NAME-private.h count as one.

FNR == 1 {
    file = FILENAME
    sub(/.*\//, "", file)
    sub(/\.[ch]$/, "", file)
    sub(/-private$/, "", file)
    files[file]
}
/^#include "[a-z-]*\.h"/ {
    included = $2
    gsub(/"|\.h"/, "", included)
    if (sub(/-private$/, "", included)) {
        unit[file] = included
    }
    n++
    from[n] = file
    to[n] = included
}
END {
    for (i = 1; i <= n; i++) {
        a = from[i] in unit ? unit[from[i]] : from[i]
        b = to[i] in unit ? unit[to[i]] : to[i]
        if (a != b && to[i] in files) {
            print a, b
        }
    }
}
