"""Faults that take their time: a backend that hangs, one that never starts, clients that hardly send. They run at once."""

import contextlib
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from faults import GRACE, record, with_first_lines
from ground.asking import wait_for
from instance import Image, Probes, Service, starter

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


@pytest.fixture(scope="module")
def results(certificates, names, tmp_path_factory):
    """Three instances in trouble at the same time; each result when it is there."""
    with starter(VARIANT, certificates, tmp_path_factory.mktemp("slow")) as run, ThreadPoolExecutor() as threads:
        never = run(SERVICE, files=with_first_lines(Image(VARIANT), "/app/waooaw_portal/state.py", NEVER))
        hung, slow = run(SERVICE), run(SERVICE)
        yield {
            "never": threads.submit(watch_start, never),
            "hung": threads.submit(hang, hung),
            "slow": threads.submit(be_slow, slow),
        }


NEVER = "import time; time.sleep(1000)\n"


def watch_start(portal):
    with Probes(SERVICE, portal) as probes:
        status = portal.process.wait(140)
    return status, time.monotonic() - portal.started, probes.ended, portal.log


def hang(portal):
    with Probes(SERVICE, portal) as probes:
        probes.started()
        os.kill(portal.find("uvicorn"), signal.SIGSTOP)
        begun = time.monotonic()
        wait_for(lambda: probes.end, 140, "the liveness probe to end the instance")
    return probes.ended, probes.end, time.monotonic() - begun


def be_slow(portal):
    """For each kind of client, the answers it got and the seconds after which; the slowest answer to others meanwhile."""
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


def test_a_backend_that_never_starts_ends_before_the_startup_probe_gives_up(results):
    status, seconds, ended, log = results["never"].result(150)
    assert (status, ended) == (1, None), (status, ended, log)
    assert "did not answer /ping in" in log
    assert seconds < STARTUP["periodSeconds"] * STARTUP["failureThreshold"]
    record("backend that hangs while it is imported", "the container ends with 1 and says why", seconds)


def test_a_backend_that_hangs_is_ended_by_the_liveness_probe(results):
    probe, (status, end), seconds = results["hung"].result(150)
    assert probe == "livenessProbe"
    assert status == 0 and end < GRACE, (status, end)
    assert seconds < LIVENESS["periodSeconds"] * (LIVENESS["failureThreshold"] + 1) + GRACE
    happened = f"the liveness probe ends it; SIGTERM to the end takes {end:.1f} s, with 0"
    record("backend hung", happened, seconds)


def test_slow_clients_are_cut_and_hold_up_nobody(results):
    ended, slowest = results["slow"].result(150)
    assert slowest < 1, slowest
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
        record(
            f"slow clients: {kind}",
            f"cut by nginx with {sorted({answer or 'no answer' for _, answer in endings})}; others are served",
            last,
        )
