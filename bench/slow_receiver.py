# SPDX-License-Identifier: Apache-2.0
"""A receiver of a given rate and delay, for overlap_bench.py: reads bodies no faster than RATE bytes
a second over all connections and answers each DELAY seconds after its end."""
import http.server
import socketserver
import sys
import threading
import time


class Bucket:
    def __init__(self, rate):
        self.rate, self.free_at, self.lock = rate, time.monotonic(), threading.Lock()

    def wait_for(self, size):
        with self.lock:
            now = time.monotonic()
            self.free_at = max(self.free_at, now - 0.02) + size / self.rate
            pause = self.free_at - now
        if pause > 0:
            time.sleep(pause)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket, delay = None, 0.0

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left > 0:
            chunk = self.rfile.read(min(left, 65536))
            if not chunk:
                return
            self.bucket.wait_for(len(chunk))
            left -= len(chunk)
        time.sleep(self.delay)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


Handler.bucket = Bucket(float(sys.argv[1]))
Handler.delay = float(sys.argv[2])
server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
sys.stdin.read()
