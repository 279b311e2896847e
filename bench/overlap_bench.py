#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does encoding go on while batches upload? Wall time against the slower of encoding alone and
uploading alone, for receivers of many rates and delays.

usage: overlap_bench.py SYMUP [MB = 2500]
Encoding alone: a dry run, or an upload to a receiver that drops everything at once, whichever is
quicker (a dry run writes files). Uploading alone: the dry run's bodies posted over four connections (what an
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


def make_file(symup, path, megabytes):
    lines = subprocess.run([symup, "extract", "-q", symup], capture_output=True, check=True).stdout
    with open(path, "wb") as out:
        while out.tell() < megabytes * 1_000_000:
            out.write(lines)


def fast_upload(symup, path):
    receiver = subprocess.Popen([symup, "receive", "--listen", "127.0.0.1:0", "--discard"],
                                stdout=subprocess.PIPE, text=True)
    try:
        return symup_run(symup, path, "--url", receiver.stdout.readline().split()[-1])[0]
    finally:
        receiver.terminate()
        receiver.communicate()


def sweep(symup, folder, megabytes, factors):
    path, dry = os.path.join(folder, "scopes.ndjson"), os.path.join(folder, "dry")
    make_file(symup, path, megabytes)
    encode, compressed = symup_run(symup, path, "--dry-run", dry)
    encode = min(encode, fast_upload(symup, path))
    bodies = sorted(glob.glob(dry + "/*"),
                    key=lambda name: int(re.search(r"-(\d+)\.multipart", name).group(1)))
    print(f"| {len(bodies)} batches, {compressed / 1e6:.1f} MB | | {encode:.2f} s of encoding | | |")
    for factor in factors:
        for delay in (0.0, 0.05, 0.2):
            receiver = subprocess.Popen(
                [sys.executable, os.path.join(os.path.dirname(__file__), "slow_receiver.py"),
                 str(compressed / encode * factor), str(delay)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            url = receiver.stdout.readline().strip()
            alone = upload_alone(url.removeprefix("http://"), bodies)
            wall, _ = symup_run(symup, path, "--url", url)
            receiver.communicate()
            print(f"| {factor} | {delay * 1000:.0f} ms | {wall:.2f} s | {alone:.2f} s | "
                  f"{wall / max(alone, encode):.2f} |", flush=True)


def main():
    symup = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 2500
    print("| receiver's rate, of the encoder's | answers after | wall | upload alone | "
          "wall / max(encode, upload) |\n|---|---|---|---|---|")
    # Little for slow receivers: they take long enough.
    for share, factors in ((0.06, (0.1, 0.3)), (1.0, (1.0, 3.0, 10.0))):
        with tempfile.TemporaryDirectory() as folder:
            sweep(symup, folder, megabytes * share, factors)


main()
