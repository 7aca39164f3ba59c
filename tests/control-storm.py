#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients of a control socket at once, most of which do not behave.

usage: control-storm.py SOCKET CONNECTIONS SECONDS [KIND]...

Keeps CONNECTIONS open for SECONDS.  Those that have lived for a while vanish,
whatever they were at, and others come.  They are of these KINDs, or of any:

  silent     sends nothing
  half       sends a part of a request
  junk       sends what is no request
  pipeline   sends many requests, and reads nothing
  reader     the same, but reads some bytes
  honest     sends a request and reads the answer

One more client asks for the version again and again.  Prints what there was,
and fails if an answer was to another request.  Goes on for longer if there
was no answer yet, or few connections were taken.
"""

import errno
import json
import random
import select
import socket
import sys
import time

REQUESTS = [
    ("upcall-trace/show", ["--last=0", "--json"]),
    ("upcall-trace/show", ["--last=0"]),
    ("upcall-trace/show", ["--last=0", "--events"]),
    ("upcall-trace/show", ["--slowest=1000", "--json"]),
    ("upcall-trace/show", ["--help"]),
    ("upcall-trace/show", ["--no-such-option"]),
    ("upcall-trace/read", ["--max=10000", "--json"]),
    ("upcall-trace/read", ["--after=1000000000", "--wait=200"]),
    ("upcall-trace/stats", ["--json"]),
    ("upcall-trace/stats", []),
    ("upcall-trace/status", ["--json"]),
    ("upcall-trace/passes", ["--last=0", "--json"]),
    ("upcall-trace/pending", []),
    ("upcall-trace/flows", ["--json"]),
    ("upcall-trace/metrics", []),
    ("upcall-trace/probes", []),
    ("upcall-trace/check", []),
    ("upcall-trace/start", []),
    ("no-such-command", []),
    ("list-commands", []),
    ("version", []),
]

KINDS = ("silent", "half", "junk", "pipeline", "reader", "honest")

# A client lives so long at most, in s; one that is a reader reads so many
# bytes at most.
LIFE = 20
SOME = 100000

# Fewer connections than this were few, which is waited for so long, in s.
FEW = 300
PATIENCE = 300


def make_request(request_id=0):
    method, params = random.choice(REQUESTS)
    return json.dumps({"id": request_id, "method": method,
                       "params": params}).encode()


class Client:
    """One connection."""

    def __init__(self, path, kind):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self.until = time.monotonic() + random.uniform(0, LIFE)
        self.room = 0                   # Bytes that it still reads.
        self.received = None            # What it has read, if that counts.
        try:
            self.socket.connect(path)
            self.act(kind)
        except OSError:
            self.socket.close()
            raise

    def ask(self):
        self.id = random.randrange(1 << 30)
        self.send(make_request(self.id))

    def send(self, data):
        try:
            self.socket.send(data)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EPIPE):
                raise

    def act(self, kind):
        """Sends what a client of 'kind' has to say."""
        if kind == "half":
            data = make_request()
            self.send(data[:random.randrange(len(data))])
        elif kind == "junk":
            self.send(random.choice((b"[[[[", b"\0\xff{", b"{}", b"[1,2]",
                                     b'{"id":1}', b"{" * 5000)))
        elif kind in ("pipeline", "reader"):
            self.send(b"".join(make_request() for _ in range(20)))
            self.room = random.randrange(SOME) if kind == "reader" else 0
        elif kind == "honest":
            self.ask()
            self.room = sys.maxsize
            self.received = b""

    def read(self):
        """Reads, and returns an answer if it has read all of it."""
        try:
            data = self.socket.recv(min(self.room, 65536))
        except (BlockingIOError, ConnectionResetError):
            return None
        self.room = self.room - len(data) if data else 0
        if self.received is None:
            return None
        self.received += data
        if not self.received.endswith(b"}"):
            return None
        try:
            return json.loads(self.received)
        except ValueError:
            return None


class Storm:
    """All of them."""

    def __init__(self, path, most, kinds):
        self.path = path
        self.most = most
        self.kinds = kinds
        self.clients = {}               # By file descriptor.
        self.epoll = select.epoll()
        self.opened = self.answers = self.at_once = 0

    def fill(self):
        """Opens connections while there is room for them."""
        while len(self.clients) < self.most:
            try:
                client = Client(self.path, random.choice(self.kinds))
            except BlockingIOError:
                return                  # They are not taken that fast.
            fd = client.socket.fileno()
            self.clients[fd] = client
            self.opened += 1
            self.at_once = max(self.at_once, len(self.clients))
            if client.room:
                self.epoll.register(fd, select.EPOLLIN)

    def close(self, fd):
        # An epoll instance forgets what is closed.
        self.clients.pop(fd).socket.close()

    def reap(self):
        """Has those vanish whose time has come."""
        now = time.monotonic()
        for fd in [fd for fd, c in self.clients.items() if c.until <= now]:
            self.close(fd)

    def read(self):
        for fd, _ in self.epoll.poll(0.005):
            client = self.clients[fd]
            answer = client.read()
            if answer is not None:
                self.answers += 1
                assert answer["id"] == client.id, answer
                self.close(fd)
            elif not client.room:
                self.epoll.unregister(fd)


class Version:
    """The client that asks for the version."""

    def __init__(self, path):
        self.path = path
        self.socket = None
        self.since = None               # When it wanted to ask.
        self.waits = []                 # In s.

    def ask(self):
        """Connects and asks, once there is room for one more client."""
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.setblocking(False)
        try:
            s.connect(self.path)
            s.send(b'{"id":1,"method":"version","params":[]}')
            self.socket = s
        except BlockingIOError:
            s.close()

    def run(self):
        """Asks unless that was done, and takes the answer if it is there."""
        if not self.socket:
            self.since = self.since or time.monotonic()
            self.ask()
            return
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return
        assert b"result" in data, data
        self.waits.append(time.monotonic() - self.since)
        self.socket.close()
        self.socket = self.since = None


def main():
    path, most, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    storm = Storm(path, most, sys.argv[4:] or KINDS)
    version = Version(path)
    end = time.monotonic() + seconds
    while (time.monotonic() < end
           or (storm.opened < FEW or not storm.answers or not version.waits)
           and time.monotonic() < end + PATIENCE):
        storm.fill()
        storm.read()
        storm.reap()
        version.run()
    waits = sorted(version.waits)
    print(json.dumps({"opened": storm.opened, "at_once": storm.at_once,
                      "answers": storm.answers, "versions": len(waits),
                      "median_ms": round(waits[len(waits) // 2] * 1e3, 1),
                      "longest_ms": round(waits[-1] * 1e3, 1)}))


if __name__ == "__main__":
    main()
