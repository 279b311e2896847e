#!/usr/bin/env python3
"""The README's table of options is the one that `symup config --markdown` prints, and its program
is the one that is compiled and run.

Usage: readme_test.py README SYMUP PROGRAM
"""
import os
import subprocess
import sys

BEGIN, END = "<!-- options -->", "<!-- /options -->"
SKIPPED = 77

readme, symup, program = sys.argv[1:]
if not os.path.exists(readme):
    print(f"skipped: there is no {readme}")
    sys.exit(SKIPPED)
with open(readme, encoding="utf-8") as file:
    text = file.read()
if text.count(BEGIN) != 1 or text.count(END) != 1:
    sys.exit(f"{readme} must have {BEGIN} and {END} once each")
table = text.split(BEGIN)[1].split(END)[0].strip()
printed = subprocess.run([symup, "config", "--markdown"], stdout=subprocess.PIPE, text=True,
                         timeout=20, check=True).stdout.strip()
if table != printed:
    sys.exit(f"the table in {readme} is out of date: put the output of `symup config --markdown` "
             f"between {BEGIN} and {END}")
with open(program, encoding="utf-8") as file:
    code = "".join(line for line in file if not line.startswith("//"))
if f"```cpp\n{code}```" not in text:
    sys.exit(f"{readme} shows another program than {program}")
