#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks JSON.

usage: check-json.py [--print] EXPRESSION...

Reads one JSON value from standard input, which must be valid, without
duplicate keys.  Each EXPRESSION, of Python, in which "j" is the value, must be
true: otherwise prints it with the value and exits with status 1.  A member of
an object can be written as an attribute: j.target.pid.  The module base64 is
there, and by_time(j) has upcalls in the order in which they began, where "j" may
have them in that in which they ended.  With --print, prints the values of the
expressions.
"""

import base64
import json
import sys


class Object(dict):
    """A JSON object, whose members can be written as attributes."""

    def __getattr__(self, name):
        return self[name]


def unique_keys(pairs):
    """Returns an Object of 'pairs', in which no key may appear twice."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("an object has a key twice: %s" % keys)
    return Object(pairs)


def no_constant(name):
    """NaN and Infinity, which Python takes, are not JSON."""
    raise ValueError("%s is not JSON" % name)


def by_time(upcalls):
    """Returns 'upcalls' in the order in which they began."""
    return sorted(upcalls, key=lambda upcall: (upcall.events[0].ts,
                                             int(upcall.id)))


def fail(j, why):
    """Prints the value 'j' and, last, 'why', which is wanted most where only
    the end of a log is seen.  Returns the exit status."""
    print("%s\n%s" % (json.dumps(j, indent=1)[:20000], why))
    return 1


def main():
    args = sys.argv[1:]
    do_print = args[:1] == ["--print"]
    text = sys.stdin.read()
    try:
        j = json.loads(text, object_pairs_hook=unique_keys,
                       parse_constant=no_constant)
    except ValueError as error:
        print("invalid JSON: %s\n%s" % (error, text[:2000]))
        return 1

    for expression in args[do_print:]:
        try:
            value = eval(expression, dict(j=j, base64=base64, by_time=by_time))
        except (LookupError, TypeError, ValueError) as error:
            return fail(j, "%s: %r" % (expression, error))
        if do_print:
            print(value)
        elif not value:
            return fail(j, "not true: %s" % expression)
    return 0


if __name__ == "__main__":
    sys.exit(main())
