# SPDX-License-Identifier: Apache-2.0
"""The self-test of check-numbered.py: evidence that something is wrong must be
noticed.

Each of the functions in MUTATIONS changes the Evidence as a fault of the
tracer would, and returns True, or False if there is nothing to change."""

import copy

from numbered_checks import run_checks
from numbered_evidence import Evidence, Exec, Got, Put, Record, Sent


def actions_of(src, dst):
    mac = "%04x%04x" % (dst, src)
    return "set(eth(dst=02:01:%s)),3" % ":".join(
        mac[i:i + 2] for i in range(0, 8, 2))


def add_round(e, number, src, batch, start):
    """Adds a batch of four packets, of flows A, A, B and C."""
    for i, port in enumerate((src, src, src + 1, src + 2)):
        ts = start + 100 * i
        e.sent[number + i] = [Sent("ovs-p0", port, 2000, ts - 10)]
        r = Record(
            id=len(e.records) + 1, cls="miss", cmd="miss", outcome="executed",
            port="ovs-p0", port_no=1, number=number + i, src=port, dst=2000,
            mac=0, cpu=0, portid=77, tid=5, batch=batch, idx=i, size=4, ts=ts,
            enqueue_ts=ts + 10, recv_ts=start + 1000 + 100 * i,
            actions=actions_of(port, 2000))
        ts = start + 2000 + 100 * i
        if i != 1:
            ufid = "ufid-%d" % port
            r.put = Put(ts, ts + 20, ufid, r.actions, 0,
                        "in_port(1),udp(src=%d,dst=2000)" % port)
            e.flows[ufid] = ("ovs-p0", port, 2000)
        r.exec = Exec(ts + 30, ts + 50, 0)
        e.got[number + i] = [Got(port, 2000, 2000 << 16 | port, ts + 40,
                                 ts + 41)]
        e.records.append(r)


def add_sample(e, parent):
    """Adds an sFlow sample within the execute of 'parent'."""
    ts = parent.exec.ts + 1
    e.records.append(Record(
        id=len(e.records) + 1, cls="sflow", cmd="action", outcome="consumed",
        port=parent.port, port_no=1, number=parent.number, src=parent.src,
        dst=parent.dst, mac=parent.dst << 16 | parent.src, parent=parent.id,
        cpu=0, portid=77, tid=5, batch=99, idx=0, size=1, ts=ts,
        enqueue_ts=ts + 1, recv_ts=ts + 100000, actions=""))


def synthetic_evidence():
    """Returns evidence in which nothing is wrong."""
    e = Evidence()
    e.flows, e.got = {}, {}
    for i in range(4):
        add_round(e, 10 * i, 1000 + 3 * i, i, 10000 * (i + 1))
    add_sample(e, e.records[-1])
    e.before = {"missed": 5, "lost": 0, "upcalls": 5}
    e.after = {"missed": 21, "lost": 0, "upcalls": 22}
    e.status = {"records": {"produced": 17, "delivered": 17, "dropped": 0}}
    return e


# Mutations.

def pair_of(e, is_pair):
    """Returns two misses, one after the other in a batch, that were executed
    and for which 'is_pair' is true, or Nones."""
    records = sorted((r for r in e.records if r.is_ours() and r.exec
                      and not e.is_dropped(r.dst) and r.cmd == "miss"),
                     key=lambda r: (r.tid, r.batch, r.idx))
    for a, b in zip(records, records[1:]):
        if (a.tid, a.batch) == (b.tid, b.batch) and is_pair(a, b):
            return a, b
    return None, None


def same_flow(a, b):
    return (a.port, a.src, a.dst) == (b.port, b.src, b.dst)


def other_flow(a, b):
    return not same_flow(a, b)


def exchange(names, is_pair):
    """Returns a mutation that exchanges members of two records."""
    def mutate(e):
        a, b = pair_of(e, is_pair)
        for name in names if a else ():
            value = getattr(a, name)
            setattr(a, name, getattr(b, name))
            setattr(b, name, value)
        return a is not None
    mutate.__name__ = "exchange_%s_%s" % ("_".join(names), is_pair.__name__)
    return mutate


