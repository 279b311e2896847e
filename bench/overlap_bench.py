#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does encoding go on while batches upload? Wall time against the slower of encoding alone and
uploading alone, for receivers of many rates and delays.

usage: overlap_bench.py SYMUP [MB = 200]
Encoding alone: a dry run. Uploading alone: the dry run's bodies posted over four connections (what an
upload has in flight), the last one after all others, as the protocol asks.
"""
import concurrent.futures
import glob
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time

IN_FLIGHT = 4


def post(address, bodies):
    connection = http.client.HTTPConnection(address)
    for path in bodies:
        with open(path, "rb") as body:
            connection.request("POST", "/symdb/v1/input", body.read())
        connection.getresponse().read()


def upload_alone(address, bodies):
    started = time.monotonic()
    *most, last = bodies
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(lambda k: post(address, most[k::IN_FLIGHT]), range(IN_FLIGHT)))
    post(address, [last])
    return time.monotonic() - started


def symup_run(symup, path, *options):
    started = time.monotonic()
    output = subprocess.run([symup, "upload", path, "--service", "b", "--version", "1", "--json",
                             *options], capture_output=True, check=True).stdout
    return time.monotonic() - started, int(re.search(rb'"compressed_bytes":(\d+)', output).group(1))


def main():
    symup = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scopes.ndjson")
        lines = subprocess.run([symup, "extract", "-q", symup], capture_output=True,
                               check=True).stdout
        with open(path, "wb") as out:
            while out.tell() < megabytes * 1_000_000:
                out.write(lines)
        dry = os.path.join(folder, "dry")
        encode, compressed = symup_run(symup, path, "--dry-run", dry)
        bodies = sorted(glob.glob(dry + "/*"),
                        key=lambda name: int(re.search(r"-(\d+)\.multipart", name).group(1)))
        speed = compressed / encode
        print(f"{len(bodies)} batches, {compressed / 1e6:.1f} MB; encoding alone {encode:.2f} s\n"
              "| receiver's rate, of the encoder's | answers after | wall | upload alone | "
              "wall / max(encode, upload) |\n|---|---|---|---|---|")
        for factor in (0.1, 0.3, 1.0, 3.0, 10.0):
            for delay in (0.0, 0.05, 0.2):
                receiver = subprocess.Popen(
                    [sys.executable, os.path.join(os.path.dirname(__file__), "slow_receiver.py"),
                     str(speed * factor), str(delay)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                url = receiver.stdout.readline().strip()
                alone = upload_alone(url.removeprefix("http://"), bodies)
                wall, _ = symup_run(symup, path, "--url", url)
                receiver.communicate()
                print(f"| {factor} | {delay * 1000:.0f} ms | {wall:.2f} s | {alone:.2f} s | "
                      f"{wall / max(alone, encode):.2f} |", flush=True)


main()
