#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-made debug information that hangs or breaks common tools, and files of kinds that are not
read. Each must be answered within seconds: scopes, or an error with the right words.

usage: hostile_test.py PROBE"""
import os, resource, shutil, struct, subprocess, sys, tempfile, time

PROBE = os.path.abspath(sys.argv[1])
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources")
failures = []

# code: tag, has children, attributes with their forms
TABLE = {
    1: (0x11, 1, "03 08 13 0b 11 01 12 07 10 17"),  # unit: name, language, code, lines
    2: (0x0b, 1, "11 01"),                          # lexical block
    3: (0x2e, 1, "03 08 11 01 12 07 3a 0b 3b 0b"),  # function: name, code, file, line
    4: (0x16, 0, "03 08 49 13"),                    # typedef
    5: (0x34, 0, "03 08 49 13 3b 0b 18 0b"),        # variable
    6: (0x15, 1, "49 13"),                          # function type
    7: (0x05, 0, "49 13"),                          # parameter
    8: (0x2e, 0, "47 13 11 01 12 07"),              # function with a specification
    9: (0x0f, 0, "49 13"),                          # pointer
    11: (0x2e, 0, "03 08 55 17 3a 0b 3b 0b"),       # function with ranges
    10: (0x13, 1, "03 08 01 13 3a 0b 3b 0b"),       # struct with a sibling
}
ABBREVIATIONS = '  .section .debug_abbrev,"",@progbits\n' + "".join(
    f"  .byte {code}, {tag}, {children}, {', '.join('0x' + b for b in pairs.split())}, 0, 0\n"
    for code, (tag, children, pairs) in TABLE.items()) + "  .byte 0\n"
HEAD = """
  .file 1 "/h/a.c"
  .text
code:
  .loc 1 3
  .skip 64, 0x90
  .section .debug_line,"",@progbits
lines:
""" + ABBREVIATIONS + """
  .section .debug_info,"",@progbits
start:
  .long end - begin
begin:
  .short 4
  .long 0
  .byte 8
  .uleb128 1
  .string "/h/a.c"
  .byte 2
  .quad code, 64
  .long lines
"""
FUNCTION = '  .uleb128 3\n  .string "f"\n  .quad code, 64\n  .byte 1, 3\n'
TAIL = "  .byte 0\nend:\n"

def function_types(levels):
    """Each function type names the one before twice: 2^levels when written out."""
    text = "t0: .uleb128 9\n  .long t0 - start\n"
    for i in range(1, levels):
        text += f"t{i}: .uleb128 6\n  .long t{i-1} - start\n"
        text += f"  .uleb128 7\n  .long t{i-1} - start\n" * 2 + "  .byte 0\n"
    return text

CASES = {
    "nested blocks": FUNCTION + "  .rept 3000000\n  .uleb128 2\n  .quad code\n  .endr\n"
                     + "  .rept 3000001\n  .byte 0\n  .endr\n",
    "endless typedef": FUNCTION + '  .uleb128 5\n  .string "v"\n  .long t - start\n  .byte 4, 1\n'
                       + "  .byte 0\n" + 't: .uleb128 4\n  .string "t"\n  .long t - start\n',
    "pointer to itself": FUNCTION + '  .uleb128 5\n  .string "v"\n  .long t - start\n'
                         + "  .byte 4, 1\n  .byte 0\nt: .uleb128 9\n  .long t - start\n",
    "function types": FUNCTION + '  .uleb128 5\n  .string "v"\n  .long t199 - start\n'
                      + "  .byte 4, 1\n  .byte 0\n" + function_types(200),
    "endless specification": "s: .uleb128 8\n  .long u - start\n  .quad code, 64\n"
                             + "u: .uleb128 8\n  .long s - start\n  .quad code, 64\n",
    "sibling behind": "  .rept 20000\n  .uleb128 10\n" + '  .string "s"\n'
                      + "  .long begin - start + 4\n  .byte 1, 2\n  .byte 0\n  .endr\n",
}

def line_table(directories, files):
    """A DWARF 5 line table that claims so many entries without any form, so of no size."""
    return ("""  .text
code:
  .skip 64, 0x90
  .section .debug_line,"",@progbits
lines:
  .long l_end - l_begin
l_begin:
  .short 5
  .byte 8, 0
  .long h_end - h_begin
h_begin:
  .byte 1, 1, 1, 0, 14, 1
  .byte 0
