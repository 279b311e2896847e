#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names and lines of functions as clang's syntax tree has them, which knows nothing of DWARF,
against what the extractor reads from binaries of GCC and clang. Start lines must agree for all.
End lines: GCC has a row for the closing brace; clang has none behind a return, so its last line
may be the one before. And the number of functions against gdb's, read from the same binary.

usage: truth_test.py PROBE"""
import json, os, re, shutil, subprocess, sys, tempfile

PROBE = os.path.abspath(sys.argv[1])
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources")
FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXDestructorDecl"}

def tree_functions(source, compiler):
    """(file, start line) -> (name, end line) of all functions with a body."""
    dump = subprocess.run([compiler, "-fsyntax-only", "-Xclang", "-ast-dump=json", source],
                          capture_output=True, check=True).stdout
    found, at = {}, {"file": None, "line": None}
    def place(location):
        """clang leaves out a file and a line that are those of the location before."""
        if not isinstance(location, dict):
            return None, None
        if "expansionLoc" in location:
            place(location["spellingLoc"])
            return place(location["expansionLoc"])
        if "file" in location:
            at["file"] = location["file"]
        if "line" in location:
            at["line"] = location["line"]
        return at["file"], at["line"]
    def walk(node):
        file, line = place(node.get("loc"))
        reach = node.get("range", {})
        place(reach.get("begin"))
        _, end = place(reach.get("end"))
        inner = node.get("inner", [])
        body = any(child.get("kind") in ("CompoundStmt", "CXXTryStmt") for child in inner)
        if node.get("kind") in FUNCTIONS and body and not node.get("isImplicit") and file:
            name = node["name"]
            # A lambda's operator has the place of its bracket in the tree too.
            found[(file, line)] = (name, end)
        for child in inner:
            if isinstance(child, dict):
                walk(child)
    walk(json.loads(dump))
    return {key: value for key, value in found.items() if key[0].startswith(SOURCES)}

def extracted_functions(binary):
    out = subprocess.run([PROBE, binary], capture_output=True, text=True, check=True).stdout
    found, classes = {}, set()
    def walk(scope):
        if scope["scope_type"] in ("function", "method", "closure"):
            name = re.sub(r"<.*>$", "", scope["name"].split("::")[-1])
            if scope["scope_type"] == "closure":
                name = "operator()" if scope["name"].startswith("<lambda") else name
            # What is only inlined keeps the lines the optimiser left, not all.
            inlined = "inlined" in scope.get("language_specifics", {})
            found[(scope["source_file"], scope["start_line"])] = (name, scope["end_line"], inlined)
        if scope.get("language_specifics", {}).get("kind"):
            classes.add((scope["source_file"], scope["start_line"]))
        for child in scope.get("scopes", []):
            walk(child)
    for line in out.splitlines():
        walk(json.loads(line))
    return found, classes

def main():
    failures, compared = [], 0
    if not shutil.which("clang++"):
        print("skipped: no clang++")
        return 0
    sets = [("cpp", ["main.cpp", "shapes.cpp"], "clang++", ["g++", "clang++"]),
            ("c", ["records.c"], "clang", ["gcc", "clang"])]
    with tempfile.TemporaryDirectory() as folder:
        for family, files, parser, compilers in sets:
            sources = [os.path.join(SOURCES, family, file) for file in files]
            truth = {}
            for source in sources:
                truth.update(tree_functions(source, parser))
            for compiler in compilers:
                for level in ("O0", "O1"):
                    binary = os.path.join(folder, f"{compiler}-{level}")
                    subprocess.run([compiler, "-g", f"-{level}", *sources, "-o", binary],
                                   check=True)
                    found, classes = extracted_functions(binary)
                    for key, (name, end, inlined) in found.items():
                        if key not in truth:
                            failures.append(f"{compiler} {level}: {name} at {key}: not a function")
                            continue
                        compared += 1
                        true_name, true_end = truth[key]
                        if name != true_name:
                            failures.append(f"{compiler} {level}: {key} is {true_name}, not {name}")
                        slack = 1 if compiler.startswith("clang") or level != "O0" else 0
                        if not inlined and not true_end - slack <= end <= true_end:
                            failures.append(f"{compiler} {level}: {name} at {key} ends in "
                                            f"{true_end}, not {end}")
                    # At -O0 nothing is lost but what nobody calls: templates, inline functions.
                    missing = [name for key, (name, _) in truth.items() if key not in found]
                    unused = {"operator<"}
                    if level == "O0" and set(missing) - unused:
                        failures.append(f"{compiler}: missing {missing}")
                    if level == "O0" and shutil.which("gdb"):
                        failures += against_gdb(binary, found, classes, compiler)
    for failure in failures:
        print("FAILED: " + failure)
    print(f"{compared} functions compared, {len(failures)} differences")
    return 1 if failures or compared == 0 else 0

def against_gdb(binary, found, classes, compiler):
    """gdb lists what is defined; lambdas are left out of its list, or named by their operator."""
    out = subprocess.run(["gdb", "-nx", "-batch", "-ex", "info functions -n .", binary],
                         capture_output=True, text=True).stdout
    listed, file = set(), None
    for line in out.splitlines():
        if line.startswith("File "):
            file = line[5:-1]
        elif file and file.startswith(SOURCES) and re.match(r"\d+:", line):
            listed.add((file, int(line.split(":")[0])))
    # gdb has a method at the line of its definition or of its declaration, by compiler; what the
    # compiler made by itself stands at the line of its class.
    listed -= classes
    ours = {key for key, (name, *_) in found.items() if name != "operator()"}
    if compiler.startswith("g"):
        lost = {place for place in listed if place not in found}
        if lost:
            return [f"{compiler}: gdb has functions at {sorted(lost)} that are missing"]
    elif len(listed) < len(ours) // 2:
        return [f"{compiler}: gdb lists {len(listed)} functions, not {len(ours)}"]
    return []

if __name__ == "__main__":
    sys.exit(main())
