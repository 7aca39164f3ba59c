#! /usr/bin/env python3
#
# SPDX-License-Identifier: Apache-2.0
"""Validates files of JSON lines with python3-jsonschema.

Usage: check-schema.py [--cover] SCHEMA FILE...

Lines that have the same members, with values of the same types and the same
names, are validated once.  With --cover, also fails unless all that the schema
allows is there: each member, each type of it, each name, each alternative; but
for what a FILE that is called "*.exempt" has, a regular expression in a line.
"""

import json
import re
import sys

import jsonschema

# Names that a schema lists are told from text by their length.
NAME_MAX = 16


def shape(value):
    """Returns what a validator can tell 'value' from others by."""
    if isinstance(value, dict):
        return tuple((name, shape(member)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(sorted({repr(shape(element)) for element in value}))
    if isinstance(value, str) and len(value) <= NAME_MAX and value.isalpha():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value < 0
    return type(value).__name__


def deepest(error):
    """Returns the error that is farthest inside of 'error'."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


class Cover:
    """Notes what of a schema there is in values."""

    def __init__(self, validator, schema):
        self.validator = validator
        self.schema = schema
        self.seen = set()

    def resolve(self, schema, place):
        """Follows references.  Returns the schema, and where it is."""
        while "$ref" in schema:
            place = schema["$ref"]
            name = place.rsplit("/", 1)[1]
            schema = self.schema["$defs"][name]
        return schema, place

    def note(self, schema, value, place="#"):
        """Notes what there is of 'schema', at 'place', in 'value'."""
        schema, place = self.resolve(schema, place)
        self.seen.add(place)
        for sub in schema.get("allOf", []):
            self.note(sub, value, place)
        if "if" in schema:
            is_so = self.validator.evolve(schema=schema["if"]).is_valid(value)
            self.note(schema.get("then" if is_so else "else", {}), value,
                      place)
        for i, sub in enumerate(schema.get("anyOf", [])):
            if self.validator.evolve(schema=sub).is_valid(value):
                self.seen.add("%s/anyOf/%d" % (place, i))
                self.note(sub, value, place)
                break
        for name in schema.get("enum", []):
            if name == value:
                self.seen.add("%s/enum/%s" % (place, name))
        types = schema.get("type")
        if isinstance(types, list):
            self.seen.add("%s/type/%s" % (
                place, "null" if value is None else types[0]))
        if isinstance(value, dict):
            for name, sub in schema.get("properties", {}).items():
                if name in value:
                    self.note(sub, value[name], "%s/%s" % (place, name))
            sub = schema.get("additionalProperties")
            for name in value if isinstance(sub, dict) else ():
                self.note(sub, value[name], place + "/*")
        elif isinstance(value, list) and "items" in schema:
            for element in value:
                self.note(schema["items"], element, place + "/items")

    def all(self, schema, place):
        """Yields all that note() could note for 'schema', at 'place', but for
        what is behind references."""
        if "$ref" in schema:
            return
        yield place
        for sub in schema.get("allOf", []):
            yield from self.all(sub, place)
        for name in ("then", "else"):
            if name in schema:
                yield from self.all(schema[name], place)
        for i, sub in enumerate(schema.get("anyOf", [])):
            yield "%s/anyOf/%d" % (place, i)
            yield from self.all(sub, place)
        for name in schema.get("enum", []):
            yield "%s/enum/%s" % (place, name)
        if isinstance(schema.get("type"), list):
            for name in schema["type"]:
                yield "%s/type/%s" % (place, name)
        for name, sub in schema.get("properties", {}).items():
            yield from self.all(sub, "%s/%s" % (place, name))
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self.all(schema["additionalProperties"], place + "/*")
        if "items" in schema:
            yield from self.all(schema["items"], place + "/items")

    def missing(self, exempt):
        """Returns what there was not, sorted, but for what 'exempt' matches.
        What all actions have counts once."""
        def common(place):
            return re.sub(r"/action_\w+/(event|executed|ret|source|ts)\b",
                          r"/action_*/\1", place)

        places = set(self.all(self.schema, "#"))
        for name, sub in self.schema["$defs"].items():
            places.update(self.all(sub, "#/$defs/" + name))
        return sorted(place for place in ({common(p) for p in places}
                                          - {common(p) for p in self.seen})
                      if not any(re.search(e, place) for e in exempt))


def main(args):
    """Does what the arguments ask for.  Returns the exit status."""
    want_cover = args[0] == "--cover"
    schema_name, *names = args[want_cover:]
    with open(schema_name, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cover = Cover(validator, schema)
    exempt = []
    shapes = set()
    n_lines = n_errors = 0
    for name in names:
        with open(name, encoding="utf-8") as file:
            if name.endswith(".exempt"):
                exempt += file.read().splitlines()
                continue
            for number, line in enumerate(file, 1):
                value = json.loads(line)
                n_lines += 1
                this = shape(value)
                if this in shapes:
                    continue
                shapes.add(this)
                for error in validator.iter_errors(value):
                    inner = deepest(error)
                    print("%s:%d: %s: %.300s" % (
                        name, number, "/".join(map(str, inner.absolute_path)),
                        inner.message))
                    n_errors += 1
                if want_cover:
                    cover.note(schema, value)
    if want_cover:
        for place in cover.missing(exempt):
            print("not in any line: %s" % place)
            n_errors += 1
    print("%d lines of %d shapes" % (n_lines, len(shapes)), file=sys.stderr)
    return 1 if n_errors or not n_lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
