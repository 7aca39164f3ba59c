# shellcheck shell=bash
#
# SPDX-License-Identifier: Apache-2.0
#
# The tests of "quickstart check": which there are, running them beside each
# other, and adding up what they say.
#
# To be sourced by quickstart, whose functions and variables this uses.

# Virtual machines for the system tests: options of utilities/dev/vm, and after
# the colon those that choose tests.  An emulated processor that has to wait
# for another one wastes most of its time, so only tests that are about several
# at a time get two.

# All tests run with the first kernel and Open vSwitch, in four machines, the
# one that takes the longest first.  One of them has random addresses, as
# machines have outside of tests.
whole_cells='
    --kernel=6.12 --ovs=3.5 --cpus=1: -k !full,!exact,!datapath
    --kernel=6.12 --ovs=3.5 --cpus=1: -k full,!exact
    --kernel=6.12 --ovs=3.5 --cpus=1: -k datapath,!full,!exact
    --kernel=6.12 --ovs=3.5 --cpus=2 --randomize: -k exact
'

# With the others run those that follow an upcall from its beginning to its
# end, which have the keyword "matrix", with less to do: with the oldest and
# the newest of both always, and there some others that depend on the kernel,
corner_cells='
    --kernel=6.1 --ovs=3.1 --cpus=2: -k matrix -k cost -k rules -k corner
    --kernel=7.2 --ovs=4.0 --cpus=2: -k matrix -k cost -k rules -k corner
'

# and with some of these in turn, by commit: with one of each kind, or, if
# something that they depend on has changed, with all of the first kind and one
# of the second, see choose_cells().
special_cells='
    --kernel=6.12 --ovs=stock --cpus=1: -k matrix
    --kernel=6.12 --ovs=3.5 --cpus=1 --module-without-btf: -k matrix
    --kernel=6.12 --ovs=3.5-shared --cpus=1: -k matrix
'
pair_cells='
    --kernel=6.1 --ovs=3.5 --cpus=1: -k matrix
    --kernel=7.2 --ovs=3.1 --cpus=1: -k matrix
    --kernel=6.12 --ovs=4.0 --cpus=1: -k matrix
    --kernel=6.1 --ovs=4.0 --cpus=1: -k matrix
    --kernel=6.12 --ovs=3.1 --cpus=1: -k matrix
    --kernel=7.2 --ovs=3.5 --cpus=1: -k matrix
'

# What --quick runs.
quick_cells='
    --kernel=6.12 --ovs=3.5 --cpus=1: -k matrix
'

# So many machines run at a time, and each may take so many seconds.
machines=$(nproc)
[ "$machines" -ge 2 ] || machines=2
machine_timeout=3600

