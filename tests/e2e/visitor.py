"""A visitor of the portal: what Reflex's client does on the wire, without a browser and without a page.

    async with Visitor(instance.address, transport="polling") as visitor:
        await visitor.call(INCREMENT)
        assert visitor[COUNT] == 1

It speaks Socket.IO 5 over Engine.IO 4 (https://socket.io/docs/v4/engine-io-protocol/), by WebSocket or by long polling,
and Reflex's events inside: an event goes out by its handler's name, and updates come back, the last of them marked as
final. A thousand of them live in one process.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import ssl
import uuid
from pathlib import Path

STATE = "reflex___state____state"
HYDRATE = f"{STATE}.hydrate"
ON_LOAD = f"{STATE}.reflex___state____on_load_internal_state.on_load_internal"

# The portal's own: its counter, and the handler of the button that adds one.
PORTAL = f"{STATE}.waooaw_portal___state____portal"
INCREMENT = f"{PORTAL}.increment"
COUNT = (PORTAL, "count_rx_state_")

# What each variant of the image speaks.
TRANSPORTS = {"websocket": "websocket", "websocket-free": "polling", "websocket-free-http2": "polling"}

PATH = "/_event/"
NAMESPACE = "/_event"
SEPARATOR = "\x1e"


class Refused(Exception):
    """The server answered with another status than the one that was due."""

    def __init__(self, what, status, body=b""):
        super().__init__(f"{what}: {status} {body[:200]!r}")
        self.status = status


class Dropped(Exception):
    """The connection ended, and it was not the visitor who ended it."""


@contextlib.contextmanager
def ends_as_dropped():
    try:
        yield
    except (OSError, asyncio.IncompleteReadError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise Dropped(f"{type(error).__name__}: {error}") from None


class Visitor:
    """One tab of a browser.

    address     where to connect, with the port
    transport   "websocket" or "polling"
    host        the name in the address bar
    tls         an ssl.SSLContext (see trusting()), or None for plain http
    cookies     those that the browser has; what answers set is added
    token       the tab's session token, which Reflex keeps its state under
    seconds     the limit of each wait but that of a poll

    state       the variables of each state, as the updates so far made them
    dropped     why the connection ended; None while it stands
    """

    def __init__(self, address, port=8080, transport="websocket", host="portal.test", tls=None, cookies=None,
                 token=None, seconds=20):  # fmt: skip
        self.address, self.port, self.host, self.tls, self.seconds = address, port, host, tls, seconds
        self.transport = {"websocket": WebSocket, "polling": Polling}[transport]
        self.cookies = {} if cookies is None else cookies
        self.token = token or str(uuid.uuid4())
        self.state, self.dropped, self.line = {}, None, None

    def __getitem__(self, variable):
        state, name = variable
        return self.state[state][name]

    async def __aenter__(self):
        await self.connect()
        await self.hydrate()
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def connect(self):
        """Open the connection, up to Socket.IO's answer."""
        self.received, self.dropped = asyncio.Queue(), None
        self.line = self.transport(self)
        try:
            async with asyncio.timeout(self.seconds):
                await self.line.open()
                self._reader = asyncio.create_task(self._read())
                await self.line.send(f"40{NAMESPACE},")
                kind, what = await self._next()
                assert kind == "connected", what
        except BaseException:
            await self.close()
            raise

    async def hydrate(self):
        """What the client does for each new page: fetch the whole state, and run what the page runs when it loads."""
        await self.call(HYDRATE)
        await self.call(ON_LOAD)

    async def call(self, handler, **payload):
        """Send an event as a click does; give back its updates, after the last."""
        return [update async for update in self.updates(handler, **payload)]

    async def updates(self, handler, **payload):
        """Send an event; its updates as they come, and those of the events of the server's that they ask for."""
        page = {"pathname": "/", "query": {}, "asPath": "/"}
        event = {"name": handler, "payload": payload, "handler": None, "event_actions": {}}
        event |= {"token": self.token, "router_data": page}
        await self.line.send(f"42{NAMESPACE},{json.dumps(['event', event])}")
        wanted, final = [], False
        while not final:
            async with asyncio.timeout(self.seconds):
                kind, what = await self._next()
            if kind == "event":
                for state, variables in (what.get("delta") or {}).items():
                    self.state.setdefault(state, {}).update(variables)
                final = what.get("final", True) is not False
                wanted += [event for event in what.get("events") or () if event["name"].startswith(STATE)]
                yield what
            elif kind == "reload":
                # This instance has no state for the token: the client asks for a new one, and sends the event again.
                await self.hydrate()
                await self.line.send(f"42{NAMESPACE},{json.dumps(['event', event])}")
            elif kind == "new_token":
                self.token = what
        for event in wanted:
            async for update in self.updates(event["name"], **event["payload"]):
                yield update

    async def reload(self):
        """The same tab loads the page again: a new connection with the token and cookies it has."""
        await self.close()
        self.state = {}
        await self.connect()
        await self.hydrate()

    async def close(self):
        """End the connection as a closed tab does, if it stands."""
        if self.line is None:
            return
        line, self.line = self.line, None
        if reader := self.__dict__.pop("_reader", None):
            standing = self.dropped is None
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
            if standing:
                with contextlib.suppress(Refused, Dropped, TimeoutError):
                    async with asyncio.timeout(2):
                        await line.send(f"41{NAMESPACE},")
        line.close()

    async def _next(self):
        if self.dropped and self.received.empty():
            raise self.dropped
        message = await self.received.get()
        if isinstance(message, Exception):
            raise message
        return message

    async def _read(self):
        try:
            while True:
                for packet in await self.line.receive():
                    await self._take(packet)
        except (Refused, Dropped, TimeoutError) as error:
            self.dropped = error
            self.received.put_nowait(error)

    async def _take(self, packet):
        if packet == "2":
            await self.line.send("3")
        elif packet.startswith(("1", "41")):
            raise Dropped(f"the server ended it: {packet}")
        elif packet.startswith("40"):
            self.received.put_nowait(("connected", packet))
        elif packet.startswith("44"):
            raise Dropped(f"the server refused the namespace: {packet}")
        elif packet.startswith("42"):
            name, *values = json.loads(packet.partition(",")[2])
            self.received.put_nowait((name, values[0] if values else None))

    def head(self, method, target, more):
        """A request's head, as a browser on a page of the portal writes it."""
        scheme = "https" if self.tls else "http"
        fields = {"Host": self.host, "Origin": f"{scheme}://{self.host}"} | more
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode()

    def target(self, **query):
        query = {"EIO": "4", "token": self.token} | query
        return PATH + "?" + "&".join(f"{name}={value}" for name, value in query.items())

    async def dial(self):
        name = self.host if self.tls else None
        return await asyncio.open_connection(self.address, self.port, ssl=self.tls, server_hostname=name)

    async def read_head(self, reader):
        """A response's status and fields; its cookies are the browser's from here on."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {}
        for line in filter(None, lines[1:]):
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
            if name.lower() == "set-cookie":
                key, _, content = value.partition(";")[0].strip().partition("=")
                self.cookies[key] = content
        return int(lines[0].split()[1]), fields


class WebSocket:
    """One connection, which carries a packet in each message."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.writer = None

    async def open(self):
        with ends_as_dropped():
            await self._shake_hands()
        (packet,) = await self.receive()
        assert packet.startswith("0"), packet

    async def _shake_hands(self):
        self.reader, self.writer = await self.visitor.dial()
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        fields["Sec-WebSocket-Key"] = key
        self.writer.write(self.visitor.head("GET", self.visitor.target(transport="websocket"), fields))
        status, fields = await self.visitor.read_head(self.reader)
        if status != 101:
            raise Refused("WebSocket", status, await body(self.reader, fields))

    async def send(self, packet):
        with ends_as_dropped():
            self._frame(0x1, packet.encode())
            await self.writer.drain()

    async def receive(self):
        with ends_as_dropped():
            return [await self._message()]

    async def _message(self):
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length > 125:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            data = await self.reader.readexactly(length)
            kind = first & 0x0F
            if kind == 0x8:
                raise Dropped(f"closed with {int.from_bytes(data[:2])}")
            if kind == 0x9:
                self._frame(0xA, data)
            elif kind == 0x1:
                assert first & 0x80, "a message in pieces"
                return data.decode()

    def _frame(self, kind, data):
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2) if size < 65536 else None
        mask = os.urandom(4)
        masked = bytes(byte ^ part for byte, part in zip(data, itertools.cycle(mask)))
        self.writer.write(bytes([0x80 | kind]) + (length or b"\xff" + size.to_bytes(8)) + mask + masked)

    def close(self):
        if self.writer:
            self.writer.close()


