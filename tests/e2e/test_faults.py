"""Something in the container dies, hangs, starts late or never, or is told to end; or clients hardly send."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults import GRACE, MODULE, NAME, SERVED, record, with_first_lines
from front import Front
from ground.asking import listens, wait_for
from instance import Image, Probes, Service, starter
from visitor import COUNT, INCREMENT, TRANSPORTS, Dropped, Refused, Visitor

SLEEP = "import time; time.sleep({})\n"
CLIENTS = 100


VARIANT = "websocket-free"
SERVICE = Service("demo")
LIVENESS = SERVICE.container["livenessProbe"]
STARTUP = SERVICE.container["startupProbe"]

# nginx's own limit of a request's head, and of the silence between two pieces of a body.
HEAD_LIMIT = SILENCE_LIMIT = 60

# How clients are slow, and what of their request they send at once.
POST = b"POST /reports/ HTTP/1.1\r\nHost: portal.test\r\nContent-Length: 1000\r\n\r\n"
SLOW = {
    "head, a byte now and then": b"GET / HTTP/1.1\r\nHost: portal.test\r\nX-Slow: ",
    "head, silent": b"GET / HTTP/1.1\r\nHost: ",
    "body, a byte now and then": POST,
    "body, silent": POST,
}
CLIENTS_OF_A_KIND = 50
WATCHED = 70


@pytest.fixture(scope="module", autouse=True)
def slow_faults(certificates, names, tmp_path_factory):
    """What takes its time goes on beside the other tests: three instances in trouble, and what becomes of each."""
    # At the end the instances go first, or the threads would be waited for.
    with ThreadPoolExecutor() as threads, starter(VARIANT, certificates, tmp_path_factory.mktemp("slow")) as run:
        never = run(SERVICE, files=with_first_lines(Image(VARIANT), MODULE, SLEEP.format(1000)))
        hung, slow = run(SERVICE), run(SERVICE)
        yield {
            "never": threads.submit(watch_start, never),
            "hung": threads.submit(hang, hung),
            "slow": threads.submit(be_slow, slow),
        }


def watch_start(portal):
    with Probes(SERVICE, portal) as probes:
        status = portal.process.wait(140)
    return status, time.monotonic() - portal.started, probes.ended, portal.log


def hang(portal):
    with Probes(SERVICE, portal) as probes:
        probes.started()
        os.kill(portal.find("uvicorn"), signal.SIGSTOP)
        begun = time.monotonic()
        wait_for(lambda: probes.end or portal.process.poll(), 140, "the liveness probe to end the instance")
    return probes.ended, probes.end, time.monotonic() - begun


def be_slow(portal):
    """For each kind of client, the seconds until it was cut and the answers; the slowest answer to others meanwhile."""
    portal.ready()
    begun = time.monotonic()
    clients = {}
    for kind, head in SLOW.items():
        for _ in range(CLIENTS_OF_A_KIND):
            client = socket.create_connection((portal.address, 8080), 10)
            client.sendall(head)
            client.setblocking(False)
            clients[client] = kind
    ended = {kind: [] for kind in SLOW}
    slowest = 0
    while time.monotonic() < begun + WATCHED:
        for client, kind in list(clients.items()):
            with contextlib.suppress(BlockingIOError):
                if "now and then" in kind:
                    with contextlib.suppress(OSError):
                        client.send(b"x")
                try:
                    answer = client.recv(4096)
                except ConnectionResetError:
                    answer = b""
                ended[kind].append((time.monotonic() - begun, answer[9:12].decode()))
                del clients[client]
                client.close()
        for target in ("/about", "/ping"):
            asked = time.monotonic()
            assert portal.get(target).status == 200
            slowest = max(slowest, time.monotonic() - asked)
        time.sleep(1)
    for client in clients:
        client.close()
    return ended, slowest


@pytest.fixture
def portal(run, service):
    instance = run(service)
    instance.ready()
    return instance


# start.sh and nginx.conf are the same for all variants where these faults strike.
one_variant = pytest.mark.parametrize("variant", ["websocket-free"])


def crowd(variant, meanwhile, **where):
    """CLIENTS visitors of a place, each with a count of its own; what came of `meanwhile`, and how they heard of it."""

    async def visit():
        async with contextlib.AsyncExitStack() as stack:
            visitors = [Visitor(**where, transport=TRANSPORTS[variant], host=NAME) for _ in range(CLIENTS)]
            await asyncio.gather(*(stack.enter_async_context(visitor) for visitor in visitors))
            await asyncio.gather(*(visitor.call(INCREMENT) for visitor in visitors))
            assert {visitor[COUNT] for visitor in visitors} == {1}
            result = await asyncio.to_thread(meanwhile)
            async with asyncio.timeout(5):
                while any(visitor.dropped is None for visitor in visitors):
                    await asyncio.sleep(0.05)
            return result, {type(visitor.dropped) for visitor in visitors}

    return asyncio.run(visit())


@one_variant
@pytest.mark.parametrize("process", ["nginx: master", "uvicorn"])
def test_a_killed_process_ends_the_container(portal, process):
    status, seconds = portal.end(portal.find(process), signal.SIGKILL)
    assert status == 1 and seconds < 3, (status, seconds)
    record(f"{process} killed", "the container ends with 1", seconds)


@one_variant
def test_a_killed_worker_of_nginx_is_replaced(portal):
    worker = portal.find("nginx: worker")
    begun = time.monotonic()
    os.kill(worker, signal.SIGKILL)

    def answers():
        with contextlib.suppress(OSError, StopIteration):
            return portal.find("nginx: worker") != worker and portal.get("/ping").status == 200

    wait_for(answers, 5, "another worker")
    record("nginx: worker killed", "nginx replaces it and serves on", time.monotonic() - begun)
    assert portal.terminate()[0] == 0


@one_variant
def test_nothing_listens_until_a_slow_backend_answers(run, service, variant):
    portal = run(service, files=with_first_lines(Image(variant), MODULE, SLEEP.format(5)))
    with Probes(service, portal) as probes:
        while portal.process.poll() is None and not listens(8080, portal.address):
            time.sleep(0.02)
        listening = time.monotonic() - portal.started
        # From the first moment on, whoever gets a connection gets an answer.
        assert portal.get("/ping").status == 200
        seconds = probes.started()
    assert probes.ended is None and seconds > listening > 5, (seconds, listening)
    assert [passed for probe, _, passed in probes.results if probe == "startupProbe"].count(False) >= 2, probes.results
    record("start slower than nginx", "refuses connections, then answers; the startup probe passes", seconds)


@one_variant
def test_a_backend_that_cannot_be_imported_ends_the_container(run, service, variant):
    portal = run(service, files=with_first_lines(Image(variant), MODULE, "import there_is_no_such_module\n"))
    status = portal.process.wait(30)
    seconds = time.monotonic() - portal.started
    assert status == 1 and "no module named 'there_is_no_such_module'" in portal.log.lower(), (status, portal.log)
    assert "the backend ended with 1 before it answered" in portal.log
    record("backend that cannot be imported", "the container ends with 1 and says why", seconds)


def test_sigterm_while_idle(portal, variant):
    status, seconds = portal.terminate()
    assert status == 0 and seconds < 2, (status, seconds)
    record(f"SIGTERM, idle, {variant}", "the container ends with 0", seconds)


def test_sigterm_under_a_hundred_visitors(portal, service, variant, certificates):
    with contextlib.ExitStack() as stack:
        where, over = {"address": portal.address}, ""
        if service.http2:
            # More at once than one instance is sent; the platform would start another.
            service.revision["containerConcurrency"] = 3 * CLIENTS
            front = stack.enter_context(Front(service, [portal], certificates, hosts=[NAME]))
            where, over = {"address": front.address, "port": 443, "tls": front.tls}, " over h2c"
        (status, seconds), endings = crowd(variant, portal.terminate, **where)
        spoken = {line["protocol"] for line in access_log(portal) if line["path"].startswith("/_event")}
    assert status == 0 and seconds < GRACE, (status, seconds)
    assert endings <= {Dropped, Refused}, endings
    assert spoken == {"HTTP/2.0" if service.http2 else "HTTP/1.1"}
    what = {"websocket": "sockets", "polling": "polls"}[TRANSPORTS[variant]]
    record(
        f"SIGTERM under {CLIENTS} {what}{over}, {variant}",
        "the container ends with 0, every visitor hears of it",
        seconds,
    )


def access_log(portal):
    """nginx's lines, of all that a container writes."""
    return [json.loads(line) for line in portal.log.splitlines() if line.startswith('{"severity"')]


