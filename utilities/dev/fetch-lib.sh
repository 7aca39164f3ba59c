# shellcheck shell=bash
#
# SPDX-License-Identifier: Apache-2.0
#
# What fetch-kernel, fetch-ovs and vm have in common: how progress and errors
# are told, how a Debian package of another release is fetched without touching
# the apt state of the machine and, in cache-lib.sh, the cache.
#
# To be sourced by a bash script that has "set -eu" in force.

program=${0##*/}
dev=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(dirname "$(dirname "$dev")")

# The status with which die() ends the program.
die_status=1

say () {
    printf '%s: %s\n' "$program" "$*" >&2
}

die () {
    say "$*"
    exit "$die_status"
}

# Prints the usage, which is the comment between "# Usage" and the first line
# that is no comment in the calling program.
usage () {
    sed -n '/^# Usage:/,/^[^#]/{/^#/{s/^# \{0,1\}//;p;};}' "$0"
}

# need PROGRAM PACKAGE: ends the program if PROGRAM is not installed.
need () {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ||
        die "$1 is missing: install the Debian package $2"
}

# log_or_die LOG WHAT COMMAND...: runs COMMAND with its output in LOG.  If it
# fails, shows the end of LOG and ends the program.
log_or_die () {
    local log=$1 what=$2
    shift 2
    if ! "$@" </dev/null >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "$what failed: the whole log is in $log"
    fi
}

. "$dev/cache-lib.sh"
find_cache

# Debian packages.

# The address of the Debian archive that apt of this machine uses.
# shellcheck disable=SC2016
debian_mirror () {
    local uri
    if [ -n "${UPCALL_TRACE_MIRROR:-}" ]; then
        printf '%s\n' "$UPCALL_TRACE_MIRROR"
        return
    fi
    uri=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' \
              'Created-By: Packages' 2>/dev/null |
          awk '$2 == "Debian" && NF == 2 { print $1; exit }')
    # Without package lists apt knows addresses but no labels.
    if [ -z "$uri" ]; then
        uri=$(apt-get indextargets --format '$(REPO_URI)' \
                  'Created-By: Packages' 2>/dev/null |
              awk '/\/debian\/?$/ { print; exit }')
    fi
    [ -n "$uri" ] || die "apt's sources name no Debian archive:" \
                         "set UPCALL_TRACE_MIRROR to the address of one"
    printf '%s\n' "$uri"
}

# Debian releases from old to new.  Each one's keyring can be trusted by the
# next because its package is signed with the keys known before.
debian_suites='bookworm trixie sid'

# keyring_of_machine: prints the keyring that Debian's package installs here.
keyring_of_machine () {
    local file=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$file" ] || die "$file is missing: install the Debian package" \
                          "debian-archive-keyring"
    printf '%s\n' "$file"
}

# apt_setup SUITE KEYRING MIRROR: writes the configuration of a private apt for
# SUITE.  The machine's own configuration stays in force but for what is set
# here, so that a proxy, for example, is used here as well.
#
# With a configuration that is not whole, apt would do what it is asked to the
# machine.
apt_setup () {
    write_apt_conf "$@" ||
        die "cannot write to $cache/apt/$1: maybe the disk is full"
}

write_apt_conf () {
    local dir=$cache/apt/$1
    mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/state" &&
        : > "$dir/status" &&
        cat > "$dir/sources.list" <<END &&
deb [arch=amd64 signed-by=$2] $3 $1 main
END
        cat > "$dir/apt.conf" <<END
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$dir/state";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir";
Dir::Cache::archives "$dir/archives";
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
APT::Get::List-Cleanup "true";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
END
}

# apt_private SUITE PROGRAM ARG...: runs a program of apt's for SUITE.
apt_private () {
    local suite=$1 tool=$2
    shift 2
    "$tool" -c "$cache/apt/$suite/apt.conf" -q "$@"
}

