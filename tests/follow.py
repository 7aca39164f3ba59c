#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Followers that do as they should, and others, while no trace runs.

usage: follow.py SOCKET

Reads the stream by itself, as lib/file/frame.h has it.  Fails unless each gets
what it should.
"""

import os
import random
import socket
import struct
import sys

HELLO = struct.Struct("=8sIHHIIIIq24s")
MAGIC = b"\x89OVSUPC\n"
START, ERROR, REQUEST = 1, 8, 9
MAX = 64


class Follower:
    """A connection to the socket 'path'."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(120)
        self.socket.connect(path)
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.socket.close()

    def take(self, n):
        """Returns the next 'n' bytes, or fewer at the end."""
        while len(self.data) < n:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:        # We were not listened to.
                more = b""
            if not more:
                break
            self.data += more
        result, self.data = self.data[:n], self.data[n:]
        return result

    def hello(self):
        """Reads the hello and returns the daemon's pid."""
        (magic, order, major, _minor, size, record_size, pid, pass_size,
         offset, version) = HELLO.unpack(self.take(HELLO.size))
        assert magic == MAGIC, magic
        assert order == 0x01020304 and major == 1, (order, major)
        assert size == HELLO.size, size
        assert record_size % 8 == 0 and pass_size % 8 == 0, record_size
        assert pass_size and pass_size != record_size, pass_size
        assert offset > 10**18, offset
        assert version.rstrip(b"\0"), version
        return pid

    def frame(self):
        """Returns the type and the payload of the next frame, None at the
        end."""
        header = self.take(8)
        if not header:
            return None
        length, kind, flags = struct.unpack("=IHH", header)
        assert flags == 0, flags
        payload = self.take((length + 7) // 8 * 8)
        assert not payload[length:].strip(b"\0"), payload
        return kind, payload[:length]

    def error(self):
        """Returns why it is closed."""
        kind, payload = self.frame()
        assert kind == ERROR and payload[-1] == 0, (kind, payload)
        assert self.frame() is None
        return payload[:-1].decode()

    def send(self, data):
        """Sends 'data', if the daemon still listens."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass


def request(start, length=16, kind=REQUEST, flags=0):
    """Returns a request for the records from 'start' on."""
    return struct.pack("=IHHQQ", length, kind, 0, start, flags)


GARBAGE = [
    b"x",
    b"GET / HTTP/1.0\r\n\r\n",
    b'{"id":1,"method":"version","params":[]}',
    b"\0" * 8,
    b"\xff" * 100000,
    MAGIC * 8,
    request(0, length=8),
    request(0, length=0xffffffff),
    request(0, kind=START),
    request(0, flags=1),
    request(0) + request(0),
    request(0) + b"x",
]


def check_good(path, pid):
    """Fails unless a follower gets what it asks for."""
    with Follower(path) as f:
        assert f.hello() == pid
        # In pieces.
        for byte in request(0):
            f.send(bytes([byte]))
        assert f.frame() == (START, struct.pack("=Q", 1))


def check_garbage(path, pid):
    """What is no request is answered, once, and hurts nobody else."""
    for garbage in GARBAGE:
        with Follower(path) as f:
            assert f.hello() == pid
            f.send(garbage)
            kind = None
            while kind != ERROR:
                kind, payload = f.frame()
                assert kind in (START, ERROR), kind
            assert b"a follower may send one request" in payload, payload
            assert f.frame() is None
        with Follower(path) as f:               # Does not wait for it.
            f.send(garbage)
        check_good(path, pid)
    with Follower(path) as f:
        f.hello()
        f.send(request(2))
        error = f.error()
        assert error == ("there is no record 2 yet, the last is 0: a new "
                         "trace begins with 1"), error


def check_many(path, pid):
    """There can be 64, and another one once one of them is gone."""
    crowd = [Follower(path) for _ in range(MAX)]
    for f in crowd:
        assert f.hello() == pid
    for _ in range(3):
        with Follower(path) as f:
            assert f.hello() == pid
            f.send(request(0))
            assert f.error().startswith("there are 64 followers already"), f
    crowd.pop(random.randrange(MAX)).socket.close()
    with Follower(path) as f:
        assert f.hello() == pid
        f.send(request(1))
        assert f.frame()[0] == START
    for f in crowd:
        f.socket.shutdown(socket.SHUT_WR)       # Still a follower.
    crowd.append(Follower(path))
    assert crowd[-1].hello() == pid
    with Follower(path) as f:
        f.hello()
        assert f.error().startswith("there are 64 followers already")
    for f in crowd:
        f.socket.close()


def check_killed(path, pid):
    """A process that ends without a word is noticed."""
    for _ in range(3 * MAX):
        child = os.fork()
        if not child:
            f = Follower(path)
            f.hello()
            os.abort()
        os.waitpid(child, 0)
    check_good(path, pid)


def main():
    path = sys.argv[1]
    with Follower(path) as f:
        pid = f.hello()
        check_good(path, pid)
        check_garbage(path, pid)
        f.send(request(0))
        assert f.frame()[0] == START
    check_many(path, pid)
    check_killed(path, pid)
    return 0


if __name__ == "__main__":
    sys.exit(main())
