#!/usr/bin/env python3
"""Feeds `receive` with right and wrong batches and asks `verify` about the result.

Usage: intake_test.py RECEIVE_PROBE. Python's standard library only: its gzip, json and http.client
are the independent sender. Every rule of the wire format has a body here that breaks just that
rule; the intake must name the rule, and no other.
"""
import gzip
import http.client
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
import uuid
import zlib

PROBE = ""
PATH = "/symdb/v1/input"
BOUNDARY = "symup-test-boundary"


def function_scope():
    return {
        "scope_type": "function", "name": "f", "source_file": "a.c", "start_line": 3,
        "end_line": 9, "has_injectible_lines": True,
        "injectible_lines": [{"start": 3, "end": 4}, {"start": 6, "end": 9}],
        "language_specifics": {"return_type": "int", "nested": {"list": [1, 2.5, None, [True]]}},
        "symbols": [
            {"name": "p", "type": "int", "symbol_type": "arg", "line": 3},
            {"name": "m", "type": "int", "symbol_type": "field"},
            {"name": "v", "type": "int", "symbol_type": "local", "line": 2147483647,
             "language_specifics": {"available_line_ranges": [{"start": 4, "end": 6}]}},
        ],
        "scopes": [{"scope_type": "local", "name": "", "start_line": 4, "end_line": 4,
                    "has_injectible_lines": False}],
    }


def root_scope():
    return {"scope_type": "FILE", "name": "a.c", "source_file": "a.c", "start_line": 0,
            "end_line": 2147483647, "has_injectible_lines": False, "scopes": [function_scope()]}


class Batch:
    """One batch, right unless it is changed; each step can be overridden."""

    def __init__(self, number=1, final=True, upload_id=None):
        self.upload_id = upload_id or str(uuid.uuid4())
        self.attachment = {
            "service": "shop \u00fc \"q\"", "version": "1.0", "language": "cpp",
            "upload_id": self.upload_id, "batch_num": number, "scopes": [root_scope()],
            "final": final}
        self.declared = None  # what the event says if not the attachment's values
        self.event = {}
        self.layout = "flat"
        self.json = None
        self.gzip = None
        self.event_json = None
        self.file_first = True

    def json_bytes(self):
        return self.json if self.json is not None else json.dumps(self.attachment).encode()

    def gzip_bytes(self):
        return self.gzip if self.gzip is not None else gzip.compress(self.json_bytes())

    def event_values(self):
        a = self.declared or self.attachment
        size = len(self.gzip_bytes())
        if self.layout == "nested":
            event = {"ddsource": "dd_debugger", "service": a["service"], "version": a["version"],
                     "runtimeId": "r", "debugger": {
                         "type": "symdb", "upload_id": a["upload_id"],
                         "batch_num": a["batch_num"], "final": a["final"],
                         "attachment_size": size}}
        else:
            event = {"ddsource": "dd_debugger", "service": a["service"], "version": a["version"],
                     "language": a["language"], "runtimeId": "r", "type": "symdb",
                     "uploadId": a["upload_id"], "batchNum": a["batch_num"],
                     "final": a["final"], "attachmentSize": size}
        event.update(self.event)
        return event

    def event_bytes(self):
        if self.event_json is not None:
            return self.event_json
        return json.dumps(self.event_values()).encode()

    def parts(self):
        parts = [("file", "file.gz", "application/gzip", self.gzip_bytes()),
                 ("event", "event.json", "application/json", self.event_bytes())]
        return parts if self.file_first else parts[::-1]

    def body(self):
        return multipart(self.parts())


