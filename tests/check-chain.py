#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks records of upcalls.

usage: check-chain.py [--text=FILE] [--events=FILE] < JSON

Reads what "show --json" or "read --json" says.  Fails, and says why, if a
record contradicts itself: each thing that it tells twice must be the same, and
what happened one after the other must have times one after the other.  Prints
a line for each record, in the order in which the upcalls began:

CLASS PORT PACKET OUTCOME EVENT...

With --text or --events, FILE, the output of "show" or "show --events" of the
same records, must tell the same.
"""

import base64
import json
import re
import sys

RECORD_KEYS = {"seq", "id", "parent", "group", "datapath", "class", "reason",
               "port", "packet", "outcome", "error", "events", "latency",
               "flow"}
EVENTS = ["upcall", "upcall_enqueue", "upcall_return", "upcall_recv",
          "flow_put", "flow_exec", "action_execute"]
EVENT_KEYS = {
    "upcall": {"cpu", "tid", "comm", "cmd", "portid"},
    "upcall_enqueue": {"portid", "segment", "ret"},
    "upcall_return": {"ret"},
    "upcall_recv": {"tid", "comm", "batch", "batch_idx", "source"},
    "flow_put": {"ufid", "key", "actions", "ret", "duration"},
    "flow_exec": {"ret", "duration"},
    "action_execute": {"action"},
}
OUTCOMES = {"executed", "installed", "consumed", "failed", "lost",
            "abandoned"}
CLASSES = {"miss", "slow_path", "controller", "sflow", "ipfix", "flow_sample",
           "action"}
UFID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Wrong(Exception):
    """A record is not as it must be."""


def require(condition, what, *values):
    """Raises Wrong unless 'condition' is true."""
    if not condition:
        raise Wrong(what + "".join(": %r" % (value,) for value in values))


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


class Record:
    """A record, of which 'r' is the JSON."""

    def __init__(self, r):
        self.r = r
        self.events = r["events"]
        self.by_kind = {}
        for event in self.events:
            self.by_kind.setdefault(event["event"], event)
        self.actions = [event for event in self.events
                        if event["event"] == "action_execute"]

    def get(self, kind):
        """Returns the event of 'kind', None if there is none."""
        return self.by_kind.get(kind)

    def check(self):
        """Raises Wrong if something is."""
        self.check_head()
        self.check_packet()
        self.check_events()
        self.check_times()
        self.check_latency()
        self.check_outcome()
        self.check_flow()

    def check_head(self):
        r = self.r
        require(set(r) >= RECORD_KEYS, "keys are missing",
                RECORD_KEYS - set(r))
        require(is_number(r["seq"]) and r["seq"] > 0, "seq", r["seq"])
        require(re.fullmatch("[0-9]+", r["id"]), "id", r["id"])
        require(r["outcome"] in OUTCOMES, "outcome", r["outcome"])
        require(r["class"] in CLASSES, "class", r["class"])
        require((r["error"] is not None) == (r["outcome"] in
                                             ("failed", "lost")),
                "error does not fit the outcome", r["error"], r["outcome"])
        require(r["class"] == "slow_path" or r["reason"] is None,
                "reason without slow_path", r["reason"])

    def check_packet(self):
        packet = self.r["packet"]
        if packet["data"] is not None:
            data = base64.b64decode(packet["data"], validate=True)
            require(0 < len(data) <= packet["len"], "length of packet",
                    len(data), packet["len"])

    def check_events(self):
        names = [event["event"] for event in self.events]
        require(set(names) <= set(EVENTS), "unknown events", names)
        for name in EVENTS[:-1]:
            require(names.count(name) <= 1, "repeated event", names)
        require(names[0] == "upcall", "the first event", names)
        for event in self.events:
            require(set(event) >= EVENT_KEYS[event["event"]] | {"ts"},
                    "keys of event", event)
        cmd = "miss" if self.r["class"] == "miss" else "action"
        require(self.get("upcall")["cmd"] == cmd, "cmd", self.get("upcall"))

        enqueue = self.get("upcall_enqueue")
        if enqueue:
            require(enqueue["portid"] == self.get("upcall")["portid"] != 0,
                    "portid", enqueue)
            require(enqueue["segment"] == 0 or self.r["group"],
                    "segment without group", enqueue)
        recv = self.get("upcall_recv")
        if recv:
            require(enqueue, "received but not enqueued")
            require(re.fullmatch("handler[0-9]+", recv["comm"]),
                    "received by other than a handler", recv)
            require(recv["tid"] > 0, "tid", recv)
            require(recv["source"] in ("kernel", "usdt"), "source", recv)
            size = recv.get("batch_size")
            require(0 <= recv["batch_idx"] < (64 if size is None else size)
                    <= 64, "batch", recv)
        else:
            require(not self.get("flow_put") and not self.get("flow_exec"),
                    "put or executed but not received")

    def check_times(self):
        """Times must ascend in the order of the events, and in the order of
        their kinds, but for the return, which may be after the receive."""
        last = 0
        for event in self.events:
            if event["ts"] is not None:
                require(is_number(event["ts"]) and event["ts"] >= last,
                        "time of event", event, last)
                last = event["ts"]
        last = 0
        for kind in EVENTS:
            event = self.get(kind)
            if not event or event["ts"] is None:
                continue
            require(event["ts"] >= last, "time of event", event, last)
            if kind != "upcall_return":
                last = event["ts"] + (event.get("duration") or 0)

    def check_latency(self):
        def difference(a, b):
            return b["ts"] - a["ts"] if a and b else None

        enqueue = self.get("upcall_enqueue")
        recv = self.get("upcall_recv")
        put = self.get("flow_put")
        execute = self.get("flow_exec")
        latency = self.r["latency"]
        expected = {
            "queue": difference(enqueue, recv),
            "handle": difference(recv, put or execute),
            "install": put and put["duration"],
            "execute": execute and execute["duration"],
        }
        if recv:
            end = max(recv["ts"],
                      put["ts"] + (put["duration"] or 0) if put else 0,
                      execute["ts"] + (execute["duration"] or 0)
                      if execute else 0)
            expected["total"] = end - self.get("upcall")["ts"]
        for key, value in expected.items():
            require(latency[key] == value, "latency " + key, latency[key],
                    value)

    def check_outcome(self):
        outcome = self.r["outcome"]
        enqueue = self.get("upcall_enqueue")
        done = self.get("upcall_return")
        put = self.get("flow_put")
        execute = self.get("flow_exec")
        if outcome in ("executed", "installed"):
            require(enqueue["ret"] == 0, "enqueue", enqueue)
            require(done["ret"] in (0, None), "return", done)
            require(not put or put["ret"] == 0, "put", put)
        if outcome == "executed":
            require(execute["ret"] == 0 and execute["duration"] > 0,
                    "execute", execute)
        elif outcome == "installed":
            require(put and not execute, "installed", put, execute)
        elif outcome == "consumed":
            require(not put and not execute, "consumed", put, execute)
            require(self.get("upcall_recv"), "consumed but not received")
        elif outcome == "lost":
            require(done["ret"] < 0, "lost without an error", done)
            require(not self.get("upcall_recv"), "received but lost")
        elif outcome == "abandoned":
            require(not self.get("upcall_recv"), "received but abandoned")
        if self.actions:
            require(execute and execute["ret"] == 0,
                    "actions but not executed", execute)
        for action in self.actions:
            if action["action"] == "output":
                require(action["text"] == str(action["port"]["number"]),
                        "text of the output", action)

    def check_flow(self):
        put = self.get("flow_put")
        flow = self.r["flow"]
        require((put is not None) == (flow is not None), "flow", flow, put)
        if not put:
            return
        require(UFID.fullmatch(put["ufid"]), "ufid", put)
        require(flow["ufid"] == put["ufid"], "ufid", flow, put)
        require(flow["state"] in ("complete", "partial", "pending", "failed"),
                "state", flow)
        require((flow["state"] == "failed") == (flow["error"] is not None),
                "error does not fit the state", flow)
        require(put["key"] and put["actions"] is not None, "put", put)
        require(flow["datapath_flow"] == "%s, actions:%s" % (
            put["key"], put["actions"]), "flow", flow, put)
        port = self.r["port"]
        require("in_port(%d)" % port["number"] in put["key"],
                "port of the flow", put, port)
        outputs = [str(action["port"]["number"]) for action in self.actions
                   if action["action"] == "output"]
        # What is in parentheses belongs to other actions.
        actions = put["actions"]
        while "(" in actions:
            actions = re.sub(r"\([^()]*\)", "", actions)
        numbers = [word for word in actions.split(",") if word.isdigit()]
        require(outputs == numbers or not self.actions,
                "actions of the flow and of the packet", outputs, numbers)

    def packet_name(self):
        """Returns what the packet is, for the tests' purposes."""
        flow = self.r["packet"]["flow"] or ""
        for name, pattern in (("arp-request", r"arp\(.*op=1\b"),
                              ("arp-reply", r"arp\(.*op=2\b"),
                              ("echo-request", r"icmp\(type=8\b"),
                              ("echo-reply", r"icmp\(type=0\b"),
                              ("udp", r"udp\(")):
            if re.search(pattern, flow):
                return name
        return "-"

    def summary(self):
        """Returns the line to print."""
        words = [self.r["class"], (self.r["port"] or {}).get("name") or "-",
                 self.packet_name(), self.r["outcome"]]
        words += [kind for kind in EVENTS[:-1] if self.get(kind)]
        for action in self.actions:
            port = action.get("port")
            words.append(action["action"]
                         + ("(%s)" % port["name"] if port else ""))
        return " ".join(words)

    # Text.

    def stages(self):
        """Returns the lines of "show" about the stages, as patterns."""
        def us(ns):
            return "%.1f us" % (ns / 1000.0)

        texts = {
            "upcall": lambda e: "cpu %d" % e["cpu"],
            "upcall_enqueue": lambda e: "socket %d" % e["portid"] + (
                " (%s)" % self.get("upcall_recv")["comm"]
                if self.get("upcall_recv") else ""),
            "upcall_return": lambda e: self.r["error"],
            "upcall_recv": lambda e: "%s, %d" % (
                e["comm"], e["batch_idx"] + 1) + (
                    " of %d" % e["batch_size"] if e.get("batch_size") else ""),
            "flow_put": lambda e: "ufid:%s %s" % (e["ufid"],
                                                  us(e["duration"])),
            "flow_exec": lambda e: "",
            "action_execute": lambda e: e["port"]["name"]
            if e.get("port") else None,
        }
        names = {"upcall_enqueue": "enqueue", "upcall_return": "return",
                 "upcall_recv": "receive"}
        lines = []
        start = self.events[0]["ts"]
        for event in self.events:
            kind = event["event"]
            if kind == "upcall_return" and self.r["outcome"] != "lost":
                continue
            name = names.get(kind, event.get("action", kind))
            text = texts[kind](event)
            ts = ("%8.1f" % ((event["ts"] - start) / 1000.0)
                  if event["ts"] is not None else "       -")
            if text is None:
                line = re.escape("%s  %s" % (ts, name)) + "( +.*)?"
            else:
                line = re.escape(("%s  %-11s%s" % (ts, name, text)).rstrip())
            lines.append(line)
        return lines

    def head(self):
        """Returns the first line of "show", as a pattern."""
        r = self.r
        total = r["latency"]["total"]
        return "#%s %s%s %s .*%d bytes.*: %s%s, %s" % (
            r["id"], r["class"],
            re.escape(" (%s)" % r["reason"]) if r["reason"] else "",
            re.escape(r["port"]["name"]), r["packet"]["len"], r["outcome"],
            re.escape(" (%s)" % r["error"].split()[0]) if r["error"] else "",
            "-" if total is None else re.escape("%.1f us" % (total / 1000.0)))


