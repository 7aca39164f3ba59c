#! /usr/bin/env python3
#
# SPDX-License-Identifier: Apache-2.0
"""Usage: check-perfetto.py [--nested] TRACE.json FILE.json

Fails unless FILE is JSON of the form that Perfetto and Chrome's tracing show,
as "Trace Event Format" describes it, and shows the upcalls, passes, gaps and
dropped records of TRACE, a file of ovs-upcall-trace without compression.  With
--nested, also fails unless the slices on each track nest, which those of a
real trace do.  Prints how many events of each kind there are."""

import collections
import decimal
import json
import sys

PHASES = {"X", "b", "e", "s", "t", "f", "i", "C", "M"}


def check(condition, what):
    if not condition:
        sys.exit(what)


def to_ns(value, event):
    """Returns 'value', in us, in ns."""
    check(isinstance(value, decimal.Decimal)
          and value.as_tuple().exponent == -3, "no three decimals: %s" % event)
    return int(value * 1000)


class Perfetto:
    def __init__(self, name):
        with open(name, encoding="utf-8") as file:
            top = json.load(file, parse_float=decimal.Decimal)
        check(top["displayTimeUnit"] == "ns", "displayTimeUnit")
        self.events = top["traceEvents"]
        self.processes = {}
        self.threads = {}
        self.slices = collections.defaultdict(list)
        self.flows = collections.defaultdict(list)
        self.spans = collections.defaultdict(list)
        self.instants = []
        self.counters = []
        self.n = collections.Counter()
        for event in self.events:
            self.add(event)

    def add(self, event):
        phase = event["ph"]
        check(phase in PHASES, "unknown: %s" % event)
        check(all(isinstance(event[key], int) and event[key] > 0
                  for key in ("pid", "tid")), "no track: %s" % event)
        self.n[phase] += 1
        track = event["pid"], event["tid"]
        if phase == "M":
            names, key = {
                "process_name": (self.processes, event["pid"]),
                "thread_name": (self.threads, track)}[event["name"]]
            check(event["args"]["name"], "no name: %s" % event)
            names[key] = event["args"]["name"]
            return
        check(event["cat"] and event["name"], "no name: %s" % event)
        event["ts"] = to_ns(event["ts"], event)
        if phase == "X":
            event["end"] = event["ts"] + to_ns(event["dur"], event)
            check(event["end"] >= event["ts"], "before itself: %s" % event)
            self.slices[track].append(event)
        elif phase in "stf":
            self.flows[event["cat"], event["name"], event["id"]].append(event)
        elif phase in "be":
            self.spans[event["cat"], event["id"], event["pid"]].append(event)
        elif phase == "i":
            check(event["s"] == "t", "scope: %s" % event)
            self.instants.append(event)
        else:
            check(event["args"] and all(
                isinstance(n, int) and n >= 0
                for n in event["args"].values()), "numbers: %s" % event)
            self.counters.append(event)

    def check_names(self):
        for event in self.events:
            check(event["pid"] in self.processes, "no name: %s" % event)
            check((event["pid"], event["tid"]) in self.threads,
                  "no name: %s" % event)

    def check_flows(self):
        """Each begins once, ends once, and is in a slice all the time."""
        starts = {track: {slice["ts"] for slice in slices}
                  for track, slices in self.slices.items()}
        for key, steps in self.flows.items():
            phases = "".join(step["ph"] for step in steps)
            check(phases[0] == "s" and phases[-1] == "f" and len(phases) > 1
                  and not phases[1:-1].strip("t"),
                  "flow %s: %s" % (key, phases))
            for i, step in enumerate(steps):
                check(step["ts"] in starts.get((step["pid"], step["tid"]), ()),
                      "not in a slice: %s" % step)
                check(i == 0 or steps[i - 1]["ts"] <= step["ts"],
                      "back in time: %s" % step)
            check(steps[-1]["bp"] == "e", "binding: %s" % steps[-1])

    def check_spans(self):
        for key, ends in self.spans.items():
            check([end["ph"] for end in ends] == ["b", "e"],
                  "span %s: %s" % (key, ends))
            check(ends[0]["ts"] <= ends[1]["ts"], "before itself: %s" % ends)
            check({end["name"] for end in ends} == {key[0]},
                  "names: %s" % ends)

    def check_nested(self):
        for slices in self.slices.values():
            stack = []
            for slice in sorted(slices, key=lambda s: (s["ts"], -s["end"])):
                while stack and stack[-1]["end"] <= slice["ts"]:
                    stack.pop()
                check(not stack or slice["end"] <= stack[-1]["end"],
                      "does not nest: %s" % [stack[-1:], slice])
                stack.append(slice)

    def on(self, process):
        """Yields the slices of the process of that name, and their tracks'
        names."""
        for track, slices in self.slices.items():
            if self.processes.get(track[0]) == process:
                for slice in slices:
                    yield self.threads.get(track), slice


