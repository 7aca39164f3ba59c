# SPDX-License-Identifier: Apache-2.0
"""The checks of check-numbered.py.

Each of the functions in CHECKS takes the Evidence and yields what is wrong:
the Record, or None if it is about all, and a text.  The text is Absent if it
is only that a record is not there, which the tracer may admit.
"""

import collections
import itertools

from numbered_evidence import match_intervals, set_eth

OUTCOMES = ("executed", "installed", "consumed", "failed", "lost",
            "abandoned")


class Absent(str):
    """A text that says that something is not there."""


def check_form(e):
    """What could not be read, and what one record says against itself."""
    for text in e.malformed:
        yield None, text
    if e.gap:
        yield None, "%d records were forgotten before they were read" % e.gap
    for r in e.records:
        if r.outcome not in OUTCOMES and not (r.outcome is None
                                              and r.cmd == "miss"
                                              and e.unknown()):
            yield r, "outcome %s" % r.outcome
        times = [r.ts, r.enqueue_ts, r.recv_ts]
        if r.put:
            times += [r.put.ts, r.put.end]
        if r.exec:
            times += [r.exec.ts, r.exec.end]
        known = [ts for ts in times if ts is not None]
        if known != sorted(known):
            yield r, "times do not ascend: %s" % times
        if r.outcome is None:
            continue
        is_done = bool(r.exec or r.put and not r.put.ret)
        if is_done != (r.outcome in ("executed", "installed", "failed")):
            yield r, "%s with put %s, exec %s" % (r.outcome, r.put, r.exec)
        if (r.outcome == "executed") != bool(r.exec and not r.exec.ret):
            yield r, "%s with %s" % (r.outcome, r.exec)
        if (r.recv_ts is None) != (r.outcome in ("lost", "abandoned")):
            yield r, "%s, received at %s" % (r.outcome, r.recv_ts)
        if r.outcome == "abandoned":
            yield r, "abandoned, although ovs-vswitchd receives all"
    for ident, n in collections.Counter(r.id for r in e.records).items():
        if n > 1:
            yield None, "id %s occurs %d times" % (ident, n)


def check_packets(e):
    """The packet of a record was sent, into its port, before it."""
    for r in e.records:
        if not r.is_ours():
            continue
        sent = e.sent.get(r.number)
        if not sent:
            yield r, "packet %d was not sent" % r.number
        elif (sent[0].port, sent[0].src, sent[0].dst) != (r.port, r.src,
                                                          r.dst):
            yield r, "packet %d was sent as %s" % (r.number, sent[0])
        elif r.ts < sent[0].ts:
            yield r, "packet %d was sent later, at %d" % (r.number,
                                                          sent[0].ts)
        elif r.cls == "controller" and r.mac != r.dst << 16 | r.src:
            yield r, "packet without the actions before it"


def check_actions(e):
    """Flow puts and executes have the actions that the rules make for the
    packet, and the ufid is that of a flow with its port and UDP ports."""
    for r in e.records:
        if not r.is_ours() or r.cmd != "miss":
            continue
        for what, actions in (("put", r.put and r.put.actions),
                              ("execute", r.exec and r.actions)):
            if actions is None:
                continue
            for text in wrong_actions(e, r, actions):
                yield r, "%s: %s: %s" % (what, text, actions)
        flow = r.put and not r.put.ret and (e.flows or {}).get(r.put.ufid)
        if flow and (flow[1:] != (r.src, r.dst)
                     or flow[0] not in (r.port, str(r.port_no))):
            yield r, "the flow that was put is %s" % (flow,)
        if r.put and "udp(src=%d,dst=%d)" % (r.src, r.dst) not in r.put.key:
            yield r, "key of the put: %s" % r.put.key
        if r.put and r.put.ret:
            yield r, "the put was refused: %s" % r.put.ret


def wrong_actions(e, r, actions):
    if e.is_dropped(r.dst):
        if set_eth(actions) or actions.split(",")[-1].isdigit():
            yield "not those of a packet that is dropped"
        return
    if set_eth(actions) != [r.dst << 16 | r.src]:
        yield "not those of the ports %d and %d" % (r.src, r.dst)
    if ("controller(" in actions) != e.is_for_controller(r.dst):
        yield "with or without controller"
    if not actions.split(",")[-1].isdigit():
        yield "no output at the end"


