#!/usr/bin/env python3
"""`symup upload` and who sits before it: signals, and what a terminal shows.

Usage: terminal_test.py SYMUP
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from command import (IDENTITY, Ended, Folder, Receiver, Silent, ndjson, root, roots, start,
                     url_of)

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


class Case(Folder):
    def begin(self, url, *arguments, **pipes):
        process = start("upload", *IDENTITY, "--url", url, *arguments, **{**PIPES, **pipes})
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process


class Signals(Case):
    def end(self, process, number=signal.SIGINT):
        """Sends the signal; the command must end by itself and soon."""
        sent = time.monotonic()
        process.send_signal(number)
        process.wait(20)  # with its input still open
        out, err = process.communicate(timeout=20)
        self.assertLess(time.monotonic() - sent, 10)
        return Ended(process.returncode, out, err)

    def check_cancelled(self, done):
        self.assertEqual(done.code, 130, done)
        result = done.json
        self.assertEqual((result["error"]["category"], result["error"]["code"], result["final"]),
                         ("cancelled", "cancelled", False))
        self.assertEqual(done.out.count("\n"), 1)

    def test_both_signals_end_an_upload_to_an_intake_that_never_answers(self):
        path = os.path.join(self.folder, "in")
        with open(path, "wb") as file:
            file.write(ndjson(roots(200)))
        for number in (signal.SIGINT, signal.SIGTERM):
            with Silent() as intake:
                process = self.begin(intake.url, "--json", path)
                self.assertTrue(intake.got_bytes.wait(20))
                self.check_cancelled(self.end(process, number))

    def test_a_full_pipeline_is_left_at_once(self):
        # The pipe is written until the command takes no more: it waits for the intake.
        with Silent() as intake:
            process = self.begin(intake.url, "--json", "--flush-threshold", "0")
            os.set_blocking(process.stdin.fileno(), False)
            line = ndjson([root(1, 20)])
            rest = b""
            last = time.monotonic()
            while time.monotonic() - last < 0.5 or not intake.got_bytes.is_set():
                self.assertLess(time.monotonic() - last, 20)
                select.select([], [process.stdin], [], 0.2)
                try:
                    rest = rest or line
                    rest = rest[os.write(process.stdin.fileno(), rest):]
                    last = time.monotonic()
                except BlockingIOError:
                    pass
            self.check_cancelled(self.end(process))

    def test_waiting_for_input_ends_too(self):
        with Receiver(store=self.store) as receiver:
            process = self.begin(url_of(receiver), "--json", "--flush-threshold", "0")
            process.stdin.write(ndjson(roots(3)))
            process.stdin.flush()
            # The third is held back: it may have to be the final one.
            self.wait_for(lambda: self.stored() == 2)
            done = self.end(process)
            _, summary, errors = receiver.stop()
        self.check_cancelled(done)
        self.assertLessEqual(done.json["scopes"], 2)  # whose answers it has seen
        self.assertEqual(errors, "")
        self.assertIn("received 2 batches", summary)

    def stored(self):
        try:
            with open(os.path.join(self.store, "index.ndjson"), "rb") as file:
                return file.read().count(b"\n")
        except FileNotFoundError:
            return 0

    def wait_for(self, condition):
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)  # how often it looks

    def test_the_pause_before_a_retry_ends_too(self):
        with Receiver("--fail", "503:1:retry-after=600", store=self.store) as receiver:
            process = self.begin(url_of(receiver), "--json", "-v", "--max-retry-delay", "1h")
            process.stdin.write(ndjson(roots(3)))
            process.stdin.close()
            process.stdin = None
            self.wait_for(lambda: connections_to(receiver.port) > 0)
            self.check_cancelled(self.end(process))

    def test_a_named_pipe_that_nobody_writes_to_can_be_left(self):
        path = os.path.join(self.folder, "pipe")
        os.mkfifo(path)
        process = self.begin("http://127.0.0.1:1", "--json", path)
        self.wait_for(lambda: threads_of(process.pid) > 3)  # the pipeline is up
        self.check_cancelled(self.end(process))


def threads_of(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def connections_to(port):
    """Established connections to this port of loopback, as the kernel lists them."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return sum(1 for row in rows if row[2] == f"0100007F:{port:04X}" and row[3] == "01")


class Terminal(Case):
    def run_on_terminal(self, *arguments, lines=20, until=None):
        """The command with stderr on a terminal; its input ends once `until` was shown."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with Receiver() as receiver:
            process = self.begin(url_of(receiver), *arguments, stderr=slave)
            os.close(slave)
            process.stdin.write(ndjson(roots(lines)))
            process.stdin.flush()
            shown = b""
            end = time.monotonic() + 20
            while until is not None and until not in shown:
                self.assertLess(time.monotonic(), end, shown)
                if select.select([master], [], [], 0.2)[0]:
                    shown += os.read(master, 65536)
            process.stdin.close()
            while True:
                try:
                    more = os.read(master, 65536)
                except OSError:  # the other end is closed
                    break
                shown += more
            os.close(master)
            out = process.stdout.read()
            process.stdout.close()
            self.assertEqual(process.wait(20), 0, shown)
        return shown.decode(), out.decode()

    def test_progress_while_it_runs_and_a_table_at_the_end(self):
        shown, out = self.run_on_terminal(until=b"batches accepted")
        self.assertEqual(out, "")
        progress, table = shown.split("upload ", 1)
        self.assertIn("scopes", progress)
        self.assertTrue(progress.endswith("\r\x1b[K"))  # the line is gone
        self.assertRegex(table, r"^[0-9a-f-]{36} complete")
        self.assertRegex(table, r"scopes +20")
        self.assertRegex(table, r"compressed +\S+ k?B in 1 batch\b")
        self.assertRegex(table, r"requests +1")

    def test_with_json_the_object_takes_the_place_of_the_table(self):
        shown, out = self.run_on_terminal("--json", until=b"batches accepted")
        self.assertNotIn("complete", shown)
        self.assertEqual(json.loads(out)["scopes"], 20)

    def test_quiet_shows_nothing(self):
        self.assertEqual(self.run_on_terminal("-q"), ("", ""))


if __name__ == "__main__":
    unittest.main()
