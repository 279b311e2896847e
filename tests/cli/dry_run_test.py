#!/usr/bin/env python3
"""The bodies of `symup upload --dry-run`, taken apart by Python's email, gzip and json.

Usage: dry_run_test.py SYMUP
"""
import email
import email.policy
import gzip
import json
import os
import re
import unittest

from command import Folder, incompressible, ndjson, root, roots, run

MAX_LINE = 2147483647


def no_twins(pairs):
    made = dict(pairs)
    assert len(made) == len(pairs), pairs
    return made


class Body:
    """One written body: its parts as bytes, event and attachment as values."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.size = len(data)
        boundary = re.match(rb"--([^\r\n]+)\r\n", data)[1]
        head = b"Content-Type: multipart/form-data; boundary=" + boundary + b"\r\n\r\n"
        message = email.message_from_bytes(head + data, policy=email.policy.HTTP)
        assert data.endswith(b"--" + boundary + b"--\r\n")
        assert not message.defects, message.defects
        self.parts = list(message.iter_parts())
        self.file, self.event_text = (p.get_payload(decode=True) for p in self.parts)
        self.event = json.loads(self.event_text, object_pairs_hook=no_twins)
        self.text = gzip.decompress(self.file)
        self.attachment = json.loads(self.text, object_pairs_hook=no_twins)


class DryRun(Folder):
    def bodies(self, scopes, *arguments):
        """Their bodies by number, and the command's result."""
        out = os.path.join(self.folder, "out")
        done = run("upload", "--json", "--dry-run", out, "--service", 'sh"op\u00fc', "--version",
                   "1.0", *arguments, stdin=ndjson(scopes))
        self.assertEqual(done.code, 0, done)
        result = done.json
        made = {}
        for name in os.listdir(out):
            match = re.fullmatch(re.escape(result["upload_id"]) + r"-(\d+)\.multipart", name)
            self.assertTrue(match, name)
            made[int(match[1])] = Body(os.path.join(out, name))
        self.assertEqual(sorted(made), list(range(1, result["batches"] + 1)))
        return [made[number] for number in sorted(made)], result

    def test_two_parts_with_their_names_and_types(self):
        (body,), _ = self.bodies(roots(5))
        self.assertEqual(len(body.parts), 2)
        for part, name, file_name, kind in zip(body.parts, ("file", "event"),
                                               ("file.gz", "event.json"),
                                               ("application/gzip", "application/json")):
            self.assertEqual(part["Content-Disposition"],
                             f'form-data; name="{name}"; filename="{file_name}"')
            self.assertEqual(part["Content-Type"], kind)
            self.assertEqual(sorted(part.keys()), ["Content-Disposition", "Content-Type"])

    def test_the_flat_event_agrees_with_the_attachment(self):
        bodies, result = self.bodies(roots(40), "--flush-threshold", "0", "--runtime-id", "r-1")
        self.assertEqual(len(bodies), 40)
        compressed = 0
        for number, body in enumerate(bodies, 1):
            final = number == len(bodies)
            self.assertEqual(list(body.event.items()), [
                ("ddsource", "dd_debugger"), ("service", 'sh"op\u00fc'), ("version", "1.0"),
                ("language", "cpp"), ("runtimeId", "r-1"), ("type", "symdb"),
                ("uploadId", result["upload_id"]), ("batchNum", number), ("final", final),
                ("attachmentSize", len(body.file))])
            self.assertEqual(
                [(key, value) for key, value in body.attachment.items() if key != "scopes"],
                [("service", 'sh"op\u00fc'), ("version", "1.0"), ("language", "cpp"),
                 ("upload_id", result["upload_id"]), ("batch_num", number), ("final", final)])
            self.assertEqual(list(body.attachment), ["service", "version", "language", "upload_id",
                                                     "batch_num", "scopes", "final"])
            compressed += len(body.file)
        self.assertEqual(result["compressed_bytes"], compressed)

    def test_the_nested_event_and_the_key_env(self):
        (body,), result = self.bodies(roots(1), "--event-layout", "nested", "--env", "prod",
                                      "--runtime-id", "r")
        self.assertEqual(list(body.event.items()), [
            ("ddsource", "dd_debugger"), ("service", 'sh"op\u00fc'), ("version", "1.0"),
            ("runtimeId", "r"),
            ("debugger", {"type": "symdb", "upload_id": result["upload_id"], "batch_num": 1,
                          "final": True, "attachment_size": len(body.file)})])
        self.assertEqual(list(body.attachment)[:3], ["service", "env", "version"])
        self.assertEqual(body.attachment["env"], "prod")

    def test_scopes_come_out_as_they_went_in_with_keys_in_order(self):
        scopes = roots(200)
        bodies, _ = self.bodies(scopes, "--flush-threshold", "2K", "--fragment-bytes", "8K")
        self.assertGreater(len(bodies), 3)
        sent = [scope for body in bodies for scope in body.attachment["scopes"]]
        self.assertEqual(sent, scopes)
        order = ["scope_type", "name", "source_file", "start_line", "end_line",
                 "has_injectible_lines", "injectible_lines", "language_specifics", "symbols",
                 "scopes"]
        self.assertEqual(list(sent[0]["scopes"][0]), order)
        self.assertEqual(list(sent[0]["scopes"][0]["symbols"][2]),
                         ["name", "type", "symbol_type", "line", "language_specifics"])

    def test_a_root_cut_over_batches_is_whole_when_its_pieces_are_joined(self):
        whole = root(1, 4000)
        for number, inner in enumerate(whole["scopes"]):
            inner["name"] += incompressible(200, number)
        bodies, result = self.bodies([whole], "--fragment-bytes", "64K", "--max-batch-bytes",
                                     "160K")
        self.assertGreater(len(bodies), 2)
        self.assertEqual(result["scopes"], 1)
        joined = None
        for body in bodies:
            self.assertLessEqual(body.size, 160 * 1024)
            for piece in body.attachment["scopes"]:
                joined = piece if joined is None else self.join(joined, piece)
        self.assertEqual(joined, whole)

    def join(self, left, right):
        """The shells are the same; the children of the right one follow those of the left."""
        lists = ("symbols", "scopes")
        shell = [{k: v for k, v in scope.items() if k not in lists} for scope in (left, right)]
        self.assertEqual(*shell)
        scopes = list(left.get("scopes", []))
        more = list(right.get("scopes", []))
        if scopes and more and scopes[-1]["name"] == more[0]["name"]:
            scopes[-1] = self.join(scopes[-1], more.pop(0))
        made = dict(left, scopes=scopes + more)
        symbols = left.get("symbols", []) + right.get("symbols", [])
        return dict(made, symbols=symbols) if symbols else made

    def test_texts_lines_and_missing_fields_as_the_format_wants_them(self):
        scope = root(1)
        scope["name"] = "tab\t quote\" back\\slash \u20ac \U0001f600 \x01 </script>"
        scope["source_file"] = ""
        scope["start_line"], scope["end_line"] = -5, 99999999999
        inner = scope["scopes"][0]
        inner["symbols"] = [{"name": "f", "type": "int", "symbol_type": "field"},
                            {"name": "l", "type": "int", "symbol_type": "local"},
                            {"name": "a", "type": "int", "symbol_type": "arg"}]
        inner["injectible_lines"] = []
        inner["language_specifics"] = {}
        (body,), _ = self.bodies([scope])
        sent = body.attachment["scopes"][0]
        self.assertEqual(sent["name"], scope["name"])
        self.assertNotIn("source_file", sent)
        self.assertEqual((sent["start_line"], sent["end_line"]), (0, MAX_LINE))
        self.assertEqual([s.get("line") for s in sent["scopes"][0]["symbols"]],
                         [None, MAX_LINE, 0])
        for absent in ("injectible_lines", "language_specifics"):
            self.assertNotIn(absent, sent["scopes"][0])

    def test_invalid_utf8_becomes_the_replacement_character(self):
        out = os.path.join(self.folder, "out")
        line = ndjson([root(1)]).replace(b'"name": "src/file_1.c"', b'"name": "a\xffb\xc3"')
        done = run("upload", "--json", "--dry-run", out, "--service", "s", "--version", "1",
                   stdin=line)
        self.assertEqual(done.code, 0, done)
        (name,) = os.listdir(out)
        body = Body(os.path.join(out, name))
        self.assertEqual(body.attachment["scopes"][0]["name"], "a\ufffdb\ufffd")

    def test_nothing_is_sent_and_a_folder_that_cannot_be_made_is_an_error(self):
        done = run("upload", "--dry-run", "/proc/no", "--service", "s", "--version", "1",
                   stdin=ndjson(roots(1)))
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("/proc/no", done.err)


if __name__ == "__main__":
    unittest.main()