def check_captures(e):
    """A packet left the datapath while its record says that it was executed,
    each once, with what the actions have set."""
    if e.got is None:
        return
    executed = collections.defaultdict(list)
    for r in e.misses():
        if r.is_ours() and r.exec and not e.is_dropped(r.dst):
            executed[r.number].append(r)
    for number, sent in e.sent.items():
        got = e.got.get(number, [])
        for g in got:
            if ((g.src, g.dst) != (sent[0].src, sent[0].dst)
                    or g.mac != g.dst << 16 | g.src):
                yield None, "packet %d came out as %s" % (number, g)
        without = match_intervals(
            [(r.exec.ts, r.exec.end, r) for r in executed[number]],
            [(g.low, g.high) for g in got])
        for r in without:
            yield r, "packet %d came out at %s, not within %s" % (
                number, [g.low for g in got], r.exec)
    for number in e.got.keys() - e.sent.keys():
        yield None, "packet %d came out but was not sent" % number


def check_numbers(e):
    """Each packet has as many records as it was upcalled."""
    misses, others = collections.Counter(), collections.Counter()
    failed = collections.Counter()
    for r in e.records:
        if r.is_ours() and r.cmd == "miss":
            misses[r.number] += 1
            failed[r.number] += r.outcome not in ("executed", "installed",
                                                  None)
        elif r.is_ours():
            others[r.number, r.cls] += 1
            if r.cls not in ("controller", "sflow"):
                yield r, "class %s" % r.cls
    firsts = set()
    for number, sent in sorted(e.sent.items()):
        if misses[number] > len(sent):
            yield None, "packet %d was sent %d times and has %d misses" % (
                number, len(sent), misses[number])
        flow = sent[0][:3]
        if flow not in firsts and not misses[number]:
            yield None, Absent("packet %d, the first of its flow, has no miss"
                               % number)
        firsts.add(flow)
        passed = len(sent) - failed[number]
        if e.is_dropped(sent[0].dst):
            passed = 0
        if e.got is not None and len(e.got.get(number, [])) != passed:
            yield None, "packet %d came out %d times, not %d" % (
                number, len(e.got.get(number, [])), passed)
        expected = passed if e.is_for_controller(sent[0].dst) else 0
        if others[number, "controller"] != expected:
            text = "packet %d has %d upcalls for the controller, not %d" % (
                number, others[number, "controller"], expected)
            is_absent = others[number, "controller"] < expected
            yield None, Absent(text) if is_absent else text
        if others[number, "sflow"] > passed + e.is_dropped(sent[0].dst):
            yield None, "packet %d has %d samples" % (number,
                                                      others[number, "sflow"])


def by_handler(e):
    """Yields the records that each handler received, in its order."""
    received = collections.defaultdict(list)
    for r in e.records:
        if r.tid is not None:
            received[r.tid].append(r)
    for tid, records in sorted(received.items()):
        yield tid, sorted(records, key=lambda r: (r.batch, r.idx))


def check_batches(e):
    """Each place of a batch is used once, in the order of receiving, and all
    of a batch is received before the first of its puts and executes."""
    for _, records in by_handler(e):
        end = 0
        for batch, group in itertools.groupby(records, lambda r: r.batch):
            group = list(group)
            if [r.idx for r in group] != list(range(len(group))):
                yield group[0], "places in batch %d: %s" % (
                    batch, [r.idx for r in group])
            for r in group:
                if r.size is not None and r.size < len(group) \
                        and r.outcome != "consumed":
                    yield r, "batch_size %d, but %d were received" % (
                        r.size, len(group))
                if r.recv_ts <= end:
                    yield r, "received at %d, not after %d" % (r.recv_ts, end)
                end = r.recv_ts
            for r in group:
                first = r.put or r.exec
                if first and first.ts < end:
                    yield r, "%s before the batch ended at %d" % (first, end)


def check_order(e):
    """A handler does one thing after the other: puts and executes in the order
    of the upcalls.  This is the order in which ovs-vswitchd requests them
    (handle_upcalls() in ofproto/ofproto-dpif-upcall.c)."""
    for _, records in by_handler(e):
        end, last = 0, None
        for r in records:
            for operation in (r.put, r.exec):
                if operation and operation.ts < end:
                    yield r, "%s overlaps or is before that of #%d" % (
                        operation, last.id)
                if operation:
                    end, last = operation.end, r
    queues = collections.defaultdict(list)
    for r in e.records:
        if r.recv_ts is not None:
            queues[r.portid, r.cpu].append(r)
    for records in queues.values():
        records.sort(key=lambda r: r.enqueue_ts)
        for a, b in zip(records, records[1:]):
            if b.recv_ts <= a.recv_ts:
                yield b, "received before #%d, which is ahead in the socket" \
                    % a.id


