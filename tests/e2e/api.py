"""The API that owns sign-in, as far as the way to it is concerned: it tells what reached it."""

import hashlib
import http.server
import json
import ssl
import threading

from instance import HOST

COOKIE = "session=abc123; Path=/; Secure; HttpOnly; SameSite=Lax"


class Api:
    """At https://NAME on HOST, for as long as the context lasts; again and again if it is entered again.

    /auth/sign-in sets COOKIE and sends to another site; everything else is answered with the request as it came, and
    with what became of its body. It waits `delay` seconds before each answer.
    """

    def __init__(self, certificates, name):
        self.certificate, self.name, self.delay = certificates.good(name), name, 0

    def __enter__(self):
        stub, self.ended = self, threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self):
                size, digest = self.read_body()
                if stub.ended.wait(stub.delay):
                    return
                seen = {"method": self.command, "target": self.path, "size": size, "sha256": digest}
                seen["headers"] = {name.lower(): value for name, value in self.headers.items()}
                body = json.dumps({"api": stub.name, **seen}).encode()
                if self.path.startswith("/auth/sign-in"):
                    self.send_response(303)
                    self.send_header("Location", "https://accounts.example/choose")
                    self.send_header("Set-Cookie", COOKIE)
                else:
                    self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def read_body(self):
                digest, size = hashlib.sha256(), 0
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    while length := int(self.rfile.readline(), 16):
                        digest.update(self.rfile.read(length))
                        self.rfile.readline()
                        size += length
                    self.rfile.readline()
                left = int(self.headers.get("Content-Length", 0))
                while left and (data := self.rfile.read(min(left, 2**20))):
                    digest.update(data)
                    size, left = size + len(data), left - len(data)
                return size, digest.hexdigest()

            do_GET = do_POST = do_PUT = do_TRACE = do_CONNECT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 443), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
