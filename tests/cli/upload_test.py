#!/usr/bin/env python3
"""`symup upload`: inputs, the JSON result, exit codes and errors, against the strict intake.

Usage: upload_test.py SYMUP
"""
import gzip
import json
import os
import unittest
import uuid

from command import (Folder, Receiver, environment, free_port, ndjson, root, roots, run, upload,
                     url_of)


class Case(Folder):
    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def deliver(self, *arguments, stdin=b"", receiver_options=()):
        """Uploads to an intake with a store; gives the result and what verify says."""
        with Receiver(*receiver_options, store=self.store) as receiver:
            done = upload(url_of(receiver), *arguments, stdin=stdin)
            _, _, errors = receiver.stop()
        self.assertEqual(errors, "")
        return done


class Inputs(Case):
    def check(self, done, count):
        self.assertEqual(done.code, 0, done)
        report = self.verified()
        self.assertEqual((report["ok"], report["uploads"], report["root_scopes"]),
                         (True, 1, count))

    def test_a_file_arrives_whole(self):
        self.check(self.deliver(self.write("scopes.ndjson", ndjson(roots(50)))), 50)

    def test_a_gzip_file_arrives_whole(self):
        data = gzip.compress(ndjson(roots(20))) + gzip.compress(ndjson(roots(20)))
        self.check(self.deliver(self.write("scopes.ndjson.gz", data)), 40)

    def test_standard_input_arrives_whole_named_and_not_named(self):
        self.check(self.deliver("-", stdin=ndjson(roots(7))), 7)

    def test_standard_input_is_the_default_and_may_be_gzip(self):
        self.check(self.deliver(stdin=gzip.compress(ndjson(roots(8)))), 8)

    def test_a_line_of_20_megabytes_arrives_in_many_batches(self):
        line = ndjson([root(1, 40000)])
        self.assertGreater(len(line), 20_000_000)
        done = self.deliver("--json", "--fragment-bytes", "16K", "--max-batch-bytes", "96K",
                            stdin=line)
        self.check(done, done.json["batches"])  # the root is repeated with each
        self.assertGreater(done.json["batches"], 1)
        self.assertEqual(done.json["scopes"], 1)
        self.assertEqual(self.verified()["symbols"], 3 * 40000)

    def test_threshold_decides_how_many_batches_there_are(self):
        done = self.deliver("--json", "--flush-threshold", "0", stdin=ndjson(roots(12)))
        self.check(done, 12)
        self.assertEqual(done.json["batches"], 12)

    def test_empty_input_says_so_sends_nothing_and_is_no_failure(self):
        for data in (b"", b"\n \n\n", gzip.compress(b"")):
            done = self.deliver(stdin=data)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.out, "")
            self.assertIn("no scopes, nothing was sent", done.err)
            self.assertFalse(os.path.getsize(os.path.join(self.store, "index.ndjson"))
                             if os.path.exists(os.path.join(self.store, "index.ndjson")) else 0)
        done = self.deliver("--json", stdin=b"")
        self.assertEqual((done.json["scopes"], done.json["batches"], done.json["attempts"],
                          done.json["final"], done.json["error"]), (0, 0, 0, False, None))

    def test_faults_of_the_intake_are_overcome(self):
        # No batch is refused six times running with this seed, whatever order they come in.
        spec = "503:0.2,accept-then-close:0.2,seed=11"
        done = self.deliver("--json", "--flush-threshold", "4K", "--retry-delay", "1ms",
                            "--max-attempts", "50", stdin=ndjson(roots(2000)),
                            receiver_options=("--fail", spec))
        self.check(done, 2000)
        self.assertGreater(done.json["retries"], 0)
        self.assertEqual(done.json["attempts"], done.json["batches"] + done.json["retries"])


class JsonResult(Case):
    def test_one_object_with_the_fields_of_the_contract(self):
        done = self.deliver("--json", stdin=ndjson(roots(30)))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.out.count("\n"), 1)
        result = done.json
        types = {"upload_id": str, "scopes": int, "json_bytes": int, "batches": int,
                 "compressed_bytes": int, "attempts": int, "retries": int, "final": bool,
                 "seconds": float, "error": type(None)}
        for name, kind in types.items():
            self.assertIs(type(result[name]), kind, name)
        self.assertEqual(str(uuid.UUID(result["upload_id"])), result["upload_id"])
        stored = os.path.join(self.store, result["upload_id"])
        self.assertTrue(os.path.isdir(stored))
        self.assertEqual((result["scopes"], result["batches"], result["attempts"],
                          result["retries"], result["final"]), (30, 1, 1, 0, True))
        self.assertEqual(result["compressed_bytes"], self.verified()["compressed_bytes"])
        self.assertTrue(0 < result["json_bytes"] <= self.verified()["json_bytes"])
        self.assertTrue(0 <= result["seconds"] < 60)

    def test_an_error_is_an_object_with_category_code_and_message(self):
        with Receiver("--fail", "403") as receiver:
            done = upload(url_of(receiver), "--json", stdin=ndjson(roots(1)))
        self.assertEqual(done.code, 4, done)
        problem = done.json["error"]
        self.assertEqual((problem["category"], problem["code"]), ("upload_failed", "http_status"))
        self.assertIn("403", problem["message"])
        self.assertEqual((done.json["attempts"], done.json["final"]), (1, False))

    def test_there_is_an_object_even_where_nothing_could_begin(self):
        for arguments, category in ((("--json", "/nowhere/to/be/found"), "invalid_input"),
                                    (("--json", "--flush-threshold", "many"), "configuration")):
            done = upload("http://127.0.0.1:1", *arguments)
            self.assertEqual(done.json["error"]["category"], category, done)
            self.assertEqual(done.json["scopes"], 0)


