#!/usr/bin/env python3
"""The rules of rules.py hold here, and each of them finds what breaks it.

Usage: rules_test.py SOURCE_FOLDER
"""
import os
import shutil
import sys
import tempfile
import unittest

import rules

SOURCE = sys.argv.pop(1)

# A rule's name, a file, and a text to put into it (at its start or end, or in place of another).
BREAKS = [
    ("caf_stays_in_actors", "src/scope_tape.hpp", ">>", "#include <caf/fwd.hpp>\n"),
    ("caf_stays_in_actors", "include/symup/pipeline.hpp", ">>", "# include <caf/all.hpp>\n"),
    ("plain_code_knows_no_actor", "src/scope_tape.cpp", ">>", '#include "batcher.hpp"\n'),
    ("plain_code_knows_no_actor", "src/scope_tape.cpp", ">>", '#include "symup/caf.hpp"\n'),
    ("actors_leave_formats_to_plain_code", "actors/batcher.cpp", ">>", "#include <zlib.h>\n"),
    ("environment_is_read_in_one_place", "src/error.cpp", ">>", 'auto x = getenv("A");\n'),
    ("public_headers_need_no_private_one", "include/symup/scope.hpp", ">>",
     '#include "scope_tape.hpp"\n'),
    ("public_headers_need_no_private_one", "include/symup/scope.hpp", ">>",
     '#include "symup/caf.hpp"\n'),
    ("public_headers_are_packaged", "include/symup/new.hpp", ">>",
     "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n/// New.\n"),
    ("receiver_shares_nothing_with_sender", "src/receive/verify.cpp", ">>",
     '#include "gzip_member.hpp"\n'),
    ("receiver_shares_nothing_with_sender", "src/receive/verify.cpp", ">>",
     '#include "symup/scope.hpp"\n'),
    ("sender_shares_nothing_with_receiver", "src/gzip_member.cpp", ">>",
     '#include "receive/gzip_reader.hpp"\n'),
    ("headers_open_no_namespace", "tests/support/generated_scopes.hpp", ">>",
     "  using namespace std;\n"),
    ("nothing_is_unfinished", "config/symup.reference.conf", ">>", "; TO" "DO: more\n"),
    ("messages_are_explained", "actors/batcher.hpp", ">>",
     "\n  caf::reacts_to<new_atom>,\n"),
    ("files_say_their_licence", "tests/support/generated_scopes.cpp", "<<", "\n"),
    ("headers_open_with_prose", "src/gzip_member.hpp", "\n///", "\n//"),
    ("files_are_short", "scripts/demo", ">>", "#\n" * rules.MAX_LINES),
]


class Rules(unittest.TestCase):
    def test_they_hold(self):
        tree = rules.Tree(SOURCE)
        self.assertIn("src/error.cpp", tree.paths)
        found = [f"{rule.__name__}: {what}" for rule in rules.RULES for what in rule(tree)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_each_finds_what_breaks_it(self):
        self.assertEqual({b[0] for b in BREAKS}, {rule.__name__ for rule in rules.RULES})
        with tempfile.TemporaryDirectory() as folder:
            for top in rules.FOLDERS:
                if os.path.isdir(os.path.join(SOURCE, top)):
                    shutil.copytree(os.path.join(SOURCE, top), os.path.join(folder, top),
                                    ignore=shutil.ignore_patterns(*rules.SKIPPED))
            for name, path, where, text in BREAKS:
                with self.subTest(name, path=path):
                    before = change(os.path.join(folder, path), where, text)
                    found = list(getattr(rules, name)(rules.Tree(folder)))
                    self.assertTrue(any(f.startswith(path + ":") for f in found), found)
                    write(os.path.join(folder, path), before)


def change(path, where, text):
    """Gives what the file held before."""
    old = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            old = file.read()
    new = {">>": old + text, "<<": text + old}.get(where) or old.replace(where, text)
    assert new != old
    write(path, new)
    return old


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    unittest.main()
