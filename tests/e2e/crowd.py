"""Many visitors at once in one program, which writes as JSON what became of them.

python crowd.py '{"transport": "polling", "clients": {"8080": 250, "8000": 50}, "seconds": 120, "rate": 20, "seed": 1,
                  "limit": 200}'

clients   how many visit each port of 127.0.0.1
rate      clicks a second at each port, all visitors together

They connect, stay for the seconds and click, are asked at the end whether their sessions still answer, and leave.
None of them connects twice, and an answer that is missing, late by 20 s, wrong or one too many is an error.
"""

import asyncio
import json
import random
import sys
import time
import zlib

from visitor import COUNT, INCREMENT, NAMESPACE, Dropped, Refused, Visitor, WebSocket, ends_as_dropped


class Compressing(WebSocket):
    """A WebSocket with compressed messages (RFC 7692), as browsers ask for: the backend keeps memory for them."""

    def __init__(self, visitor):
        super().__init__(visitor)
        self.inflate, self.deflate = zlib.decompressobj(wbits=-15), zlib.compressobj(wbits=-15)

    async def send(self, packet):
        data = self.deflate.compress(packet.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        with ends_as_dropped():
            self._frame(0x41, data[:-4])
            await self.writer.drain()

    async def _message(self):
        while True:
            first, length = await self.reader.readexactly(2)
            if length > 125:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            data = await self.reader.readexactly(length)
            if first == 0x88:
                raise Dropped(f"closed with {int.from_bytes(data[:2])}")
            if first == 0x89:
                self._frame(0xA, data)
            elif first == 0xC1:
                return self.inflate.decompress(data + b"\0\0\xff\xff").decode()
            elif first == 0x81:
                return data.decode()
            else:
                raise Dropped(f"a frame that begins with {first:#x}")


class Guest(Visitor):
    """A visitor that clicks, and notes the seconds of each good answer and every error."""

    def __init__(self, transport, port):
        super().__init__("127.0.0.1", port, transport, host="127.0.0.1:8080")
        if transport == "websocket":
            self.transport = Compressing
        self.turn = asyncio.Lock()
        self.first_token = self.token
        self.clicks, self.waits, self.errors, self.present = 0, [], [], False

    def head(self, method, target, more):
        if "Upgrade" in more:
            more = more | {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
        return super().head(method, target, more)

    async def read_head(self, reader):
        status, fields = await super().read_head(reader)
        if status == 101 and "permessage-deflate" not in fields.get("sec-websocket-extensions", ""):
            raise Dropped("the server does not compress WebSocket messages")
        return status, fields

    async def click(self):
        """One after the other, as Reflex's client does; the time runs from the click."""
        clicked = time.perf_counter()
        async with self.turn:
            self.clicks += 1
            try:
                updates = await self.call(INCREMENT)
            except (Dropped, Refused, TimeoutError) as error:
                self.errors.append(f"click {self.clicks}: {type(error).__name__} {error}")
                return
            state, name = COUNT
            shown = [update["delta"][state][name] for update in updates if name in update["delta"].get(state, {})]
            if shown == [self.clicks]:
                self.waits.append(time.perf_counter() - clicked)
            else:
                self.errors.append(f"click {self.clicks} shows {shown}")

    async def call_the_roll(self):
        """Whether the session that it began with still answers: Reflex answers "ping" in the session that asks."""
        if self.dropped:
            self.errors.append(f"{type(self.dropped).__name__} {self.dropped}")
            return
        while not self.received.empty():
            self.errors.append(f"nobody asked for {self.received.get_nowait()}")
        try:
            await self.line.send(f'42{NAMESPACE},["ping"]')
            async with asyncio.timeout(self.seconds):
                answer = await self.received.get()
            self.present = answer == ("ping", "pong") and self.dropped is None and self.token == self.first_token
        except (Dropped, Refused, TimeoutError) as error:
            self.errors.append(f"at the end: {type(error).__name__} {error}")


async def few_at_a_time(coroutines):
    few = asyncio.Semaphore(16)

    async def one(coroutine):
        async with few:
            await coroutine

    await asyncio.gather(*map(one, coroutines))


async def enter(guest):
    await guest.connect()
    await guest.hydrate()


async def click_around(ports, seconds, rate, chance):
    """At each moment one click at each port, in random order; within a port everybody before anybody again.

    Gives back how late the latest click was made, in seconds.
    """
    turns = {port: in_turn(guests, chance) for port, guests in ports.items()}
    step = 1 / (rate * len(ports))
    began, latest, clicks = time.perf_counter(), 0, []
    for moment in range(int(seconds * rate)):
        for place, port in enumerate(chance.sample(list(ports), len(ports))):
            due = began + (moment * len(ports) + place) * step
            await asyncio.sleep(due - time.perf_counter())
            latest = max(latest, time.perf_counter() - due)
            clicks.append(asyncio.create_task(next(turns[port]).click()))
    await asyncio.sleep(began + seconds - time.perf_counter())
    await asyncio.gather(*clicks)
    return latest


def in_turn(guests, chance):
    while True:
        yield from chance.sample(guests, len(guests))


async def visit(transport, clients, seconds, rate, seed, limit):
    chance = random.Random(seed)
    ports = {port: [Guest(transport, int(port)) for _ in range(count)] for port, count in clients.items()}
    everybody = [guest for guests in ports.values() for guest in guests]
    async with asyncio.timeout(limit):
        begun = time.monotonic()
        await few_at_a_time(map(enter, everybody))
        held = time.monotonic()
        latest = await click_around(ports, seconds, rate, chance)
        left = time.monotonic()
        await few_at_a_time(guest.call_the_roll() for guest in everybody)
        await few_at_a_time(guest.close() for guest in everybody)
    return {
        "begun": begun,
        "held": held,
        "left": left,
        "latest": latest,
        "ports": {port: outcome(guests) for port, guests in ports.items()},
    }


def outcome(guests):
    return {
        "clients": len(guests),
        "present": sum(guest.present for guest in guests),
        "clicks": sum(guest.clicks for guest in guests),
        "fewest": min(guest.clicks for guest in guests),
        "most": max(guest.clicks for guest in guests),
        "errors": [error for guest in guests for error in guest.errors],
        "waits": [wait for guest in guests for wait in guest.waits],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(visit(**json.loads(sys.argv[1])))))
