# SPDX-License-Identifier: Apache-2.0
#
# Prints the lines with which a file of lib/ includes a header of a room that
# comes after its own, or of anything that is built on lib/.  Reads the files
# lib/ROOM/FILE that it is given.

BEGIN {
    n = split("base record usdt store flow show file", rooms, " ")
    for (i = 1; i <= n; i++) {
        place[rooms[i]] = i
    }
}

FNR == 1 {
    path = FILENAME
    sub(/^.*lib\//, "", path)
    split(path, parts, "/")
    here = parts[1]
    if (!(here in place)) {
        print FILENAME ": is in none of the rooms of lib/rooms.awk"
        here = rooms[n]
    }
}

/^#include "[^"]*\// {
    split($2, parts, /["\/]/)
    if (parts[2] in place \
        ? place[parts[2]] > place[here] \
        : parts[2] ~ /^(extension|utilities|tests)$/) {
        print FILENAME ":" FNR ": " $0
    }
}
