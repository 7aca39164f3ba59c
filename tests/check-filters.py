#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what start --filter records with what tcpdump prints.

usage: check-filters.py [--only=FILE] DEVICE PORT FRAMES EXPRESSIONS

FRAMES has a packet in each line, in base 16.  All are sent from DEVICE to the
other end of it, PORT, a port of the datapath; see is_in_pages() for how.  In a
first trace, without a filter, each must be recorded as PORT has received it,
but for a few that the datapath refuses as they are malformed.

Then, for each line of EXPRESSIONS, all are sent again in a trace of passes
with that filter.  Those must be recorded that "tcpdump -r FILE EXPRESSION"
chooses of what PORT has received, each once, and no others.  Where there is no
tcpdump, bpf_filter() of libpcap chooses ("filter-frames match").

FILE has a regular expression in each line, which must match one of EXPRESSIONS
as a whole.  Then only these are tried.

A packet of which an expression reads a byte behind those that a filter can
read is recorded, too, and counted as undecided.  An expression for which
libpcap takes too long, as may be where the processor is emulated, is refused;
with --only, none may be.

Prints what there was, and a line for each expression that was decided in
another way.  Fails if there is one, or if too few of the expressions have
chosen some packets and not all, or too many were refused.
"""

import argparse
import base64
import collections
import importlib
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

ports = importlib.import_module("capture-ports")

SOL_PACKET, PACKET_VNET_HDR = 263, 15   # linux/if_packet.h
ETH_LEN = 14
# A socket for packets puts what follows the headers into pages of their own,
# if all of it would not fit in one (packet_alloc_skb() in
# net/packet/af_packet.c, Linux 6.1 to 7.2).
PAGE_LEN = 4096
# Bytes that are kept, of which no two packets have the same, and bytes that a
# filter can read: see tests/filter-frames.c and bpf/filter-buffer.h.
UNIQUE_LEN = 128
FILTER_LEN = 512

# The last packet, and no other one, has this type.
LAST = bytes.fromhex("02000000000102000000000288b5") + bytes(50)

TIMEOUT = 300


class Control:
    """A connection to the control socket of a daemon."""

    def __init__(self, daemon):
        directory = os.environ["OVS_RUNDIR"]
        with open("%s/%s.pid" % (directory, daemon), encoding="ascii") as f:
            pid = f.read().strip()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect("%s/%s.%s.ctl" % (directory, daemon, pid))

    def ask(self, command, *args):
        """Returns the answer and the error, one of which is None."""
        self.socket.sendall(json.dumps({"id": 0, "method": command,
                                        "params": args}).encode())
        text = ""
        while True:
            data = self.socket.recv(1 << 20)
            if not data:
                raise OSError("%s has closed the connection" % command)
            text += data.decode()
            if text.endswith("}"):
                try:
                    answer = json.loads(text)
                except ValueError:
                    continue
                # Open vSwitch leaves out what is null, or does not.
                return answer.get("result"), answer.get("error")

    def get(self, command, *args):
        """Returns the answer."""
        result, error = self.ask(command, *args)
        if error is not None:
            raise OSError("%s: %s" % (command, error))
        return result


def wait_for(condition):
    """Returns what 'condition' returns, once that is true."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            sys.exit("%s: not in %d s" % (condition.__name__, TIMEOUT))
        time.sleep(0.01)


def is_in_pages(frame):
    return len(frame) >= PAGE_LEN


class Sender:
    """Sends packets, all on one CPU: so they come in that order."""

    def __init__(self, device):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.socket.bind((device, 0))

    def send(self, frames):
        for frame in frames:
            # struct virtio_net_hdr: flags, gso_type, hdr_len, and more.
            self.socket.send(struct.pack(
                "=BBHHHH", 0, 0, ETH_LEN if is_in_pages(frame) else 0, 0, 0, 0)
                + frame)


def is_lookup(record):
    return record["kind"] == "pass" and record["lookup"] is not None


def recorded_bytes(record):
    return base64.b64decode(record["packet"]["data"])


