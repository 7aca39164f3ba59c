# shellcheck shell=bash
#
# SPDX-License-Identifier: Apache-2.0
#
# The cache of what is fetched, and of what is built from the sources of
# others: where it is, and its entries.
#
# An entry is a directory NAME-ID of the cache.  ID is a checksum of what makes
# it: the packages that it is of, the program that makes it, and what else that
# says.  So all copies of the project can use one cache, and one that wants
# something else makes an entry of its own.  An entry has a file .sums with the
# checksums of its files, written last, and .checked, whose time tells when
# they were last compared.  The file newest/NAME-RECIPE names the entry that
# was right when the mirror was last asked, where RECIPE is a checksum of all
# but the packages.
#
# An entry is compared, made and removed only with the lock NAME held.  One
# that was compared within a day is used without it.
#
# If a newer entry cannot be made, for whatever reason, that of before is used
# for another day.
#
# What else is in the cache is no entry: package lists in apt, the Debians of
# fetch-root in root, and what the virtual machines use in vm.
#
# To be sourced by fetch-lib.sh.

# To be changed when entries of before are of no use.
cache_format=1

# So many days the mirror is not asked for something newer, and so many days
# after its last use an entry is removed.
cache_ask_days=7
cache_keep_days=60

# cache_home: prints the directory for what a user's programs keep.  After
# sudo, the environment may name that of another user.
cache_home () {
    local home=${HOME-}
    case ${XDG_CACHE_HOME-} in
    /*)
        if [ -O "$XDG_CACHE_HOME" ] || [ ! -e "$XDG_CACHE_HOME" ]; then
            printf '%s\n' "$XDG_CACHE_HOME"
            return
        fi
        ;;
    esac
    [ -O "$home" ] || home=$(getent passwd "$(id -u)" | cut -d: -f6)
    [ -O "$home" ] || return 1
    printf '%s/.cache\n' "${home%/}"
}

# find_cache: sets 'cache', which is absolute ever after.
find_cache () {
    local home
    if [ -z "${UPCALL_TRACE_CACHE-}" ]; then
        if home=$(cache_home); then
            UPCALL_TRACE_CACHE=$home/ovs-upcall-trace
        else
            UPCALL_TRACE_CACHE=$top/.cache
        fi
    fi
    cache=$(realpath -m "$UPCALL_TRACE_CACHE")
    export UPCALL_TRACE_CACHE=$cache
}

# lock NAME: waits until nobody else holds the lock NAME of the cache, and
# holds it until the program ends.
lock () {
    local fd
    mkdir -p "$cache/lock" 2>/dev/null && : 2>/dev/null >>"$cache/lock/$1" ||
        die "cannot write to the cache in $cache:" \
            "set UPCALL_TRACE_CACHE to another directory"
    exec {fd}>"$cache/lock/$1"
    if ! flock -n "$fd"; then
        say "waiting for another program that prepares or uses $1"
        flock "$fd"
    fi
}

# remove_old WHERE OPTION...: removes what "find WHERE -maxdepth 1 OPTION..."
# finds, which others may do at the same time.
remove_old () {
    local where=$1
    shift
    find "$where" -ignore_readdir_race -maxdepth 1 "$@" -exec rm -rf {} + \
        2>/dev/null || :
}

# make_temporary: creates a temporary directory inside the cache, sets
# 'temporary' to its name, and has it removed when the program ends.
make_temporary () {
    mkdir -p "$cache" || die "cannot create the cache in $cache"
    # A program that was killed leaves its directory behind.
    remove_old "$cache" -name '.fetch-*' -mtime +1
    temporary=$(mktemp -d "$cache/.$program.XXXXXX")
    trap remove_temporary EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# If this is set, it is called when the program has failed, but not when it was
# interrupted: to take what was made before, if there is something.
fall_back=

# What the program does last.
remove_temporary () {
    local status=$?
    rm -rf "$temporary"
    if [ "$status" != 0 ] && [ "$status" -lt 128 ] && [ -n "$fall_back" ]; then
        "$fall_back"
    fi
}

# cache_id STRING...: prints a checksum of them.
cache_id () {
    printf '%s\n' "$@" | sha256sum | cut -c 1-12
}

boot_id () {
    cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown
}

# entry_was_checked DIRECTORY: true if it is an entry whose files were compared
# not longer than a day ago, and since the last boot, as a crash is what
# damages files.
entry_was_checked () {
    [ -s "$1/.sums" ] &&
        [ "$(cat "$1/.checked" 2>/dev/null)" = "$(boot_id)" ] &&
        [ -n "$(find "$1/.checked" -mtime 0 2>/dev/null)" ]
}

# entry_is_whole DIRECTORY: true if it is an entry whose files are as they were
# made.  The lock of its name must be held.
entry_is_whole () {
    [ -s "$1/.sums" ] || return 1
    ! entry_was_checked "$1" || return 0
    if ! (cd "$1" && sha256sum --quiet --check .sums) >/dev/null 2>&1; then
        say "note: $1 is damaged"
        return 1
    fi
    # A full disk does not make it worse.
    boot_id 2>/dev/null > "$1/.checked" || :
}

# take_entry DIRECTORY: prints the directory and ends the program.
take_entry () {
    printf '%s\n' "$1"
    exit 0
}

# take_newest TEST [DAYS]: takes the entry that was right when the mirror was
# last asked, unless the function TEST finds it bad or that is DAYS ago.
take_newest () {
    local directory
    if [ -s "$newest" ] &&
       { [ $# = 1 ] || [ -n "$(find "$newest" -mtime "-$2")" ]; }; then
        directory=$cache/$(cat "$newest")
        ! "$1" "$directory" || take_entry "$directory"
    fi
}

# newest_entry NAME: prints the entry NAME that is the newest here, whatever
# made it.  The mirror is not asked.
newest_entry () {
    local file
    # shellcheck disable=SC2012
    file=$(ls -t "$cache/newest/$1"-* 2>/dev/null | head -n 1)
    [ -n "$file" ] || return 1
    file=$cache/$(cat "$file")
    (lock "$1" && entry_is_whole "$file") && printf '%s\n' "$file"
}

# seek_entry NAME [STRING]...: takes the entry NAME that the calling program
# and each STRING make, if it is there.  If not, holds the lock NAME, and has
# ask_mirror() and begin_entry() make it.
seek_entry () {
    case $cache in
    *[!-_./[:alnum:]+,@]*)
        die "Open vSwitch cannot be built in $cache, whose name has a space" \
            "or another special character: set UPCALL_TRACE_CACHE to another" \
            "directory" ;;
    esac
    entry_name=$1
    entry_recipe=$(cache_id "$cache_format" "$(cat "$0")" "$@")
    newest=$cache/newest/$1-$entry_recipe
    take_newest entry_was_checked "$cache_ask_days"
    lock "$1"
    take_newest entry_is_whole "$cache_ask_days"
    make_temporary
}

# ask_mirror SUITE: makes the package list of SUITE current.  From here on, a
# failure has the entry of before taken.
ask_mirror () {
    fall_back=take_last
    update_packages "$1"
}

# take_last: takes the entry that was right when the mirror was last asked, and
# has it asked again a day later.
take_last () {
    [ -s "$newest" ] || return 0
    touch -d "$((cache_ask_days - 1)) days ago" "$newest" 2>/dev/null || :
    say "note: what was fetched before is used, if it is there"
    take_newest entry_is_whole
}

# begin_entry SUITE PACKAGE...: sets 'directory' to that of the entry which is
# made of these packages, empty.  If it is there already, takes it.
begin_entry () {
    local sums
    sums=$(package_sums "$@") && [ -n "$sums" ] ||
        die "the package list of $1 does not have all packages of $entry_name"
    directory=$cache/$entry_name-$(cache_id "$entry_recipe" "$sums")
    if entry_is_whole "$directory"; then
        point_newest || :
        take_entry "$directory"
    fi
    remove_entry "$directory"
    remove_old_entries
    mkdir -p "$directory"
    # It can be removed some day even if it is never finished.
    : > "$directory/.checked"
}

# remove_entry DIRECTORY: removes it, and leaves no part of it as an entry if
# that is interrupted.
remove_entry () {
    if [ -e "$1" ]; then
        mv "$1" "$temporary/removed"
        rm -rf "$temporary/removed"
    fi
}

# remove_old_entries: removes those that nobody has used for long.
remove_old_entries () {
    local file old
    remove_old "$cache/newest" -type f -mtime "+$cache_keep_days"
    for file in "$cache"/*/.checked; do
        old=${file%/.checked}
        ! is_old_entry "$old" || remove_old_entry "$old" 2>/dev/null || :
    done
}

is_old_entry () {
    [ -n "$(find "$1/.checked" -mtime "+$cache_keep_days" 2>/dev/null)" ]
}

# remove_old_entry DIRECTORY: removes it, unless somebody has the lock of its
# name, who may just want it.
remove_old_entry () (
    name=$(basename "${1%-*}")
    if [ "$name" != "$entry_name" ]; then
        exec {fd}>"$cache/lock/$name"
        flock -n "$fd" || exit 0
    fi
    ! is_old_entry "$1" || remove_entry "$1"
)

# point_newest: remembers that 'directory' is right today.
point_newest () {
    mkdir -p "$cache/newest"
    printf '%s\n' "${directory##*/}" > "$temporary/newest"
    mv "$temporary/newest" "$newest"
}

# end_entry: has the entry that begin_entry() began be whole, and takes it.
end_entry () {
    (cd "$directory" &&
     find . -type f ! -name .sums.new ! -name .checked -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum > .sums.new) ||
        die "cannot write to $directory"
    # Not before all is on the disk.
    sync "$directory/.sums.new"
    sync -f "$directory"
    mv "$directory/.sums.new" "$directory/.sums"
    boot_id > "$directory/.checked"
    point_newest
    take_entry "$directory"
}