""" + f"  .uleb128 {directories}\n  .byte 0\n  .uleb128 {files}\n" + "h_end:\n  .skip 16\nl_end:\n")

LINE_TABLES = {"directories without end": line_table(1 << 60, 0),
               "directories by the million": line_table(1 << 30, 0),
               "files without end": line_table(0, 1 << 60),
               "files by the million": line_table(0, 1 << 31)}

def probe(path, *options):
    def limits():
        if "ASAN_OPTIONS" not in os.environ:
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    begun = time.monotonic()
    try:
        done = subprocess.run([PROBE, path, *options], capture_output=True, timeout=60,
                              preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return None, "", "timeout", 60
    return (done.returncode, done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"), time.monotonic() - begun)

def expect(name, path, codes, words, *options):
    code, out, err, seconds = probe(path, *options)
    if code not in codes or words not in err or seconds > 30:
        failures.append(f"{name}: exit code {code} after {seconds:.1f} s, {len(out)} bytes: {err}")

def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return path

with tempfile.TemporaryDirectory() as folder:
    for name, body in CASES.items():
        path = os.path.join(folder, name.replace(" ", "-"))
        with open(path + ".s", "w") as file:
            file.write(HEAD + body + TAIL)
        subprocess.run(["gcc", "-shared", "-nostdlib", path + ".s", "-o", path], check=True)
        # Sound as far as the format goes, so nothing of it is damaged.
        expect(name, path, (0,), " 0 failed", "--all")
        if '"f"' in body and '"name":"f"' not in probe(path, "--all")[1]:
            failures.append(f"{name}: the function is not there")

    path = os.path.join(folder, "shared-ranges")
    with open(path + ".s", "w") as file:
        file.write(HEAD + '  .rept 20000\n  .uleb128 11\n  .string "f"\n  .long ranges\n'
                   + "  .byte 1, 3\n  .endr\n" + TAIL
                   + '  .section .debug_ranges,"",@progbits\nranges:\n'
                   + "  .rept 100000\n  .quad 0, 64\n  .endr\n  .quad 0, 0\n")
    subprocess.run(["gcc", "-shared", "-nostdlib", path + ".s", "-o", path], check=True)
    expect("one long range list of many functions", path, (3,), "range lists", "--all")

    for name, table in LINE_TABLES.items():
        path = os.path.join(folder, name.replace(" ", "-"))
        with open(path + ".s", "w") as file:
            file.write(table + ABBREVIATIONS + HEAD[HEAD.index("  .section .debug_info"):]
                       + FUNCTION + "  .byte 0\n" + TAIL)
        subprocess.run(["gcc", "-shared", "-nostdlib", path + ".s", "-o", path], check=True)
        expect(name, path, (0, 1, 3), "", "--all")

    source = os.path.join(SOURCES, "c", "records.c")
    plain = os.path.join(folder, "plain")
    subprocess.run(["gcc", "-g", source, "-o", plain, "-Wl,--build-id"], check=True)
    with open(plain, "rb") as file:
        data = bytearray(file.read())
    big_endian = bytearray(data)
    big_endian[5] = 2
    expect("big-endian", write(plain + ".be", big_endian), (1,), "ig-endian")
    expect("Mach-O", write(plain + ".macho", b"\xcf\xfa\xed\xfe" + bytes(100)), (1,), "Mach-O")
    expect("PE", write(plain + ".exe", b"MZ" + bytes(100)), (1,), "PE")
    expect("archive", write(plain + ".a", b"!<arch>\n" + bytes(100)), (1,), "archive")
    expect("text", write(plain + ".txt", b"hello"), (1,), "not an ELF file")
    expect("empty", write(plain + ".empty", b""), (1,), "not an ELF file")
    expect("absent", plain + ".none", (1,), "No such file")
    expect("folder", folder, (1,), "not a regular file")
    subprocess.run(["gcc", "-g", "-c", source, "-o", plain + ".o"], check=True)
    expect("object file", plain + ".o", (1,), "ET_REL")
    subprocess.run(["objcopy", "--compress-debug-sections=zlib", plain, plain + ".z"], check=True)
    with open(plain + ".z", "rb") as file:
        packed = bytearray(file.read())
    shoff, = struct.unpack_from("<Q", packed, 40)
    count, = struct.unpack_from("<H", packed, 60)
    for i in range(count):
        flags, _, offset = struct.unpack_from("<QQQ", packed, shoff + 64 * i + 8)
        if flags & 0x800:
            zstd, bomb = bytearray(packed), bytearray(packed)
            struct.pack_into("<I", zstd, offset, 2)
            struct.pack_into("<Q", bomb, offset + 8, 1 << 50)
            expect("zstd", write(plain + ".zstd", zstd), (1,), "zstd")
            expect("inflates to too much", write(plain + ".bomb", bomb), (1,), "more bytes")
            break
    else:
        failures.append("no compressed section was made")
    place = os.path.join(folder, "split")
    os.makedirs(place)
    subprocess.run(["gcc", "-g", "-gsplit-dwarf", "-c", source, "-o", "a.o"], check=True, cwd=place)
    subprocess.run(["gcc", "-g", "a.o", "-o", "a"], check=True, cwd=place)
    os.remove(os.path.join(place, "a.dwo"))
    expect("lost .dwo", os.path.join(place, "a"), (1,), "a.dwo")

for failure in failures:
    print("FAILED: " + failure)
print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