class Polling:
    """Two connections, as a browser has: one on which a poll waits, one for what is sent meanwhile."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.session = None
        self.connections = {}
        self.sending = asyncio.Lock()

    async def open(self):
        (packet,) = await self.receive()
        self.session = json.loads(packet[1:])["sid"]

    async def send(self, packet):
        async with self.sending:
            await self._ask("POST", packet.encode())

    async def receive(self):
        answer = await self._ask("GET", b"")
        return [packet for packet in answer.decode().split(SEPARATOR) if packet != "6"]

    async def _ask(self, method, data):
        session = {"sid": self.session} if self.session else {}
        target = self.visitor.target(transport="polling", **session)
        fields = {"Content-Type": "text/plain;charset=UTF-8", "Content-Length": len(data)} if method == "POST" else {}
        request = self.visitor.head(method, target, fields) + data
        kept = method in self.connections
        try:
            status, fields, answer = await self._exchange(method, request)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            if method in self.connections:
                self.connections.pop(method)[1].close()
            if not kept:
                raise Dropped(f"{type(error).__name__}: {error}") from None
            # A connection that was kept may be closed before the request reaches it: browsers take a new one.
            with ends_as_dropped():
                status, fields, answer = await self._exchange(method, request)
        if fields.get("connection") == "close":
            self.connections.pop(method)[1].close()
        if status != 200:
            raise Refused(f"{method} of a poll", status, answer)
        return answer

    async def _exchange(self, method, request):
        if method not in self.connections:
            self.connections[method] = await self.visitor.dial()
        reader, writer = self.connections[method]
        writer.write(request)
        status, fields = await self.visitor.read_head(reader)
        return status, fields, await body(reader, fields)

    def close(self):
        for _, writer in self.connections.values():
            writer.close()


async def body(reader, fields):
    if "content-length" in fields:
        return await reader.readexactly(int(fields["content-length"]))
    if fields.get("transfer-encoding") != "chunked":
        return b""
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        parts.append(await reader.readexactly(size + 2))
    await reader.readuntil(b"\r\n")
    return b"".join(part[:-2] for part in parts)


def trusting(certificates):
    """TLS as a browser speaks it that trusts our authority."""
    return ssl.create_default_context(cafile=str(Path(certificates.authority)))
