#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compression_level = auto against every fixed level, over receivers of many rates.

usage: level_sweep.py SYMUP [JSON bytes for a level-6 upload of 30 MB compressed, in MB = 300]
The receiver takes RATE bytes a second; the slower ones get less to do, so that no upload takes long.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

FIXED = (1, 2, 4, 5, 6, 7, 8)
RATES = (3e6, 10e6, 20e6, 30e6, 40e6, 60e6, 1e9)
FLUSH = "512KiB"  # auto learns from answers: small batches make a short benchmark show what it learns


def make_file(symup, path, megabytes):
    lines = subprocess.run([symup, "extract", "-q", symup], capture_output=True, check=True).stdout
    with open(path, "wb") as out:
        while out.tell() < megabytes * 1_000_000:
            out.write(lines)


def upload(symup, path, url, level):
    started = time.monotonic()
    output = subprocess.run(
        [symup, "upload", path, "--service", "b", "--version", "1", "--json", "--url", url,
         "--flush-threshold", FLUSH, "--compression-level", str(level)],
        capture_output=True, check=True).stdout
    return time.monotonic() - started, int(re.search(rb'"compressed_bytes":(\d+)', output).group(1))


def main():
    symup = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    print("| receiver, MB/s | " + " | ".join(f"level {level}" for level in FIXED) +
          " | auto | auto / best |\n|" + "---|" * (len(FIXED) + 3))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scopes.ndjson")
        for rate in RATES:
            make_file(symup, path, megabytes if rate > 15e6 else megabytes / 2)
            receiver = subprocess.Popen(
                [sys.executable, os.path.join(os.path.dirname(__file__), "slow_receiver.py"),
                 str(rate), "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            url = receiver.stdout.readline().strip()
            times = [upload(symup, path, url, level)[0] for level in FIXED]
            auto, _ = upload(symup, path, url, "auto")
            receiver.communicate()
            print(f"| {rate / 1e6:.0f} | " + " | ".join(f"{t:.2f} s" for t in times) +
                  f" | {auto:.2f} s | {auto / min(times):.2f} |", flush=True)


main()
