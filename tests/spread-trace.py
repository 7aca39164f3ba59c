#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a long trace of a short one.

usage: spread-trace.py FILE COUNT INTERVAL_MS > LONG

FILE has a trace without compression.  LONG has COUNT copies of its first
record, with ids and numbers from 1 on, one each INTERVAL_MS from the start of
the trace on, between its first and its last line.
"""

import json
import sys

name, count, interval = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(name) as file:
    lines = file.read().splitlines()
startup = json.loads(lines[0])
record = json.loads(lines[1])
start = startup["started_ms"] * 1000000 - startup["wall_offset"]
first = record["events"][0]["ts"]
sys.stdout.write(lines[0] + "\n")
for i in range(count):
    move = start + i * interval * 1000000 - first
    copy = dict(record, seq=i + 1, id=str(i + 1))
    copy["events"] = [dict(event, ts=event["ts"] + move)
                      for event in record["events"]]
    sys.stdout.write(json.dumps(copy) + "\n")
sys.stdout.write(lines[-1] + "\n")
