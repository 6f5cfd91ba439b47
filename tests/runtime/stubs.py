"""Servers that stand in for the backend, the API and the resolver: context managers with threads of their own."""

import asyncio
import base64
import contextlib
import hashlib
import http.server
import json
import ssl
import threading

BACKEND_PORT = 8000


class Backend:
    """Answers every request with what it saw of it, and a WebSocket handshake with an echo.

    The target chooses other answers: /_upload/... is a page with a script, /reports/big much JSON, and
    /reports/own-headers has the security headers in a weak form.
    """

    def __enter__(self):
        self.requests = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._tasks = set()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(5), "the stub backend did not start"
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self, started):
        self._loop.run_until_complete(self._main(started))
        self._loop.close()

    async def _main(self, started):
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", BACKEND_PORT, backlog=2048, limit=2**20)
        started.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        number = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._request(reader, writer, number):
                pass
        writer.close()

    async def _request(self, reader, writer, connection):
        line = await reader.readline()
        if not line:
            return False
        method, target, version = line.decode("latin-1").split()
        headers = []
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        seen = dict(headers)
        size = await self._read_body(reader, seen)
        request = {
            "method": method,
            "target": target,
            "version": version,
            "headers": headers,
            "size": size,
            "connection": connection,
        }
        self.requests.append(request)

        if seen.get("upgrade", "").lower() == "websocket" and seen.get("connection", "").lower() == "upgrade":
            digest = hashlib.sha1((seen["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
            writer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + base64.b64encode(digest.digest()) + b"\r\n\r\n"
            )
            while data := await reader.read(65536):
                writer.write(data)
            return False

        kind, extra, body = "application/json", "", json.dumps(request).encode()
        path = target.partition("?")[0]
        if path.startswith("/_upload/"):
            kind, body = "text/html", b"<script>alert(1)</script>"
            extra = "Content-Disposition: inline\r\n"
        elif path == "/reports/big":
            body = json.dumps(["the same again"] * 1000).encode()
        elif path == "/reports/own-headers":
            extra = "Referrer-Policy: unsafe-url\r\nX-Content-Type-Options: none\r\nCache-Control: private\r\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + (b"" if method == "HEAD" else body))
        await writer.drain()
        return True

    @staticmethod
    async def _read_body(reader, headers):
        if headers.get("transfer-encoding", "").lower() == "chunked":
            size = 0
            while chunk := int(await reader.readline(), 16):
                await reader.readexactly(chunk + 2)
                size += chunk
            await reader.readline()
            return size
        size = left = int(headers.get("content-length", 0))
        while left:
            data = await reader.read(min(left, 65536))
            if not data:
                raise ConnectionError
            left -= len(data)
        return size


class Api:
    """The API over TLS: tells what it saw, the name in SNI included."""

    def __init__(self, certificate, port=443):
        self.certificate = certificate
        self.port = port

    def __enter__(self):
        self.requests = requests = []
        sni = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {
                    "api": True,
                    "method": self.command,
                    "target": self.path,
                    "headers": [(name.lower(), value) for name, value in self.headers.items()],
                    "sni": sni.get(self.connection),
                }
                requests.append(request)
                body = json.dumps(request).encode()
                if self.path.startswith("/auth/login"):
                    self.send_response(307)
                    self.send_header("Location", "https://accounts.example/sign-in?state=1")
                    self.send_header("Set-Cookie", "session=1; HttpOnly")
                else:
                    self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # A client that refuses the certificate.

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.sni_callback = lambda connection, name, _: sni.__setitem__(connection, name)
        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
