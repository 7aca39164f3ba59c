# SPDX-License-Identifier: Apache-2.0
"""Misuses senders of traces in a number of ways.

    hostile-receiver.py PORTFILE WAY

Listens on a port of 127.0.0.1, whose number it writes to PORTFILE, accepts
each sender, and does what WAY says, one of the functions below, until that is
disconnected.  Prints a line for each of these."""

import json
import os
import socket
import sys


def reply(**params):
    """Returns the answer to a hello, which has the id in HELLO."""
    return json.dumps({"id": HELLO["id"], "error": None,
                       "result": dict({"number": 0, "refused": 0,
                                       "why": None}, **params)}).encode()


def call(method, number=None, params=None):
    """Returns a message."""
    return json.dumps({"id": number, "method": method,
                       "params": [params or {}]}).encode()


def ack(**params):
    """Returns an acknowledgement."""
    return call("upcall_trace.ack", None, dict({"number": 0, "refused": 0,
                                                "why": None}, **params))


def endless():
    """A message that does not end, of values that need the most memory."""
    yield b'{"id":null,"method":"x","params":['
    while True:
        yield b'{"":0},' * 10000


def endless_later():
    """The same, after all was well."""
    yield reply()
    yield from endless()


def long_why():
    """A message that ends, but is too long."""
    yield reply()
    yield ack(why="x" * 20000)


def reasons():
    """Reasons that are always other ones, and not text."""
    yield reply()
    for i in range(50):
        yield ack(why="%d \x1b[31m\n" % i + "y" * 5000)
    yield b"garbage"


def refuses():
    """A refusal, with a long reason."""
    yield json.dumps({"id": HELLO["id"], "result": None,
                      "error": "over " + "z" * 5000}).encode()


def echoes():
    """Requests for echoes, which are not read."""
    yield reply()
    while True:
        yield call("echo", 1, "e" * 2000) * 20


def too_much():
    """It has what was not sent."""
    yield reply(number=1000000000)


def garbage():
    """No JSON."""
    yield b"\x00\xff" * 1000


def deep():
    """Deep nesting."""
    yield b'{"id":null,"method":"x","params":' + b"[" * 100000


def main():
    """Does what is asked for."""
    global HELLO
    name, way = sys.argv[1:]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with open(name + ".tmp", "w", encoding="utf-8") as file:
            print(listener.getsockname()[1], file=file)
        os.rename(name + ".tmp", name)
        while True:
            sender = listener.accept()[0]
            text = b""
            while not text.endswith(b"}"):
                data = sender.recv(65536)
                if not data:
                    break
                text += data
            if not text.endswith(b"}"):
                sender.close()  # It has gone before its hello ended.
                continue
            HELLO = json.loads(text)
            sent = 0
            try:
                for data in globals()[way]():
                    sender.sendall(data)
                    sent += len(data)
                # It has to go by itself.
                while sender.recv(65536):
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
            print(way, sent, flush=True)
            sender.close()


main()
