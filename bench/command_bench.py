#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole command on NDJSON, beside zlib level 6 in one thread over the same bytes, and beside the
Agent's way of working in Go (go_reference/) where Go is installed: once as a whole process that does
the same, parsing included, and once only what it takes to encode, compress and post.

usage: command_bench.py SYMUP [MB = 300] [rounds = 3] [upload options ...]
The scopes are those of the command itself, repeated. Time, CPU and peak memory are the child's own.
"""
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib


def measured(command):
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def make_file(symup, path, megabytes):
    lines = subprocess.run([symup, "extract", "-q", symup], capture_output=True, check=True).stdout
    with open(path, "wb") as out:
        while out.tell() < megabytes * 1_000_000:
            out.write(lines)
    return os.path.getsize(path), max(len(line) for line in lines.split(b"\n"))


def zlib_alone(path):
    started = time.process_time()
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    size = 0
    with open(path, "rb") as lines:
        while chunk := lines.read(1 << 20):
            size += len(packer.compress(chunk))
    return time.process_time() - started, size + len(packer.flush())


def build_go_reference(folder):
    if shutil.which("go") is None:
        return None
    program = os.path.join(folder, "go_reference")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "go_reference", "main.go")
    subprocess.run(["go", "build", "-o", program, source], check=True,
                   env={**os.environ, "GOCACHE": os.path.join(folder, "cache"), "GO111MODULE": "off"})
    return program


def main():
    symup = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scopes.ndjson")
        size, longest = make_file(symup, path, megabytes)
        receiver = subprocess.Popen([symup, "receive", "--listen", "127.0.0.1:0", "--discard"],
                                    stdout=subprocess.PIPE, text=True)
        url = receiver.stdout.readline().split()[-1]
        try:
            go_program = build_go_reference(folder)
            ratios, go_ratios, go_whole_ratios = [], [], []
            for _ in range(rounds):
                seconds, cpu, peak, output = measured(
                    [symup, "upload", path, "--service", "bench", "--version", "1", "--url", url,
                     "--json", *sys.argv[4:]])
                compressed = int(re.search(rb'"compressed_bytes":(\d+)', output).group(1))
                alone, alone_size = zlib_alone(path)
                ratios.append(alone / seconds)
                print(f"{size / seconds / 1e6:7.1f} MB/s, {cpu * 1e9 / size:5.2f} CPU ms/MB, "
                      f"{100 * compressed / size:5.2f} % of JSON, peak {peak:5.1f} MiB; zlib 6 alone "
                      f"{size / alone / 1e6:5.1f} MB/s, {100 * alone_size / size:5.2f} %")
                if go_program:
                    go_whole, _, go_peak, output = measured(
                        [go_program, path, url + "/symdb/v1/input"])
                    go_size = int(re.search(rb'"compressed_bytes":(\d+)', output).group(1))
                    go_seconds = float(re.search(rb'"seconds":([\d.]+)', output).group(1))
                    go_ratios.append(go_seconds / seconds)
                    go_whole_ratios.append(go_whole / seconds)
                    print(f"    Go reference {size / go_whole / 1e6:5.1f} MB/s, without its parsing "
                          f"{size / go_seconds / 1e6:5.1f} MB/s, {100 * go_size / size:5.2f} % of "
                          f"JSON, peak {go_peak:5.1f} MiB")
            if go_ratios:
                print(f"median of {rounds}: {statistics.median(go_whole_ratios):.2f} times the Go "
                      f"reference, {statistics.median(go_ratios):.2f} without its parsing")
            print(f"median of {rounds}: {statistics.median(ratios):.2f} times zlib 6 in one thread; "
                  f"longest line {longest / 1e6:.2f} MB")
        finally:
            receiver.terminate()
            receiver.wait()


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
main()