class Datapath:
    """The trace, and what the datapath counts."""

    def __init__(self):
        self.traced = Control("ovs-upcall-traced")
        self.vswitchd = Control("ovs-vswitchd")
        self.records = []               # Of this trace, as far as they
        self.cursor = 0                 # were read.

    def lookups(self):
        """Returns how many packets the datapath has looked up."""
        shown = self.vswitchd.get("dpctl/show", "system@ovs-system")
        hit, missed = re.search(r"lookups: hit:(\d+) missed:(\d+)",
                                shown).groups()
        return int(hit) + int(missed)

    def wait_for_lookups(self, n):
        def lookups():
            return self.lookups() >= n
        wait_for(lookups)

    def start(self, *options):
        """Starts a trace.  Returns None, or an error."""
        self.records, self.cursor = [], 0
        return self.traced.ask("upcall-trace/start", "--datapath",
                               *options)[1]

    def read(self):
        """Reads the records that have come."""
        while True:
            page = json.loads(self.traced.get(
                "upcall-trace/read", "--json", "--max=10000",
                "--after=%d" % self.cursor))
            if page["gap"]:
                sys.exit("%d records are forgotten" % page["gap"])
            if not page["records"]:
                return
            self.records += page["records"]
            self.cursor = page["next"]

    def wait_for_lookup_of(self, frame):
        """Waits until the lookup of 'frame' is recorded."""
        def is_recorded():
            self.read()
            return any(is_lookup(r) and recorded_bytes(r) == frame
                       for r in self.records)
        wait_for(is_recorded)

    def finish(self):
        """Stops the trace.  Returns the number of packets that could not be
        decided.  Then all records are read."""
        def status():
            j = json.loads(self.traced.get("upcall-trace/status", "--json"))
            return (j if not j["records"]["in_flight"] and all(
                j[kind]["produced"] == j[kind]["delivered"]
                + j[kind]["dropped"] for kind in ("records", "passes"))
                else None)
        j = wait_for(status)
        if j["records"]["dropped"] or j["passes"]["dropped"]:
            sys.exit("records were dropped: %s" % j)
        self.read()
        self.traced.get("upcall-trace/stop")
        produced = j["records"]["produced"] + j["passes"]["produced"]
        if len(self.records) != produced:
            sys.exit("%d records, not %d" % (len(self.records), produced))
        return (j["filter"] or {"undecided": 0})["undecided"]


def unique(data):
    """Returns what tells the packet 'data' from others."""
    return len(data), data[:UNIQUE_LEN]


def first_trace(datapath, sender, capture, frames):
    """Sends 'frames'.  Returns those that the datapath has looked up."""
    before = datapath.lookups()
    error = datapath.start("--snaplen=9216")
    if error:
        sys.exit(error)
    sender.send(frames)
    datapath.wait_for_lookup_of(frames[-1])
    datapath.finish()
    recorded = [recorded_bytes(r) for r in datapath.records if is_lookup(r)]
    # The counter follows the record.
    datapath.wait_for_lookups(before + len(recorded))
    looked_up = datapath.lookups() - before
    if looked_up != len(recorded):
        sys.exit("%d lookups, of which %d were recorded"
                 % (looked_up, len(recorded)))
    captured = [bytes.fromhex(data)
                for _, _, data in ports.read_all(capture, None)]
    for name, part, whole in (("captured", captured, frames),
                              ("recorded", recorded, captured)):
        wrong = collections.Counter(part) - collections.Counter(whole)
        if wrong:
            sys.exit("%s, and not there before: %s"
                     % (name, next(iter(wrong)).hex()))
    if len(recorded) < 0.95 * len(frames):
        sys.exit("only %d of %d packets are looked up"
                 % (len(recorded), len(frames)))
    print("%d packets, %d captured, %d looked up, %d of them in pages"
          % (len(frames), len(captured), len(recorded),
             sum(map(is_in_pages, recorded))))
    return recorded


class Judge:
    """Says which of 'frames' tcpdump chooses, or libpcap."""

    def __init__(self, frames):
        self.frames = frames
        self.tcpdump = shutil.which("tcpdump")
        if self.tcpdump:
            self.write("filters.pcap")

    def name(self):
        return "tcpdump" if self.tcpdump else "bpf_filter()"

    def write(self, name):
        """Writes a file for tcpdump.  A number takes the place of the time."""
        with open(name, "wb") as file:
            file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144,
                                   1))
            for i, frame in enumerate(self.frames):
                file.write(struct.pack("=IIII", i, 0, len(frame), len(frame))
                           + frame)

    def ask_tcpdump(self, expression):
        output = subprocess.run(
            [self.tcpdump, "-n", "-r", "filters.pcap", "-Z", "root", "-w", "-",
             "--", expression], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE).stdout
        numbers, at = set(), 24
        while at < len(output):
            number, _, size, _ = struct.unpack_from("=IIII", output, at)
            numbers.add(number)
            at += 16 + size
        return numbers

    def ask_libpcap(self, expression):
        lines = "".join(frame.hex() + "\n" for frame in self.frames)
        output = subprocess.run(["filter-frames", "match", expression],
                                check=True, input=lines.encode(),
                                stdout=subprocess.PIPE).stdout.decode()
        where = {frame.hex(): i for i, frame in enumerate(self.frames)}
        return {where[line] for line in output.splitlines()}

    def choose(self, expression):
        """Returns the numbers of the packets that match."""
        return (self.ask_tcpdump(expression) if self.tcpdump
                else self.ask_libpcap(expression))


