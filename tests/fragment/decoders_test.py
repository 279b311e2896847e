#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Decodes members made of fragments with every gzip decoder found on this machine.

usage: decoders_test.py FRAGMENT_PROBE
Each decoder must give back exactly the text; an absent decoder is skipped with a message.
"""

import gzip
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent


def python_gzip(member, _):
    return gzip.decompress(member.read_bytes())


def python_gzip_file(member, _):
    with gzip.open(member) as file:
        return file.read()


def python_zlib(member, _):
    return zlib.decompress(member.read_bytes(), wbits=31)


def python_zlib_in_steps(member, _):
    decoder = zlib.decompressobj(wbits=31)
    data, text = member.read_bytes(), bytearray()
    for at in range(0, len(data), 11):
        text += decoder.decompress(data[at:at + 11])
    text += decoder.flush()
    if not decoder.eof or decoder.unused_data:
        raise ValueError("the member does not end where the file does")
    return bytes(text)


def gzip_command(member, _):
    run(["gzip", "-t", member])
    return run(["gzip", "-dc", member])


def node(member, out):
    run(["node", HERE / "gunzip.cjs", member, out])
    return out.read_bytes()


def java(member, out):
    run(["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", HERE / "Gunzip.java", member, out])
    return out.read_bytes()


def run(command):
    return subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE).stdout


DECODERS = [  # name, program needed, function
    ("python gzip.decompress", None, python_gzip),
    ("python gzip.open", None, python_gzip_file),
    ("python zlib.decompress", None, python_zlib),
    ("python zlib in steps of 11 bytes", None, python_zlib_in_steps),
    ("gzip -t, gzip -dc", "gzip", gzip_command),
    ("node zlib, whole and streaming", "node", node),
    ("java GZIPInputStream", "javac", java),  # running a source file takes the compiler
]


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run([sys.argv[1], folder])
        members = sorted(folder.glob("*.gz"))
        if len(members) != 4:
            sys.exit(f"expected 4 members, found {len(members)}")
        for name, program, decode in DECODERS:
            if program and not shutil.which(program):
                print(f"skipped: {name}: {program} is not installed")
                continue
            for member in members:
                try:
                    ok = decode(member, folder / "out") == member.with_suffix(".txt").read_bytes()
                except Exception as error:  # whatever a decoder may say
                    print(f"{name}: {error}")
                    ok = False
                failures += not ok
                print(f"{'ok' if ok else 'FAILED'}: {name}, level {member.stem}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
