#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of a control socket whose command waits before it is answered.

usage: waiting-client.py SOCKET parallel METHOD [ARG]...
       waiting-client.py SOCKET vanish METHOD [ARG]...

"parallel" fails unless another client gets its answer while METHOD waits, and
prints how long that took, in ms.

"vanish" sends METHOD behind a command of Open vSwitch's own whose answer does
not fit into the socket, never reads, and goes away.  Fails unless the daemon
still answers when METHOD could have waited for long enough.
"""

import array
import fcntl
import json
import select
import socket
import sys
import termios
import time

# METHOD waits no longer than this, in s.
LONGEST_WAIT = 3


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(120)
    s.connect(path)
    return s


def request(method, *params):
    return json.dumps({"id": 7, "method": method,
                       "params": list(params)}).encode()


def receive(s):
    """Returns the answer that 's' receives."""
    text = ""
    while True:
        data = s.recv(65536)
        if not data:
            raise EOFError("the connection was closed")
        text += data.decode()
        try:
            return json.JSONDecoder().raw_decode(text)[0]
        except ValueError:
            pass                        # Not all of it is there.


def is_readable(s):
    return bool(select.select([s], [], [], 0)[0])


def n_unread(s):
    """Returns how many bytes 's' has to read."""
    n = array.array("i", [0])
    fcntl.ioctl(s, termios.FIONREAD, n)
    return n[0]


def ask(path):
    """Asks for the version on a new connection.  The daemon takes that only
    when it begins a turn, in which older connections are handled before, so
    what was sent on them has been taken when there is an answer."""
    with connect(path) as s:
        s.sendall(request("version"))
        assert "result" in receive(s)


def send(s, path, text):
    """Sends 'text' on 's' and waits until the daemon has taken it."""
    s.sendall(text)
    ask(path)


def parallel(path, method):
    with connect(path) as s:
        ask(path)                       # 's' is connected.
        s.sendall(method)
        start = time.monotonic()
        ask(path)
        took = time.monotonic() - start
        assert not is_readable(s), "others had to wait"
        print("%.1f ms" % (took * 1000))
        assert receive(s)["id"] == 7


def fill(s, path):
    """Asks for more on 's' than the daemon can send while nobody reads.
    Returns how many answers have arrived as a whole."""
    unread = [0]
    while len(unread) < 3 or unread[-1] - unread[-2] >= unread[1]:
        send(s, path, request("list-commands"))
        unread.append(n_unread(s))
    return len(unread) - 2


def vanish(path, method):
    with connect(path) as s:
        n_fit = fill(s, path)
    with connect(path) as s:
        for _ in range(n_fit):
            send(s, path, request("list-commands"))
        size = n_unread(s) // n_fit
        send(s, path, request("list-commands") + method)
        assert n_unread(s) < size * (n_fit + 1), "all of it was sent"
    start = time.monotonic()
    while time.monotonic() < start + LONGEST_WAIT:
        ask(path)
        time.sleep(0.1)


def main():
    path, mode, *args = sys.argv[1:]
    {"parallel": parallel, "vanish": vanish}[mode](path, request(*args))


if __name__ == "__main__":
    main()