def check_flows(e):
    """The first packet of a flow puts it, and the others that missed came
    before it was there."""
    flows = collections.defaultdict(list)
    for r in e.misses():
        if r.is_ours() and r.recv_ts is not None:
            flows[r.port, r.src, r.dst].append(r)
    ufids = collections.Counter()
    for flow, records in flows.items():
        records.sort(key=lambda r: r.recv_ts)
        puts = [r for r in records if r.put and not r.put.ret]
        ufids.update({r.put.ufid for r in puts})
        if len(puts) != 1:
            text = "flow %s was put %d times" % (flow, len(puts))
            yield records[0], text if puts else Absent(text)
            continue
        if puts[0] is not records[0]:
            yield puts[0], "put, although #%d came before" % records[0].id
        for r in records[1:]:
            # It may have been looked up before the put, and upcalled after it.
            sent = e.sent.get(r.number, ())
            if sent and min(s.ts for s in sent) > puts[0].put.end:
                yield r, "missed, although #%d had put the flow" % puts[0].id
    for ufid, n in ufids.items():
        if n > 1:
            yield None, "ufid %s is of %d flows" % (ufid, n)
    if e.flows is not None:
        for ufid in ufids.keys() - e.flows.keys():
            yield None, "the datapath has no flow %s" % ufid
        for ufid in e.flows.keys() - ufids.keys():
            yield None, Absent("no record has put flow %s" % ufid)


def check_parents(e):
    """An upcall within an execute has the packet of the execute, and its
    time."""
    by_id = {r.id: r for r in e.records}
    for r in e.records:
        inside = [p for p in (by_id.get(r.parent),) if p]
        if r.parent is not None and not inside:
            yield r, "there is no parent #%d" % r.parent
        for p in inside:
            if r.is_ours() and p.number != r.number:
                yield r, "packet %s has parent #%d of packet %s" % (
                    r.number, p.id, p.number)
            if not p.exec or not p.exec.ts <= r.ts <= p.exec.end:
                yield r, "not within %s of its parent #%d" % (p.exec, p.id)
    # One that must have a parent: the packet was executed, and no copy of it
    # was passed on by a flow.
    executed = {r.number: r for r in e.misses() if r.exec and r.is_ours()
                and len(e.sent.get(r.number, [])) == 1}
    for r in e.records:
        if r.cmd == "action" and r.number in executed and r.parent is None:
            yield r, "no parent, although #%d executed its packet" \
                % executed[r.number].id


def check_totals(e):
    """The counters of the datapath and of the trace agree with the records.
    What the trace has dropped was nevertheless counted."""
    n_lost = sum(r.outcome == "lost" for r in e.records)
    n_misses = len(e.misses())
    if e.before is not None:
        for key, n in (("missed", n_misses), ("lost", n_lost),
                       ("upcalls", len(e.records) - n_lost),
                       ("errors", n_lost)):
            counted = e.after.get(key, n) - e.before.get(key, 0)
            if key in e.after and not n <= counted <= n + e.dropped():
                yield None, "%s: the datapath counts %d, there are %d" % (
                    key, counted, n)
        counted = e.after.get("upcalls", 0) - e.before.get("upcalls", 0)
        if "upcalls" in e.after and (counted + n_lost
                                     != len(e.records) + e.dropped()):
            yield None, "upcalls: %d counted, %d records, %d dropped" % (
                counted, len(e.records), e.dropped())
    if e.status is not None:
        counts = e.status["records"]
        if counts["produced"] != counts["delivered"] + counts["dropped"]:
            yield None, "status: %s" % counts
        if counts["delivered"] != len(e.records):
            yield None, "status: %s, but there are %d records" % (
                counts, len(e.records))


CHECKS = (check_form, check_packets, check_actions, check_captures,
          check_numbers, check_batches, check_order, check_flows,
          check_parents, check_totals)


def run_checks(e):
    """Yields all that is wrong: name of the check, Record or None, and text.
    For each record that the trace says it has dropped, or whose outcome it
    does not know since a program was not run, each check may find two things
    absent: a record and its flow."""
    n_allowed = 2 * (e.dropped() + e.unknown())
    for check in CHECKS:
        n_absent = 0
        for r, text in check(e):
            n_absent += isinstance(text, Absent)
            if not isinstance(text, Absent) or n_absent > n_allowed:
                yield check.__name__, r, text
