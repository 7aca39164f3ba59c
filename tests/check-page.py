# SPDX-License-Identifier: Apache-2.0
"""Usage: check-page.py FILE.html [STATS.json]

Fails unless FILE is a page of 'ovs-upcall-trace report' that is sound HTML,
needs nothing else and may load nothing else, has nothing that breaks out of
its data, can be read (contrast as WCAG 2 AA has it), and has numbers that fit
together and are those of STATS, which 'stats --json' has printed of the same
files."""

import base64
import hashlib
import html.parser
import json
import re
import sys

SIZE_MAX = 3 << 20
ROWS_MAX = 100
VOID = {"meta", "link", "br", "hr", "img", "input"}
# All elements of the template.
ELEMENTS = {
    "a", "body", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
    "footer", "h1", "h2", "head", "header", "html", "legend", "li", "main",
    "meta", "nav", "noscript", "p", "pre", "script", "section", "style",
    "summary", "title", "ul",
}


def check(condition, what):
    if not condition:
        sys.exit(what)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.ids = []
        self.links = []
        self.refers = []
        self.policy = None
        self.scripts = []
        self.styles = []
        self.data = None
        self.text = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        check(tag in ELEMENTS, "unexpected element %s, line %d"
              % (tag, self.getpos()[0]))
        if "id" in attrs:
            check(attrs["id"] not in self.ids, "id %s twice" % attrs["id"])
            self.ids.append(attrs["id"])
        for name in attrs:
            check(not name.startswith("on") and name not in (
                "src", "style", "srcset", "action", "background"),
                "attribute %s of %s" % (name, tag))
        if "href" in attrs:
            check(attrs["href"].startswith("#"), attrs["href"])
            self.refers.append(attrs["href"][1:])
        self.refers += attrs.get("aria-labelledby", "").split()
        if attrs.get("http-equiv") == "Content-Security-Policy":
            check(not self.scripts and not self.styles,
                  "the policy comes too late")
            self.policy = attrs["content"]
        if tag not in VOID:
            self.open.append((tag, attrs))

    def handle_endtag(self, tag):
        check(self.open and self.open[-1][0] == tag,
              "</%s>, line %d, ends nothing" % (tag, self.getpos()[0]))
        self.open.pop()

    def handle_data(self, data):
        tag, attrs = self.open[-1] if self.open else (None, {})
        if tag == "script" and attrs.get("type") == "application/json":
            self.data = (self.data or "") + data
        elif tag == "script":
            self.scripts.append(data)
        elif tag == "style":
            self.styles.append(data)
        else:
            self.text.append(data)


def get_hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return "'sha256-%s'" % base64.b64encode(digest).decode()


def check_policy(page):
    """Nothing runs but what the page was built with."""
    policy = dict(part.strip().split(" ", 1)
                  for part in page.policy.split(";"))
    check(policy["default-src"] == "'none'", page.policy)
    check("unsafe" not in page.policy and "http" not in page.policy,
          page.policy)
    check(set(policy) == {"default-src", "script-src", "style-src",
                          "base-uri", "form-action"}, page.policy)
    check(sorted(policy["script-src"].split())
          == sorted(map(get_hash, page.scripts)), "hashes of scripts")
    check(policy["style-src"].split() == list(map(get_hash, page.styles)),
          "hash of styles")
    check(not re.search(r"url\(|@import|expression", page.styles[0]),
          "styles load something")