class ExitCodes(Case):
    def test_2_is_usage_and_configuration(self):
        for arguments in ((), ("upload", "--no-such-flag"), ("upload", "--on-invalid", "maybe"),
                          ("upload", "-q", "-v"), ("upload", "a", "b"), ("nothing",)):
            done = run(*arguments)
            self.assertEqual(done.code, 2, done)
            self.assertTrue(done.err)
        for arguments, named in (
                (("--version", "1"), "service"), (("--service", "s"), "version"),
                (("--service", "s", "--version", "1", "--url", "ftp://x"), "ftp://x"),
                (("--service", "s", "--version", "1", "--compression-level", "13"), "13"),
                (("--service", "s", "--version", "1", "--config", "/no/such/file"),
                 "/no/such/file")):
            done = run("upload", *arguments)
            self.assertEqual(done.code, 2, done)
            self.assertIn(named, done.err)
            self.assertEqual(done.out, "")

    def test_3_is_invalid_input(self):
        broken = gzip.compress(ndjson(roots(5)))[:-20]
        for path in (self.write("a", b"{}\n"), self.write("cut.gz", broken),
                     os.path.join(self.folder, "missing"), self.folder):
            done = self.deliver(path)
            self.assertEqual(done.code, 3, done)
            self.assertIn(path, done.err)

    def test_4_is_a_failed_upload(self):
        done = upload(f"http://127.0.0.1:{free_port()}", "--max-attempts", "2", "--retry-delay",
                      "1ms", stdin=ndjson(roots(1)))
        self.assertEqual(done.code, 4, done)
        self.assertIn("upload_failed/transport", done.err)
        with Receiver("--fail", "503") as receiver:
            done = upload(url_of(receiver), "--json", "--max-attempts", "3", "--retry-delay",
                          "1ms", stdin=ndjson(roots(1)))
        self.assertEqual(done.code, 4, done)
        self.assertEqual((done.json["attempts"], done.json["retries"]), (3, 2))
        self.assertIn("503", done.err)


class InvalidLines(Case):
    def setUp(self):
        super().setUp()
        good = ndjson(roots(3)).splitlines(keepends=True)
        bad = b'{"scope_type": "FILE", "name": 7}\n'
        self.path = self.write("in.ndjson", good[0] + good[1] + bad + good[2])
        self.offset = len(good[0]) + len(good[1]) + bad.index(b"7")

    def test_fail_names_file_line_and_byte_and_nothing_is_final(self):
        done = self.deliver(self.path, "--json", "--flush-threshold", "0")
        self.assertEqual(done.code, 3, done)
        where = f"{self.path}:3: byte {self.offset}: "
        self.assertIn(where, done.err)
        self.assertIn(where, done.json["error"]["message"])
        self.assertEqual(done.json["error"]["category"], "invalid_input")
        self.assertFalse(done.json["final"])

    def test_in_gzip_the_byte_is_that_of_the_unpacked_text(self):
        with open(self.path, "rb") as file:
            path = self.write("in.gz", gzip.compress(file.read()))
        self.assertIn(f"{path}:3: byte {self.offset}: ", self.deliver(path).err)

    def test_on_standard_input_the_file_is_called_stdin(self):
        self.assertIn("<stdin>:1: byte 0: ", self.deliver(stdin=b"nonsense\n").err)

    def test_skip_sends_the_others_counts_and_names_each_line(self):
        done = self.deliver(self.path, "--json", "--on-invalid", "skip")
        self.assertEqual(done.code, 0, done)
        self.assertEqual((done.json["scopes"], done.json["skipped_lines"]), (3, 1))
        self.assertIn(f"skipped: {self.path}:3: byte {self.offset}: ", done.err)
        self.assertEqual(self.verified()["root_scopes"], 3)

    def test_unknown_fields_are_an_error_that_names_them_or_are_dropped(self):
        scope = root(1)
        scope["scopes"][0]["colour"] = {"deep": [1, 2]}
        done = self.deliver(stdin=ndjson([scope]))
        self.assertEqual(done.code, 3, done)
        self.assertIn("colour", done.err)
        done = self.deliver("--unknown-fields", "drop", stdin=ndjson([scope]))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.verified()["root_scopes"], 1)

    def test_a_line_over_the_limit_is_invalid(self):
        done = self.deliver("--max-line-bytes", "1K", stdin=ndjson(roots(1)))
        self.assertEqual(done.code, 3, done)
        self.assertIn("<stdin>:1: ", done.err)


class Quiet(Case):
    def test_not_on_a_terminal_success_prints_nothing(self):
        done = self.deliver(stdin=ndjson(roots(10)))
        self.assertEqual((done.code, done.out, done.err), (0, "", ""))

    def test_with_json_only_the_object_is_printed(self):
        done = self.deliver("--json", stdin=ndjson(roots(10)))
        self.assertEqual(done.err, "")
        self.assertIsInstance(json.loads(done.out), dict)

    def test_quiet_leaves_errors_and_verbose_names_the_upload(self):
        done = self.deliver("-q", "--on-invalid", "skip", stdin=b"x\n" + ndjson(roots(1)))
        self.assertEqual((done.code, done.out, done.err), (0, "", ""))
        self.assertNotEqual(self.deliver("-q", stdin=b"x\n").err, "")
        done = self.deliver("-v", "--json", stdin=ndjson(roots(1)))
        self.assertIn(done.json["upload_id"], done.err)


if __name__ == "__main__":
    unittest.main()
