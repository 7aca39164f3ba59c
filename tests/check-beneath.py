#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the passes that upcall-trace/show has beneath upcalls.

usage: check-beneath.py READ JSON TEXT EVENTS PASSES

READ is the output of upcall-trace/read --json, with all records of a trace;
the next three are that of upcall-trace/show of all upcalls, with --json, as
text and with --events; and PASSES is that of upcall-trace/passes, as text.

The passes of an upcall are those that READ says: the one that the upcall
names, the executes that name the upcall, and those that have one of these
executes as parent, or a pass that has, and so on; as they began.  Text has the
same ones, each with the first line that PASSES has.  Events are those of the
passes that are of no other upcall, each once, with the id of the upcall.

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


def owner(p, by_id):
    """Returns the upcall that the pass 'p' is of, None if it is of none."""
    while p and not p["upcall"]:
        p = by_id.get(p["parent"])
    return p and p["upcall"]


def events_of(upcall, own):
    """Returns what events there are to be of 'upcall', with its passes 'own':
    times of lookups, and how many executes and actions there are."""
    kinds = [e["event"] for e in upcall["events"]]
    return (sorted(p["events"][0]["ts"] for p in own if p["lookup"]),
            kinds.count("flow_exec"),
            sum(len(p["events"]) - 1 for p in own))


def events_seen(path):
    """Returns the same of each upcall in the file of events."""
    seen = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            match = re.search(r"^([0-9]+|-) .*\] (flow_tbl_lookup|flow_exec|"
                              r"exec) .*\bq (p?[0-9]+)", line)
            if match:
                ts, kind, ident = match.groups()
                lookups, execs, actions = seen.get(ident, ([], 0, 0))
                if kind == "flow_tbl_lookup":
                    lookups = sorted(lookups + [int(ts)])
                seen[ident] = (lookups, execs + (kind == "flow_exec"),
                               actions + (kind == "exec"))
    return seen


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
    events = events_seen(sys.argv[4])
    by_id = {p["id"]: p for p in passes}
    errors = 0
    for upcall in load(sys.argv[2]):
        wanted = expected(upcall, passes)
        own = [p for p in wanted if owner(p, by_id) == upcall["id"]]
        for name, found, right in [
                ("JSON", upcall["passes"], wanted),
                ("text", text.get(upcall["id"]),
                 [heads[p["id"]] for p in wanted]),
                ("events", events.get(upcall["id"]),
                 events_of(upcall, own))]:
            if found != right:
                print("#%s: %s has %s, not %s" % (upcall["id"], name, found,
                                                  right), file=sys.stderr)
                errors += 1
        print("%s: %s" % (upcall["class"], ", ".join(map(kind, wanted))))
    sys.exit(errors > 0)


main()
