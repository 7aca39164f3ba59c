# SPDX-License-Identifier: Apache-2.0
"""Usage: browse-page.py CHROMIUM FILE.html [WIDTH SCHEME FILE.png]

Opens a page of 'ovs-upcall-trace report' in a headless browser and fails
unless it is drawn without an error, asks for nothing but itself, and can be
read with the keyboard.  Prints the table of latency by stage.  With the
further arguments, also writes what it looks like in WIDTH pixels and SCHEME,
"dark" or "light"."""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

# What the machine may need for an answer, in seconds.
TIMEOUT = 120


class Browser:
    """A browser, by the DevTools protocol over pipes."""

    def __init__(self, program, profile):
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def move():
            # The protocol has them as 3 and 4.
            a, b = os.dup(to_browser), os.dup(from_browser)
            a, b = os.dup2(a, 103), os.dup2(b, 104)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking",
             "--user-data-dir=" + profile, "--remote-debugging-pipe",
             "about:blank"],
            preexec_fn=move, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.n = 0
        self.session = None
        self.events = []

    def close(self):
        self.process.kill()
        self.process.wait()

    def read(self):
        deadline = time.monotonic() + TIMEOUT
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                sys.exit("the browser does not answer")
            data = os.read(self.input, 1 << 16)
            if not data:
                sys.exit("the browser has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        """Returns the result of 'method'."""
        self.n += 1
        message = {"id": self.n, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.n:
                if "error" in answer:
                    sys.exit("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def run(self, expression):
        """Returns the value of an expression of JavaScript."""
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit("%s: %s" % (expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, key):
        for kind in "keyDown", "keyUp":
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)


def open_page(browser, name, width, scheme):
    targets = browser.call("Target.getTargets")["targetInfos"]
    page = [t for t in targets if t["type"] == "page"][0]
    browser.session = browser.call("Target.attachToTarget", flatten=True,
                                   targetId=page["targetId"])["sessionId"]
    for domain in "Page", "Runtime", "Log", "Network", "Accessibility":
        browser.call(domain + ".enable")
    browser.call("Emulation.setDeviceMetricsOverride", width=width,
                 height=800, deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Page.navigate", url=pathlib.Path(name).resolve().as_uri())
    deadline = time.monotonic() + TIMEOUT
    while browser.run("document.readyState") != "complete":
        if time.monotonic() > deadline:
            sys.exit("the page does not load")
        time.sleep(0.1)


def check_events(events, name):
    """Fails if there was an error, or a request for something else."""
    own = pathlib.Path(name).resolve().as_uri()
    for event in events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            sys.exit("error: %s" % params["exceptionDetails"])
        if method == "Log.entryAdded" and params["entry"]["level"] in (
                "error", "warning"):
            sys.exit("log: %s" % params["entry"])
        if method == "Runtime.consoleAPICalled":
            sys.exit("console: %s" % params)
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if url.split("#")[0] != own and not url.startswith("about:"):
                sys.exit("asks for %s" % url)


def check_drawn(browser):
    state = browser.run("document.documentElement.dataset.state")
    if state != "drawn":
        sys.exit("the page is %s: %s" % (state, browser.run(
            "document.getElementById('problem').textContent")))
    figures = json.loads(browser.run(
        "JSON.stringify([...document.querySelectorAll('figure')].map("
        "f => [f.id, f.dataset.drawn || null,"
        " !!f.querySelector('figcaption'),"
        " !f.querySelector('svg.chart')"
        " || !!f.querySelector('table, details')]))"))
    for figure, drawn, caption, table in figures:
        if drawn != "yes":
            sys.exit("%s is not drawn" % figure)
        if not caption or not table:
            sys.exit("%s has no caption or no table" % figure)
    wide = browser.run("document.documentElement.scrollWidth"
                       " - document.documentElement.clientWidth")
    if wide > 0:
        sys.exit("the page is %d pixels too wide" % wide)
    return len(figures)


def check_keyboard(browser):
    """Each chart can be reached and read with keys."""
    charts = browser.run("document.querySelectorAll('svg.chart').length")
    for i in range(charts):
        chart = "document.querySelectorAll('svg.chart')[%d]" % i
        readout = "%s.closest('figure').querySelector('.readout')" % chart
        browser.run(chart + ".focus()")
        if not browser.run("document.activeElement === " + chart):
            sys.exit("chart %d cannot be focused" % i)
        before = browser.run(readout + ".textContent")
        browser.press("ArrowRight")
        first = browser.run(readout + ".textContent")
        browser.press("End")
        last = browser.run(readout + ".textContent")
        if not first or not last:
            sys.exit("chart %d says nothing" % i)
        items = int(browser.run(chart + ".closest('figure').dataset.items"))
        if not items and browser.run(
                "%s.querySelectorAll('path, line').length" % chart):
            sys.exit("chart %d has nothing in it, but is drawn" % i)
        if items and first == before:
            sys.exit("chart %d cannot be read with keys: %s" % (i, first))
    return charts


def check_zoom(browser):
    """The buttons show another part of the time."""
    axis = ("[...document.querySelectorAll('#lanes .axis text')].map("
            "t => t.textContent).join(' ')")
    buttons = "document.querySelectorAll('#lanes button')"
    names = json.loads(browser.run(
        "JSON.stringify([...%s].map(b => b.textContent))" % buttons))
    seen = [browser.run(axis)]
    for name in "Zoom in", "Later", "Zoom out", "Earlier", "All":
        browser.run("%s[%d].click()" % (buttons, names.index(name)))
        seen.append(browser.run(axis))
    if seen[1] == seen[0] or seen[2] == seen[1] or seen[5] != seen[0]:
        sys.exit("buttons do not show other times: %s" % seen)


def check_stages(browser):
    """Each stage has a heat map, and a table, of its own."""
    seen = set()
    radios = "document.querySelectorAll('#stage-choice input')"
    for i in range(browser.run(radios + ".length")):
        browser.run("%s[%d].click()" % (radios, i))
        if not browser.run("%s[%d].disabled" % (radios, i)):
            seen.add(browser.run(
                "document.querySelector('#heat table').textContent"))
            check_drawn(browser)
    if len(seen) < 2:
        sys.exit("all stages look the same")


def check_labels(browser):
    """No label is wider than its chart."""
    wide = browser.run(
        "[...document.querySelectorAll('svg.chart')].flatMap(svg => {"
        " const box = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('text')].filter(t => {"
        "  const own = t.getBoundingClientRect();"
        "  return own.left < box.left - 4 || own.right > box.right + 4; }"
        " ).map(t => t.textContent); }).join('; ')")
    if wide:
        sys.exit("labels leave their charts: %s" % wide)
    over = browser.run(
        "[...document.querySelectorAll('svg.chart')].flatMap(svg => {"
        " const boxes = [...svg.querySelectorAll('text')].map(t => ["
        "  t.getBoundingClientRect(), t.textContent]);"
        " return boxes.flatMap(([a, text], i) => boxes.slice(i + 1).filter("
        "  ([b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1"
        "  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4"
        "  ).map(b => text + ' / ' + b[1])); }).join('; ')")
    if over:
        sys.exit("labels overlap: %s" % over)


def check_names(browser):
    """What can be focused has a name for a screen reader."""
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    for node in nodes:
        properties = {p["name"]: p["value"].get("value")
                      for p in node.get("properties", [])}
        role = node.get("role", {}).get("value")
        if (properties.get("focusable") and role not in (
                "RootWebArea", "generic", "pre", "Pre")
                and not node.get("name", {}).get("value")):
            sys.exit("no name: %s" % node)


def print_stages(browser):
    rows = json.loads(browser.run(
        "JSON.stringify([...document.querySelectorAll("
        "'#histograms > .scroll tbody tr')].map("
        "r => [...r.cells].map(c => c.textContent)))"))
    for row in rows:
        print(" ".join(cell.replace("\u00a0", "") for cell in row[:-1]))


def main():
    program, name = sys.argv[1:3]
    width, scheme = 1280, "light"
    if len(sys.argv) > 3:
        width, scheme = int(sys.argv[3]), sys.argv[4]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            open_page(browser, name, width, scheme)
            figures = check_drawn(browser)
            if len(sys.argv) > 5:
                height = browser.run("document.documentElement.scrollHeight")
                browser.call("Emulation.setDeviceMetricsOverride",
                             width=width, height=height, mobile=False,
                             deviceScaleFactor=1)
                shot = browser.call("Page.captureScreenshot", format="png")
                with open(sys.argv[5], "wb") as file:
                    file.write(base64.b64decode(shot["data"]))
            check_labels(browser)
            charts = check_keyboard(browser)
            if browser.run("!!document.querySelector('#lanes path')"):
                check_zoom(browser)
                check_stages(browser)
            check_names(browser)
            print_stages(browser)
            check_events(browser.events, name)
            print("%d figures, %d charts" % (figures, charts),
                  file=sys.stderr)
        finally:
            browser.close()


main()
