#!/usr/bin/env python3
"""Where `symup upload` takes its settings from, as the intake sees them, and where the API key
goes and does not go.

Usage: settings_test.py SYMUP
"""
import json
import os
import shutil
import socketserver
import ssl
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler

from command import Folder, Receiver, environment, ndjson, roots, run, url_of

KEY = "0123456789abcdefKEY0123456789abcdef"
SITE = "intake.test"
HOST = f"debugger-intake.{SITE}"


class Handler(BaseHTTPRequestHandler):
    """Keeps each request's headers, answers as it is told; a proxy plays the target itself."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.seen.append((self.path, dict(self.headers)))
        self.rfile.read(int(self.headers["Content-Length"]))
        text = self.server.text.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_CONNECT(self):
        self.server.connects.append((self.path, dict(self.headers)))
        self.send_response(200 if self.server.tls else 502)
        self.end_headers()
        self.close_connection = True
        if self.server.tls:
            self.request.settimeout(20)
            with self.server.tls.wrap_socket(self.request, server_side=True) as secured:
                Handler(secured, self.client_address, self.server)

    def log_message(self, *_):
        pass


class Intake(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, status=202, text="", tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.text, self.tls = status, text, tls
        self.seen, self.connects = [], []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        pass  # the command broke off

    def __exit__(self, *arguments):
        self.shutdown()
        super().__exit__(*arguments)


class Precedence(Folder):
    def config(self, text):
        path = os.path.join(self.folder, "symup.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def event(self):
        (upload_id,) = [name for name in os.listdir(self.store)
                        if os.path.isdir(os.path.join(self.store, name))]
        with open(os.path.join(self.store, upload_id, "batch-000001.event.json"),
                  encoding="utf-8") as file:
            return json.load(file)

    def upload(self, *arguments, **variables):
        """The event that an intake got, whose URL the arguments may hold as {url}."""
        with Receiver(store=self.store) as receiver:
            def fill(text):
                return text.replace("{url}", url_of(receiver)).replace("{port}",
                                                                       str(receiver.port))
            done = run("upload", *map(fill, arguments), stdin=ndjson(roots(1)),
                       env=environment(**{name: fill(text) for name, text in variables.items()}))
        self.assertEqual(done.code, 0, done)
        event = self.event()
        shutil.rmtree(self.store)
        return event

    def test_file_gives_way_to_environment_and_that_to_the_command_line(self):
        path = self.config('symup { service = "of-file", version = "of-file", '
                           'language = "of-file", runtime_id = "of-file" }')
        event = self.upload("--config", path, "--url", "{url}", "--version", "of-flag",
                            DD_SERVICE="of-environment", DD_VERSION="of-environment")
        self.assertEqual((event["service"], event["version"], event["language"],
                          event["runtimeId"]),
                         ("of-environment", "of-flag", "of-file", "of-file"))

    def test_the_agent_is_found_by_its_url_or_by_host_and_port(self):
        identity = {"DD_SERVICE": "s", "DD_VERSION": "1"}
        self.assertEqual(self.upload(DD_TRACE_AGENT_URL="{url}", **identity)["service"], "s")
        self.upload(DD_AGENT_HOST="127.0.0.1", DD_TRACE_AGENT_PORT="{port}", **identity)
        self.upload("--agent-host", "127.0.0.1", "--agent-port", "{port}",
                    DD_AGENT_HOST="nowhere.invalid", DD_TRACE_AGENT_PORT="1", **identity)
        self.upload("--url", "{url}/symdb/v1/input", DD_TRACE_AGENT_URL="http://nowhere.invalid",
                    **identity)

    def test_a_unix_socket_is_a_url_too(self):
        path = os.path.join(self.folder, "agent.sock")
        with Receiver(store=self.store, listen=f"unix://{path}"):
            done = run("upload", "--service", "s", "--version", "1", stdin=ndjson(roots(3)),
                       env=environment(DD_TRACE_AGENT_URL=f"unix://{path}"))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.verified()["root_scopes"], 3)

    def test_headers_are_added_to_each_request(self):
        with Intake() as intake:
            done = run("upload", "--service", "s", "--version", "1", "--url", intake.url,
                       "--header", "X-One: 1", "--header", "X-Two: a b", stdin=ndjson(roots(1)))
        self.assertEqual(done.code, 0, done)
        ((path, headers),) = intake.seen
        self.assertEqual(path, "/symdb/v1/input")
        self.assertEqual((headers["X-One"], headers["X-Two"]), ("1", "a b"))
        self.assertNotIn("Expect", headers)
        self.assertNotIn("Transfer-Encoding", headers)

    def test_config_says_where_each_value_came_from(self):
        path = self.config('symup { service = "of-file" }')
        done = run("config", "--config", path, "--version", "3",
                   env=environment(DD_ENV="prod"))
        self.assertEqual(done.code, 0, done)
        for name, origin in (("service", path), ("version", "--version"), ("env", "DD_ENV")):
            (line,) = [line for line in done.out.splitlines() if line.split()[:1] == [name]]
            self.assertIn(origin, line)


class ApiKey(Folder):
    def check_hidden(self, done):
        self.assertNotIn(KEY, done.out + done.err)
        self.assertNotIn(KEY[:20], done.out + done.err)

    def upload(self, *arguments, stdin=ndjson(roots(1)), key=KEY, **variables):
        done = run("upload", "--service", "s", "--version", "1", *arguments, stdin=stdin,
                   env=environment(DD_API_KEY=key, **variables))
        self.check_hidden(done)
        return done

    def direct(self, status=202, text="", extra=()):
        """An upload to the site through a proxy that plays the site, certificate and all."""
        if shutil.which("openssl") is None:
            self.skipTest("there is no openssl command")
        certificate, secret = (os.path.join(self.folder, name) for name in ("ca.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", secret,
                        "-out", certificate], check=True, stderr=subprocess.DEVNULL, timeout=60)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, secret)
        with Intake(status, text, tls) as intake:
            done = self.upload("--site", SITE, "--proxy", intake.url, "--ca-file", certificate,
                               *extra)
        return done, intake

    def test_it_goes_to_the_site_and_to_nobody_on_the_way(self):
        done, intake = self.direct(extra=("-v", "--json"))
        self.assertEqual(done.code, 0, done)
        ((path, headers),) = intake.seen
        self.assertEqual(path, "/api/v2/debugger")
        self.assertEqual(headers["DD-API-KEY"], KEY)
        self.assertTrue(headers["DD-EVP-ORIGIN"] and headers["DD-EVP-ORIGIN-VERSION"])
        ((target, to_proxy),) = intake.connects
        self.assertEqual(target, f"{HOST}:443")
        self.assertNotIn(KEY, str(to_proxy))

    def test_an_answer_that_repeats_it_does_not_bring_it_into_errors(self):
        done, _ = self.direct(403, f"invalid API key {KEY} of org 7", ("-v", "--json"))
        self.assertEqual(done.code, 4, done)
        self.assertIn("invalid API key", done.json["error"]["message"])
        self.assertIn("of org 7", done.err)

    def test_a_url_of_ones_own_does_not_get_it(self):
        with Intake() as intake:
            done = self.upload("--url", intake.url, "-v", "--json", DD_SITE=SITE)
        self.assertEqual(done.code, 0, done)
        self.assertNotIn(KEY, str(intake.seen))
        self.assertNotIn("DD-API-KEY", str(intake.seen).upper())

    def test_a_failing_connection_does_not_show_it(self):
        with Intake() as intake:  # refuses to connect
            done = self.upload("--site", SITE, "--proxy", intake.url, "--max-attempts", "1", "-v",
                               "--json")
        self.assertEqual(done.code, 4, done)
        self.assertNotIn(KEY, str(intake.connects))

    def test_bad_settings_do_not_show_it(self):
        self.assertEqual(self.upload("--site", SITE, key=KEY + " \n").code, 2)
        self.assertEqual(self.upload("--site", "no site").code, 2)
        for arguments in (("--api-key", KEY), (f"--api-key={KEY}",)):
            done = run("upload", *arguments)
            self.assertEqual(done.code, 2, done)
            self.check_hidden(done)
            self.assertIn("DD_API_KEY", done.err)
        for text in (f'api_key = {{ a = "{KEY}" }}', f'api_key = ["{KEY}"]',
                     f'api_key = "{KEY}', f'api_kye = "{KEY}"', f'api_key = "{KEY}\\x"'):
            path = os.path.join(self.folder, "symup.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write("symup {\n" + text + "\n}\n")
            done = run("upload", "--config", path, "--service", "s", "--version", "1")
            self.assertEqual(done.code, 2, (text, done))
            self.check_hidden(done)

    def test_config_does_not_show_it(self):
        for arguments in ((), ("--json",), ("--reference",), ("--markdown",)):
            done = run("config", *arguments, env=environment(DD_API_KEY=KEY, DD_SITE=SITE))
            self.assertEqual(done.code, 0, done)
            self.check_hidden(done)


if __name__ == "__main__":
    unittest.main()
