#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of a control socket that does not follow the rules.

usage: hostile-client.py SOCKET

Fails unless a good client gets its answer after each misdeed.
"""

import json
import socket
import sys
import time


def connect(path):
    """Returns a new connection to 'path'.  If there are too many already that
    wait to be accepted, waits."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(120)
    for _ in range(12000):
        try:
            s.connect(path)
            return s
        except BlockingIOError:
            time.sleep(0.01)
    raise TimeoutError("connections are not accepted")


def receive(s):
    """Returns what 's' receives until the value is complete or the end."""
    decoder = json.JSONDecoder()
    text = ""
    while True:
        data = s.recv(65536)
        text += data.decode()
        if not data:
            return None
        try:
            return decoder.raw_decode(text)[0]
        except ValueError:
            pass


def request(method, *params):
    """Returns a request."""
    return json.dumps({"id": 7, "method": method,
                       "params": list(params)}).encode()


def check_good_client(path):
    """Fails unless a client that follows the rules gets its answer."""
    with connect(path) as s:
        s.sendall(request("upcall-trace/status", "--json"))
        reply = receive(s)
        assert reply["id"] == 7, reply
        result = reply["result"]
        if isinstance(result, str):
            result = json.loads(result)
        assert result["running"] is False, result


def check_lines(path):
    """Fails unless replies end their last line, which ovs-appctl of Open
    vSwitch 3.1 to 3.3 expects."""
    with connect(path) as s:
        s.sendall(request("upcall-trace/show"))
        error = receive(s)["error"]
        assert error.count("\n") == 1 and error.endswith("\n"), error
        s.sendall(request("upcall-trace/status", "--json"))
        result = receive(s)["result"]
        assert result.count("\n") == 1 and result.endswith("\n"), result
        s.sendall(request("upcall-trace/status"))
        result = receive(s)["result"]
        assert result.endswith("\n") and result[-2] != "\n", result


MISDEEDS = [
    b"",
    b"{",
    b"nonsense",
    b"\0\0\0\0",
    b"\xff\xfe\xfd",
    b"[" * 100000,
    b"{}",
    b"[]",
    b"{\"id\":1,\"method\":\"upcall-trace/status\"}",
    b"{\"id\":1,\"method\":\"upcall-trace/status\",\"params\":{}}",
    b"{\"id\":1,\"method\":\"upcall-trace/status\",\"params\":[1]}",
    b"{\"id\":1,\"method\":\"upcall-trace/show\",\"params\":[null]}",
    b"{\"id\":1,\"method\":\"upcall-trace/start\",\"params\":[[\"x\"]]}",
    b"{\"id\":1,\"method\":null,\"params\":[]}",
    b"{\"id\":null,\"method\":\"upcall-trace/status\",\"params\":[]}",
    b"{\"id\":1,\"result\":\"x\",\"error\":null}",
    request("upcall-trace/start", "--port=\u0000"),
    request("upcall-trace/start", "--target=a\u0000b"),
    request("upcall-trace/start", "\ud83d\ude00" * 1000),
    request("upcall-trace/start", "x" * 1000000),
    request("upcall-trace/start", *["x"] * 10000),
    request("upcall-trace/show", *["1"] * 64),
    request("upcall-trace/" + "x" * 100000),
]


def main():
    path = sys.argv[1]
    check_lines(path)
    for misdeed in MISDEEDS:
        # One that stays, one that goes at once, one that only half closes.
        with connect(path) as s:
            s.sendall(misdeed)
            check_good_client(path)
        with connect(path) as s:
            s.sendall(misdeed)
        check_good_client(path)
        with connect(path) as s:
            s.sendall(misdeed)
            s.shutdown(socket.SHUT_WR)
            check_good_client(path)

    # Many at once, and one that never reads its answers.
    crowd = [connect(path) for _ in range(100)]
    check_good_client(path)
    for s in crowd:
        s.sendall(request("upcall-trace/probes", "--json"))
    check_good_client(path)
    for s in crowd:
        assert receive(s)["id"] == 7
        s.close()
    with connect(path) as deaf:
        deaf.settimeout(1)
        try:
            for _ in range(10000):
                deaf.sendall(request("upcall-trace/probes", "--json"))
        except OSError:
            pass
        check_good_client(path)
    check_good_client(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