# What may work in one of these machines and not in another.
cells_depend_on='
    bpf extension/attach* extension/uprobes* lib/usdt
    tests/*macros.at tests/system/macros.at tests/system/records.at
    tests/atlocal.in tests/*.py tests/ask-python.c
    utilities/dev/vm utilities/dev/vm-guest-init utilities/dev/*-lib.sh
    utilities/dev/fetch-kernel utilities/dev/fetch-ovs
'

# cells_changed: true if something of that has changed in the day before the
# last commit, or since, or if that is not known.
cells_changed () {
    local git=(git -C "$top" -c safe.directory="$top") last
    last=$("${git[@]}" log -1 --format=%ct 2>/dev/null) || return 0
    # shellcheck disable=SC2086
    [ -n "$("${git[@]}" log --since=$((last - 86400)) --format=%h \
                -- $cells_depend_on;
            "${git[@]}" status --porcelain -- $cells_depend_on)" ]
}

number_of_commits () {
    git -C "$top" -c safe.directory="$top" rev-list --count HEAD 2>/dev/null
}

# in_turn N LINES: prints N of the lines, by commit.
in_turn () {
    local i n lines
    n=$(number_of_commits) || return
    mapfile -t lines < <(echo "$2" | grep .)
    for ((i = 0; i < $1; i++)); do
        echo "${lines[$((($1 * n + i) % ${#lines[@]}))]}"
    done
}

# choose_cells MODE: prints a line for each machine of "check --MODE".
choose_cells () {
    case $1 in
    quick)
        echo "$quick_cells"
        return
        ;;
    esac
    echo "$whole_cells$corner_cells"
    if [ "$1" = all ] || ! number_of_commits >/dev/null; then
        echo "$special_cells$pair_cells"
    elif cells_changed; then
        echo "$special_cells"
        in_turn 1 "$pair_cells"
    else
        in_turn 1 "$special_cells"
        in_turn 1 "$pair_cells"
    fi
}

# Results.  A job writes to $logs/JOB.result a line for each kind of test, with
# the tests that have passed, failed and been skipped, and what they are; what
# is worth to be seen of its output it prints.

# count_unit LOG NAME STATUS: counts what libcheck has counted.  A run that
# failed without a failed test, such as for a leak, or has none, counts as one.
count_unit () {
    [ "$3" = 0 ] || tail -n 40 "$1"
    grep -E '^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$' \
        "$1" | tr -d , | awk -v status="$3" -v name="$2" '
            { run += $3; bad += $5 + $7 }
            END { odd = !bad && (status != 0 || !run)
                  print run - bad, bad + odd, 0, name }' \
        >> "$result"
}

# count_autotest LOG NAME STATUS: counts the results of an Autotest suite, one
# line each, and prints those that are not ok.  A suite that ended otherwise
# than its tests say, or has none, has failed.
count_autotest () {
    local counts
    grep -E '^ *[0-9]+: .* (FAILED|UNEXPECTED|skipped)' "$1" || true
    counts=$(awk -v status="$3" '
                 /^ *[0-9]+: .* ok *(\(|$)/ { ok++ }
                 /^ *[0-9]+: .* (FAILED|UNEXPECTED PASS)/ { bad++ }
                 /^ *[0-9]+: .* skipped/ { skip++ }
                 END {
                     odd = !bad && (status != 0 || ok + skip == 0)
                     print ok + 0, bad + odd, skip + 0, odd + 0
                 }' "$1")
    [ "${counts##* }" = 0 ] || tail -n 20 "$1"
    printf '%s %s\n' "${counts% *}" "$2" >> "$result"
}

# show_failures DIR: prints the end of the log of each test of an Autotest
# suite that failed or did not end.  DIR has a directory for each test that did
# not pass.
show_failures () {
    local log
    for log in "$1"/[0-9]*/*testsuite.log; do
        if [ -e "$log" ] && ! grep -qE '^[0-9]+\. .*: skipped ' "$log"; then
            printf -- '--- %s\n' "$log"
            head -n 1 "$log"
            tail -n 60 "$log" | cut -c 1-500
            printf -- '---\n'
        fi
    done
}

# Jobs.

# check_units DIR NAME: the unit tests in the build directory DIR.
check_units () {
    local status=0
    env -u CK_RUN_SUITE -u CK_RUN_CASE -u CK_VERBOSITY \
        make -C "$1" check-unit </dev/null >"$logs/unit-$2.log" 2>&1 ||
        status=$?
    count_unit "$logs/unit-$2.log" "unit tests, $2" "$status"
}

# check_suite DIR NAME: the test suite in the build directory DIR.
check_suite () {
    local status=0
    rm -f "$1/tests/testsuite.dir/durations"
    make -C "$1" check-autotest TESTSUITEFLAGS=-j2 \
        </dev/null >"$logs/suite-$2.log" 2>&1 || status=$?
    count_autotest "$logs/suite-$2.log" "test suite, $2" "$status"
    keep_durations "$1/tests/testsuite.dir" "suite, $2"
    show_failures "$1/tests/testsuite.dir"
}

# keep_durations DIR NAME: keeps how long each test of an Autotest suite took.
keep_durations () {
    [ ! -e "$1/durations" ] ||
        sed "s|\$| ($2)|" "$1/durations" >> "$logs/durations"
}

# check_built: what is built is not built again.  Otherwise the jobs, which all
# run make in one directory, would build it at once, and in each other's way.
check_built () {
    local again log=$logs/make-again.log
    make -C "$build" V=0 all </dev/null >"$log" 2>&1 ||
        { tail -n 20 "$log"; echo "0 1 0 building again" >> "$result"
          return; }
    again=$(grep '^  [A-Z]' "$log") || :
    [ -z "$again" ] || printf 'was built already:\n%s\n' "$again"
    echo "$([ -z "$again" ] && echo 1 0 || echo 0 1) 0 building again" \
        >> "$result"
}

# build_variant NAME: builds one that is not the usual one: against another
# version of Open vSwitch, or with sanitizers.
build_variant () {
    if [ "$1" = sanitizers ]; then
        build_against "$build/sanitizers" "$ovs" --enable-sanitizers
    else
        build_against "$build/$1" "${1#ovs-}"
    fi
}

# job_host MODE: what runs on this machine itself.  Filters are compared with
# libpcap on a million random packets once.
job_host () {
    local version
    check_built
    UPCALL_FILTER_PACKETS=3400 check_units "$build" "ovs-$ovs"
    check_suite "$build" "ovs-$ovs"
    [ "$1" != quick ] || return 0
    build_variant sanitizers
    check_units "$build/sanitizers" sanitizers
    UPCALL_TRACE_MODEL=200000 check_suite "$build/sanitizers" sanitizers
    for version in $other_ovs; do
        build_variant "ovs-$version"
        check_units "$build/ovs-$version" "ovs-$version"
    done
}

