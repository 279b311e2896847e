#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same JSON in 1, 10, 100 and 1 000 uploads at once, each with a thread of its own that feeds it.

usage: uploads_table.py PIPELINE_BENCH [MB = 600] [rounds = 3]
Prints a table. Speeds are relative to one upload in the same round; medians over the rounds.
"""
import re
import statistics
import subprocess
import sys

UPLOADS = (1, 10, 100, 1000)
PIPELINE = re.compile(
    r"^pipeline +([\d.]+) MB/s +([\d.]+) CPU ms/MB +([\d.]+) % of JSON +([\d.]+) MiB peak\n"
    r" +(\d+) batches, slowest upload ([\d.]+) times the mean, ([\d.]+) MiB counted$", re.M)


def run(program, megabytes, uploads):
    output = subprocess.run([program, str(megabytes), "1", str(uploads)], capture_output=True,
                            text=True, check=True).stdout
    return [float(value) for value in PIPELINE.search(output).groups()]


def main():
    program = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    results = {uploads: [] for uploads in UPLOADS}
    for _ in range(rounds):
        for uploads in UPLOADS:
            results[uploads].append(run(program, megabytes, uploads))
    print("| uploads | speed, of one upload's | CPU, of one upload's | size, % of the JSON | batches | "
          "slowest upload, of the mean | counted against memory_limit | peak of the process |\n"
          "|---|---|---|---|---|---|---|---|")
    for uploads in UPLOADS:
        rows = [[mine[0] / one[0], mine[1] / one[1], *mine[2:]]
                for mine, one in zip(results[uploads], results[1])]
        speed, cpu, size, peak, batches, slowest, counted = map(statistics.median, zip(*rows))
        print(f"| {uploads} | {speed:.2f} | {cpu:.2f} | {size:.2f} | {batches:.0f} | {slowest:.2f} | "
              f"{counted:.0f} MiB | {peak:.0f} MiB |")


main()