def handles(pid, signal_number):
    caught = re.search(r"^SigCgt:\s+(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(caught[1], 16) >> (signal_number - 1) & 1


@one_variant
@pytest.mark.parametrize("after", [0, 0.2, 3])
def test_sigterm_while_starting(run, service, after):
    portal = run(service, files=with_first_lines(Image("websocket-free"), MODULE, SLEEP.format(5)))
    # Process 1 gets no signal that it has no handler for: in its first milliseconds bash has none.
    wait_for(lambda: handles(portal.first(), signal.SIGTERM), 5, "start.sh to handle SIGTERM")
    time.sleep(after)
    assert not listens(8080, portal.address)
    status, seconds = portal.terminate()
    assert status == 0 and seconds < 2, (status, seconds, portal.log)
    record(f"SIGTERM {after} s into the start", "the container ends with 0", seconds)


WRONG_URLS = [
    "http://api.example.test",
    "https://api.example.test/",
    "https://user:secret-word@api.example.test",
    "https://api.example.test; include /etc/passwd",
    "https://API.example.test",
    "https://api.example.test:99999",
    "secret-word",
]


@pytest.mark.parametrize("url", WRONG_URLS)
@one_variant
def test_a_wrong_backend_url_is_refused_and_not_shown(run, service, url):
    portal = run(service, more={"BACKEND_URL": url})
    status = portal.process.wait(5)
    seconds = time.monotonic() - portal.started
    assert status == 64, (status, portal.log)
    assert "BACKEND_URL is not an origin" in portal.log and "BACKEND_URL=https://api.example.com" in portal.log
    assert url not in portal.log and "secret-word" not in portal.log
    record(
        "a wrong BACKEND_URL", "the container ends with 64 and says what to write, but not what stands there", seconds
    )


def test_a_backend_that_never_starts_ends_before_the_startup_probe_gives_up(slow_faults):
    status, seconds, ended, log = slow_faults["never"].result(150)
    assert (status, ended) == (1, None), (status, ended, log)
    assert "did not answer /ping in" in log
    assert seconds < STARTUP["periodSeconds"] * STARTUP["failureThreshold"]
    record("backend that hangs while it is imported", "the container ends with 1 and says why", seconds)


def test_a_backend_that_hangs_is_ended_by_the_liveness_probe(slow_faults):
    probe, (status, end), seconds = slow_faults["hung"].result(150)
    assert probe == "livenessProbe"
    assert status == 0 and end < GRACE, (status, end)
    assert seconds < LIVENESS["periodSeconds"] * (LIVENESS["failureThreshold"] + 1) + GRACE
    happened = f"the liveness probe ends it; SIGTERM to the end takes {end:.1f} s, with 0"
    record("backend hung", happened, seconds)


def test_slow_clients_are_cut_and_hold_up_nobody(slow_faults):
    ended, slowest = slow_faults["slow"].result(150)
    assert slowest < SERVED, slowest
    for kind, endings in ended.items():
        if kind == "body, a byte now and then":
            # nginx counts silence: only the request timeout of the platform ends these.
            assert not endings, endings
            record(
                f"slow clients: {kind}",
                f"not cut within {WATCHED} s: the platform's request timeout does; others are served",
            )
            continue
        assert len(endings) == CLIENTS_OF_A_KIND, kind
        first, last = min(endings)[0], max(endings)[0]
        assert HEAD_LIMIT - 2 < first <= last < HEAD_LIMIT + 5, (kind, first, last)
        # nginx closes without a word.
        assert {answer for _, answer in endings} == {""}, endings
        record(f"slow clients: {kind}", "cut by nginx without an answer; others are served", last)
