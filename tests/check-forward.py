# SPDX-License-Identifier: Apache-2.0
"""Compares what senders say they have sent with what is in a receiver's files.

    check-forward.py DIR SENDER... [-- CONDITION...]

SENDER is the file with what "forward --json" has printed.  For each, records
that were sent are those in its files and those that gaps there count, and all
is in order.  CONDITION is an expression with the sums over all senders of
"records", "received", "dropped", "missed", "refused" and "unknown", and
"files" and "traces".  Prints what is wrong, and then exits with status 1."""

import glob
import gzip
import json
import os
import subprocess
import sys


def read(name):
    """Returns the lines of a file, which must all be whole."""
    if name.endswith(".zst"):
        text = subprocess.run(["zstd", "-dcq", name], check=True,
                              stdout=subprocess.PIPE).stdout
    elif name.endswith(".gz"):
        with gzip.open(name) as file:
            text = file.read()
    else:
        with open(name, "rb") as file:
            text = file.read()
    assert text.endswith(b"\n"), name
    return [json.loads(line) for line in text.decode("utf-8").splitlines()]


def check_trace(lines, counts):
    """Checks a trace, or the part of one that is in a file."""
    start, end = lines[0], lines[-1]
    assert start["event"] == "startup", start
    assert end["event"] == "end", end
    records = [line for line in lines[1:-1] if "kind" in line]
    gaps = [line for line in lines[1:-1] if "kind" not in line]
    assert all(gap["event"] == "gap" for gap in gaps), gaps
    seqs = [record["seq"] for record in records]
    assert seqs == sorted(set(seqs))
    # Records that are missing between two others are those of gaps.
    last = None
    missing = 0
    for line in lines[1:-1]:
        if "kind" not in line:
            missing += line["records"]
        else:
            if last is not None:
                assert line["seq"] == last + 1 + missing, (last, missing, line)
            last = line["seq"]
            missing = 0
    n_missing = sum(gap["records"] for gap in gaps)
    if end.get("delivered") is not None and not counts["rotated"]:
        if not counts["traces_lost"]:
            assert end["delivered"] == len(records) + n_missing, (
                end, len(records), n_missing)
    counts["rotated"] = end.get("stopped") == "rotated"
    counts["received"] += len(records)
    counts["dropped"] += sum(gap["dropped"] for gap in gaps)
    counts["missed"] += n_missing - sum(gap["dropped"] for gap in gaps)
    counts["traces"] += 1
    return end


def check_sender(directory, summary):
    """Returns the counts of a sender, as its files have them."""
    counts = dict.fromkeys(("received", "dropped", "missed", "traces",
                            "files"), 0)
    counts["rotated"] = False
    counts["traces_lost"] = False
    session = summary["session"]
    for name in sorted(glob.glob(os.path.join(directory, "*"))):
        if ".%s" % session[:8] not in name:
            continue
        counts["files"] += 1
        lines = read(name)
        begins = [i for i, line in enumerate(lines)
                  if line.get("event") == "startup"]
        assert begins[0] == 0, lines[0]
        for i, j in zip(begins, begins[1:] + [len(lines)]):
            assert lines[i]["session"] == session
            check_trace(lines[i:j], counts)
        assert len({line["host"] for line in lines}) == 1
        assert len({line["system-id"] for line in lines}) == 1
        assert os.stat(name).st_mode & 0o077 == 0
    return counts


def main():
    args = sys.argv[1:]
    conditions = []
    if "--" in args:
        conditions = args[args.index("--") + 1:]
        args = args[:args.index("--")]
    totals = {}
    sessions = set()
    for name in args[1:]:
        with open(name, encoding="utf-8") as file:
            summary = json.load(file)
        counts = check_sender(args[0], summary)
        print(summary, counts)
        for key in ("dropped", "missed"):
            assert counts[key] - (summary["refused"] if key == "missed"
                                  else 0) == summary[key], key
        assert counts["received"] == summary["received"]
        assert (summary["received"] + summary["refused"] + summary["dropped"]
                + summary["unknown"] == summary["records"])
        sessions.add(summary["session"])
        for key, value in list(summary.items()) + [
                ("files", counts["files"]), ("traces", counts["traces"])]:
            if isinstance(value, int):
                totals[key] = totals.get(key, 0) + value
    assert len(sessions) == len(args[1:])
    for condition in conditions:
        assert eval(condition, {}, totals), (condition, totals)


main()
