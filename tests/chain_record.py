# SPDX-License-Identifier: Apache-2.0
"""A record of an upcall, and whether it contradicts itself."""

import base64
import errno
import re

RECORD_KEYS = {"kind", "seq", "id", "parent", "pass", "group", "datapath",
               "class", "reason", "userdata", "port", "packet", "outcome",
               "error", "put", "conflicts", "events", "latency", "flow"}
# The second kind of receive is that of a USDT probe.
USDT_RECV = "upcall_recv(usdt)"
USDT_EVENTS = [USDT_RECV, "op_flow_put", "op_flow_execute"]
EVENTS = ["upcall", "upcall_enqueue", "upcall_return", "upcall_recv",
          USDT_RECV, "translated", "op_flow_put", "op_flow_execute",
          "flow_put", "flow_exec", "action_execute"]
EVENT_KEYS = {
    "upcall": {"cpu", "tid", "comm", "cmd", "portid", "context", "rx_queue",
               "napi_id", "hash"},
    "upcall_enqueue": {"portid", "segment", "ret"},
    "upcall_return": {"ret"},
    "upcall_recv": {"tid", "comm", "batch", "batch_idx", "source", "cpu",
                    "queue_len", "queue_drops"},
    USDT_RECV: {"tid", "comm", "batch", "batch_idx", "source"},
    "translated": {"source"},
    "op_flow_put": {"source"},
    "op_flow_execute": {"source"},
    "flow_put": {"ufid", "key", "actions", "ret", "duration"},
    "flow_exec": {"ret", "duration", "match", "requests"},
    "action_execute": {"action"},
}
OUTCOMES = {"executed", "installed", "consumed", "failed", "lost",
            "abandoned"}
CLASSES = {"miss", "slow_path", "controller", "sflow", "ipfix", "flow_sample",
           "action"}
MATCHES = {"pointer", "packet", "order"}
UFID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Wrong(Exception):
    """A record is not as it must be."""


def require(condition, what, *values):
    """Raises Wrong unless 'condition' is true."""
    if not condition:
        raise Wrong(what + "".join(": %r" % (value,) for value in values))


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def kind_of(event):
    """Returns the kind of 'event', one of EVENTS if it is known."""
    if event["event"] == "upcall_recv" and event.get("source") == "usdt":
        return USDT_RECV
    return event["event"]


