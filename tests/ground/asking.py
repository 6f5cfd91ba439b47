"""Requests that go out as they stand, and waiting with a limit."""

import contextlib
import http.client
import json
import socket
import time

PORT = 8080


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.01)
    return value


def listens(port, address="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def all(self, name):
        return self.headers.get_all(name) or []


def get(target, method="GET", headers=(), body=None, port=PORT, address="127.0.0.1"):
    """One request on a connection of its own; the target goes out as it stands."""
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host="Host" in dict(headers), skip_accept_encoding=True)
        for name, value in list(headers.items() if isinstance(headers, dict) else headers):
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        if body:
            # An early 413 closes the connection while the body is still on its way.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()


HANDSHAKE = {
    "Host": "portal.test",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def open_websocket(target, port=PORT, address="127.0.0.1", headers=None):
    """Shake hands; give back the socket and the status line."""
    connection = socket.create_connection((address, port), timeout=30)
    sent = HANDSHAKE | (headers or {})
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head = b""
    while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
        head += data
    return connection, head.partition(b"\r\n")[0].decode()