def event_of(record, *names):
    return next((e for e in record["events"] if e["event"] in names), None)


def check_same(p, records):
    """Upcalls and passes are where they were, at the same times."""
    shown = sorted(
        (str(slice["args"]["id"]), name, slice["ts"], slice["end"])
        for name, slice in p.on("datapath"))
    wanted = []
    for record in records:
        event = event_of(record, "upcall", "flow_tbl_lookup", "flow_exec")
        ts = event["ts"]
        if event["event"] == "upcall":
            left = event_of(record, "upcall_return")
            ns = left["ts"] - ts if left and left["ts"] else 0
        else:
            ts -= record["latency"]["lookup"] or 0
            ns = (record["latency"]["lookup"] or 0
                  if record["latency"]["total"] is None
                  else record["latency"]["total"])
        wanted.append((record["id"], "cpu %d" % event["cpu"], ts, ts + ns))
    check(shown == sorted(wanted), "slices on CPUs differ")


def check_upcalls(p, upcalls):
    """All steps of each upcall are there."""
    steps = collections.defaultdict(dict)
    handlers = collections.defaultdict(set)
    for name, slice in p.on("ovs-vswitchd"):
        kind = slice["name"].replace("translate", "receive")
        steps[str(slice["args"]["id"])][kind] = slice
        handlers[str(slice["args"]["id"])].add(name)
    for _, slice in p.on("netlink sockets"):
        steps[str(slice["args"]["id"])]["enqueue"] = slice
    queues = []
    for u in upcalls:
        received = event_of(u, "upcall_recv")
        enqueued = event_of(u, "upcall_enqueue")
        for kind, event in (
                ("receive", received),
                ("flow_put", event_of(u, "flow_put")),
                ("flow_exec", event_of(u, "flow_exec")),
                ("enqueue", enqueued if u["outcome"] != "lost" else None)):
            slice = steps[u["id"]].pop(kind, None)
            check((slice and slice["ts"]) == (event and event["ts"]),
                  "%s of %s" % (kind, u["id"]))
            if event and event.get("duration") is not None:
                check(slice["end"] - slice["ts"] == event["duration"],
                      "duration of %s of %s" % (kind, u["id"]))
        check(not steps[u["id"]], "more of %s" % u["id"])
        check(not received or handlers[u["id"]] == {received["comm"]},
              "handler of %s" % u["id"])
        if u["latency"]["queue"] is not None:
            queues.append((received["ts"], received["queue_len"]))
        is_sent = received or (enqueued and u["outcome"] != "lost")
        check((("upcall", "upcall", u["id"]) in p.flows) == bool(is_sent),
              "flow of %s" % u["id"])
    check(sorted((c["ts"], c["args"]["upcalls"]) for c in p.counters)
          == sorted(queues), "queue lengths")
    check(sum(key[0] == "queue" for key in p.spans) == len(queues), "queues")
    lost = [str(i["args"]["id"]) for i in p.instants if "id" in i["args"]]
    check(sorted(lost) == sorted(u["id"] for u in upcalls if u["outcome"]
                                 in ("lost", "abandoned")), "lost upcalls")


def check_losses(p, lines):
    gaps = [(line["records"], line["next"]) for line in lines
            if line.get("event") == "gap"]
    shown = [(i["args"]["records"], i["args"]["next"]) for i in p.instants
             if i["name"] == "gap"]
    check(gaps == shown, "gaps: %s, not %s" % (shown, gaps))
    ends = [line for line in lines if line.get("event") == "end"
            and line["produced"] is not None]
    dropped = sum(n for line in ends for counts in (line, line["passes"])
                  if counts for n in counts["by_cause"].values())
    check(dropped == sum(i["args"]["records"] for i in p.instants
                         if " dropped: " in i["name"]), "dropped records")
    full = [line["vswitchd"] for line in ends if line["vswitchd"]]
    revalidators = [slice for name, slice in p.on("ovs-vswitchd, all threads")
                    if name == "revalidators"]
    check(len(full) == len(revalidators), "revalidators")
    for told, slice in zip(full, revalidators):
        check(told["requests"] == slice["args"]["requests"],
              "requests of revalidators")


def main(args):
    nested = args[0] == "--nested"
    name, converted = args[nested:]
    with open(name, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    records = [line for line in lines if "kind" in line]
    p = Perfetto(converted)
    p.check_names()
    p.check_flows()
    p.check_spans()
    if nested:
        p.check_nested()
    check_same(p, records)
    check_upcalls(p, [r for r in records if r["kind"] == "upcall"])
    check_losses(p, lines)
    print(", ".join("%d %s" % (n, phase)
                    for phase, n in sorted(p.n.items())))


main(sys.argv[1:])