def reads_far(expression):
    """Returns true if 'expression' may read a byte that is not copied: at a
    place that depends on the packet, or far from its beginning."""
    return re.search(r"\[[^]]*\[", expression) or any(
        int(at) + int(size or 1) > FILTER_LEN for at, size
        in re.findall(r"ether\[(\d+)(?::(\d))?\]", expression))


class Checks:
    """What has come of all expressions."""

    def __init__(self, frames):
        self.judge = Judge(frames)
        self.numbers = {unique(frame): i for i, frame in enumerate(frames)}
        if len(self.numbers) != len(frames):
            sys.exit("packets are not unique")
        self.frames = frames
        self.tried = self.matches = self.undecided = self.told = 0
        self.refused = self.wrong = 0

    def number_of(self, record):
        """Returns the number of the packet of 'record', None if it is none of
        ours."""
        return self.numbers.get((record["packet"]["len"],
                                 recorded_bytes(record)[:UNIQUE_LEN]))

    def difference(self, expression, undecided, records):
        """Returns what of 'records' is wrong, or an empty string."""
        expected = self.judge.choose(expression)
        lookups = [self.number_of(r) for r in records if is_lookup(r)]
        got = set(lookups)
        more = got - expected
        self.matches += len(expected)
        self.undecided += undecided
        self.told += 0 < len(expected) < len(self.frames)
        if len(got) != len(lookups):
            return "some are recorded twice"
        if undecided and not reads_far(expression):
            return "%d undecided" % undecided
        if len(more) <= undecided and all(
                n is not None and len(self.frames[n]) > FILTER_LEN
                for n in more):
            more = set()
        if more or expected - got:
            return "%s too many, %s are missing" % (
                sorted(more, key=str), sorted(expected - got))
        others = {self.number_of(r) for r in records} - got
        return "upcalls or executes of %s" % others if others else ""

    def tell(self, expression, what):
        self.wrong += 1
        print("%.200s: %s" % (expression, what))

    def refuse(self, expression, error, only):
        self.refused += 1
        if only or "libpcap takes more than" not in error:
            self.tell(expression, error)

    def add(self, expression, undecided, records):
        difference = self.difference(expression, undecided, records)
        self.tried += 1
        if difference:
            self.tell(expression, difference)

    def end(self, n_expressions):
        """Prints the sum.  Returns the exit status."""
        print("%d expressions, %d refused, %d decisions, %d matches, "
              "%d undecided, by %s"
              % (self.tried, self.refused, self.tried * len(self.frames),
                 self.matches, self.undecided, self.judge.name()))
        if (self.tried + self.refused != n_expressions
                or 20 * self.refused > n_expressions
                or 4 * self.told < 3 * self.tried
                or 20 * self.matches < self.tried * len(self.frames)):
            print("%d have chosen some packets, and not all: too few"
                  % self.told)
            return 1
        print("%d wrong" % self.wrong)
        return 1 if self.wrong else 0


def read_expressions(name, only):
    """Returns the lines of the file 'name' that those of 'only' match."""
    with open(name, encoding="ascii") as file:
        expressions = file.read().splitlines()
    if only is None:
        return expressions
    chosen = []
    with open(only, encoding="ascii") as file:
        for pattern in file.read().splitlines():
            found = [e for e in expressions if re.fullmatch(pattern, e)]
            if len(found) != 1:
                sys.exit("%s matches %d expressions" % (pattern, len(found)))
            chosen += found
    return chosen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("device")
    parser.add_argument("port")
    parser.add_argument("frames")
    parser.add_argument("expressions")
    args = parser.parse_args()
    with open(args.frames, encoding="ascii") as file:
        frames = [bytes.fromhex(line) for line in file] + [LAST]
    expressions = read_expressions(args.expressions, args.only)
    datapath, sender = Datapath(), Sender(args.device)
    capture = ports.open_socket(args.port)
    checks = Checks(first_trace(datapath, sender, capture, frames))
    capture.close()
    for expression in expressions:
        error = datapath.start("--filter=" + expression)
        if error:
            checks.refuse(expression, error, args.only)
            continue
        before = datapath.lookups()
        sender.send(frames)
        datapath.wait_for_lookups(before + len(checks.frames))
        undecided = datapath.finish()
        checks.add(expression, undecided, datapath.records)
    return checks.end(len(expressions))


if __name__ == "__main__":
    sys.exit(main())
