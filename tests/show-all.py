#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints all upcalls that a command shows, however many answers it takes.

usage: show-all.py [--answers=FILE] COMMAND [OPTION]...

COMMAND is "show", "passes", "flows", "pending" or "read".  Repeats it with
--json and --after until an answer says that it is the last one, and prints one
JSON array of all that they had.  With --answers, writes to FILE how many
answers that were.
"""

import json
import subprocess
import sys


def ask(command, options):
    """Returns the answer to 'command', as JSON."""
    text = subprocess.run(
        ["ovs-appctl", "-t", "ovs-upcall-traced", "upcall-trace/" + command,
         "--json"] + options, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text.decode())


def get_all(command, options):
    """Yields the array of each answer to 'command'."""
    after = []
    while True:
        answer = ask(command, options + after)
        if isinstance(answer, list):
            yield answer
            return
        array, = [v for v in answer.values() if isinstance(v, list)]
        yield array
        if "next" not in answer or (command == "read" and not array):
            return
        if after == ["--after=%d" % answer["next"]]:
            sys.exit("%s: no progress after %s" % (command, after[0]))
        after = ["--after=%d" % answer["next"]]


def main():
    args = sys.argv[1:]
    answers = None
    if args and args[0].startswith("--answers="):
        answers = args.pop(0).split("=", 1)[1]
    if not args or args[0].startswith("-"):
        sys.exit(__doc__)
    parts = list(get_all(args[0], args[1:]))
    if answers:
        with open(answers, "w") as f:
            print(len(parts), file=f)
    json.dump([upcall for part in parts for upcall in part], sys.stdout)
    print()


if __name__ == "__main__":
    main()
