#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading a binary's debug information, beside other programs that do, as far as they are installed.

usage: native_bench.py SYMUP BINARY [rounds = 3]
Prints CPU seconds, MB of .debug_info per CPU second and peak memory (of one thread and of two).
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile


def measured(command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def debug_info_megabytes(binary):
    sections = subprocess.run(["readelf", "-SW", binary], capture_output=True, text=True,
                              check=True).stdout
    return int(re.search(r"\.debug_info\s+PROGBITS\s+\S+\s+\S+\s+(\S+)", sections).group(1), 16) / 1e6


def main():
    symup, binary = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    megabytes = debug_info_megabytes(binary)
    print(f"{megabytes:.1f} MB of .debug_info, medians of {rounds}\n"
          "| program | CPU s | MB per CPU s | peak MiB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "symup extract, 1 thread": [symup, "extract", "-q", "--threads", "1", "-o", "/dev/null", binary],
            "symup extract, 2 threads": [symup, "extract", "-q", "--threads", "2", "-o", "/dev/null", binary],
            "gdb-add-index": ["gdb", "-nx", "-batch", "-ex", f"save gdb-index {folder}", binary],
            "pahole": ["pahole", binary],
            "llvm-dwarfdump --debug-info": ["llvm-dwarfdump-14", "--debug-info", binary],
        }
        for name, command in commands.items():
            if shutil.which(command[0]) is None:
                print(f"| {name} | not installed | | |")
                continue
            runs = [measured(command) for _ in range(rounds)]
            cpu = statistics.median(run[0] for run in runs)
            print(f"| {name} | {cpu:.2f} | {megabytes / cpu:.0f} | "
                  f"{max(run[1] for run in runs):.0f} |", flush=True)


main()
