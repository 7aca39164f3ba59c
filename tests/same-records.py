# SPDX-License-Identifier: Apache-2.0
"""Compares records of a file, or of "monitor --json", with those that the daemon
has.

    same-records.py [--flows] [--last=N] LINES DAEMON

LINES has lines of JSON, DAEMON what "show --json --last=0" or "passes --json
--last=0" says.  Each record of LINES of the same kind, or of the last N of
these, must be what the daemon says of it, but for what a file has beside that.
With --flows, their flows alone.  Prints how many they are."""

import json
import sys


def reduce(record, flows):
    """Returns what is to be compared of 'record'."""
    if flows:
        return record["flow"]
    return {name: value for name, value in record.items()
            if name not in ("raw", "passes")}


def main():
    flows = "--flows" in sys.argv
    last = [int(arg[len("--last="):]) for arg in sys.argv
            if arg.startswith("--last=")]
    lines_name, daemon_name = sys.argv[-2:]
    with open(daemon_name) as file:
        daemon = {record["seq"]: record for record in json.load(file)}
    kinds = {record["kind"] for record in daemon.values()}
    with open(lines_name) as file:
        records = [json.loads(line) for line in file]
    records = [record for record in records if record.get("kind") in kinds]
    for record in records[-last[0]:] if last else records:
        found = reduce(record, flows)
        expected = reduce(daemon[record["seq"]], flows)
        assert found == expected, "%s\ninstead of\n%s" % (
            json.dumps(found), json.dumps(expected))
    print(min(last + [len(records)]))


main()