class Record:
    """A record, of which 'r' is the JSON."""

    def __init__(self, r):
        self.r = r
        self.events = r["events"]
        self.by_kind = {}
        for event in self.events:
            self.by_kind.setdefault(kind_of(event), event)
        self.actions = [event for event in self.events
                        if event["event"] == "action_execute"]

    def get(self, kind):
        """Returns the event of 'kind', None if there is none."""
        return self.by_kind.get(kind)

    def check(self):
        """Raises Wrong if something is."""
        self.check_head()
        self.check_put()
        self.check_packet()
        self.check_events()
        self.check_usdt()
        self.check_times()
        self.check_latency()
        self.check_outcome()
        self.check_flow()

    def check_head(self):
        r = self.r
        require(set(r) >= RECORD_KEYS, "keys are missing",
                RECORD_KEYS - set(r))
        require(r["kind"] == "upcall", "kind", r["kind"])
        require(is_number(r["seq"]) and r["seq"] > 0, "seq", r["seq"])
        require(re.fullmatch("[0-9]+", r["id"]), "id", r["id"])
        require(r["outcome"] in OUTCOMES or r["outcome"] is None, "outcome",
                r["outcome"])
        require(r["class"] in CLASSES, "class", r["class"])
        require((r["error"] is not None) == (r["outcome"] in
                                             ("failed", "lost")),
                "error does not fit the outcome", r["error"], r["outcome"])
        require(r["class"] in ("slow_path", "controller")
                or r["reason"] is None, "reason of this class", r["reason"])
        require(r["userdata"] is None
                or r["class"] not in ("miss", "slow_path", "action"),
                "userdata of this class", r["userdata"])

    def check_put(self):
        """What became of the flow agrees with what the put returned."""
        event, put = self.get("flow_put"), self.r["put"]
        if put is None:
            require(not event or event["ret"] is None
                    or self.r["class"] != "miss", "put is unknown", event)
            return
        ret = event and event["ret"]
        require(put["result"] == ("none" if not event
                                  else "installed" if ret == 0
                                  else "duplicate" if ret == -errno.EEXIST
                                  else "refused"), "put", put, event)
        require((put["result"] == "refused") == (put["error"] is not None),
                "error of the put", put)

    def check_packet(self):
        packet = self.r["packet"]
        if packet["data"] is not None:
            data = base64.b64decode(packet["data"], validate=True)
            require(0 < len(data) <= packet["len"], "length of packet",
                    len(data), packet["len"])

    def check_events(self):
        names = [kind_of(event) for event in self.events]
        require(set(names) <= set(EVENTS), "unknown events", names)
        for name in EVENTS[:-1]:
            require(names.count(name) <= 1, "repeated event", names)
        require(names[0] == "upcall", "the first event", names)
        for event in self.events:
            require(set(event) >= EVENT_KEYS[kind_of(event)] | {"ts"},
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
            require(recv["source"] == "kernel", "source", recv)
            size = recv.get("batch_size")
            # Only those that may need something of the datapath are limited.
            require(0 <= recv["batch_idx"]
                    and (size is None or recv["batch_idx"] < size), "batch",
                    recv)
        else:
            require(not self.get("flow_put") and not self.get("flow_exec"),
                    "put or executed but not received")

    def check_usdt(self):
        """What the probes of ovs-vswitchd say must not contradict the hooks
        in the kernel."""
        usdt_recv = self.get(USDT_RECV)
        conflicts = self.r["conflicts"]
        require(not conflicts, "conflicts", conflicts)
        usdt = usdt_recv or self.get("op_flow_execute")
        require((conflicts is not None) == (usdt is not None),
                "conflicts do not fit the probes", conflicts, usdt)
        for kind in USDT_EVENTS:
            event = self.get(kind)
            if event:
                require(event["source"] == "usdt", "source", event)
                require(event["ts"] is not None, "time of event", event)
        if usdt_recv:
            recv = dict(self.get("upcall_recv") or {})
            recv.update(source="usdt", ts=usdt_recv["ts"])
            recv = {key: recv.get(key) for key in usdt_recv}
            require(recv == usdt_recv, "two ways of a receive", recv,
                    usdt_recv)
        for usdt, kernel in (("op_flow_put", "flow_put"),
                             ("op_flow_execute", "flow_exec")):
            if self.get(usdt) and self.get(kernel):
                require(self.get(usdt)["ts"] <= self.get(kernel)["ts"],
                        "sent before it was made", self.get(usdt),
                        self.get(kernel))

    def check_times(self):
        """Times must ascend in the order of the events, and in the order of
        their kinds, but for the return, which may be after the receive, and
        for requests, which may be made together or one after the other."""
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
            if kind not in ("upcall_return", "op_flow_execute"):
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
            "translate": difference(self.get(USDT_RECV) or recv,
                                    self.get("translated")),
            "handle": difference(recv, put or execute),
            "install": put and put["duration"],
            "execute": execute and execute["duration"],
        }
        if recv and self.r["outcome"] is None:
            expected["total"] = None
        elif recv:
            translated = self.get("translated")
            end = max(recv["ts"], translated["ts"] if translated else 0,
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
        if outcome == "executed":
            require(execute["ret"] == 0 and execute["duration"] > 0,
                    "execute", execute)
        elif outcome == "installed":
            require(put and put["ret"] == 0 and not execute, "installed",
                    put, execute)
        elif outcome == "consumed":
            require((not put or put["ret"] < 0) and not execute, "consumed",
                    put, execute)
            require(self.get("upcall_recv"), "consumed but not received")
        elif outcome == "lost":
            require(done["ret"] < 0, "lost without an error", done)
            require(not self.get("upcall_recv"), "received but lost")
        elif outcome == "abandoned":
            require(not self.get("upcall_recv"), "received but abandoned")
        elif outcome == "failed":
            require(execute["ret"] < 0, "failed", execute)
        elif outcome is None:
            require(not execute, "executed but unknown", execute)
        if execute:
            require(execute["match"] in MATCHES, "match", execute)
            require(is_number(execute["requests"])
                    and execute["requests"] > 0, "requests", execute)
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
        if flow["state"] != "partial":
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
        # The actions of a flow for the slow path are not those of the packet.
        require(outputs == numbers or not self.actions
                or "slow_path(" in put["actions"],
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

    def summary(self, with_usdt):
        """Returns the line to print."""
        words = [self.r["class"], (self.r["port"] or {}).get("name") or "-",
                 self.packet_name(), self.r["outcome"] or "unknown"]
        words += [kind for kind in EVENTS[:-1] if self.get(kind)
                  and (with_usdt or kind not in USDT_EVENTS)]
        for action in self.actions:
            port = action.get("port")
            words.append(action["action"]
                         + ("(%s)" % port["name"] if port else ""))
        return " ".join(words)
