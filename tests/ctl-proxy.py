#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands between the clients of a control socket and its daemon.

usage: ctl-proxy.py SOCKET LOG MODE-FILE

Moves SOCKET to SOCKET.real, and listens in its place.  Each request gets a
line in LOG: when it came, in ns (CLOCK_MONOTONIC), the command and its
arguments.  MODE-FILE says what becomes of requests; it is read for each of
them.  "pass", or no such file: the daemon answers.  Otherwise the answer is
that of the function mode_*() below.
"""

import json
import os
import socket
import sys
import threading
import time

BIG = 100 << 20


def mode_hang(_client, _request):
    """No answer."""


def mode_garbage(client, _request):
    client.sendall(b"\x00\xff{]]" * 1000)


def mode_half(client, request):
    client.sendall(reply(request, "half an answer")[:-10])


def mode_wrong_id(client, request):
    client.sendall(reply({"id": request["id"] + 1}, "for another"))


def mode_huge(client, request):
    client.sendall(reply(request, "x")[:-16])
    chunk = b"x" * 65536
    for _ in range(BIG // len(chunk)):
        client.sendall(chunk)


def mode_late(client, request):
    time.sleep(6)
    client.sendall(reply(request, "too late"))


def mode_close(client, _request):
    client.shutdown(socket.SHUT_RDWR)


def mode_nonsense(client, request):
    client.sendall(reply(request, "nonsense\nof many\n words\n" * 1000))


def reply(request, text):
    return json.dumps({"id": request["id"], "result": text,
                       "error": None}).encode()


def requests(sock):
    """Yields the JSON values that come from 'sock'."""
    decoder = json.JSONDecoder()
    text = ""
    while True:
        data = sock.recv(65536)
        if not data:
            return
        text += data.decode()
        while text:
            try:
                value, end = decoder.raw_decode(text)
            except ValueError:
                break                   # Not all of it is there.
            text = text[end:].lstrip()
            yield value


def pass_on(client, daemon):
    """Sends what comes from 'daemon' to 'client'."""
    try:
        while True:
            data = daemon.recv(65536)
            if not data:
                break
            client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def read_mode(name):
    try:
        with open(name, encoding="utf-8") as stream:
            return stream.read().strip().replace("-", "_")
    except FileNotFoundError:
        return "pass"


def serve(client, real, log, mode_file):
    daemon = socket.socket(socket.AF_UNIX)
    try:
        daemon.connect(real)
        threading.Thread(target=pass_on, args=(client, daemon),
                         daemon=True).start()
        for request in requests(client):
            log.write(" ".join([str(time.monotonic_ns()), request["method"]]
                               + request["params"]) + "\n")
            mode = read_mode(mode_file)
            if mode == "pass":
                daemon.sendall(json.dumps(request).encode())
            else:
                globals()["mode_" + mode](client, request)
    except OSError:
        pass                            # One of them is gone.
    client.close()
    daemon.close()


def main():
    path, log_name, mode_file = sys.argv[1:]
    real = path + ".real"
    os.rename(path, real)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(50)
    with open(log_name, "w", buffering=1, encoding="utf-8") as log:
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, daemon=True,
                             args=(client, real, log, mode_file)).start()


main()
