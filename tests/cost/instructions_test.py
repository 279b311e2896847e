#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of each step of the hot path and compares them with instructions.json.

usage: instructions_test.py COST_PROBE instructions.json [--update]
A step that costs over 10 % more than it did fails. Counts repeat on any machine with the same
compiler and libraries, however busy it is. After an improvement, run with --update.
"""
import json
import re
import shutil
import subprocess
import sys

TOLERANCE = 1.10
STEPS = ("group", "encode", "walk", "join")
FEW, MANY = 2, 12


def instructions(probe, step, times):
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", probe, step, str(times)],
        capture_output=True, text=True, timeout=60, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def main():
    probe, expected_path = sys.argv[1:3]
    if shutil.which("valgrind") is None:
        print("valgrind is not installed: skipped")
        return 77
    counted = {}
    for step in STEPS:
        few, many = (instructions(probe, step, times) for times in (FEW, MANY))
        counted[step] = (many - few) // (MANY - FEW)
    if "--update" in sys.argv:
        with open(expected_path, "w", encoding="utf-8") as out:
            out.write(json.dumps(counted, indent=2) + "\n")
        return 0
    with open(expected_path, encoding="utf-8") as text:
        expected = json.load(text)
    failed = 0
    for step in STEPS:
        ratio = counted[step] / expected[step]
        print(f"{step:8} {counted[step]:>10} instructions, {100 * (ratio - 1):+.1f} %")
        if ratio > TOLERANCE:
            print(f"{step}: costs more than {expected[step]} by over 10 %")
            failed += 1
    return 1 if failed else 0


sys.exit(main())
