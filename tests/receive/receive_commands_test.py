#!/usr/bin/env python3
"""The commands `receive` and `verify`: injected faults, the server's edges, damaged stores.

Usage: receive_commands_test.py RECEIVE_PROBE
"""
import gzip
import http.client
import os
import random
import select
import signal
import socket
import subprocess
import unittest

from received import BOUNDARY, HEADERS, PATH, PROBE, Batch, Folder, Receiver, verify


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
            for connection in connections:
                connection.request("POST", PATH, Batch().body(), HEADERS)
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
    unittest.main()
