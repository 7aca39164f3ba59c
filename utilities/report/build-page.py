# SPDX-License-Identifier: Apache-2.0
"""Usage: build-page.py D3 LICENCE DIRECTORY > FILE.c

Makes the page of 'ovs-upcall-trace report' from the template in DIRECTORY and
from the library D3, the file with its minified source, whose licence is in the
file LICENCE: as two arrays of C, what comes before the data of a report and
what comes after.

The page may run these scripts only and use these styles only, and may neither
load nor send anything: its Content-Security-Policy has their hashes."""

import base64
import hashlib
import html
import os
import re
import sys


# The styles and the script of the page, in this order.
STYLES = ("colors", "report")
SCRIPTS = ("text", "chart", "lost", "traced", "heat", "stages", "who",
           "handlers", "slowest", "main")


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def get_licence(text):
    """Returns what is to be told of the text of a licence: of a Debian
    copyright file (DEP 5), what is about the library itself, not about other
    files of its source or of the package."""
    if not text.startswith("Format: "):
        return text
    paragraphs = re.split(r"\n\s*\n", text)
    own = [p for p in paragraphs if re.search(r"(?m)^Files: \*$", p)]
    if len(own) != 1:
        sys.exit("%s: no paragraph about 'Files: *'" % sys.argv[2])
    name = re.search(r"(?m)^License: (.*)$", own[0]).group(1)
    texts = [p for p in paragraphs
             if p.startswith("License: %s\n" % name)]
    if "\n " not in own[0].split("License:")[1] and not texts:
        sys.exit("%s: no text of the licence %s" % (sys.argv[2], name))
    return "\n\n".join([paragraphs[0]] + own + texts)


def get_hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return "'sha256-%s'" % base64.b64encode(digest).decode()


def check_script(text, name):
    """Exits if 'text' would end the element that it is put into."""
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        sys.exit("%s: cannot be in an element of HTML" % name)


def to_c(name, text):
    """Returns an array of C with 'text'."""
    lines = ["extern const char %s[];" % name, "const char %s[] =" % name]
    for line in text.encode().splitlines(keepends=True):
        for i in range(0, len(line), 1000):
            escaped = "".join(
                chr(c) if 32 <= c < 127 and chr(c) not in '"\\?'
                else "\\%03o" % c for c in line[i:i + 1000])
            lines.append('    "%s"' % escaped)
    return "\n".join(lines) + ";\n"


def main():
    d3_name, licence_name, directory = sys.argv[1:]
    template = read(os.path.join(directory, "report.html"))
    css = "\n".join(
        read(os.path.join(directory, name + ".css")) for name in STYLES)
    js = "(function () {\n\"use strict\";\n\n%s})();\n" % "\n".join(
        read(os.path.join(directory, name + ".js")) for name in SCRIPTS)
    d3 = read(d3_name)
    check_script(d3, d3_name)
    check_script(js, directory)
    parts = {
        "CSP": "default-src 'none'; script-src %s %s; style-src %s; "
               "base-uri 'none'; form-action 'none'"
               % (get_hash(d3), get_hash(js), get_hash(css)),
        "CSS": css,
        "LICENCE": html.escape(get_licence(read(licence_name)), quote=False),
        "D3": d3,
        "JS": js,
    }
    before, after = template.split("@DATA@")
    pages = [re.sub("@(%s)@" % "|".join(parts),
                    lambda match: parts[match.group(1)], page)
             for page in (before, after)]
    print("/* Made by build-page.py: see there. */\n\n"
          "#include <config.h>\n")
    print(to_c("report_page_before", pages[0]))
    print(to_c("report_page_after", pages[1]), end="")


main()
