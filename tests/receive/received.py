"""Right batches, a running `receive` and a call of `verify`, for the tests beside this file.

Python's standard library only: its gzip, json and http.client are the independent sender.
"""
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import uuid

PROBE = sys.argv.pop(1)  # the program with the commands `receive` and `verify`
PATH = "/symdb/v1/input"
BOUNDARY = "symup-test-boundary"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


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
        if self.gzip is not None:
            return self.gzip
        return gzip.compress(self.json_bytes(), mtime=0)  # the same bytes each time

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
        connection = self.connection or self.connect()
        self.connection = None
        connection.request(method, path, body, HEADERS if headers is None else headers)
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
