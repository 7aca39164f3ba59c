#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks records of upcalls.

usage: check-chain.py [--usdt] [--text=FILE] [--events=FILE] < JSON

Reads what "show --json" or "read --json" says.  Fails, and says why, if a
record contradicts itself: each thing that it tells twice must be the same, and
what happened one after the other must have times one after the other.  Prints
a line for each record, in the order in which the upcalls began:

CLASS PORT PACKET OUTCOME EVENT...

Events of the USDT probes of ovs-vswitchd (--track=full, all) are printed
with --usdt only; what is wrong with them is an error in any case.

With --text or --events, FILE, the output of "show" or "show --events" of the
same records, must tell the same.
"""

import json
import sys

sys.dont_write_bytecode = True

from chain_record import Record, Wrong  # noqa: E402
from chain_text import check_events, check_text  # noqa: E402


def read_lines(name):
    """Returns the lines of the file 'name', but for remarks."""
    with open(name, encoding="utf-8") as stream:
        return [line for line in stream.read().splitlines()
                if not line.startswith("(")]


def main():
    arguments = sys.argv[1:]
    with_usdt = "--usdt" in arguments
    if with_usdt:
        arguments.remove("--usdt")
    j = json.load(sys.stdin)
    records = [Record(r) for r in (j["records"] if isinstance(j, dict)
                                   else j)]
    status = 0
    for record in sorted(records, key=lambda record: (
            record.r["events"][0]["ts"], int(record.r["id"]))):
        print(record.summary(with_usdt))
        try:
            record.check()
        except (Wrong, LookupError, TypeError, ValueError) as error:
            print("wrong: %r in:\n%s" % (error,
                                         json.dumps(record.r, indent=1)))
            status = 1
    ids = [record.r["id"] for record in records]
    seqs = [record.r["seq"] for record in records]
    if len(set(ids)) < len(ids) or sorted(set(seqs)) != seqs:
        print("ids or sequence numbers are repeated or not in order: %s, %s"
              % (ids, seqs))
        status = 1
    for argument in arguments:
        option, name = argument.split("=")
        check = {"--text": check_text, "--events": check_events}[option]
        try:
            check(records, read_lines(name))
        except Wrong as error:
            print("%s: %s" % (name, error))
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
