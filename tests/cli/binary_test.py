#!/usr/bin/env python3
"""`symup extract` and `symup upload` on native binaries, made by gcc.

Usage: binary_test.py SYMUP
"""
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import unittest

from command import Folder, Receiver, run, upload, url_of

SOURCE = """
struct point { int x, y; };
static int twice(int value) { int doubled = value * 2; return doubled; }
int main(int argc, char** argv) {
  struct point p = {argc, argv != 0};
  return twice(p.x) - p.y;
}
"""


class DebugServer:
    """What debuginfod serves: /buildid/ID/debuginfo of one file, 404 for all else."""

    def __init__(self, build_id, path):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                if self.path != f"/buildid/{build_id}/debuginfo":
                    self.send_error(404)
                    return
                with open(path, "rb") as file:
                    content = file.read()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@unittest.skipUnless(shutil.which("gcc") and shutil.which("objcopy"), "needs gcc and binutils")
class NativeBinaries(Folder):
    def setUp(self):
        super().setUp()
        self.work = os.path.join(self.store, "work")
        os.makedirs(self.work)
        self.binary = os.path.join(self.work, "program")
        source = os.path.join(self.work, "program.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(SOURCE)
        subprocess.run(["gcc", "-g", "-O0", "-Wl,--build-id", "-o", self.binary, source],
                       check=True)
        self.debug = self.binary + ".debug"
        self.stripped = self.binary + ".stripped"
        subprocess.run(["objcopy", "--only-keep-debug", self.binary, self.debug], check=True)
        subprocess.run(["objcopy", "--strip-all", self.binary, self.stripped], check=True)
        notes = subprocess.run(["readelf", "-n", self.binary], capture_output=True, text=True,
                               check=True).stdout
        self.build_id = re.search(r"Build ID: ([0-9a-f]+)", notes).group(1)

    def functions(self, lines):
        roots = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual([r["source_file"] for r in roots],
                         [os.path.join(self.work, "program.c")])
        return {s["name"]: s for s in roots[0]["scopes"]}

    def test_extract_prints_the_lines_that_upload_reads(self):
        done = run("extract", self.binary)
        self.assertEqual(done.code, 0, done)
        found = self.functions(done.out)
        self.assertEqual(sorted(found), ["main", "point", "twice"])
        self.assertEqual([s["name"] for s in found["twice"]["symbols"]], ["value", "doubled"])
        self.assertEqual((found["twice"]["start_line"], found["twice"]["end_line"]), (3, 3))
        store = os.path.join(self.store, "lines")
        with Receiver(store=store) as receiver:
            sent = upload(url_of(receiver), "--json", "--language", "c", stdin=done.out.encode())
        self.assertEqual((sent.code, sent.json["scopes"]), (0, 1), sent)

    def test_upload_knows_a_binary_by_its_content_and_its_language(self):
        unnamed = os.path.join(self.work, "data.ndjson")
        shutil.copy(self.binary, unnamed)
        with Receiver(store=os.path.join(self.store, "binary")) as receiver:
            sent = upload(url_of(receiver), unnamed, "--json")
        self.assertEqual(sent.code, 0, sent)
        self.assertTrue(sent.json["final"])
        self.assertEqual(sent.json["binary"]["language"], "c")
        self.assertEqual(sent.json["binary"]["functions"], 2)

    def test_nothing_found_names_the_build_id_and_what_to_do(self):
        done = run("extract", self.stripped)
        self.assertEqual(done.code, 3, done)
        self.assertIn(self.build_id, done.err)
        self.assertIn("debug", done.err)

    def test_debug_information_comes_from_a_folder(self):
        folder = os.path.join(self.work, "debug", ".build-id", self.build_id[:2])
        os.makedirs(folder)
        shutil.copy(self.debug, os.path.join(folder, self.build_id[2:] + ".debug"))
        done = run("extract", self.stripped, "--debug-dir", os.path.join(self.work, "debug"))
        self.assertEqual(done.code, 0, done)
        self.assertIn("twice", self.functions(done.out))

    def test_debug_information_comes_from_debuginfod_only_when_asked(self):
        with DebugServer(self.build_id, self.debug) as server:
            self.assertEqual(run("extract", self.stripped).code, 3)
            self.assertEqual(server.asked, [])
            done = run("extract", self.stripped, "--debuginfod", server.url + "/wrong",
                       "--debuginfod", server.url + "/")
            self.assertEqual(done.code, 0, done)
            self.assertIn("twice", self.functions(done.out))
            self.assertEqual(server.asked, [f"/wrong/buildid/{self.build_id}/debuginfo",
                                            f"/buildid/{self.build_id}/debuginfo"])
            refused = run("extract", self.stripped, "--debuginfod", server.url + "/wrong")
        self.assertEqual(refused.code, 3, refused)
        self.assertIn("404", refused.err)
        self.assertEqual([n for n in os.listdir("/tmp") if n.startswith("symup-debuginfo-")], [])

    def test_a_damaged_binary_is_an_error_with_its_name(self):
        cut = os.path.join(self.work, "cut")
        with open(self.binary, "rb") as whole, open(cut, "wb") as part:
            part.write(whole.read(1000))
        for arguments in (("extract", cut),
                          ("upload", cut, "--service", "s", "--version", "1")):
            done = run(*arguments)
            self.assertEqual(done.code, 3, done)
            self.assertIn("cut", done.err)

    def test_filters_leave_out_and_all_keeps(self):
        done = run("extract", self.binary, "--exclude", self.work)
        self.assertEqual((done.code, done.out), (0, ""), done)
        mapped = run("extract", self.binary, "--path-map", f"{self.work}=/src")
        self.assertIn('"source_file":"/src/program.c"', mapped.out)
        bad = run("extract", self.binary, "--path-map", "nonsense")
        self.assertEqual(bad.code, 2, bad)
        self.assertIn("FROM=TO", bad.err)


if __name__ == "__main__":
    unittest.main()
