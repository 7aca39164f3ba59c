# SPDX-License-Identifier: Apache-2.0
"""What check-numbered.py judges: records, and what is known without them.

A packet is known by its number, which send-numbered writes into the payload,
and a flow by its UDP ports, which the rules of OpenFlow copy into the Ethernet
destination (see system-exact.at), so that each action tells for which flow it
was made.
"""

import base64
import bisect
import collections
import itertools
import json
import re
import shlex
import struct
import subprocess

MAGIC = b"numbered"
# With a mask or without.
SET_ETH = re.compile(r"\bset\(eth\([^)]*dst=(?:00:00|02:01):"
                     r"([0-9a-f:]{11})")
FLOW = re.compile(r"ufid:([0-9a-f-]+),.*in_port\(([^)]+)\).*"
                  r"udp\(src=(\d+),dst=(\d+)\)")

Sent = collections.namedtuple("Sent", "port src dst ts")
Got = collections.namedtuple("Got", "src dst mac low high")
Put = collections.namedtuple("Put", "ts end ufid actions ret key")
Exec = collections.namedtuple("Exec", "ts end ret")


class Record:
    """What matters of a record, in a form that takes little memory."""

    __slots__ = ("id", "cls", "cmd", "outcome", "port", "port_no", "number",
                 "src", "dst", "mac", "parent", "cpu", "portid", "tid",
                 "batch", "idx", "size", "ts", "enqueue_ts", "recv_ts", "put",
                 "exec", "actions")

    def __init__(self, **members):
        for name in self.__slots__:
            setattr(self, name, members.get(name))

    def is_ours(self):
        return self.number is not None


def event_of(r, kind):
    """Returns the event 'kind' of the kernel of the JSON record 'r', which
    must have one at most, or an empty one."""
    events = [e for e in r["events"]
              if e["event"] == kind and e.get("source") != "usdt"]
    if len(events) > 1:
        raise ValueError("%d events %s" % (len(events), kind))
    return events[0] if events else {}


def parse_packet(data):
    """Returns number, UDP ports and low bits of the Ethernet destination of
    a packet, or Nones if it has no number."""
    where = data.find(MAGIC)
    if where < 0 or len(data) < where + 16:
        return None, None, None, None
    udp = 34 if data[12:14] == b"\x08\x00" else 54
    src, dst = struct.unpack_from("!HH", data, udp)
    return (struct.unpack_from("!I", data, where + 8)[0], src, dst,
            struct.unpack_from("!I", data, 2)[0])


def parse_record(r):
    """Returns the Record of the JSON object 'r'.  Raises ValueError if its
    parts contradict each other."""
    upcall, enqueue, recv, put, execute = (
        event_of(r, kind) for kind in ("upcall", "upcall_enqueue",
                                       "upcall_recv", "flow_put",
                                       "flow_exec"))
    if r.get("conflicts"):
        raise ValueError("conflicts: %s" % r["conflicts"])
    data = base64.b64decode(r["packet"]["data"] or "")
    number, src, dst, mac = parse_packet(data)
    actions = [e for e in r["events"] if e["event"] == "action_execute"]
    requested = [e for e in actions if e.get("source") == "request"]
    return Record(
        id=int(r["id"]), cls=r["class"], cmd=upcall.get("cmd"),
        outcome=r["outcome"], port=(r["port"] or {}).get("name"),
        port_no=(r["port"] or {}).get("number"),
        number=number, src=src, dst=dst, mac=mac,
        parent=int(r["parent"]) if r["parent"] else None,
        cpu=upcall.get("cpu"), portid=upcall.get("portid"),
        tid=recv.get("tid"), batch=recv.get("batch"),
        idx=recv.get("batch_idx"), size=recv.get("batch_size"),
        ts=upcall.get("ts"), enqueue_ts=enqueue.get("ts"),
        recv_ts=recv.get("ts"),
        put=Put(put["ts"], put["ts"] + (put["duration"] or 0), put["ufid"],
                put["actions"], put["ret"], put["key"]) if put else None,
        exec=Exec(execute["ts"], execute["ts"] + (execute["duration"] or 0),
                  execute["ret"]) if execute else None,
        actions=",".join(e["text"] for e in requested or actions))


def set_eth(actions):
    """Returns the low bits of the Ethernet destinations that 'actions', a
    text, set."""
    return [int(m.replace(":", ""), 16) for m in SET_ETH.findall(actions)]


def pages_of_file(name):
    with open(name, encoding="utf-8") as stream:
        j = json.load(stream)
    yield j if isinstance(j, dict) else {"records": j, "gap": 0}