# job_matrix MODE: the BPF programs as several compilers make them, on one
# kernel in turn, or on all with "check --all": the verifier goes through
# millions of instructions, which takes some minutes for each kernel.
job_matrix () {
    local status=0 log=$logs/bpf-matrix.log why='' counts kernel=''
    [ "$(id -u)" = 0 ] || why='it needs root'
    [ -e "$top/.git" ] || why='this is no git checkout'
    if [ -n "$why" ]; then
        echo "the matrix of compilers is skipped: $why"
        echo "0 0 1 BPF programs of several compilers" >> "$result"
        return
    fi
    [ "$1" = all ] || kernel=$(in_turn 1 $'6.1\n6.12\n7.2')
    make -C "$build" bpf-matrix BPFMATRIXFLAGS="--jobs=1 $kernel" \
        </dev/null >"$log" 2>&1 || status=$?
    sed -n '/^---\|^Instructions/,$p' "$log" | grep -v '^make' || :
    counts=$(tail -n 5 "$log" |
             sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    [ -n "$counts" ] || tail -n 20 "$log"
    echo "${counts:-0 1} 0 BPF programs of several compilers" >> "$result"
}

# job_fuzz MODE: each fuzzer, for a minute with "check --all", or for so long
# that it has tried its seeds and some thousands of inputs that come from
# them; see tests/fuzz/fuzz.h.
job_fuzz () {
    local target dir=$build/fuzz log=$logs/fuzz.log status seconds=10
    [ "$1" != all ] || seconds=60
    make -C "$build" fuzz </dev/null >"$log" 2>&1 ||
        { tail -n 20 "$log"; echo "0 1 0 fuzzers, building" >> "$result"
          return; }
    for target in "$dir"/seeds/*; do
        target=${target##*/} status=0
        mkdir -p "$dir/corpus/$target"
        # A crash leaves its input there, to be kept in tests/fuzz/inputs.
        "$dir/$target" -max_total_time=$seconds -timeout=20 -verbosity=1 \
            -artifact_prefix="$logs/fuzz-$target-" \
            "$dir/corpus/$target" "$dir/seeds/$target" \
            </dev/null >"$logs/fuzz-$target.log" 2>&1 || status=$?
        [ "$status" = 0 ] || tail -n 40 "$logs/fuzz-$target.log"
        echo "$((status == 0)) $((status != 0)) 0 fuzzer $target" >> "$result"
    done
}

# test_cell OPTION...: runs the system tests in the machine that is in
# 'options' and 'choice', with more options.
test_cell () {
    local status=0
    rm -rf "${logs:?}/$job"
    make -C "$build" check-vm \
        VMFLAGS="--timeout=$machine_timeout $options $*" \
        TESTSUITEFLAGS="$choice" VM_OUT="$logs/$job" \
        </dev/null >"$logs/$job.log" 2>&1 || status=$?
    echo "$status" >"$logs/$job.status"
}

