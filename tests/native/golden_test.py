#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the small programs of sources/ in many ways and compares what the extractor says with
golden/. All ways of one compiler and optimisation must give the same bytes: DWARF 4 and 5,
compressed sections, split DWARF, type units, separate debug files, dwz, LTO; 1, 2 and 4 threads;
and a temporary file in place of memory.

usage: golden_test.py PROBE [--update]      (GO and RUSTC name the compilers, if not in PATH)"""
import difflib, json, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES, GOLDEN = os.path.join(HERE, "sources"), os.path.join(HERE, "golden")
PROBE, UPDATE = os.path.abspath(sys.argv[1]), "--update" in sys.argv
failures, passed, skipped = [], 0, []

def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stderr[-3000:]}")
    return done.stdout

def extract(binary, *options):
    return run([PROBE, binary, "--plain", "--map", f"{SOURCES}=/src", *options])

def outline(text):
    lines = []
    def show(scope, depth):
        inner = {k: v for k, v in scope.items() if k not in ("scopes", "symbols")}
        lines.append("  " * depth + json.dumps(inner))
        for symbol in scope.get("symbols", []):
            lines.append("  " * depth + "  - " + json.dumps(symbol))
        for child in scope.get("scopes", []):
            show(child, depth + 1)
    for line in text.splitlines():
        show(json.loads(line), 0)
    return lines

def check(name, text, golden, reduce=lambda text: text):
    """Compares with golden/<golden>.ndjson; `reduce` takes out what compilers may change."""
    global passed
    path = os.path.join(GOLDEN, golden + ".ndjson")
    text = reduce(text)
    if UPDATE and name == golden:
        with open(path, "w") as file:
            file.write(text)
    with open(path) as file:
        expected = file.read()
    if text == expected:
        passed += 1
    else:
        difference = difflib.unified_diff(outline(expected), outline(text), golden, name, n=1,
                                          lineterm="")
        failures.append(name + "\n" + "\n".join(list(difference)[:40]))

def same(name, text, expected):
    global passed
    if text == expected:
        passed += 1
    else:
        difference = difflib.unified_diff(outline(expected), outline(text), "expected", name, n=1,
                                          lineterm="")
        failures.append(name + "\n" + "\n".join(list(difference)[:40]))

def version(command):
    return re.search(r"(\d+)\.\d+", run([command, "--version"]) or "0.0").group(1)

def c_family(folder, family, compiler, sources, golden):
    """One golden output for -O0 and one for -O2; all other ways must equal them."""
    if not shutil.which(compiler):
        skipped.append(compiler)
        return
    known = {"gcc": "12", "g++": "12", "clang": "14", "clang++": "14"}[compiler]
    if version(compiler) != known:
        skipped.append(f"{compiler}: golden output is that of version {known}")
        return
    clang = compiler.startswith("clang")
    sources = [os.path.join(SOURCES, family, source) for source in sources]
    for level in ("O0", "O2"):
        base = f"{golden}-{level}"
        def build(way, *options):
            binary = os.path.join(folder, f"{base}-{way}")
            # Objects in a folder of their own: a .dwo file has the name of its object.
            place = binary + ".objects"
            os.makedirs(place, exist_ok=True)
            objects = []
            for source in sources:
                objects.append(os.path.join(place, os.path.basename(source) + ".o"))
                run([compiler, "-g", f"-{level}", *options, "-c", source, "-o", objects[-1]],
                    cwd=folder)
            run([compiler, "-g", f"-{level}", *options, *objects, "-o", binary], cwd=folder)
            return binary
        plain = build("plain", "-gdwarf-5", "-Wl,--build-id")
        expected = extract(plain)
        check(base, expected, base)
        for threads in ("1", "2", "4"):
            same(f"{base} with {threads} threads", extract(plain, "--threads", threads), expected)
        same(f"{base} beyond its memory", extract(plain, "--memory", "1"), expected)
        ways = {"dwarf4": ["-gdwarf-4"], "zlib": ["-gz=zlib"], "split": ["-gsplit-dwarf"],
                "split4": ["-gsplit-dwarf", "-gdwarf-4"]}
        if clang:
            ways["split"].append("-gdwarf-5")
        elif family == "cpp":
            ways["types"] = ["-fdebug-types-section"]
            ways["types4"] = ["-fdebug-types-section", "-gdwarf-4"]
        if not clang and level == "O0":
            ways["lto"] = ["-flto"]
        for way, options in ways.items():
            text = extract(build(way, *options))
            # A type unit does not say that a namespace is inline.
            same(f"{base} {way}", text.replace("geo::v1::", "geo::"), expected)
        stripped = os.path.join(folder, base + "-stripped")
        run(["objcopy", "--only-keep-debug", plain, stripped + ".debug"])
        run(["objcopy", "--strip-debug", f"--add-gnu-debuglink={stripped}.debug", plain, stripped])
        same(f"{base} by debuglink", extract(stripped), expected)
        store = os.path.join(folder, base + "-store")
        note = run(["readelf", "-n", plain])
        build_id = re.search(r"Build ID: ([0-9a-f]+)", note).group(1)
        os.makedirs(os.path.join(store, ".build-id", build_id[:2]))
        os.rename(stripped + ".debug",
                  os.path.join(store, ".build-id", build_id[:2], build_id[2:] + ".debug"))
        same(f"{base} by build-id", extract(stripped, "--debug-dir", store), expected)
        lost = subprocess.run([PROBE, stripped], capture_output=True, text=True)
        if lost.returncode != 1 or build_id not in lost.stderr:
            failures.append(f"{base}: the error does not name the build-id: {lost.stderr}")
        if shutil.which("dwz") and not clang:  # dwz 0.15 does not know .debug_addr
            run(["dwz", plain, "-o", plain + ".dwz"])
            same(f"{base} dwz", extract(plain + ".dwz"), expected)

def without_versions(text):
    """Names, kinds and places of declarations: what every version of a compiler agrees on."""
    def strip(scope):
        specifics = scope.get("language_specifics", {})
        kept = {key: scope[key] for key in ("scope_type", "name", "start_line") if key in scope}
        if "kind" in specifics:
            kept["kind"] = specifics["kind"]
        symbols = [[s["symbol_type"], s["name"], s["type"]] for s in scope.get("symbols", [])]
        if symbols:
            kept["symbols"] = symbols
        inner = [strip(child) for child in scope.get("scopes", [])
                 if child["scope_type"] != "local"]
        if inner:
            kept["scopes"] = inner
        return kept
    return "".join(json.dumps(strip(json.loads(line))) + "\n" for line in text.splitlines())

def rust(folder):
    compiler = os.environ.get("RUSTC") or shutil.which("rustc")
    if not compiler:
        skipped.append("rustc")
        return
    binary = os.path.join(folder, "rust-program")
    run([compiler, "-g", os.path.join(SOURCES, "rust", "main.rs"), "-o", binary])
    text = extract(binary)
    check("rust", text, "rust", without_versions)
    same("rust with 4 threads", extract(binary, "--threads", "4"), text)

def go(folder):
    compiler = os.environ.get("GO") or shutil.which("go")
    if not compiler:
        skipped.append("go")
        return
    binary = os.path.join(folder, "go-program")
    env = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off",
               GOCACHE=os.environ.get("GOCACHE", os.path.join(folder, "go-cache")))
    run([compiler, "build", "-gcflags=all=-N -l", "-o", binary, "."],
        cwd=os.path.join(SOURCES, "go"), env=env)
    text = extract(binary)
    check("go", text, "go", without_versions)
    same("go with 4 threads", extract(binary, "--threads", "4"), text)

with tempfile.TemporaryDirectory() as folder:
    c_family(folder, "cpp", "g++", ["main.cpp", "shapes.cpp"], "cpp-gcc")
    c_family(folder, "cpp", "clang++", ["main.cpp", "shapes.cpp"], "cpp-clang")
    c_family(folder, "c", "gcc", ["records.c"], "c-gcc")
    c_family(folder, "c", "clang", ["records.c"], "c-clang")
    rust(folder)
    go(folder)
for failure in failures:
    print("FAILED: " + failure)
print(f"{passed} comparisons passed, {len(failures)} failed; skipped: {skipped or 'nothing'}")
sys.exit(1 if failures or not passed else 0)