def luminance(color):
    def linear(x):
        x /= 255
        return x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4
    r, g, b = (linear(int(color[i:i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def check_contrast(css):
    """Text has 4.5 to 1, what is drawn 3 to 1, in both themes."""
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
                   for block in blocks[:2])
    check(set(light) == set(dark) and len(light) > 20, "themes differ")
    pairs = [(text, page, 4.5) for text in ("text", "quiet", "link")
             for page in ("page", "panel")]
    for level in "good", "warn", "bad":
        pairs += [(level, level + "-page", 4.5),
                  ("text", level + "-page", 4.5)]
    pairs += [(name, "page", 3) for name in (
        "queue", "translate", "handle", "install", "execute", "total",
        "accent", "bad", "median", "p99", "quiet", "heat-4", "heat-8")]
    for theme in light, dark:
        for a, b, least in pairs:
            x, y = sorted((luminance(theme[a]), luminance(theme[b])))
            check((y + 0.05) / (x + 0.05) >= least,
                  "contrast of %s %s on %s %s" % (a, theme[a], b, theme[b]))


def check_numbers(data):
    """What is drawn is what was counted."""
    stats, heat = data["stats"], data["heat"]
    check(sum(heat["upcalls"]) == stats["upcalls"], "upcalls in the heat map")
    check(sum(heat["lost"]) == stats["lost"]["upcalls"], "lost in it")
    check(sum(stats["lost"]["classes"].values())
          == stats["lost"]["upcalls"], "lost by class")
    for stage, latency in stats["latency"].items():
        cells = heat["stages"][stage]
        check(len(cells) == len(heat["upcalls"]), "columns of " + stage)
        check(sum(sum(c[1:]) for c in cells) == latency["count"],
              "cells of " + stage)
        for column, n in zip(cells, heat["upcalls"]):
            check(sum(column[1:]) <= n, "a column of " + stage)
    lanes = data["lanes"]
    received = sum(lane["upcalls"] for lane in lanes["handlers"])
    check(received + lanes["others"]
          == sum(row["count"] for row in stats["handlers"]), "lanes")
    for lane in lanes["handlers"]:
        check(sum(bar[4] for bar in lane["bars"]) == lane["upcalls"],
              "bars of " + lane["name"])
    slowest = data["slowest"]
    times = [slow["total"] for slow in slowest]
    check(times == sorted(times, reverse=True), "order of the slowest")
    total = stats["latency"]["total"]
    check(len(slowest) == min(20, total["count"]), "number of the slowest")
    check(not times or times[0] == total["max"], "the slowest")
    for slow in slowest:
        for stage, (start, end) in slow["parts"].items():
            check(0 <= start <= end <= slow["total"], "part " + stage)
    passes = stats["passes"] or {"count": 0}
    check(data["source"]["records"] == stats["upcalls"] + passes["count"],
          "records")


def limit(rows, count):
    """Returns rows as a page has them, the last one for all that are too
    many."""
    if len(rows) <= ROWS_MAX:
        return rows
    return rows[:ROWS_MAX] + [{
        "others": len(rows) - ROWS_MAX,
        count: sum(row[count] for row in rows[ROWS_MAX:])}]


def check_stats(data, stats):
    for o in stats, stats["passes"] or {}:
        for name in "ports", "handlers", "datapaths":
            if name in o:
                o[name] = limit(o[name], "count")
    stats["lost"]["sockets"] = limit(stats["lost"]["sockets"], "lost")
    for key in sorted(set(stats) | set(data["stats"])):
        check(stats.get(key) == data["stats"].get(key), "%s: %s, not %s" % (
            key, data["stats"].get(key), stats.get(key)))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    check(len(text.encode()) <= SIZE_MAX, "%d bytes" % len(text.encode()))
    check(text.startswith("<!DOCTYPE html>\n"), "no doctype")
    page = Page()
    page.feed(text)
    page.close()
    check(not page.open, "not ended: %s" % page.open)
    check(len(page.scripts) == 2 and len(page.styles) == 1,
          "%d scripts" % len(page.scripts))
    for name in page.refers:
        check(name in page.ids, "nothing is %s" % name)
    check_policy(page)
    check_contrast(page.styles[0])
    check("Redistribution" in "".join(page.text)
          or "Permission" in "".join(page.text), "no licence")
    check(not re.search("[<>&]", page.data), "data is not escaped")
    data = json.loads(page.data)
    check_numbers(data)
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            check_stats(data, json.load(file))


main()