def check_text(records, lines):
    """'lines' are those of "show"."""
    patterns = []
    for record in records:
        patterns += [record.head()] + record.stages()
    compare(patterns, lines)


def check_events_text(records, lines):
    """'lines' are those of "show --events"."""
    patterns = []
    for record in records:
        ident = record.r["id"]
        words = {
            "upcall": r"upcall \(%s\) port %d cpu %d" % (
                record.get("upcall")["cmd"], record.get("upcall")["portid"],
                record.get("upcall")["cpu"]),
            "upcall_enqueue": r"upcall_enqueue \(\w+\) \(\d+/\d+\) q %s "
                              r"ret -?\d+" % ident,
            "upcall_return": r"upcall_ret \(\d+/\d+\) ret (-?\d+|-)",
            "upcall_recv": r"upcall_recv q %s pkt_size %d" % (
                ident, record.r["packet"]["len"]),
            "flow_put": r"flow_put q %s ts \d+ \(\d+\) ufid:\S+ ret -?\d+"
                        % ident,
            "flow_exec": r"flow_exec q %s ts \d+ \(\d+\)" % ident,
            "action_execute": r"exec .*q %s" % ident,
        }
        for event in record.events:
            patterns.append(r"%s \[.*\] %s" % (
                "-" if event["ts"] is None else event["ts"],
                words[event["event"]]))
    compare(patterns, lines)


def compare(patterns, lines):
    """Each of 'lines' must match its pattern."""
    for pattern, line in zip(patterns, lines):
        require(re.fullmatch(pattern, line), "text", line, pattern)
    require(len(patterns) == len(lines), "lines of text", len(lines),
            len(patterns))


def read_lines(name):
    """Returns the lines of the file 'name', but for remarks."""
    with open(name, encoding="utf-8") as stream:
        return [line for line in stream.read().splitlines()
                if not line.startswith("(")]


def main():
    j = json.load(sys.stdin)
    records = [Record(r) for r in (j["records"] if isinstance(j, dict)
                                   else j)]
    status = 0
    for record in sorted(records, key=lambda record: int(record.r["id"])):
        print(record.summary())
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
    for argument in sys.argv[1:]:
        option, name = argument.split("=")
        check = {"--text": check_text, "--events": check_events_text}[option]
        try:
            check(records, read_lines(name))
        except Wrong as error:
            print("%s: %s" % (name, error))
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
