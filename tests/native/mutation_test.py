#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds damaged binaries to the extractor: flipped bytes, overwritten words, truncations, mostly
in the debug sections. It must answer with scopes or an error, never die by a signal, hang, or take
memory without bound. The same seed makes the same files.

usage: mutation_test.py PROBE SECONDS SEED [BINARY...]      (no binary: small ones are built)"""
import os, random, resource, shutil, struct, subprocess, sys, tempfile, time

def debug_sections(data):
    shoff, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + i * size) for i in range(count)]
    strings = headers[names][4]
    found = []
    for header in headers:
        name = data[strings + header[0]:data.index(0, strings + header[0])]
        if name.startswith(b".debug_") and header[5]:
            found.append((name.decode(), header[4], header[5]))
    return found

def mutate(rng, original, sections):
    data = bytearray(original)
    kind = rng.random()
    if kind < 0.1:
        return bytes(data[:rng.randrange(64, len(data))])
    if kind < 0.2:  # the headers of the file and its sections
        shoff, = struct.unpack_from("<Q", data, 40)
        for _ in range(rng.randrange(1, 4)):
            at = rng.choice([rng.randrange(16, 64), rng.randrange(shoff, len(data))])
            data[at] = rng.randrange(256)
        return bytes(data)
    weights = [4 if name in (".debug_info", ".debug_abbrev", ".debug_line") else 1
               for name, _, _ in sections]
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        _, offset, size = rng.choices(sections, weights)[0]
        at = offset + rng.randrange(size)
        if rng.random() < 0.5:
            data[at] ^= 1 << rng.randrange(8)
        else:
            word = rng.choice([b"\x00", b"\xff", b"\x7f", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
                               b"\xff\xff\xff\xff", b"\xff" * 8, b"\x00" * 8,
                               bytes([rng.randrange(256)])])
            data[at:at + len(word)] = word[:offset + size - at]
    return bytes(data)

def build(folder):
    """Small programs in several ways."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources")
    source, cpp = os.path.join(here, "c", "records.c"), os.path.join(here, "cpp", "shapes.cpp")
    ways = [("gcc", source, ["-O0"]), ("gcc", source, ["-O2", "-gdwarf-4"]),
            ("g++", cpp, ["-O2", "-shared", "-fPIC"]),
            ("g++", cpp, ["-O0", "-shared", "-fPIC", "-gdwarf-4", "-fdebug-types-section"]),
            ("clang++", cpp, ["-O1", "-shared", "-fPIC", "-gdwarf-5"]),
            ("gcc", source, ["-O1", "-gz=zlib"])]
    made = []
    for number, (compiler, file, options) in enumerate(ways):
        if shutil.which(compiler):
            made.append(os.path.join(folder, f"program-{number}"))
            subprocess.run([compiler, "-g", *options, file, "-o", made[-1]], check=True)
    return made

def limits():
    if "ASAN_OPTIONS" not in os.environ:  # a sanitizer maps terabytes
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))

def main():
    seconds, seed, binaries = float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    rng = random.Random(seed)
    if not binaries:
        with tempfile.TemporaryDirectory() as folder:
            return mutate_all(rng, build(folder), seconds)
    return mutate_all(rng, binaries, seconds)

def mutate_all(rng, binaries, seconds):
    probe, seed = sys.argv[1], sys.argv[3]
    originals = []
    for path in binaries:
        with open(path, "rb") as file:
            data = file.read()
        originals.append((path, data, debug_sections(data)))
    runs, codes, deadline = 0, {}, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        victim = os.path.join(folder, "victim")
        while time.monotonic() < deadline:
            path, data, sections = rng.choice(originals)
            with open(victim, "wb") as file:
                file.write(mutate(rng, data, sections))
            try:
                code = subprocess.run([probe, victim, "--quiet", "--all", "--threads", "1"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                      timeout=20, preexec_fn=limits)
                bad = code.returncode not in (0, 1, 3)
                words = code.stderr.decode(errors="replace")[-2000:]
                codes[code.returncode] = codes.get(code.returncode, 0) + 1
            except subprocess.TimeoutExpired:
                bad, words = True, "timeout"
            runs += 1
            if bad:
                kept = os.path.join(tempfile.gettempdir(), f"symup-mutant-{seed}-{runs}")
                os.replace(victim, kept)
                print(f"run {runs} of seed {seed} on {path}: {words}\nkept as {kept}")
                return 1
    print(f"{runs} damaged files, exit codes {codes}")
    return 0

if __name__ == "__main__":
    sys.exit(main())
