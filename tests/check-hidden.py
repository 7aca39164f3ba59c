#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what passes say of actions for which the kernel has pointers.

usage: check-hidden.py DUMP < PASSES

DUMP is the output of "ovs-appctl dpctl/dump-flows -m --no-names", and PASSES
that of upcall-trace/passes --json.  A hit of a flow with a tunnel or a helper
must have its actions as in DUMP.

Prints how many hits there are of each kind.
"""

import collections
import json
import re
import sys

def main():
    flows = {}
    with open(sys.argv[1], encoding="ascii") as dump:
        for line in dump:
            match = re.match(r"ufid:([0-9a-f-]+), .* actions:(.*)$", line)
            flows[match.group(1)] = match.group(2)
    counts = collections.Counter()
    errors = 0
    for p in json.load(sys.stdin):
        expected = flows.get(p["ufid"], "")
        kind = ("tunnel" if "set(tunnel(" in expected
                else "helper" if "helper=" in expected else None)
        if p["lookup"] != "hit" or not kind:
            continue
        actions = ",".join(e["text"] for e in p["events"]
                           if e["event"] == "action_execute")
        counts[kind] += 1
        if actions != expected:
            print("%s has %s, not %s" % (p["id"], actions, expected),
                  file=sys.stderr)
            errors += 1
    for kind, n in sorted(counts.items()):
        print("%s: %d" % (kind, n))
    sys.exit(errors > 0)


main()
