#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server whose manners are chosen by the URL's path; the other end of http_test.

It prints "listening PORT" and then a line for each event a test may wait for. It ends when its
standard input does, and after two minutes at the latest.
"""
import argparse
import json
import os
import select
import socket
import socketserver
import ssl
import struct
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

CHUNK = 1 << 16
lock = threading.Lock()
connections = 0
running = 0
most_running = 0
barrier = None
store = None


def say(*words):
    with lock:
        print(*words, flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        global connections
        with lock:
            connections += 1
            self.connection_number = connections
        self.requests = 0
        self.disable_nagle_algorithm = self.request.family != socket.AF_UNIX
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def address_string(self):
        return "client"

    def log_message(self, *args):
        pass

    # --- what the behaviours are made of ---
    def length(self):
        return int(self.headers.get("Content-Length", 0))

    def take_body(self, limit=None, to=None):
        left = self.length() if limit is None else min(limit, self.length())
        while left > 0:
            data = self.rfile.read(min(CHUNK, left))
            if not data:
                return
            if to:
                to.write(data)
            left -= len(data)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wait_for_the_end(self):
        poll = select.poll()
        poll.register(self.request, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll(60000)
        self.close_connection = True

    def reset(self):
        linger = struct.pack("ii", 1, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    # --- the behaviours, by the first word of the path ---
    def do_POST(self):
        global running, most_running
        self.requests += 1
        url = urllib.parse.urlsplit(self.path)
        word, _, argument = url.path[1:].partition("/")
        with lock:
            running += 1
            most_running = max(most_running, running)
        try:
            getattr(self, "on_" + word.replace("-", "_"))(urllib.parse.unquote(argument))
        except (BrokenPipeError, ConnectionResetError, TimeoutError, ssl.SSLError):
            self.close_connection = True
        finally:
            with lock:
                running -= 1

    def on_echo(self, tag):
        """Describes the request; with a tag, its body goes to the file of that name."""
        if tag:
            with open(os.path.join(store, tag), "wb") as file:
                self.take_body(to=file)
        else:
            self.take_body()
        with lock:
            seen = {
                "headers": [[name, value] for name, value in self.headers.items()],
                "target": self.path,
                "connection": self.connection_number,
                "connections": connections,
                "request": self.requests,
                "most_running": most_running,
            }
        self.answer(200, json.dumps(seen).encode())

    def on_barrier(self, tag):
        """Answers when as many requests are here as --barrier says."""
        self.take_body()
        try:
            barrier.wait(30)
            self.answer(202)
        except threading.BrokenBarrierError:
            self.answer(500)

    def on_status(self, status):
        self.take_body()
        self.answer(int(status), b"status " + status.encode())

    def on_retry_after(self, value):
        self.take_body()
        self.answer(503, Retry_After=value)

    def on_redirect(self, target):
        self.take_body()
        self.answer(307, Location="/" + target)

    def on_repeat_headers(self, _):
        self.take_body()
        self.answer(403, str(self.headers).encode())

    def on_never_answer(self, tag):
        self.take_body()
        say("holding", tag)
        self.wait_for_the_end()

    def on_never_read(self, tag):
        say("holding", tag)
        self.wait_for_the_end()

    def on_close_mid_body(self, _):
        self.take_body(1000)
        self.reset()

    def on_early(self, status):
        """Answers before the body, then takes what still comes."""
        self.answer(int(status), b"early", Connection="close")
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(CHUNK):
            pass
        self.close_connection = True

    def on_rude(self, status):
        """Answers before the body and is gone."""
        self.answer(int(status), b"rude", Connection="close")
        self.close_connection = True

    def on_half_answer(self, status):
        self.take_body()
        self.send_response(int(status))
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half of it")
        self.close_connection = True

    def on_stall_in_answer(self, tag):
        self.take_body()
        self.wfile.write(b"HTTP/1.1 ")
        say("holding", tag)
        self.wait_for_the_end()

    def on_big_answer(self, size):
        self.take_body()
        left = int(size)
        self.send_response(200)
        self.send_header("Content-Length", str(left))
        self.end_headers()
        try:
            while left > 0:
                left -= self.request.send(b"x" * min(CHUNK, left))
        finally:
            say("sent", int(size) - left)

    def on_endless_headers(self, _):
        self.take_body()
        self.send_response(200)
        sent = 0
        try:
            while sent < 1 << 30:
                sent += self.request.send(b"X-Filler: " + b"x" * 8000 + b"\r\n")
        finally:
            say("sent", sent)

    def on_close_idle(self, tag):
        """Answers as if the connection stayed, and closes it."""
        self.take_body()
        self.answer(200)
        self.request.shutdown(socket.SHUT_RDWR)
        say("closed", tag)
        self.close_connection = True

    def on_drop_second(self, tag):
        """A connection's second request is read and never answered."""
        if self.requests == 2:
            self.take_body()
            self.close_connection = True
        else:
            self.on_echo(tag)


class Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    global barrier, store
    options = argparse.ArgumentParser()
    options.add_argument("--unix")
    options.add_argument("--certificate")
    options.add_argument("--key")
    options.add_argument("--store")
    options.add_argument("--barrier", type=int, default=8)
    given = options.parse_args()
    barrier = threading.Barrier(given.barrier)
    store = given.store
    if given.unix:
        server = Unix(given.unix, Handler)
        print("listening 0", flush=True)
    else:
        server = Tcp(("127.0.0.1", 0), Handler)
        if given.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(given.certificate, given.key)
            # The handshake is done in the connection's own thread.
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False)
        print("listening", server.server_address[1], flush=True)
    limit = threading.Timer(120, lambda: os._exit(1))
    limit.daemon = True
    limit.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
