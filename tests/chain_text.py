# SPDX-License-Identifier: Apache-2.0
"""Whether the text about upcalls says what their records say."""

import errno
import os
import re

from chain_record import USDT_EVENTS, USDT_RECV, kind_of, require


def stages(record):
    """Returns the lines of "show" about the stages of 'record', as
    patterns."""
    def us(ns):
        return "%.1f us" % (ns / 1000.0)

    texts = {
        "upcall": lambda e: "cpu %d" % e["cpu"],
        "upcall_enqueue": lambda e: "socket %d" % e["portid"] + (
            " (%s)" % record.get("upcall_recv")["comm"]
            if record.get("upcall_recv") else ""),
        "upcall_return": lambda e: record.r["error"],
        "upcall_recv": lambda e: "%s, %d" % (
            e["comm"], e["batch_idx"] + 1) + (
                " of %d" % e["batch_size"] if e.get("batch_size") else "") + (
                    ", %d more waiting" % e["queue_len"]
                    if e["queue_len"] else ""),
        "translated": lambda e: "",
        "flow_put": lambda e: ", ".join(
            ["ufid:%s %s" % (e["ufid"], us(e["duration"]))]
            + ["duplicate" if ret == -errno.EEXIST else errno.errorcode[-ret]
               for ret in (e["ret"],) if ret < 0]),
        "flow_exec": lambda e: ", ".join(
            ["%d requests" % e["requests"]] * (e["requests"] > 1)
            + ["by order"] * (e["match"] == "order")
            + ["%s (%s)" % (errno.errorcode[-ret], os.strerror(-ret))
               for ret in (e["ret"],) if ret < 0]),
        "action_execute": lambda e: e["port"]["name"]
        if e.get("port") else None,
    }
    texts.update((kind, lambda e: "") for kind in USDT_EVENTS)
    names = {"upcall_enqueue": "enqueue", "upcall_return": "return",
             "upcall_recv": "receive", USDT_RECV: "usdt_recv",
             "op_flow_put": "op_put", "op_flow_execute": "op_execute"}
    lines = []
    start = record.events[0]["ts"]
    for event in record.events:
        kind = kind_of(event)
        if kind == "upcall_return" and record.r["outcome"] != "lost":
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


# What is shown of the userdata: names in JSON, and words.
USERDATA = [("controller_id", "controller"), ("rule_cookie", "cookie"),
            ("output_ifindex", "ifindex"), ("outputs", "outputs"),
            ("collector_set_id", "collector set"),
            ("obs_domain_id", "domain"), ("obs_point_id", "point"),
            ("output", "output"), ("probability", "probability")]


def purpose(r):
    """Returns a pattern of what stands behind the class of the upcall 'r'."""
    userdata = r["userdata"] or {}
    texts = [r["reason"]] if r["reason"] else []
    for name, word in USERDATA:
        if name in userdata:
            value = userdata[name]
            texts.append("%s %s" % (word, value["name"] if name == "output"
                                    else value))
    return re.escape(" (%s)" % ", ".join(texts)) if texts else ""


def waits(record):
    """Returns the line of "show" about what the handler did, as a list of one
    pattern, or of none."""
    def part(what, ns, delay=0):
        text = "%s %.1f us" % (what, ns / 1000.0)
        return text + (" (%.1f us of it without a CPU)" % (delay / 1000.0)
                       if delay else "")

    w = record.r["waits"]
    if w is None or (w["queue_busy"] is None and not w["handle_delay"]):
        return []
    before = []
    if w["queue_busy"]:
        before.append(part("at work", w["queue_busy"]))
    if w["queue_idle"]:
        before.append(part("not running", w["queue_idle"], w["queue_delay"]))
    texts = ["before: " + ", ".join(before)] * bool(before)
    if w["handle_delay"]:
        texts.append(part("after: without a CPU", w["handle_delay"]))
    return [re.escape("          handler    " + "; ".join(texts))]


def head(record):
    """Returns the first line of "show" about 'record', as a pattern."""
    r = record.r
    total = r["latency"]["total"]
    return "#%s %s%s %s .*%d bytes.*: %s%s, %s" % (
        r["id"], r["class"],
        purpose(r),
        re.escape(r["port"]["name"]), r["packet"]["len"],
        r["outcome"] or "(unknown|unfinished)",
        re.escape(" (%s)" % r["error"].split()[0]) if r["error"] else "",
        "-" if total is None else re.escape("%.1f us" % (total / 1000.0)))


def check_text(records, lines):
    """'lines' are those of "show"."""
    patterns = []
    for record in records:
        patterns += [head(record)] + stages(record) + waits(record)
    compare(patterns, lines)


def check_events(records, lines):
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
            USDT_RECV: r"upcall_recv q %s pkt_size %d \(usdt\)" % (
                ident, record.r["packet"]["len"]),
            "translated": "translated q %s" % ident,
            "op_flow_put": "op_flow_put q %s" % ident,
            "op_flow_execute": "op_flow_execute q %s" % ident,
            "flow_put": r"flow_put q %s ts \d+ \(\d+\) ufid:\S+ ret -?\d+"
                        % ident,
            "flow_exec": r"flow_exec q %s ts \d+ \(\d+\)" % ident,
            "action_execute": r"exec .*q %s" % ident,
        }
        for event in record.events:
            patterns.append(r"%s \[.*\] %s" % (
                "-" if event["ts"] is None else event["ts"],
                words[kind_of(event)]))
    compare(patterns, lines)


def compare(patterns, lines):
    """Each of 'lines' must match its pattern."""
    for pattern, line in zip(patterns, lines):
        require(re.fullmatch(pattern, line), "text", line, pattern)
    require(len(patterns) == len(lines), "lines of text", len(lines),
            len(patterns))
