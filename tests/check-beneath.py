#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the passes that upcall-trace/show has beneath upcalls.

usage: check-beneath.py READ JSON TEXT EVENTS PASSES

READ is the output of upcall-trace/read --json, with all records of a trace;
the next three are that of upcall-trace/show of all upcalls, with --json, as
text and with --events; and PASSES is that of upcall-trace/passes, as text.

The passes of an upcall are those that READ says: the one that the upcall
names, the executes that name the upcall, and those that have one of these
executes as parent, or a pass that has, and so on; as they began.  Text
and events have the same ones, each pass with the first line that PASSES has.

Prints, for each upcall, its class and what its passes are.
"""

import json
import re
import sys


def load(path):
    with open(path, encoding="ascii") as f:
        return json.load(f)


def expected(upcall, passes):
    """Returns the passes of 'upcall' among 'passes'."""
    ids = {p["id"] for p in passes
           if p["lookup"] is None and p["upcall"] == upcall["id"]}
    for p in passes:
        if p["parent"] in ids:
            ids.add(p["id"])
    return [p for p in passes if p["id"] in ids or p["id"] == upcall["pass"]]


def kind(p):
    if p["lookup"] is None:
        return "execute"
    return ("recirculated " if p["recirc_id"] else "") + p["lookup"]


def event_ids(path):
    """Returns the executes in events, by the upcall before them."""
    ids, last = {}, None
    with open(path, encoding="ascii") as f:
        for line in f:
            match = re.search(r" flow_exec q (p?[0-9]+)", line)
            if match and match.group(1)[0] == "p":
                ids[last].append(match.group(1))
            match = re.search(r" upcall_enqueue .* q ([0-9]+) ret ", line)
            if match:
                last = match.group(1)
                ids.setdefault(last, [])
    return ids


def text_lines(path):
    """Returns the lines of passes in text, by the upcall above them."""
    lines, last = {}, None
    with open(path, encoding="ascii") as f:
        for line in f:
            match = re.match(r"#([0-9]+) ", line)
            if match:
                last = match.group(1)
                lines[last] = []
            match = re.match(r" {10}pass {7}(p[0-9]+ .*)$", line)
            if match:
                lines[last].append(match.group(1))
    return lines


def main():
    records = load(sys.argv[1])["records"]
    passes = sorted((r for r in records if r["kind"] == "pass"),
                    key=lambda p: p["events"][0]["ts"])
    text = text_lines(sys.argv[3])
    with open(sys.argv[5], encoding="ascii") as f:
        heads = {line.split()[0]: line.rstrip("\n") for line in f
                 if line[0] == "p"}
    events = event_ids(sys.argv[4])
    errors = 0
    for upcall in load(sys.argv[2]):
        wanted = expected(upcall, passes)
        executes = [p["id"] for p in wanted if p["lookup"] is None]
        for name, found, right in [
                ("JSON", upcall["passes"], wanted),
                ("text", text.get(upcall["id"]),
                 [heads[p["id"]] for p in wanted]),
                ("events", events.get(upcall["id"]), executes)]:
            if found != right:
                print("#%s: %s has %s, not %s" % (upcall["id"], name, found,
                                                  right), file=sys.stderr)
                errors += 1
        print("%s: %s" % (upcall["class"], ", ".join(map(kind, wanted))))
    sys.exit(errors > 0)


main()
