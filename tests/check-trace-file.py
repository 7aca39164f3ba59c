# SPDX-License-Identifier: Apache-2.0
"""Checks a file that "ovs-upcall-trace record" has written.

    check-trace-file.py FILE [EXPRESSION]...

It must have a first and a last line, each number only once, and what the last
line says, the counts of the daemon included if they are known.  All of the
expressions, of Python, have to be true of "first" and "last", "upcalls",
"passes", "records" (both, in their order), and "missed", a number.  Prints how
many records there are."""

import gzip
import json
import subprocess
import sys


class Object(dict):
    """A JSON object with members as attributes."""
    __getattr__ = dict.__getitem__


def read(name):
    """Returns what is in the file 'name', however it is compressed."""
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", name], check=True,
                              stdout=subprocess.PIPE).stdout
    with (gzip.open if name.endswith(".gz") else open)(name, "rb") as file:
        return file.read()


def main():
    name, expressions = sys.argv[1], sys.argv[2:]
    lines = [json.loads(line, object_hook=Object)
             for line in read(name).decode().splitlines()]
    first, last = lines[0], lines[-1]
    assert first.event == "startup", first
    assert last.event == "end", last
    records = [line for line in lines[1:-1] if "kind" in line]
    gaps = [line for line in lines[1:-1] if "kind" not in line]
    assert all(line.event == "gap" for line in gaps), gaps
    seqs = [record.seq for record in records]
    assert seqs == sorted(set(seqs))
    missed = sum(gap.records for gap in gaps)
    assert last.file.records == len(records), last
    assert last.file.missed == missed, last
    upcalls = [record for record in records if record.kind == "upcall"]
    passes = [record for record in records if record.kind == "pass"]
    if last.delivered is not None and ".0" not in name:
        delivered = last.delivered
        if last.passes is not None:
            delivered += last.passes.delivered
        assert delivered == len(records) + missed, last
    names = {"first": first, "last": last, "upcalls": upcalls,
             "passes": passes, "records": records, "missed": missed}
    for expression in expressions:
        assert eval(expression, {}, names), expression
    print(len(records))


main()
