#!/usr/bin/env python3
"""Right and wrong batches sent to `receive`: every rule of the wire format has a body that breaks
just that rule; the intake must name the rule, and no other.

Usage: intake_test.py RECEIVE_PROBE
"""
import gzip
import json
import os
import random
import unittest
import uuid

from received import BOUNDARY, HEADERS, Batch, Folder, Receiver, multipart, root_scope
from wrong_batches import (ARGUMENT, FIELD, RANGE, WRONG, attachment, event, event_text, gz, raw,
                           scope)


class WrongBatches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()

    @classmethod
    def tearDownClass(cls):
        code, cls.summary, errors = cls.receiver.stop()
        assert code == 0
        # What is answered is told on stderr, too.
        for rule in WRONG:
            assert f": {rule}: " in errors, rule

    def refused(self, rule, body, **options):
        status, text, _ = self.receiver.post(body, **options)
        self.assertEqual(status, 400, f"{rule}: {text}")
        rules = {line.split(":")[0] for line in text.splitlines()}
        self.assertEqual(rules, {rule}, text)

    def test_each_rule_broken_alone_is_refused_and_named(self):
        for rule, changes in WRONG.items():
            for index, change in enumerate(changes):
                with self.subTest(rule=rule, index=index):
                    batch = Batch()
                    batch.declared = dict(batch.attachment)
                    if isinstance(change, tuple):
                        old, new = (text.encode() for text in change)
                        body = batch.body()
                        self.assertIn(old, body)
                        body = body.replace(old, new, 1)
                    else:
                        change(batch)
                        body = batch.body()
                    self.refused(rule, body)

    def test_bytes_that_are_not_utf8_are_refused(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80",
                    b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80"):
            for old, new in ((b'"name": "f"', b'"name": "' + bad + b'"'),
                             (b'"return_type"', b'"' + bad + b'"')):
                with self.subTest(bad=bad, new=new):
                    batch = Batch()
                    batch.json = json.dumps(batch.attachment).encode().replace(old, new)
                    self.refused("json.utf8", batch.body())
            with self.subTest(bad=bad, part="event"):
                batch = Batch()
                batch.event_json = batch.event_bytes().replace(b'"r"', b'"' + bad + b'"')
                self.refused("json.utf8", batch.body())

    def test_the_event_is_as_strict_as_the_attachment(self):
        for rule, function in (
                ("json.duplicate_key", lambda t: t.replace('"final"', '"batchNum": 1, "final"')),
                ("json.trailing", lambda t: t + "{}"), ("json.nul", lambda t: t + "\0"),
                ("json.syntax", lambda t: t[:-1]), ("json.syntax", lambda t: "[" + t + "]"),
                ("json.syntax", lambda t: ""),
                ("limits.event_bytes", lambda t: t + " " * 65536)):
            with self.subTest(rule=rule):
                batch = Batch()
                event_text(function)(batch)
                self.refused(rule, batch.body())

    def test_parts_must_be_two(self):
        file_part, event_part = Batch().parts()
        for extra in (("more", "m", "text/plain", b""), file_part, event_part):
            with self.subTest(extra=extra[0]):
                self.refused("part.count", multipart([file_part, event_part, extra]))
        for parts in ([file_part], [event_part]):
            status, text, _ = self.receiver.post(multipart(parts))
            self.assertEqual(status, 400)
            self.assertIn("part.count", text)
            self.assertIn("part.missing", text)
        self.refused("part.count", multipart([file_part, event_part] * 9))

    def test_the_request_must_be_as_agreed(self):
        body = Batch().body()
        good = HEADERS["Content-Type"]
        for content_type in ("multipart/mixed; boundary=" + BOUNDARY, "application/json",
                             "multipart/form-data", good + "; charset=utf-8",
                             "multipart/form-data; boundary=", "multipart/form-data; boundary=a b",
                             "multipart/form-data; boundary=" + "x" * 71):
            with self.subTest(content_type=content_type):
                self.refused("http.content_type", body, headers={"Content-Type": content_type})
        self.refused("http.content_type", body, headers={"X": "y"})
        self.refused("http.content_encoding", body,
                     headers={"Content-Type": good, "Content-Encoding": "gzip"})
        self.refused("http.content_length", iter([body]),
                     headers={"Content-Type": good, "Transfer-Encoding": "chunked"})

    def test_the_direct_path_asks_for_its_headers(self):
        headers = {**HEADERS, "DD-API-KEY": "k", "DD-EVP-ORIGIN": "symup"}
        path = "/api/v2/debugger"
        self.assertEqual(self.receiver.post(Batch().body(), path, headers)[0], 202)
        for name in ("DD-API-KEY", "DD-EVP-ORIGIN"):
            fewer = {k: v for k, v in headers.items() if k != name}
            self.refused("http.header", Batch().body(), path=path, headers=fewer)

    def test_other_paths_and_methods_are_told_apart(self):
        self.assertEqual(self.receiver.post(b"x", "/symdb/v1/inputs")[0], 404)
        self.assertEqual(self.receiver.post(None, "/", method="GET")[0], 404)
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            body = b"x" * 100000 if method == "PUT" else None
            status, _, headers = self.receiver.post(body, method=method)
            self.assertEqual((status, headers["Allow"]), (405, "POST"))
        self.assertEqual(self.receiver.post(Batch().body())[0], 202)


class RightBatches(Folder):
    def test_everything_the_format_allows_is_accepted(self):
        def env(batch):
            raw(('"version"', '"env": "prod", "version"'))(batch)
        changes = [
            lambda b: None, env, lambda b: setattr(b, "layout", "nested"),
            lambda b: setattr(b, "file_first", False),
            lambda b: setattr(b, "json", json.dumps(b.attachment, ensure_ascii=False).encode()),
            lambda b: setattr(b, "json", json.dumps(b.attachment, indent=1).encode() + b"\n"),
            scope((), source_file=...), scope((), name=""), scope((), scopes=...),
            scope(FIELD, symbol_type="FIELD"), scope(FIELD, line=0), scope(ARGUMENT, line=0),
            scope(RANGE, start=5, end=5), scope((), start_line=2147483647),
            event(runtimeId=""), event(runtimeId="\"\\\u2028"),
            attachment(service="\U0001f600\\\"/"),
        ] + [scope((), scope_type=t) for t in ("MODULE", "JAR", "ASSEMBLY", "PACKAGE", "FILE",
                                               "module", "jar", "assembly", "package", "file")]
        for level in (0, 1, 9):
            changes.append(gz(lambda d, level=level: gzip.compress(gzip.decompress(d), level)))
        with Receiver(store=self.store) as receiver:
            for index, change in enumerate(changes):
                with self.subTest(index=index):
                    batch = Batch()
                    change(batch)
                    status, text, _ = receiver.post(batch.body())
                    self.assertEqual((status, text), (202, ""))
        report = self.verified()
        self.assertTrue(report["ok"], report)
        self.assertEqual(report["uploads"], len(changes))

    def test_stored_parts_are_the_ones_sent_and_the_index_counts_them(self):
        batch = Batch()
        with Receiver(store=self.store) as receiver:
            self.assertEqual(receiver.post(batch.body())[0], 202)
        folder = os.path.join(self.store, batch.upload_id)
        self.assertEqual(sorted(os.listdir(folder)),
                         ["batch-000001.event.json", "batch-000001.file.gz"])
        with open(os.path.join(folder, "batch-000001.file.gz"), "rb") as file:
            self.assertEqual(file.read(), batch.gzip_bytes())
        with open(os.path.join(folder, "batch-000001.event.json"), "rb") as file:
            self.assertEqual(file.read(), batch.event_bytes())
        with open(os.path.join(self.store, "index.ndjson"), encoding="utf-8") as file:
            (line,) = [json.loads(text) for text in file]
        self.assertEqual((line["upload_id"], line["batch_num"], line["final"]),
                         (batch.upload_id, 1, True))
        self.assertEqual((line["root_scopes"], line["scopes"], line["symbols"]), (1, 3, 3))
        self.assertEqual(line["json_bytes"], len(batch.json_bytes()))
        self.assertEqual(line["file_bytes"], len(batch.gzip_bytes()))
        self.assertEqual(line["service"], batch.attachment["service"])

    def test_a_large_batch_with_many_scopes_passes(self):
        batch = Batch()
        rng = random.Random(7)
        for number in range(3000):
            root = root_scope()
            root["name"] = f"file {number} {rng.getrandbits(256):x}"
            batch.attachment["scopes"].append(root)
        with Receiver(store=self.store) as receiver:
            self.assertEqual(receiver.post(batch.body())[0], 202)
        report = self.verified()
        self.assertEqual((report["root_scopes"], report["scopes"], report["symbols"]),
                         (3001, 9003, 9003))

    def test_an_ipv6_address_and_a_unix_socket_work(self):
        path = os.path.join(self.folder, "s")
        for listen in ("[::1]:0", "unix://" + path):
            with self.subTest(listen=listen):
                with Receiver(listen=listen) as receiver:
                    for _ in range(3):
                        self.assertEqual(receiver.post(Batch().body())[0], 202)
        self.assertFalse(os.path.exists(path))


class Uploads(Folder):
    """The rules over the batches of one upload."""

    def run_batches(self, *steps):
        """Each step: batch number, final, expected status or rule, changes to the attachment."""
        upload_id = str(uuid.uuid4())
        with Receiver(store=self.store) as receiver:
            for number, final, expected, *changes in steps:
                batch = Batch(number, final, upload_id)
                for change in changes:
                    change(batch)
                status, text, _ = receiver.post(batch.body())
                if expected == 202:
                    self.assertEqual((status, text), (202, ""))
                else:
                    self.assertEqual(status, 400, text)
                    self.assertEqual({line.split(":")[0] for line in text.splitlines()}, {expected})
        return upload_id

    def test_batches_in_any_order_with_final_last_make_an_upload(self):
        self.run_batches((2, False, 202), (1, False, 202), (3, False, 202), (4, True, 202))
        report = self.verified()
        self.assertEqual((report["ok"], report["uploads"], report["batches"]), (True, 1, 4))

    def test_a_batch_may_come_again_with_the_same_bytes(self):
        self.run_batches((1, False, 202), (1, False, 202), (2, True, 202), (1, False, 202),
                         (2, True, 202))
        self.assertEqual(self.verified()["batches"], 2)

    def test_a_batch_must_not_come_again_with_other_bytes(self):
        def other_name(batch):
            batch.attachment["scopes"][0]["name"] = "b.c"
        def other_event(batch):
            batch.event["runtimeId"] = "other"
        self.run_batches((1, False, 202), (1, False, "upload.resend", other_name),
                         (1, False, "upload.resend", other_event), (2, True, 202))
        self.assertTrue(self.verified()["ok"])

    def test_final_before_a_lower_number_is_refused(self):
        self.run_batches((1, False, 202), (3, True, "upload.final_too_early"), (2, False, 202),
                         (3, True, 202))
        self.assertTrue(self.verified()["ok"])

    def test_nothing_comes_after_final(self):
        self.run_batches((1, True, 202), (2, False, "upload.after_final"),
                         (2, True, "upload.second_final"))

    def test_final_must_have_the_highest_number(self):
        self.run_batches((1, False, 202), (3, False, 202), (2, True, "upload.final_not_last"))
        self.assertEqual(self.rules(), ["upload.gap", "upload.no_final"])

    def test_service_version_and_language_do_not_change(self):
        self.run_batches((1, False, 202), (2, False, "upload.service", attachment(service="x")),
                         (2, False, "upload.version", attachment(version="x")),
                         (2, False, "upload.language", attachment(language="x")), (2, True, 202))

    def test_a_gap_or_a_missing_final_is_told_by_verify(self):
        self.run_batches((1, False, 202), (4, False, 202))
        self.assertEqual(self.rules(), ["upload.gap", "upload.no_final"])

    def test_an_upload_goes_on_after_a_restart(self):
        upload_id = str(uuid.uuid4())
        first = Batch(1, False, upload_id)
        for batch, status in ((first, 202), (Batch(2, True, upload_id), 202), (first, 202),
                              (Batch(3, False, upload_id), 400)):
            with Receiver(store=self.store) as receiver:
                self.assertEqual(receiver.post(batch.body())[0], status)
        report = self.verified()
        self.assertEqual((report["ok"], report["batches"]), (True, 2))

    def test_a_torn_last_line_of_the_index_is_dropped_at_the_start(self):
        upload_id = self.run_batches((1, False, 202))
        index = os.path.join(self.store, "index.ndjson")
        with open(index, "ab") as file:
            file.write(b'{"upload_id":"')
        with Receiver(store=self.store) as receiver:
            self.assertEqual(receiver.post(Batch(2, True, upload_id).body())[0], 202)
        self.assertTrue(self.verified()["ok"])


if __name__ == "__main__":
    unittest.main()