def part_bytes(name, filename, content_type, body):
    return (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{filename}"\r\nContent-Type: {content_type}\r\n\r\n').encode() + body + b"\r\n"


def multipart(parts):
    return b"".join(part_bytes(*part) for part in parts) + f"--{BOUNDARY}--\r\n".encode()


class Receiver:
    """A running `receive`; its answers, its violations, its store."""

    def __init__(self, *options, store=None, listen="127.0.0.1:0"):
        self.command = [PROBE, "receive", "--listen", listen, *options]
        if store is not None:
            self.command += ["--store", store]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode()
        match = re.fullmatch(r"listening on (http://([^\n]*):(\d+)|unix://(\S+))\n", line)
        assert match, line
        self.host, self.port, self.unix = match[2], int(match[3] or 0), match[4]
        self.connection = None

    def connect(self):
        if self.unix:
            connection = http.client.HTTPConnection("localhost", timeout=20)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(20)
            connection.sock.connect(self.unix)
            return connection
        return http.client.HTTPConnection(self.host.strip("[]"), self.port, timeout=20)

    def post(self, body, path=PATH, headers=None, method="POST"):
        """Status, text and headers of the answer; one connection is kept for all."""
        if headers is None:
            headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        connection = self.connection or self.connect()
        self.connection = None
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.will_close:
            connection.close()
        else:
            self.connection = connection
        return response.status, text, dict(response.getheaders())

    def stop(self, number=signal.SIGTERM):
        """Ends it; gives the exit code, the summary and what was written to stderr."""
        self.process.send_signal(number)
        summary = self.process.communicate(timeout=20)[0].decode()
        self.errors.seek(0)
        errors = self.errors.read().decode()
        self.errors.close()
        if self.connection:
            self.connection.close()
        return self.process.returncode, summary, errors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


def verify(store, *options):
    done = subprocess.run([PROBE, "verify", store, *options], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.store = os.path.join(self.folder, "store")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def verified(self):
        code, out, _ = verify(self.store, "--json")
        report = json.loads(out)
        self.assertEqual(code, 0 if report["ok"] else 3)
        return report

    def rules(self):
        return sorted({v["rule"] for v in self.verified()["violations"]})


# --- bodies that break one rule each -----------------------------------------------------------

def raw(text):
    """A change that replaces text in the attachment's JSON."""
    old, new = text
    def change(batch):
        json_text = json.dumps(batch.attachment)
        assert json_text.count(old) >= 1, (old, json_text)
        batch.json = json_text.replace(old, new, 1).encode()
    return change


def attachment(**values):
    return lambda batch: batch.attachment.update(values)


def without(key):
    return lambda batch: batch.attachment.pop(key)


def event(**values):
    return lambda batch: batch.event.update(values)


def scope(path, **values):
    """Sets (or with ... removes) keys of an object inside the root scope."""
    def change(batch):
        target = batch.attachment["scopes"][0]
        for step in path:
            target = target[step]
        for key, value in values.items():
            if value is ...:
                del target[key]
            else:
                target[key] = value
    return change


def gz(function):
    def change(batch):
        batch.gzip = function(gzip.compress(json.dumps(batch.attachment).encode()))
    return change


def event_text(function):
    def change(batch):
        batch.event_json = function(json.dumps(batch.event_values())).encode("latin-1")
    return change


def event_without(key, layout="flat"):
    def change(batch):
        batch.layout = layout
        values = batch.event_values()
        target = values
        *sections, last = key.split(".")
        for section in sections:
            target = target[section]
        del target[last]
        batch.event_json = json.dumps(values).encode()
    return change


def nested_event(**values):
    def change(batch):
        batch.layout = "nested"
        event_values = batch.event_values()
        event_values["debugger"].update(values)
        batch.event_json = json.dumps(event_values).encode()
    return change


def reordered(*keys):
    def change(batch):
        batch.attachment = {key: batch.attachment[key] for key in keys}
    return change


def flip_crc(data):
    return data[:-8] + bytes([data[-8] ^ 1]) + data[-7:]


def wrong_length(data):
    return data[:-4] + struct.pack("<I", struct.unpack("<I", data[-4:])[0] + 1)


FUNCTION = ("scopes", 0)
ARGUMENT = ("scopes", 0, "symbols", 0)
FIELD = ("scopes", 0, "symbols", 1)
RANGE = ("scopes", 0, "injectible_lines", 1)
ORDER = ("service", "version", "language", "upload_id", "batch_num", "scopes", "final")
DEEP = b'{"a":' * 600 + b"1" + b"}" * 600

WRONG = {
    # 5: gzip
    "gzip.crc": [gz(flip_crc)],
    "gzip.length": [gz(wrong_length)],
    "gzip.header": [gz(lambda d: b"PK" + d[2:]), lambda b: setattr(b, "gzip", b.json_bytes()),
                    lambda b: setattr(b, "gzip", zlib.compress(b.json_bytes()))],
    "gzip.corrupt": [gz(lambda d: d[:10] + b"\xff" * 20 + d[30:])],
    "gzip.truncated": [gz(lambda d: d[:-1]), gz(lambda d: d[:-8]), gz(lambda d: d[:40]),
                       lambda b: setattr(b, "gzip", b"")],
    "gzip.trailing": [gz(lambda d: d + b"\0"), gz(lambda d: d + d),
                      gz(lambda d: d + gzip.compress(b""))],
    # 5: JSON
    "json.duplicate_key": [
        raw(('"version": "1.0"', '"version": "1.0", "version": "1.0"')),
        raw(('"name": "a.c"', '"name": "a.c", "name": "a.c"')),
        raw(('"start": 3', '"start": 3, "start": 3')),
        raw(('"name": "p"', '"name": "p", "name": "p"')),
        raw(('"return_type": "int"', '"return_type": "int", "return_type": "int"')),
        raw(('"nested": {', '"nested": {"x": 1, "x": 2, ')),
        raw(('"nested": {', '"n": [{"x": {}, "\\u0078": 2}], "nested": {'))],
    "json.trailing": [raw(('"final": true}', '"final": true}x')),
                      raw(('"final": true}', '"final": true}{}')),
                      raw(('"final": true}', '"final": true}]'))],
    "json.nul": [raw(('"final": true}', '"final": true}\0')),
                 raw(('"final": true}', '"final": true}\0{"x":1}'))],
    "json.syntax": [
        raw(('"final": true}', '"final": true,}')), raw(('"final": true}', '"final": true')),
        raw(('"service"', '\ufeff"service"')), raw(("{", "\ufeff{")), raw(("{", "[{")),
        raw(('"name": "f"', '"name": "\t"')), raw(('"name": "f"', '"name": "\0"')),
        raw(('"name": "f"', '"name": "\\ud800"')), raw(('"name": "f"', '"name": "\\x"')),
        raw(('"start_line": 3', '"start_line": 03')), raw(('"start_line": 3', '"start_line": NaN')),
        raw(("{", "/*c*/{")), raw(("{", "")), lambda b: setattr(b, "json", b"")],
    "json.depth": [raw(('"nested": {', '"deep": ' + DEEP.decode() + ', "nested": {'))],
    # the attachment
    "attachment.key_order": [
        reordered(*ORDER[:-2], "final", "scopes"),
        reordered("version", "service", *ORDER[2:]),
        attachment(env="prod")],
    "attachment.missing_key": [without(key) for key in ORDER] + [
        scope(FUNCTION, **{key: ...}) for key in
        ("scope_type", "name", "start_line", "end_line", "has_injectible_lines")] + [
        scope((), has_injectible_lines=...),
        scope(ARGUMENT, name=...), scope(ARGUMENT, type=...), scope(FIELD, symbol_type=..., line=1),
        scope(RANGE, start=...), scope(RANGE, end=...)],
    "attachment.unknown_key": [
        raw(('"final": true}', '"final": true, "x": 1}')), scope((), x=None),
        scope(FUNCTION, has_injectable_lines=True), scope(ARGUMENT, x={"y": [1]}),
        scope(RANGE, x=1)],
    "attachment.empty": [
        attachment(service=""), attachment(version=""), attachment(language=""),
        raw(('"version"', '"env": "", "version"')), attachment(scopes=[]),
        scope((), source_file=""), scope((), scopes=[]), scope(FUNCTION, symbols=[]),
        scope(FUNCTION, injectible_lines=[]), scope(FUNCTION, language_specifics={}),
        scope(ARGUMENT, language_specifics={})],
    "attachment.type": [
        attachment(service=1), attachment(version=None), attachment(language=["cpp"]),
        attachment(upload_id=7), attachment(scopes={"a": 1}), attachment(scopes=None),
        attachment(scopes=[1]), attachment(scopes=[None]), attachment(scopes=[[]]),
        attachment(final=1), attachment(final="true"),
        scope((), source_file=None), scope((), scope_type=None), scope((), name=None),
        scope((), has_injectible_lines=None), scope((), has_injectible_lines="no"),
        scope((), has_injectible_lines=0), scope(FUNCTION, injectible_lines=None),
        scope(FUNCTION, injectible_lines={"start": 1}), scope(FUNCTION, injectible_lines=[[3, 4]]),
        scope(FUNCTION, language_specifics=None), scope(FUNCTION, language_specifics=[]),
        scope(FUNCTION, symbols=None), scope(FUNCTION, symbols={}), scope(FUNCTION, scopes=None),
        scope(ARGUMENT, name=None), scope(ARGUMENT, type=None), scope(ARGUMENT, type=1),
        scope(ARGUMENT, language_specifics=None)],
    "attachment.integer": [
        attachment(batch_num=0), attachment(batch_num=-1), attachment(batch_num="1"),
        attachment(batch_num=1.0), attachment(batch_num=None), attachment(batch_num=2 ** 32),
        attachment(batch_num=1e30),
        scope((), end_line=2147483648), scope((), end_line=2 ** 63), scope((), end_line=2 ** 70),
        scope(FUNCTION, start_line=-1), scope(FUNCTION, start_line=3.0),
        scope(FUNCTION, start_line="3"), scope(FUNCTION, start_line=None),
        scope(ARGUMENT, line=-1), scope(ARGUMENT, line=2147483648), scope(ARGUMENT, line=None),
        scope(ARGUMENT, line="3"), scope(FIELD, line=None), scope(RANGE, start=-1),
        scope(RANGE, end=2147483648), scope(RANGE, end=9.5)],
    "attachment.upload_id": [
        attachment(upload_id="1"), attachment(upload_id=""), attachment(upload_id="../" * 12),
        attachment(upload_id="6ba7b810-9dad-11d1-80b4-00c04fd430cg"),
        attachment(upload_id="{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"),
        attachment(upload_id="6ba7b8109-dad-11d1-80b4-00c04fd430c8")],
    # 6: scopes
    "scope.root_type": [scope((), scope_type=t) for t in
                        ("class", "CLASS", "function", "", "File", "FILES", "translation_unit")],
    "scope.line_order": [scope(FUNCTION, start_line=10), scope((), start_line=5, end_line=4)],
    "symbol.line": [scope(ARGUMENT, line=...), scope(FIELD, symbol_type="static_field"),
                    scope(FIELD, symbol_type="local"), scope(FIELD, symbol_type="Field")],
    "range.line_order": [scope(RANGE, start=10)],
    "range.order": [scope(RANGE, start=4), scope(RANGE, start=1, end=2), scope(RANGE, start=3),
                    scope(FUNCTION, injectible_lines=[{"start": 5, "end": 5}] * 2)],
    # 2: the event
    "event.attachment_size": [event(attachmentSize=0), event(attachmentSize=10 ** 6),
                              nested_event(attachment_size=1)],
    "agree.upload_id": [event(uploadId=str(uuid.uuid4())), nested_event(upload_id="x")],
    "agree.batch_num": [event(batchNum=2), nested_event(batch_num=7)],
    "agree.final": [event(final=False), nested_event(final=False)],
    "agree.service": [event(service="other"), event(service="")],
    "agree.version": [event(version="2")],
    "agree.language": [event(language="java")],
    "event.constant": [event(ddsource="x"), event(type="SymDB"), nested_event(type="")],
    "event.missing_key": [event_without(k) for k in (
        "ddsource", "service", "version", "language", "runtimeId", "type", "uploadId", "batchNum",
        "final", "attachmentSize")] + [event_without(k, "nested") for k in (
            "ddsource", "service", "version", "runtimeId", "debugger.type", "debugger.upload_id",
            "debugger.batch_num", "debugger.final", "debugger.attachment_size")],
    "event.unknown_key": [event(env="prod"), event(upload_id="x"), nested_event(uploadId="x")],
    "event.type": [
        event(service=1), event(version=None), event(runtimeId=None), event(language=3),
        event(uploadId=4), event(batchNum="1"), event(batchNum=0), event(batchNum=-1),
        event(batchNum=1.0), event(final="true"), event(final=None), event(attachmentSize="9"),
        event(attachmentSize=-1), event(ddsource=None), event(type=["symdb"]),
        event(service={"a": 1}), nested_event(type={}), nested_event(final=1)],
    # 1: the parts
    "part.filename": [("file.gz", "file.json.gz"), ("event.json", "event"), ("file.gz", "")],
    "part.content_type": [("application/gzip", "application/octet-stream"),
                          ("application/json", "application/json; charset=utf-8"),
                          ("application/gzip", "application/x-gzip"),
                          ("application/json", "Application/JSON")],
    "part.missing": [('name="file"', 'name="File"'), ('name="event"', 'name="file2"')],
    "part.disposition": [("form-data;", "attachment;"), ('; filename="file.gz"', ""),
                         ('name="event"', "name=event"), ('.json"', '.json"; size=3'),
                         ("form-data; name", "form-data;name")],
    "part.header": [
        ("Content-Type: application/gzip", "Content-Type: application/gzip\r\nContent-Encoding: gzip"),
        ("Content-Type: application/json\r\n", ""), ("Content-Disposition:", "Content-Disposition"),
        ("Content-Type: application/gzip\r\n", "Content-Type: application/gzip\r\nX: y\r\n"),
        ("Content-Type: application/gzip", "Content-Type: application/gzip\r\n"
                                           "Content-Type: application/gzip")],
    "multipart.preamble": [(f"--{BOUNDARY}\r\n", f"preamble\r\n--{BOUNDARY}\r\n"),
                           (f"--{BOUNDARY}\r\n", f"\r\n--{BOUNDARY}\r\n"),
                           (f"--{BOUNDARY}\r\n", "--other\r\n")],
    "multipart.epilogue": [(f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}--\r\nx"),
                           (f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}--\r\n\r\n")],
    "multipart.end": [(f"\r\n--{BOUNDARY}--\r\n", ""), (f"--{BOUNDARY}--", f"--{BOUNDARY}!!"),
                      (f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}")],
}


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
        good = f"multipart/form-data; boundary={BOUNDARY}"
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
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                   "DD-API-KEY": "k", "DD-EVP-ORIGIN": "symup"}
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
                # Two compressions of the same would differ in nothing but the time stamp.
                batch.gzip = gzip.compress(batch.json_bytes(), mtime=0)
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
        first.gzip = first.gzip_bytes()
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


class Verify(Folder):
    def setUp(self):
        super().setUp()
        self.batch = Batch()
        with Receiver(store=self.store) as receiver:
            receiver.post(self.batch.body())
        self.assertTrue(self.verified()["ok"])
        self.file = os.path.join(self.store, self.batch.upload_id, "batch-000001.file.gz")
        self.index = os.path.join(self.store, "index.ndjson")

    def test_a_damaged_part_is_found(self):
        with open(self.file, "r+b") as file:
            file.seek(-8, os.SEEK_END)
            file.write(b"\0\0\0\0")
        self.assertIn("gzip.crc", self.rules())

    def test_a_part_replaced_by_another_right_one_is_found(self):
        other = gzip.compress(self.batch.json_bytes(), 1)
        with open(self.file, "wb") as file:
            file.write(other)
        event_path = self.file.replace("file.gz", "event.json")
        self.batch.gzip = other
        with open(event_path, "wb") as file:
            file.write(self.batch.event_bytes())
        self.assertEqual(self.rules(), ["store.index"])

    def test_a_missing_part_is_found(self):
        os.unlink(self.file)
        self.assertIn("store.missing", self.rules())

    def test_leftover_files_are_found(self):
        for name in (self.file + ".tmp", os.path.join(self.store, "x"),
                     self.file.replace("000001", "000002")):
            with open(name, "wb"):
                pass
            self.assertEqual(self.rules(), ["store.leftover"])
            os.unlink(name)

    def test_a_batch_that_stands_twice_in_the_index_is_found(self):
        with open(self.index, "r+b") as file:
            line = file.read()
            file.write(line)
        self.assertEqual(self.rules(), ["store.twice"])

    def test_an_index_that_says_other_things_is_found(self):
        with open(self.index, "r+b") as file:
            line = file.read().replace(b'"symbols":3', b'"symbols":4')
            file.seek(0)
            file.write(line)
        self.assertEqual(self.rules(), ["store.index"])

    def test_text_and_exit_codes(self):
        code, out, _ = verify(self.store)
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("complete and correct: 1 uploads, 1 batches, 1 root scopes"))
        os.unlink(self.file)
        code, out, _ = verify(self.store)
        self.assertEqual(code, 3)
        self.assertIn("store.missing", out)
        self.assertIn("NOT in order", out)

    def test_what_is_no_store_is_a_usage_error(self):
        self.assertEqual(verify(self.folder)[0], 2)
        self.assertEqual(verify(os.path.join(self.folder, "none"))[0], 2)
        with open(self.index, "ab") as file:
            file.write(b"{}\n")
        code, _, errors = verify(self.store)
        self.assertEqual(code, 2)
        self.assertIn("line 2", errors)


class Faults(Folder):
    def statuses(self, spec, count=20, body=None):
        with Receiver("--fail", spec) as receiver:
            result = []
            for _ in range(count):
                try:
                    result.append(receiver.post(body or Batch().body())[0])
                except (http.client.HTTPException, ConnectionError):
                    result.append("closed")
            return result

    def test_a_status_strikes_at_its_rate_and_repeats_with_its_seed(self):
        first = self.statuses("503:0.5,seed=3")
        self.assertEqual(set(first), {202, 503})
        self.assertEqual(first, self.statuses("503:0.5,seed=3"))
        self.assertNotEqual(first, self.statuses("503:0.5,seed=4"))
        self.assertEqual(self.statuses("500", 3), [500] * 3)

    def test_retry_after_is_seconds_or_a_date(self):
        with Receiver("--fail", "429:retry-after=2") as receiver:
            self.assertEqual(receiver.post(Batch().body())[2]["Retry-After"], "2")
        with Receiver("--fail", "503:1:retry-after=date") as receiver:
            date = receiver.post(Batch().body())[2]["Retry-After"]
            self.assertRegex(date, r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_close_ends_the_connection_without_an_answer(self):
        batch = Batch()
        batch.attachment["scopes"][0]["name"] = "%x" % random.Random(1).getrandbits(4000000)
        self.assertEqual(self.statuses("close", 3, batch.body()), ["closed"] * 3)
        self.assertEqual(set(self.statuses("close:0.5")), {202, "closed"})

    def test_accept_then_close_stores_the_batch_and_takes_it_again(self):
        batch = Batch()
        with Receiver("--fail", "accept-then-close", store=self.store) as receiver:
            for _ in range(3):
                with self.assertRaises((http.client.HTTPException, ConnectionError)):
                    receiver.post(batch.body())
            _, summary, errors = receiver.stop()
        self.assertIn("received 3 batches (2 resent) of 1 uploads", summary)
        self.assertEqual(errors, "")
        self.assertEqual(self.verified()["batches"], 1)

    def test_limit_answers_413_above_and_takes_what_is_not(self):
        body = Batch().body()
        self.assertEqual(self.statuses(f"limit={len(body) - 1}", 2, body), [413] * 2)
        self.assertEqual(self.statuses(f"limit={len(body)}", 2, body), [202] * 2)

    def test_a_delay_still_answers_and_does_not_hold_up_others(self):
        # One request waits far longer than the test; the next one is answered meanwhile.
        with Receiver("--fail", "delay=600s:0.3,seed=5") as receiver:
            connections = [receiver.connect() for _ in range(12)]
            headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
            for connection in connections:
                connection.request("POST", PATH, Batch().body(), headers)
            waiting = {connection.sock: connection for connection in connections}
            while len(waiting) > 7:  # what this seed delays of twelve
                readable, _, _ = select.select(list(waiting), [], [], 20)
                self.assertTrue(readable)
                for sock in readable:
                    self.assertEqual(waiting.pop(sock).getresponse().status, 202)
            self.assertEqual(select.select(list(waiting), [], [], 0)[0], [])
            self.assertEqual(receiver.stop()[0], 0) # does not wait ten minutes either
            for connection in connections:
                connection.close()

    def test_bad_specs_are_usage_errors_that_name_the_part(self):
        for spec, part in (("503:0.5,xyz", "xyz"), ("700", "700"), ("delay=5", "delay=5"),
                           ("limit=1T", "limit=1T"), ("503:2", "503:2")):
            done = subprocess.run([PROBE, "receive", "--listen", "127.0.0.1:0", "--fail", spec],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                                  check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f'fault "{part}"', done.stderr.decode())
            self.assertIn("allowed are", done.stderr.decode())


class Server(Folder):
    def test_a_body_above_the_limit_is_answered_413(self):
        with Receiver("--max-body", "1K") as receiver:
            self.assertEqual(receiver.post(b"x" * 3_000_000)[0], 413)
            self.assertEqual(receiver.post(b"x" * 1025)[0], 413)
            self.assertEqual(receiver.post(b"x" * 1024)[0], 400)

    def test_expect_100_continue_is_answered(self):
        body = Batch().body()
        with Receiver() as receiver:
            with socket.create_connection((receiver.host, receiver.port), timeout=20) as sock:
                sock.sendall((f"POST {PATH} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                              f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
                              f"Content-Length: {len(body)}\r\n\r\n").encode())
                self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 100 "))
                sock.sendall(body)
                self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 202 "))

    def test_pipelined_requests_are_all_answered(self):
        with Receiver() as receiver:
            with socket.create_connection((receiver.host, receiver.port), timeout=20) as sock:
                for _ in range(5):
                    body = Batch().body()
                    sock.sendall((f"POST {PATH} HTTP/1.1\r\nHost: x\r\n"
                                  f"Content-Type: multipart/form-data; boundary=\"{BOUNDARY}\"\r\n"
                                  f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
                text = b""
                while text.count(b"HTTP/1.1 202 ") < 5:
                    more = sock.recv(65536)
                    self.assertTrue(more, text)
                    text += more

    def test_a_sender_that_breaks_off_changes_nothing(self):
        body = Batch().body()
        with Receiver(store=self.store) as receiver:
            with socket.create_connection((receiver.host, receiver.port), timeout=20) as sock:
                sock.sendall((f"POST {PATH} HTTP/1.1\r\nHost: x\r\n"
                              f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
                              f"Content-Length: {len(body) + 1}\r\n\r\n").encode() + body)
            self.assertEqual(receiver.post(Batch().body())[0], 202)
        self.assertEqual(self.verified()["batches"], 1)

    def test_discard_looks_at_nothing(self):
        with Receiver("--discard") as receiver:
            self.assertEqual(receiver.post(b"anything")[0], 202)

    def test_both_signals_end_it_cleanly_with_open_connections(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Receiver() as receiver:
                receiver.post(Batch().body())
                self.assertIsNotNone(receiver.connection)
                code, summary, _ = receiver.stop(number)
                self.assertEqual(code, 0)
                self.assertIn("received 1 batches", summary)

    def test_an_address_in_use_and_bad_addresses_are_usage_errors(self):
        with Receiver() as receiver:
            for listen in (f"127.0.0.1:{receiver.port}", "127.0.0.1", "127.0.0.1:x", ":1",
                           "127.0.0.1:65536", "unix://relative", "::1:0"):
                done = subprocess.run([PROBE, "receive", "--listen", listen],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                                      check=False)
                self.assertEqual(done.returncode, 2, listen)
                self.assertIn(listen.encode(), done.stderr)


if __name__ == "__main__":
    PROBE = sys.argv.pop(1)
    unittest.main()
