#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares how large the BPF programs are with what is on record.

usage: check-instructions.py FILE RELEASE TRACK < STATUS

STATUS is what "status --measure --json" says of --track=TRACK on the kernel
RELEASE, such as 6.12.9-amd64.  Prints the lines that FILE should have, and
fails if a figure in FILE differs by more than a tenth: then look why the
programs have grown, and if they must, put these lines into FILE.

A line of FILE has the kernel, the track, the program, its instructions, and
how many instructions the verifier went through.
"""

import json
import sys

# Point releases of a kernel and of the compiler change a little.
TOLERANCE = 0.1


def read_expected(name, kernel, track):
    """Returns figures by program."""
    expected = {}
    with open(name, encoding="utf-8") as stream:
        for line in stream:
            words = line.split()
            if words[:2] == [kernel, track]:
                expected[words[2]] = [int(word) for word in words[3:]]
    return expected


def differs(old, new):
    return abs(new - old) > max(8, old * TOLERANCE)


def main():
    name, release, track = sys.argv[1:]
    kernel = ".".join(release.split("-")[0].split(".")[:2])
    programs = json.load(sys.stdin)["cost"]["measured"]["programs"]
    expected = read_expected(name, kernel, track)
    wrong = []
    for program in programs:
        figures = [program["instructions"], program["verified"]]
        print(f"{kernel:5} {track:7}{program['name']:20}"
              + "".join(f"{figure:8}" for figure in figures))
        old = expected.pop(program["name"], [0, 0])
        if any(map(differs, old, figures)):
            wrong.append(f"{program['name']} has {figures}, not {old}")
    wrong += [f"{gone} is not there" for gone in expected]
    print("\n".join(wrong))
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
