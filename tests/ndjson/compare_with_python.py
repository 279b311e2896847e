#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes random scope lines with Python's json, has the given program read them, and compares the
events it prints with those worked out here. Fixed seed; lines with faults are among them."""

import json
import random
import subprocess
import sys

rng = random.Random(20)
# What a symbol's missing line stands for.
MEANT_BY_NONE = {"field": None, "ARG": 0, "local": 2**31 - 1}
ALPHABET = ["a", "B", "_", " ", '"', "\\", "/", "\n", "\t", "\x00", "\x1f", "\x7f", "é", "ß", "€",
            "中", "\ufeff", "\uffff", "😀", "\U0010ffff", "\ud800", "\udfff", "<", "{", "[", ":", ","]


def text(most=12):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(0, most)))


def as_read(value):
    """Surrogate pairs become a character, lone surrogates U+FFFD."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") \
        if any("\ud800" <= c <= "\udfff" for c in value) else value


def dump(value, ascii_only=None):
    if ascii_only is None:
        ascii_only = rng.random() < 0.5
    if isinstance(value, dict):
        fields = list(value.items())
        rng.shuffle(fields)
        space = rng.choice(["", "", " ", "\t "])
        return "{" + space + ("," + space).join(
            key_text(k) + space + ":" + space + (v.text if isinstance(v, Raw) else dump(v, ascii_only))
            for k, v in fields) + space + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(v, ascii_only) for v in value) + "]"
    if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
        ascii_only = True
    return json.dumps(value, ensure_ascii=ascii_only)


def key_text(key):
    if rng.random() < 0.05:
        i = rng.randrange(len(key))
        return '"' + key[:i] + "\\u%04x" % ord(key[i]) + key[i + 1:] + '"'
    return '"' + key + '"'


class Raw:
    def __init__(self, value):
        self.text = value


def line_number():
    return rng.choice([0, 1, rng.randint(0, 9999), 2**31 - 1, 2**31, 2**63, -1, -2**70, 10**40])


def clamp(number):
    return max(0, min(number, 2**31 - 1))


def free_value(depth=0):
    kind = rng.randrange(7 if depth < 3 else 5)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, 1.5, 1e300, 2**80, -0.0])
    if kind < 5:
        return text(6).replace("\ud800", "x").replace("\udfff", "x")
    if kind == 5:
        return [free_value(depth + 1) for _ in range(rng.randint(0, 3))]
    return free_object(depth + 1)


def free_object(depth=0):
    return {"k%d" % i: free_value(depth) for i in range(rng.randint(0, 4))}


def specifics():
    value = free_object()
    written = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    return Raw(written), (written if value else "")


def scope(events, depth=0):
    fields, start, end = {}, *sorted([line_number(), line_number()])
    fields["scope_type"] = rng.choice(["FILE", "module"]) if depth == 0 else text(5)
    fields["name"], fields["start_line"], fields["end_line"] = text(), start, end
    fields["has_injectible_lines"] = rng.random() < 0.5
    ranges, at, specific = [], 0, ""
    for _ in range(rng.choice([0, 0, 1, 3])):
        ranges.append((at + 1, at + 1 + rng.randint(0, 3)))
        at = ranges[-1][1]
    if ranges or rng.random() < 0.1:
        fields["injectible_lines"] = [{"start": a, "end": b} for a, b in ranges]
    if rng.random() < 0.5:
        fields["source_file"] = text()
    if rng.random() < 0.3:
        fields["language_specifics"], specific = specifics()
    events.append(["scope", as_read(fields["scope_type"]), as_read(fields["name"]),
                   as_read(fields.get("source_file", "")), clamp(start), clamp(end),
                   fields["has_injectible_lines"], [list(r) for r in ranges], specific])
    if rng.random() < 0.7:
        fields["symbols"] = [symbol(events) for _ in range(rng.randint(0, 4))]
    if depth < 5 and rng.random() < 0.7:
        fields["scopes"] = [scope(events, depth + 1) for _ in range(rng.randint(0, 3))]
    events.append(["end"])
    return fields


def symbol(events):
    fields = {"name": text(), "type": text(), "symbol_type": rng.choice(["field", "ARG", "local"])}
    specific = ""
    line = MEANT_BY_NONE[fields["symbol_type"]]
    if rng.random() < 0.8:
        fields["line"] = line_number()
        line = clamp(fields["line"])
    if rng.random() < 0.2:
        fields["language_specifics"], specific = specifics()
    events.append(["symbol", as_read(fields["name"]), as_read(fields["type"]),
                   fields["symbol_type"], line, specific])
    return fields


def with_invalid_utf8(good, events):
    """The scope within another whose name is no UTF-8."""
    raw = rng.choice([b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf0\x9f\x98x",
                      b"\x80\x80"])
    outer = (b'{"scopes":[' + good + b'],"scope_type":"FILE","name":"' + raw +
             b'","start_line":1,"end_line":1,"has_injectible_lines":true}')
    return outer, [["scope", "FILE", raw.decode("utf-8", "replace"), "", 1, 1, True, [], ""],
                   *events, ["end"]]


def spoilt(good):
    """The line with one byte changed."""
    i = rng.randrange(len(good))
    return good[:i] + rng.choice([b"", b"x", b"}", b",", b'"', b"\\", b"[", b"\x01"]) + good[i + 1:]


def strict(line):
    """Is it JSON for Python, without duplicate keys?"""
    def no_twice(pairs):
        keys = [as_read(k) for k, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError("twice")
        return dict(pairs)

    def refuse(name):
        raise ValueError(name)
    try:
        json.loads(line.decode("utf-8", "replace"), object_pairs_hook=no_twice, parse_constant=refuse)
        return True
    except ValueError:
        return False


def main():
    lines, expected = [], []
    for _ in range(1500):
        events = []
        good = dump(scope(events)).encode("utf-8")
        if rng.random() < 0.2:
            good, events = with_invalid_utf8(good, events)
        lines.append(good)
        expected.append(events)
        bad = spoilt(good)
        if not strict(bad):
            lines.append(bad)
            expected.append([["invalid", len(lines)]])
    result = subprocess.run([sys.argv[1]], input=b"\n".join(lines), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=50, check=False)
    got = [json.loads(line) for line in result.stdout.splitlines()]
    at = 0
    for line_at, events in enumerate(expected):
        if got[at:at + len(events)] != events:
            print("line", line_at + 1, lines[line_at])
            print("expected", events)
            print("got     ", got[at:at + len(events)])
            print(result.stderr.decode()[:1000])
            return 1
        at += len(events)
    if result.returncode != 0 or at != len(got):
        print("exit", result.returncode, "events left", got[at:at + 3], result.stderr.decode()[:1000])
        return 1
    print(len(lines), "lines,", len(got), "events")
    return 0


if __name__ == "__main__":
    sys.exit(main())
