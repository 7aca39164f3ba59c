#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs commands of a daemon again and again, faster than ovs-appctl can.

usage: repeat-commands.py SOCKET ROUNDS < COMMANDS

COMMANDS has a command with its arguments in each line.  Each one gets a
connection of its own.  Fails unless each time it gets a reply, which may be an
error, and which is the same kind of reply each time.
"""

import json
import shlex
import socket
import sys


def transact(path, words):
    """Runs a command.  Returns true if it succeeds, false if it fails."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(120)
        s.connect(path)
        s.sendall(json.dumps({"id": 0, "method": words[0],
                              "params": words[1:]}).encode())
        decoder = json.JSONDecoder()
        text = b""
        while True:
            data = s.recv(1 << 20)
            if not data:
                raise EOFError("no reply to %s" % words)
            text += data
            try:
                reply = decoder.raw_decode(text.decode())[0]
            except ValueError:
                continue
            return reply["error"] is None


def main():
    path, rounds = sys.argv[1], int(sys.argv[2])
    commands = [shlex.split(line) for line in sys.stdin]
    results = [transact(path, words) for words in commands]
    for _ in range(rounds - 1):
        for words, result in zip(commands, results):
            if transact(path, words) != result:
                print("the result of %s changed from %s" % (words, result))
                return 1
    for words, result in zip(commands, results):
        print("%s: %s" % (" ".join(words), "ok" if result else "error"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
