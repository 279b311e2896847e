"""Runs `symup upload`, makes scope files for it and reads what it answers.

Python's standard library only. The receiving side comes from ../receive/received.py.
"""
import json
import os
import random
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "receive"))
# pylint: disable=wrong-import-position,unused-import
from received import PROBE, Folder, Receiver, root_scope, verify  # noqa: F401

TIMEOUT = 60
IDENTITY = ("--service", "shop", "--version", "1.0")


def environment(**more):
    """The tests' own environment must not configure the command."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("DD_") and not name.lower().endswith("_proxy")}
    clean.update(more)
    return clean


class Ended:
    def __init__(self, code, out, err):
        self.code = code
        self.out = out.decode()
        self.err = err.decode()

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out[:2000]}\nstderr: {self.err[:2000]}"


def command(*arguments):
    return [PROBE, *arguments]


def run(*arguments, stdin=b"", env=None):
    done = subprocess.run(command(*arguments), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env or environment(), timeout=TIMEOUT,
                          check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def upload(url, *arguments, stdin=b"", env=None):
    return run("upload", *arguments, *IDENTITY, "--url", url, stdin=stdin, env=env)


def start(*arguments, env=None, **pipes):
    return subprocess.Popen(command(*arguments), env=env or environment(), **pipes)


def url_of(receiver):
    return f"http://127.0.0.1:{receiver.port}"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def root(number, functions=3):
    """A source file with functions; no two are alike."""
    made = root_scope()
    made["name"] = made["source_file"] = f"src/file_{number}.c"
    made["scopes"] = []
    for i in range(functions):
        inner = root_scope()["scopes"][0]
        inner["name"] = f"function_{number}_{i}"
        made["scopes"].append(inner)
    return made


def roots(count, functions=3):
    return [root(number, functions) for number in range(count)]


def ndjson(scopes):
    return b"".join(json.dumps(scope).encode() + b"\n" for scope in scopes)


def incompressible(size, seed=1):
    return random.Random(seed).randbytes(size // 2).hex()


class Silent:
    """An intake that takes connections and bytes and never answers."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.sock.getsockname()[1]}"
        self.got_bytes = threading.Event()
        self.connections = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.sock.accept()
            except OSError:
                return
            self.connections.append(connection)
            if connection.recv(1):
                self.got_bytes.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join(20)
        for connection in self.connections:
            connection.close()