# apt_update SUITE: brings the private package list of SUITE up to date, but
# not more often than once an hour.  To be called with the lock of SUITE held.
#
# It runs where "set -e" is not in force, see update_packages().
apt_update () {
    local suite=$1 dir=$cache/apt/$1 keyring older before='' mirror
    mirror=$(debian_mirror) || exit "$die_status"
    keyring=$(keyring_of_machine) || exit "$die_status"
    if [ -e "$dir/updated" ] &&
       [ -n "$(find "$dir/updated" -mmin -60 -size +0)" ] &&
       [ "$(cat "$dir/updated")" = "$mirror" ]; then
        return
    fi
    # What fails may leave no list.
    mkdir -p "$dir" && rm -f "$dir/updated" && : > "$dir/log" ||
        die "cannot write to $dir"
    say "reading the package list of $suite"
    apt_setup "$suite" "$keyring" "$mirror"
    if ! apt_private "$suite" apt-get update >>"$dir/log" 2>&1 </dev/null; then
        # A keyring older than the release may lack its keys.  The release
        # before it has a keyring package with them.
        for older in $debian_suites; do
            [ "$older" != "$suite" ] || break
            before=$older
        done
        if [ -z "$before" ] ||
           ! grep -Eq 'NO_PUBKEY|Missing key' "$dir/log"; then
            tail -n 5 "$dir/log" >&2
            die "cannot read the package list of $suite:" \
                "the whole log is in $dir/log"
        fi
        update_packages "$before"
        fetch_packages "$before" "$dir/keyring.new" debian-archive-keyring
        rm -rf "$dir/keyring" && mv "$dir/keyring.new" "$dir/keyring" ||
            die "cannot write to $dir"
        keyring=$dir/keyring/usr/share/keyrings/debian-archive-keyring.gpg
        apt_setup "$suite" "$keyring" "$mirror"
        log_or_die "$dir/log" "reading the package list of $suite" \
            apt_private "$suite" apt-get update
    fi
    printf '%s\n' "$mirror" > "$dir/updated" || die "cannot write to $dir"
}

# update_packages SUITE: makes the package list of SUITE current.
update_packages () {
    need apt-get apt
    need dpkg-deb dpkg
    (
        lock "apt-$1"
        apt_update "$1"
    ) || exit "$die_status"
}

# package_depends SUITE PACKAGE: prints the names of the packages on which
# PACKAGE depends directly.
package_depends () {
    apt_private "$1" apt-cache depends --important "$2" |
        sed -n 's/^ *|\{0,1\}\(Pre\)\{0,1\}Depends: \([^<].*\)$/\2/p'
}

# package_sums SUITE PACKAGE...: prints the name of the file of each PACKAGE
# that fetch_packages() would fetch, and its checksum.
package_sums () {
    local suite=$1 uris sums
    shift
    # A file of that name in the current directory would be left out.
    uris=$(cd "$temporary" &&
           apt_private "$suite" apt-get download --print-uris "$@") || return
    sums=$(awk -v n=$# 'NF >= 4 { print $2, $4; found++ }
                        END { exit found != n }' <<<"$uris") || return
    LC_ALL=C sort <<<"$sums"
}

# fetch_packages SUITE DIRECTORY PACKAGE...: downloads each PACKAGE of SUITE,
# which apt checks against the signed package list, and unpacks it into
# DIRECTORY.  To be called after make_temporary and update_packages.
fetch_packages () {
    local suite=$1 directory=$2 download file package
    shift 2
    mkdir -p "$directory" || die "cannot create $directory"
    download=$(mktemp -d "$temporary/download.XXXXXX") ||
        die "cannot create a directory in the cache"
    for package; do
        say "fetching $package of $suite"
        if ! (cd "$download" &&
              apt_private "$suite" apt-get download "$package") \
                 >"$download/log" 2>&1 </dev/null; then
            tail -n 5 "$download/log" >&2
            rm -rf "$download"
            die "cannot fetch the package $package of $suite"
        fi
    done
    for file in "$download"/*.deb; do
        dpkg-deb -x "$file" "$directory" ||
            die "cannot unpack ${file##*/} into $directory"
    done
    rm -rf "$download"
}
