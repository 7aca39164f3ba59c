#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares statistics with the records that they are of.

usage: check-stats.py STATS RECORDS [PASSES]

STATS has what "stats --json" prints, RECORDS what "show --last=0 --json" and
PASSES, if there are any, what "passes --last=0 --json" prints.  Computes the
statistics anew from all records; upcalls that were not received have no total.
Percentiles may differ by 1/128, everything else must be equal.  Prints what is
not, and exits with status 1 then.
"""

import collections
import json
import sys

PERCENTILES = {"p50": 50, "p90": 90, "p99": 99, "p999": 99.9}

failures = 0


def expect(what, got, wanted):
    global failures
    if got != wanted:
        print("%s: %s in the statistics, %s in the records"
              % (what, got, wanted))
        failures += 1


def near(got, wanted, error):
    return abs(got - wanted) <= wanted * error


def percentile(values, percent):
    """The smallest of the sorted 'values' that 'percent' % do not exceed."""
    rank = -(-len(values) * int(percent * 10) // 1000)
    return values[max(rank, 1) - 1]


def check_times(what, times, values):
    """Compares 'times' of the statistics with 'values', a list."""
    values = sorted(v for v in values if v is not None)
    expect(what + " count", times["count"], len(values))
    if not values:
        expect(what + " max", times["max"], None)
        return
    expect(what + " min", times["min"], values[0])
    expect(what + " max", times["max"], values[-1])
    mean = sum(values) / len(values)
    if not near(times["mean"], mean, 1e-6):
        expect(what + " mean", times["mean"], mean)
    for name, percent in PERCENTILES.items():
        wanted = percentile(values, percent)
        if not near(times[name], wanted, 1 / 128):
            expect("%s %s" % (what, name), times[name], wanted)


def check_buckets(what, buckets, values):
    values = [v for v in values if v is not None]
    for low, high, count in buckets:
        expect("%s %d to %d" % (what, low, high), count,
               sum(low <= v <= high for v in values))
    expect(what + " all buckets", sum(b[2] for b in buckets), len(values))


def count_by(records, key):
    return collections.Counter(key(r) for r in records)


def without_zeros(counts):
    return {k: v for k, v in counts.items() if v}


def get_receive(record):
    """Returns the event of the kernel's receive, or None."""
    for event in record["events"]:
        if event["event"] == "upcall_recv" and event["source"] == "kernel":
            return event
    return None


def get_groups(what, rows, records, key):
    """Compares which 'rows' there are, and how many records each has and with
    which outcomes, with 'records', which 'key' tells apart.  Yields for each
    its name, what it has and its records."""
    groups = collections.defaultdict(list)
    for r in records:
        groups[key(r)].append(r)
    expect("the %s" % what, sorted(rows, key=str), sorted(groups, key=str))
    for k in rows.keys() & groups.keys():
        name = "%s %s" % (what, k)
        expect(name, rows[k]["count"], len(groups[k]))
        expect(name + " outcomes", rows[k]["outcomes"],
               dict(count_by(groups[k], outcome)))
        yield name, rows[k], groups[k]


def check_rows(what, rows, records, key):
    """Compares 'rows' with 'records', which 'key' tells apart."""
    for name, row, group in get_groups(what, rows, records, key):
        for stage, times in row["latency"].items():
            check_times("%s %s" % (name, stage), times,
                        [r["latency"][stage] for r in group])


def outcome(record):
    if record["kind"] == "pass":
        return record["lookup"] or "execute"
    return record["outcome"] or "unknown"


def check_lost(lost, records):
    gone = [r for r in records if r["outcome"] == "lost"]
    expect("lost", lost["upcalls"], len(gone))
    expect("lost by class", lost["classes"],
           dict(count_by(gone, lambda r: r["class"])))
    got = {(s["portid"], error): n for s in lost["sockets"]
           for error, n in s["errors"].items()}
    wanted = count_by(gone, lambda r: (r["events"][0]["portid"],
                                       r["error"].split(" ")[0]))
    expect("lost by socket", got, dict(wanted))


def check_batches(batch, records):
    batches = {}
    for r in records:
        receive = get_receive(r)
        if receive:
            key = receive["tid"], receive["batch"]
            batches[key] = max(receive["batch_size"], batches.get(key, 0))
    expect("batches", batch["count"], len(batches))
    expect("batch sizes", batch["sizes"],
           {str(k): v for k, v in
            collections.Counter(batches.values()).items()})