def both_put(a, b):
    return bool(other_flow(a, b) and a.put and b.put)


def first_puts(a, b):
    return bool(same_flow(a, b) and a.put and not b.put)


def next_puts(a, b):
    return bool(other_flow(a, b) and b.put and not a.put)


def other_number(a, b):
    return same_flow(a, b) and a.number != b.number


def repeat_record(e):
    e.records.append(copy.copy(e.records[0]))
    return True


def forget_record(e):
    del e.records[len(e.records) // 2]
    return True


def lose_put(e):
    a = next((r for r in e.records if r.put and r.exec), None)
    if a:
        a.put = None
    return a is not None


def lose_execute(e):
    a = next(r for r in e.records if r.exec)
    a.exec, a.actions = None, ""
    return True


def share_execute(e):
    a, b = pair_of(e, lambda a, b: True)
    if a:
        b.exec = a.exec
    return a is not None


def share_receive(e):
    a, b = pair_of(e, lambda a, b: True)
    if a:
        b.idx, b.recv_ts = a.idx, a.recv_ts
    return a is not None


def repeat_put(e):
    a, b = pair_of(e, first_puts)
    if a:
        b.put = a.put._replace(ts=b.exec.ts - 2, end=b.exec.ts - 1)
    return a is not None


def wrong_flow(e):
    put = next(r.put for r in e.records if r.put)
    if e.flows:
        e.flows[put.ufid] = e.flows[put.ufid][:1] + (1, 2)
    return bool(e.flows)


def wrong_outcome(e):
    e.records[0].outcome = "abandoned"
    return True


def unknown_outcome(e):
    e.misses()[0].outcome = None
    return not e.unknown()


def unknown_consumed(e):
    samples = [r for r in e.records if r.cmd != "miss"]
    if samples:
        samples[0].outcome = None
        if e.status:
            e.status["hooks"] = [{"missed": 1}]
    return bool(samples)


def wrong_parent(e):
    children = [r for r in e.records if r.parent is not None]
    if children:
        wrong = next(r for r in e.misses() if r.number != children[0].number)
        children[0].parent = wrong.id
    return bool(children)


def no_parent(e):
    children = [r for r in e.records if r.parent is not None]
    if children:
        children[0].parent = None
    return bool(children)


def miscount(e):
    if e.after is not None:
        e.after["missed"] += 1
    return e.after is not None


def misreport(e):
    if e.status is not None:
        e.status["records"]["produced"] += 1
    return e.status is not None


def lose_packet(e):
    if e.got:
        number = next(iter(e.got))
        e.got[number] = e.got[number][1:]
    return bool(e.got)


MUTATIONS = (
    exchange(["put"], both_put), exchange(["put"], first_puts),
    exchange(["put"], next_puts), exchange(["exec"], other_flow),
    exchange(["exec"], same_flow), exchange(["actions"], other_flow),
    exchange(["exec", "actions"], other_flow),
    exchange(["put", "exec", "actions"], both_put),
    exchange(["put", "exec", "actions"], first_puts),
    exchange(["number"], other_number),
    exchange(["recv_ts", "idx"], other_number),
    exchange(["put", "exec", "recv_ts", "idx"], other_number),
    exchange(["ts", "enqueue_ts"], other_number),
    repeat_record, forget_record, lose_put, lose_execute, share_execute,
    share_receive, repeat_put, wrong_flow, wrong_outcome,
    unknown_outcome, unknown_consumed, wrong_parent, no_parent, miscount,
    misreport, lose_packet,
)


def test_mutations(e):
    """Mutates copies of 'e', in which nothing is wrong.  Yields which mutation
    was not noticed."""
    n = 0
    for mutate in MUTATIONS:
        mutated = copy.deepcopy(e)
        if not mutate(mutated):
            continue
        n += 1
        if not any(True for _ in run_checks(mutated)):
            yield "%s was not noticed" % mutate.__name__
    print("self-test: %d of %d mutations were possible" % (n, len(MUTATIONS)))
