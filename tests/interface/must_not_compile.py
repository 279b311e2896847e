#!/usr/bin/env python3
"""Each `#ifdef WRONG_X // error: PATTERN` of a source must break its compilation with that error.

First the source is compiled without any of them: what fails later fails for no other reason.
Usage: must_not_compile.py SOURCE COMPILER FLAG...
"""
import re
import subprocess
import sys

source, *compiler = sys.argv[1:]


def compile_it(*options):
    done = subprocess.run([*compiler, "-fsyntax-only", "-Werror=unused-result", *options, source],
                          stderr=subprocess.PIPE, text=True, timeout=100, check=False)
    return done.returncode, done.stderr


code, errors = compile_it()
if code != 0:
    sys.exit(f"the source does not compile as it stands:\n{errors}")
with open(source, encoding="utf-8") as file:
    cases = re.findall(r"^#ifdef (WRONG_\w+) // error: (.*)$", file.read(), re.M)
if not cases:
    sys.exit("no cases found")
wrong = 0
for name, pattern in cases:
    code, errors = compile_it(f"-D{name}")
    complaints = [line for line in errors.splitlines() if "error:" in line]
    if code == 0:
        print(f"FAILED: {name} compiles")
        wrong += 1
    elif not any(re.search(pattern, line) for line in complaints):
        print(f"FAILED: {name} fails with another error than {pattern}:\n" + "\n".join(complaints))
        wrong += 1
    else:
        print(f"{name}: {complaints[0].split('error:')[1].strip()[:100]}")
sys.exit(1 if wrong else 0)
