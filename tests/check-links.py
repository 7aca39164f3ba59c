#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks which puts and executes records have, against what was captured.

usage: check-links.py EXPECTED PORT:FILE... < JSON

EXPECTED has a line for each packet that was upcalled, in the order in which
they were sent:

MARK CLASS BATCH PUT REQUESTS [PORT]...

MARK is that of the packet, see send-traffic.py, CLASS that of the upcall.
Packets with the same BATCH, any word, are received together, and no others
with them; "-" says nothing of this, but that all that the batch of a record is
said to have must be there, unless some are not recorded.  PUT is "put" if
there is a flow put for it, else "-".  REQUESTS says how many there are to
execute, with outputs to the PORTs in this order.  A line that starts with "("
and ends with ")" is of an upcall that the trace does not record.

FILE is what capture-frames.py has captured behind PORT.  Fails with status 2
if these files do not say what EXPECTED does, so that it did not happen.

JSON is what "show --json" says.  Fails with status 1 if a record says
otherwise: if it has a put or an execute of another packet, or lacks one of its
own though its outcome is not unknown; if the time of its executes is not that
of the captured frames; or if its batch is another.
"""

import base64
import collections
import json
import re
import sys

MARK = re.compile(rb"\[(\w+)\]$")

Packet = collections.namedtuple(
    "Packet", "hidden mark cls batch put requests ports frames")


def read_expected(name):
    packets = []
    with open(name, encoding="ascii") as stream:
        for line in stream:
            words = line.strip("()\n").split()
            mark, cls, batch, put, requests, *ports = words
            packets.append(Packet(line.startswith("("), mark, cls, batch,
                                  put == "put", int(requests), ports, []))
    return packets


def read_captured(packets, arguments):
    """Gives each packet its captured frames.  Returns what is wrong."""
    for argument in arguments:
        port, name = argument.split(":")
        with open(name, encoding="ascii") as stream:
            frames = [json.loads(line) for line in stream]
        expected = [packet for packet in packets for p in packet.ports
                    if p == port]
        got = collections.Counter(mark for mark, _, _ in frames)
        want = collections.Counter(packet.mark for packet in expected)
        if got != want:
            yield ("not what was to be seen: %s came out of %s instead of %s"
                   % (dict(got), port, dict(want)))
            continue
        # Of equal ones, the first is that of the first.
        for packet in expected:
            frame = next(f for f in frames if f[0] == packet.mark)
            frames.remove(frame)
            packet.frames.append((port, *frame[1:]))


def event_of(r, kind):
    """Returns the event 'kind' of the kernel, None if there is none."""
    return next((e for e in r["events"] if e["event"] == kind
                 and e.get("source") != "usdt"), None)


def mark_of(r):
    mark = MARK.search(base64.b64decode(r["packet"]["data"] or ""))
    return mark[1].decode() if mark else None


def brief(r):
    """Returns what matters of the record 'r', to be printed."""
    recv, put, execute = (event_of(r, kind) for kind in
                          ("upcall_recv", "flow_put", "flow_exec"))
    return "#%s %s %s %s, batch %s, put %s, execute %s, conflicts %s: %s" % (
        r["id"], r["class"], mark_of(r), r["outcome"] or "unknown",
        recv and [recv["tid"], recv["batch"], recv["batch_idx"],
                  recv.get("batch_size")],
        put and [put["ts"], put["ret"]],
        execute and [execute["ts"], execute["duration"], execute["match"],
                     execute["requests"]],
        r["conflicts"], outputs_of(r))


def outputs_of(r):
    return [e["port"]["name"] for e in r["events"]
            if e["event"] == "action_execute" and e["action"] == "output"]


def check_link(r, packet):
    """Yields what is wrong with the put and the execute of 'r'."""
    put, execute = event_of(r, "flow_put"), event_of(r, "flow_exec")
    if r["conflicts"]:
        yield "it has the conflicts %s" % r["conflicts"]
    if put and not packet.put:
        yield "it has a put, of another packet"
    if r["outcome"] is None:
        # Links that are not known are not wrong.
        if not execute:
            return
    elif packet.put and not put:
        yield "its put is missing"
    requests = execute["requests"] if execute else 0
    if requests != packet.requests:
        yield "it has %d requests instead of %d" % (requests, packet.requests)
    if outputs_of(r) != packet.ports:
        yield "it has outputs to %s, not to %s" % (outputs_of(r), packet.ports)
    if not execute:
        return
    begin, end = execute["ts"], execute["ts"] + (execute["duration"] or 0)
    for port, low, high in packet.frames:
        if high < begin or low > end:
            yield ("it came out of %s at %d to %d, not within %d to %d"
                   % (port, low, high, begin, end))


def check_batches(records, packets):
    """Yields what is wrong with the batches."""
    batches = collections.defaultdict(list)
    for packet in packets:
        batches[packet.batch].append(packet)
    keys, found = {}, {}
    for r, packet in zip(records, [p for p in packets if not p.hidden]):
        recv = event_of(r, "upcall_recv")
        if recv:
            tid_batch = recv["tid"], recv["batch"]
            found.setdefault(tid_batch, []).append(
                (recv["batch_idx"], recv.get("batch_size")))
        if packet.batch == "-":
            continue
        if not recv:
            yield "#%s (%s) was not received" % (r["id"], packet.mark)
            continue
        members = batches[packet.batch]
        place = next(i for i, p in enumerate(members) if p is packet)
        if (recv["batch_idx"], recv.get("batch_size")) != (place,
                                                           len(members)):
            yield ("#%s (%s) is number %s of %s in its batch, not %d of %d"
                   % (r["id"], packet.mark, recv["batch_idx"],
                      recv.get("batch_size"), place, len(members)))
        keys.setdefault(packet.batch, set()).add(tid_batch)
    for batch, said in keys.items():
        if len(said) > 1:
            yield "batch %s has the numbers %s" % (batch, sorted(said))
    said = [key for key_set in keys.values() for key in key_set]
    if len(set(said)) < len(said):
        yield "two batches have the same number: %s" % sorted(said)
    if not any(packet.hidden for packet in packets):
        for key, members in found.items():
            if members != [(i, len(members)) for i in range(len(members))]:
                yield "batch %s is %s" % (key, members)


def check_records(records, packets):
    """Yields what is wrong with the records."""
    shown = [packet for packet in packets if not packet.hidden]
    said = [(mark_of(r), r["class"]) for r in records]
    want = [(packet.mark, packet.cls) for packet in shown]
    if said != want:
        yield "the records are of %s, not of %s" % (said, want)
        return
    for r, packet in zip(records, shown):
        for wrong in check_link(r, packet):
            yield "#%s (%s): %s" % (r["id"], packet.mark, wrong)
    yield from check_batches(records, packets)


def main():
    packets = read_expected(sys.argv[1])
    records = sorted(json.load(sys.stdin),
                     key=lambda r: (r["events"][0]["ts"], int(r["id"])))
    wrong = list(read_captured(packets, sys.argv[2:]))
    status = 2 if wrong else 0
    if not status:
        wrong = list(check_records(records, packets))
        status = 1 if wrong else 0
    if wrong:
        print(*wrong, sep="\n")
        for packet in packets:
            print("expected: %s" % (packet,))
        for r in records:
            print(brief(r))
    return status


if __name__ == "__main__":
    sys.exit(main())