# job_cell LINE: the system tests in one virtual machine.
job_cell () {
    local options=${1%%:*} choice=${1#*: }
    if [[ $choice == '-k matrix'* ]]; then
        export UPCALL_TRACE_PACKETS=600 UPCALL_TRACE_ROUNDS_B2=20
    fi
    test_cell
    # Linux replaces the first byte of an instruction by an int3 while it
    # patches the rest.  One of several emulated processors may see that byte
    # when the other has finished, and then Linux does not know what it is.
    # Where they take turns, that cannot be.  What had failed before counts.
    if grep -q 'Oops: int3:' "$logs/$job.log" "$logs/$job/vm-console.log"; then
        echo "the emulator has failed at patched code, run once more: $options"
        rm -rf "${logs:?}/$job.first"
        mv "$logs/$job.log" "$logs/$job.first.log"
        mv "$logs/$job" "$logs/$job.first"
        if grep -E '^ *[0-9]+: .* FAILED' "$logs/$job.first.log"; then
            echo "0 1 0 before the emulator failed, $options" >> "$result"
        fi
        test_cell --in-turn
    fi
    count_autotest "$logs/$job.log" "system tests, $options $choice" \
        "$(cat "$logs/$job.status")"
    keep_durations "$logs/$job/system-testsuite.dir" "$options"
    show_failures "$logs/$job/system-testsuite.dir"
}

# run_job NAME FUNCTION [ARG]...: runs a job in the background.
run_job () {
    local job=$1
    local result=$logs/$job.result
    shift
    # For a job that is killed, unless it gets to the end.
    echo "0 1 0 $job, which was killed" > "$result"
    : > "$logs/$job.out"
    echo 0 0 0 > "$logs/$job.time"
    # Each is a process group, which can be ended as a whole.
    set -m
    (
        set +m
        result=$result.new
        : > "$result"
        TIMEFORMAT='%0R %0U %0S'
        # A job that ends at an error has failed.  (It would not end at one in
        # a list of commands.)
        set +e
        { time { (set -e; "$@") >"$logs/$job.out" 2>"$logs/$job.err"; }; } \
            2>"$logs/$job.time.new"
        [ $? = 0 ] || echo "0 1 0 $job, which ended early" >> "$result"
        mv "$logs/$job.time.new" "$logs/$job.time"
        mv "$result" "${result%.new}"
        cat "$logs/$job.err" >&2
        say "ended: $job"
    ) &
    set +m
    groups+=($!)
}

# job_name LINE: prints a name for the job of a machine.  No two may have the
# same.
job_name () {
    echo "vm-$1" |
        sed 's/ *--*/-/g; s/:/ /; s/!/not-/g; s/[ =,]-*/-/g; s/--*/-/g'
}

# run_jobs: runs the jobs in the array 'jobs', each a name, a function and its
# argument with tabs between, in this order: the first, which is no machine,
# beside all others, and of those several at a time.
run_jobs () {
    local line name function argument first='' ended groups=() running=0
    trap 'kill -TERM "${groups[@]/#/-}" 2>/dev/null; exit 130' INT TERM HUP
    for line in "${jobs[@]}"; do
        IFS=$'\t' read -r name function argument <<<"$line"
        while [ "$running" -ge "$machines" ]; do
            ended=
            wait -n -p ended || :
            [ "${ended-}" = "$first" ] || running=$((running - 1))
        done
        say "begins: $name"
        run_job "$name" "$function" "$argument"
        if [ -z "$first" ]; then
            first=$!
        else
            running=$((running + 1))
        fi
    done
    wait
}

# print_results: prints what the jobs have found and how long they took, and
# adds up 'passed', 'failed' and 'skipped'.
print_results () {
    local line name p f s title seconds user system
    passed=0 failed=0 skipped=0
    for line in "${jobs[@]}"; do
        name=${line%%$'\t'*}
        cat "$logs/$name.out"
    done
    printf '\n%-66s %6s %6s %7s\n' tests passed failed skipped
    for line in "${jobs[@]}"; do
        name=${line%%$'\t'*}
        while read -r p f s title; do
            printf '%-66s %6d %6d %7d\n' "$title" "$p" "$f" "$s"
            passed=$((passed + p)) failed=$((failed + f))
            skipped=$((skipped + s))
        done < "$logs/$name.result"
    done
    printf '\n%-66s %6s %6s\n' job seconds 'of CPU'
    for line in "${jobs[@]}"; do
        name=${line%%$'\t'*}
        # Bash may have written something else before, about a signal.
        read -r seconds user system < <(
            grep -E '^[0-9]+ [0-9]+ [0-9]+$' "$logs/$name.time" || echo 0 0 0)
        printf '%-66s %6d %6d\n' "$name" "$seconds" "$((user + system))"
    done
    printf '\nseconds  the slowest tests\n'
    sort -rn "$logs/durations" 2>/dev/null | head -n 10
}

# check MODE: runs the tests of "check --MODE", or of "check" if that is empty.
check () {
    local line jobs cells start=$SECONDS
    local passed failed skipped
    rm -f "$logs/durations"
    quiet make-tests make -C "$build" -j"$(nproc)" check-vm-build \
        tests/unit-tests tests/model-match tests/replay-records \
        tests/synthetic-traced
    if [ "$1" = all ]; then
        export UPCALL_TRACE_TRIGGER_PACKETS=20000 UPCALL_TRACE_REPLAY=30000000
    fi
    [ "$1" = quick ] || "$dev/fetch-prometheus" >/dev/null
    jobs=($'host\tjob_host\t'"${1:-some}")
    cells=$(choose_cells "$1") || die "cannot choose the virtual machines"
    # What takes long begins early.
    [ "$1" = quick ] || jobs+=($'bpf-matrix\tjob_matrix\t'"${1:-some}")
    [ "$1" = quick ] || jobs+=($'fuzz\tjob_fuzz\t'"${1:-some}")
    while read -r line; do
        [ -z "$line" ] ||
            jobs+=("$(job_name "$line")"$'\tjob_cell\t'"$line")
    done <<<"$cells"
    run_jobs
    print_results
    printf '\nall in %d seconds\n' "$((SECONDS - start))"
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