def pages_of_command(command, size=2000):
    """Yields what "upcall-trace/read --json" says, page by page."""
    after = 0
    while True:
        page = json.loads(subprocess.run(
            shlex.split(command) + ["--after=%d" % after, "--max=%d" % size],
            check=True, stdout=subprocess.PIPE).stdout)
        yield page
        if not page["records"]:
            return
        after = page["next"]


def read_lines(name):
    """Yields the values in the lines of the file 'name'; the last is an
    object about all."""
    with open(name, encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


class Evidence:
    """Everything that is known."""

    def __init__(self):
        self.records = []
        self.gap = 0
        self.malformed = []             # Texts.
        self.sent = {}                  # Number: list of Sent.
        self.got = None                 # Number: list of Got, by time.
        self.flows = None               # Ufid: (port, src, dst).
        self.before = self.after = None     # Counters.
        self.status = None              # JSON.
        self.controller = None          # Mask, value of destination ports.
        self.drop = None

    # Reading.

    def read_records(self, pages):
        for page in pages:
            self.gap += page["gap"]
            for r in page["records"]:
                try:
                    self.records.append(parse_record(r))
                except (LookupError, TypeError, ValueError) as error:
                    self.malformed.append("#%s: %r" % (r.get("id"), error))

    def read_sent(self, name):
        *lines, about = read_lines(name)
        port = "ovs-" + about["device"]
        for number, src, dst, ts in lines:
            self.sent.setdefault(number, []).append(Sent(port, src, dst, ts))
        if len(lines) != about["count"]:
            self.malformed.append(name + ": not all were sent")

    def read_got(self, name):
        *lines, about = read_lines(name)
        low, high = about["real_minus_monotonic"]
        self.got = {}
        for number, src, dst, mac, ts in lines:
            self.got.setdefault(number, []).append(
                Got(src, dst, mac, ts - high, ts - low))
        if about["lost"]:
            self.malformed.append("%s: %d were not captured"
                                  % (name, about["lost"]))

    def read_flows(self, name):
        self.flows = {}
        with open(name, encoding="utf-8") as stream:
            for line in stream:
                m = FLOW.search(line)
                if m:
                    self.flows[m[1]] = (m[2], int(m[3]), int(m[4]))

    # Asking.

    def chosen(self, rule, dst):
        """Returns true if 'rule' chooses packets to port 'dst'."""
        return rule is not None and dst & rule[0] == rule[1]

    def is_dropped(self, dst):
        return self.chosen(self.drop, dst)

    def is_for_controller(self, dst):
        return self.chosen(self.controller, dst) and not self.is_dropped(dst)

    def dropped(self):
        """Returns how many records the tracer admits to have dropped."""
        return self.status["records"]["dropped"] if self.status else 0

    def unknown(self):
        """Returns how many outcomes may be unknown: all that are, if the
        tracer admits that the kernel did not run a program, else none."""
        hooks = self.status.get("hooks", ()) if self.status else ()
        if not any(hook["missed"] for hook in hooks):
            return 0
        return sum(r.outcome is None for r in self.records)

    def most_in_flight(self):
        """Returns how many upcalls were under way at most."""
        times = []
        for r in self.records:
            last = r.exec or r.put
            end = last.end if last else r.recv_ts
            if end is not None and r.enqueue_ts is not None:
                times += [(r.enqueue_ts, 1), (end, -1)]
        return max(itertools.accumulate(n for _, n in sorted(times)),
                   default=0)

    def misses(self):
        return [r for r in self.records if r.cmd == "miss"]


def read_counters(name):
    """Returns what "ovs-dpctl show -s" says, as a dictionary of sums: those of
    upcalls are of all ports, and are not there if the kernel or Open vSwitch
    does not count them."""
    with open(name, encoding="utf-8") as stream:
        text = stream.read()
    counters = {}
    for key, pattern in (("missed", r"missed:(\d+)"), ("lost", r"lost:(\d+)"),
                         ("flows", r"flows: (\d+)"),
                         ("upcalls", r"UPCALL packets:(\d+)"),
                         ("errors", r"UPCALL packets:\d+ +errors:(\d+)")):
        values = re.findall(pattern, text)
        if values:
            counters[key] = sum(int(value) for value in values)
    return counters


def match_intervals(intervals, points):
    """'intervals' are (start, end, what), 'points' are (low, high).  Gives
    each interval a point of its own that may be within it, and returns the
    list of 'what' without one."""
    without = []
    points = sorted(points)
    used = [False] * len(points)
    for start, end, what in sorted(intervals, key=lambda i: (i[1], i[0])):
        i = bisect.bisect_left(points, (start, 0))
        # A point may begin just before the interval and reach into it.
        while i > 0 and points[i - 1][1] >= start:
            i -= 1
        while i < len(points) and points[i][0] <= end and used[i]:
            i += 1
        if i < len(points) and points[i][0] <= end:
            used[i] = True
        else:
            without.append(what)
    return without
