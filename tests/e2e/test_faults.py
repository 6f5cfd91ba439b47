"""Something in the container dies, starts late or never, or is told to end: the container ends as it should, in time."""

import asyncio
import contextlib
import os
import signal
import time

import pytest
from faults import GRACE, NAME, record, with_first_lines
from ground.asking import listens, wait_for
from instance import Image, Probes
from visitor import COUNT, INCREMENT, TRANSPORTS, Dropped, Refused, Visitor

MODULE = "/app/waooaw_portal/state.py"
CLIENTS = 100


@pytest.fixture
def portal(run, service):
    instance = run(service)
    instance.ready()
    return instance


# start.sh and nginx.conf are the same for all variants where these faults strike.
one_variant = pytest.mark.parametrize("variant", ["websocket-free"])


def crowd(portal, variant, meanwhile):
    """As many visitors as CLIENTS, each with a count of its own; what happens meanwhile; why their connections ended."""

    async def visit():
        async with contextlib.AsyncExitStack() as stack:
            visitors = [Visitor(portal.address, transport=TRANSPORTS[variant], host=NAME) for _ in range(CLIENTS)]
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
    assert (status, seconds < 1) == (1, True), (status, seconds)
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
    portal = run(service, files=with_first_lines(Image(variant), MODULE, "import time; time.sleep(5)\n"))
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


def test_sigterm_under_a_hundred_visitors(portal, variant):
    (status, seconds), endings = crowd(portal, variant, portal.terminate)
    assert status == 0 and seconds < GRACE - 2, (status, seconds)
    assert endings <= {Dropped, Refused}, endings
    what = {"websocket": "sockets", "polling": "polls"}[TRANSPORTS[variant]]
    record(
        f"SIGTERM under {CLIENTS} {what}, {variant}", "the container ends with 0, every visitor hears of it", seconds
    )


@one_variant
@pytest.mark.parametrize("after", [0, 0.2, 1])
def test_sigterm_while_starting(run, service, after):
    portal = run(service)
    portal.first()
    time.sleep(after)
    assert not listens(8080, portal.address), "started too quickly for this test"
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
