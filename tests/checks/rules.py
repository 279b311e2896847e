"""The rules of this repository that a program can check. Each function yields what breaks its rule
as "FILE:LINE: what"; rules_test.py runs them and shows that each of them can fail."""
import os
import re

FOLDERS = ("actors", "bench", "config", "docs", "include", "scripts", "src", "tests", ".ci")
SKIPPED = {"__pycache__", "golden"}
MAX_LINES = 600

SENDING_LIBRARIES = re.compile(r"<(nlohmann/|simdjson|zlib|curl/|libdeflate|httplib)")
ENVIRONMENT = re.compile(r"\b((secure_)?getenv|setenv|putenv|environ|temp_directory_path)\b")
MESSAGE = re.compile(r"caf::(replies_to|reacts_to)<")
UNFINISHED = re.compile(r"\b(TO" "DO|FIX" r"ME)\b")


class Tree:
    """The files of a tree: their paths from its root, and their lines."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._walk())
        self._lines = {}

    def _walk(self):
        for name in os.listdir(self.root):
            if os.path.isfile(os.path.join(self.root, name)):
                yield name
        for folder in FOLDERS:
            for path, folders, names in os.walk(os.path.join(self.root, folder)):
                folders[:] = [f for f in folders if f not in SKIPPED]
                for name in names:
                    yield os.path.relpath(os.path.join(path, name), self.root)

    def lines(self, path):
        if path not in self._lines:
            try:
                with open(os.path.join(self.root, path), encoding="utf-8") as file:
                    self._lines[path] = file.read().split("\n")
            except UnicodeDecodeError:
                self._lines[path] = []  # no text
        return self._lines[path]

    def code(self, *folders):
        return [p for p in self.paths if p.endswith((".cpp", ".hpp")) and
                (not folders or p.startswith(folders))]

    def headers(self, *folders):
        return [p for p in self.code(*folders) if p.endswith(".hpp")]

    def found(self, paths, pattern):
        """(path, number, line) of each line that matches."""
        for path in paths:
            for number, line in enumerate(self.lines(path), 1):
                if re.search(pattern, line):
                    yield path, number, line

    def includes(self, *folders):
        """(path, number, what): `what` with its quotes or angle brackets."""
        for path, number, line in self.found(self.code(*folders), r"^\s*#\s*include\b"):
            yield path, number, line.split("include", 1)[1].split("//")[0].strip()


def caf_stays_in_actors(tree):
    for path, number, what in tree.includes("src/", "include/"):
        if what.startswith("<caf/") and path != "include/symup/caf.hpp":
            yield f"{path}:{number}: {what}: only actors/ and include/symup/caf.hpp know CAF"


def plain_code_knows_no_actor(tree):
    actors = {f'"{os.path.basename(p)}"' for p in tree.headers("actors/")}
    plain = {os.path.basename(p) for p in tree.headers("src/") if p.count("/") == 1}
    for path, number, what in tree.includes("src/"):
        if path.startswith("src/cli/"):
            continue
        if what in actors and what.strip('"') not in plain or what == '"symup/caf.hpp"':
            yield f"{path}:{number}: {what}: plain code knows nothing of the actors"


def actors_leave_formats_to_plain_code(tree):
    for path, number, what in tree.includes("actors/"):
        if SENDING_LIBRARIES.match(what):
            yield f"{path}:{number}: {what}: JSON, compression and HTTP are the work of src/"


def environment_is_read_in_one_place(tree):
    for path, number, line in tree.found(tree.code("src/", "actors/", "include/"), ENVIRONMENT):
        comment = line.lstrip().startswith("//")
        if path != "src/cli/config_flags.cpp" and not comment:
            yield f"{path}:{number}: the environment belongs to the host: {line.strip()}"


def public_headers_need_no_private_one(tree):
    for path, number, what in tree.includes("include/"):
        if what == '"symup/caf.hpp"' or what.startswith('"') and not what.startswith('"symup/'):
            yield f"{path}:{number}: {what}: not for hosts"


def public_headers_are_packaged(tree):
    package = "\n".join(tree.lines("config/cmake/symup_package.cmake"))
    for path in tree.headers("include/"):
        name = re.escape(os.path.basename(path))
        if not re.search(rf"(?<![\w/]){name}\b", package):
            yield f"{path}:1: not in config/cmake/symup_package.cmake, so not installed"


def receiver_shares_nothing_with_sender(tree):
    for path, number, what in tree.includes("src/receive/"):
        if what.startswith('"') and not what.startswith('"receive/') and what != '"symup/error.hpp"':
            yield f"{path}:{number}: {what}: of the sender the receiver knows only symup/error.hpp"


def sender_shares_nothing_with_receiver(tree):
    for path, number, what in tree.includes("src/", "actors/", "include/"):
        if what.startswith('"receive/') and not path.startswith(("src/receive/", "src/cli/")):
            yield f"{path}:{number}: {what}: the sender knows nothing of the receiver"


def headers_open_no_namespace(tree):
    for path, number, _ in tree.found(tree.headers(), r"^\s*using\s+namespace\b"):
        yield f"{path}:{number}: using namespace in a header"


def nothing_is_unfinished(tree):
    for path, number, line in tree.found(tree.paths, UNFINISHED):
        yield f"{path}:{number}: {line.strip()}"


def messages_are_explained(tree):
    for path, number, _ in tree.found(tree.headers("actors/", "include/"), MESSAGE):
        if not tree.lines(path)[number - 2].strip().startswith("//"):
            yield f"{path}:{number}: a message without a comment line above it"


def files_say_their_licence(tree):
    for path in tree.code():
        if tree.lines(path)[0] != "// SPDX-License-Identifier: Apache-2.0":
            yield f"{path}:1: does not begin with the SPDX line"


def headers_open_with_prose(tree):
    for path in tree.headers("actors/", "bench/", "include/", "src/"):
        lines = tree.lines(path)
        if lines[1:3] != ["#pragma once", ""] or not lines[3].startswith("/// "):
            yield f"{path}:2: #pragma once, an empty line and what the header is are missing"


def files_are_short(tree):
    for path in tree.paths:
        count = len(tree.lines(path)) - 1
        if count > MAX_LINES:
            yield f"{path}:{MAX_LINES}: {count} lines, at most {MAX_LINES}"


RULES = [f for name, f in list(globals().items()) if callable(f) and
         getattr(f, "__code__", None) and f.__code__.co_varnames[:1] == ("tree",)]