def check_upcalls(stats, records):
    for r in records:
        if not get_receive(r):
            r["latency"]["total"] = None
    expect("upcalls", stats["upcalls"], len(records))
    expect("outcomes", without_zeros(stats["outcomes"]),
           dict(count_by(records, outcome)))
    expect("classes", without_zeros(stats["classes"]),
           dict(count_by(records, lambda r: r["class"])))
    for stage, times in stats["latency"].items():
        values = [r["latency"][stage] for r in records]
        check_times(stage, times, values)
        check_buckets(stage, times["buckets"], values)
    for name, times in stats["total_by_outcome"].items():
        check_times(name, times, [r["latency"]["total"] for r in records
                                  if outcome(r) == name])
    for name, times in stats["total_by_class"].items():
        check_times(name, times, [r["latency"]["total"] for r in records
                                  if r["class"] == name])
    check_rows("port", {p["name"]: p for p in stats["ports"]}, records,
               lambda r: r["port"]["name"])
    check_rows("datapath", {d["name"]: d for d in stats["datapaths"]},
               records, lambda r: r["datapath"])
    check_rows("handler", {h["tid"]: h for h in stats["handlers"]},
               [r for r in records if get_receive(r)],
               lambda r: get_receive(r)["tid"])
    check_batches(stats["batch"], records)
    check_lost(stats["lost"], records)


def check_pass_numbers(what, numbers, passes, with_buckets=False):
    """Compares drops, masks, cache and times of 'numbers' with 'passes'."""
    expect(what + " dropped", numbers["dropped"],
           sum(p["drop"] is not None for p in passes))
    lookups = [p for p in passes if p["lookup"]]
    hits = sum(p["cache"] for p in lookups)
    expect(what + " cache hits", numbers["cache"]["hits"], hits)
    if not lookups:
        expect(what + " cache mean", numbers["cache"]["mean"], None)
    elif not near(numbers["cache"]["mean"], hits / len(lookups), 1e-6):
        expect(what + " cache mean", numbers["cache"]["mean"],
               hits / len(lookups))
    for name, histogram, values in (
            ("masks", numbers["masks"], [p["masks"] for p in passes]),
            ("lookup", numbers["latency"]["lookup"],
             [p["latency"]["lookup"] for p in passes]),
            ("total", numbers["latency"]["total"],
             [p["latency"]["total"] for p in passes])):
        check_times("%s %s" % (what, name), histogram, values)
        if with_buckets:
            check_buckets("%s %s" % (what, name), histogram["buckets"],
                          values)


def check_pass_rows(what, rows, passes, key):
    for name, row, group in get_groups(what, rows, passes, key):
        check_pass_numbers(name, row, group)


def get_port(p):
    """Returns name and number of the port of a pass, None if unknown."""
    port = p["port"] or {"name": None, "number": None}
    return port["name"], port["number"]


def get_reason(drop):
    """Returns why a packet was dropped, as statistics have it."""
    if drop["reason"] is None and drop["number"] is not None:
        return "reason %#x" % drop["number"]
    return drop["reason"] or "unknown"


def check_passes(stats, passes):
    expect("passes", stats["count"], len(passes))
    expect("outcomes of passes", without_zeros(stats["outcomes"]),
           dict(count_by(passes, outcome)))
    check_pass_numbers("passes", stats, passes, True)
    expect("reasons for drops", stats["drops"],
           dict(count_by([p["drop"] for p in passes if p["drop"]],
                         get_reason)))
    expect("outcomes with numbers", sorted(stats["by_outcome"]),
           sorted(count_by(passes, outcome)))
    for name, numbers in stats["by_outcome"].items():
        check_pass_numbers(name, numbers,
                           [p for p in passes if outcome(p) == name])
    check_pass_rows("port of passes",
                    {(p["name"], p["number"]): p for p in stats["ports"]},
                    passes, get_port)
    check_pass_rows("datapath of passes",
                    {d["name"]: d for d in stats["datapaths"]}, passes,
                    lambda p: p["datapath"])
    records = stats["records"]
    expect("records of passes", records["delivered"] + records["dropped"],
           records["produced"])


def read(name):
    with open(name) as f:
        return json.load(f)


def main():
    stats = read(sys.argv[1])
    records = read(sys.argv[2])
    check_upcalls(stats, records)
    if len(sys.argv) > 3:
        passes = read(sys.argv[3])
        records += passes
        check_passes(stats["passes"], passes)
    else:
        expect("passes", stats["passes"], None)
    return 1 if failures or not records else 0


if __name__ == "__main__":
    sys.exit(main())
