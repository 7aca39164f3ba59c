#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what follow-stream has printed.

usage: check-stream.py FOLLOWED [READ]

Prints a line for each trace: with how many records and how many that are
missing, and what its end says of both.  Fails unless numbers follow each
other, and, with READ, unless the first records are those that
"upcall-trace/read --json" has printed.
"""

import json
import sys


class Trace:
    """What there is of a trace."""

    def __init__(self):
        self.records = []
        self.gap = 0
        self.next = None

    def take_record(self, record):
        """Takes the next record."""
        if self.next is not None:
            assert record["seq"] == self.next, (record["seq"], self.next)
        self.next = record["seq"] + 1
        self.records.append(record)

    def take_gap(self, gap):
        """Takes a gap."""
        assert gap["records"] > 0, gap
        if self.next is not None:
            assert self.next + gap["records"] == gap["next"], gap
        self.next = gap["next"]
        self.gap += gap["records"]

    def describe(self, end):
        """Prints a line; 'end' is how it ended, None if it has not."""
        told = ("running" if end is None else "%d delivered, %d dropped"
                % (end["delivered"], end["dropped"]))
        print("%d records, %d missing, %s"
              % (len(self.records), self.gap, told))


def main():
    first = None
    trace = None
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            event = value.get("event")
            if event == "startup":
                assert trace is None, line
                trace = Trace()
                first = first or trace
            elif event == "gap":
                trace.take_gap(value)
            elif event == "end":
                trace.describe(value)
                trace = None
            else:
                trace.take_record(value)
    if trace:
        trace.describe(None)
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            read = json.load(file)["records"]
        assert read, "nothing was read"
        assert first.records[:len(read)] == read, (first.records, read)
    return 0


if __name__ == "__main__":
    sys.exit(main())
