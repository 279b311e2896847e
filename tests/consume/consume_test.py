#!/usr/bin/env python3
"""Builds a host of symup as a stranger would, runs it against `symup receive`, has the store verified.

Usage: consume_test.py HOST SETTINGS
HOST is a folder beside this file; SETTINGS is the JSON that CMakeLists.txt writes.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=500, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\nexit code {done.returncode}")
    return done.stdout


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


class Host:
    """One of the folders beside this file, built in a scratch folder of its own."""

    def __init__(self, name, settings):
        self.source = os.path.join(HERE, name)
        self.scratch = os.path.join(settings["scratch"], name)
        self.build = os.path.join(self.scratch, "build")
        self.settings = settings
        shutil.rmtree(self.scratch, ignore_errors=True)

    def configure(self, *options):
        s = self.settings
        return run(s["cmake"], "-S", self.source, "-B", self.build, "-G", s["generator"],
                   f"-DCMAKE_CXX_COMPILER={s['compiler']}", f"-DCMAKE_CXX_FLAGS={s['flags']}",
                   f"-DCMAKE_CXX_COMPILER_LAUNCHER={s['launcher']}", *options)

    def make(self, *options):
        return run(self.settings["cmake"], "--build", self.build, *options)

    def cached(self, name):
        with open(os.path.join(self.build, "CMakeCache.txt"), encoding="utf-8") as cache:
            found = re.search(rf"^{name}:\w+=(.*)$", cache.read(), re.M)
        return found[1] if found else None

    def upload(self, program, arguments, expected):
        """Runs the program against an intake; `arguments` makes its arguments from the URL."""
        symup = self.settings["symup"]
        store = os.path.join(self.scratch, "store")
        intake = subprocess.Popen([symup, "receive", "--listen", "127.0.0.1:0", "--store", store],
                                  stdout=subprocess.PIPE, text=True)
        try:
            url = intake.stdout.readline().removeprefix("listening on ").strip()
            printed = run(os.path.join(self.build, program), *arguments(url))
        finally:
            intake.send_signal(signal.SIGTERM)
            intake.communicate(timeout=20)
        check(re.fullmatch(expected, printed.strip()), f"{program} printed: {printed}")
        report = json.loads(run(symup, "verify", "--json", store))
        check(report["ok"], report)
        print(printed.strip())


def add_subdirectory(settings):
    host = Host("add_subdirectory", settings)
    host.configure(f"-DSYMUP_SOURCE={settings['source']}",
                   "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    check(host.cached("CMAKE_BUILD_TYPE") in (None, ""), "symup chose the host's build type")
    targets = host.make("--target", "help")
    for target in ("symup_command", "unit_test", "pipeline_bench", "symup_receive"):
        check(not re.search(rf"^{target}\b", targets, re.M), f"symup gave the host {target}")
    with open(os.path.join(host.build, "compile_commands.json"), encoding="utf-8") as commands:
        own = [c["command"] for c in json.load(commands) if c["file"].startswith(host.source)]
    for private in ("-Wall", "-Wextra", os.path.join(settings["source"], "src")):
        check(private not in own[0], f"{private} leaks to the host: {own[0]}")
    host.make("--target", "shop", "--parallel", str(os.cpu_count()))
    host.upload("shop", lambda url: [url], r"1 scopes accepted in 1 batches")


def find_package(settings):
    host = Host("find_package", settings)
    prefix = os.path.join(host.scratch, "prefix")
    run(settings["cmake"], "--install", settings["build"], "--prefix", prefix)
    for file in ("bin/symup", "share/symup/symup.reference.conf", "include/symup/caf.hpp"):
        check(os.path.exists(os.path.join(prefix, file)), f"{file} is not installed")
    host.configure(f"-DCMAKE_PREFIX_PATH={prefix}")
    host.make()
    config = os.path.join(host.source, "catalogue.conf")
    host.upload("catalogue", lambda url: [f"--config-file={config}", f"--symup.url={url}"],
                r"300 scopes in ([2-9]|\d\d+) batches, complete")
    languages = run(os.path.join(host.build, "languages"), settings["symup"])
    check("cpp" in languages.split(), f"languages printed: {languages}")


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        {f.__name__: f for f in (add_subdirectory, find_package)}[sys.argv[1]](json.load(file))
