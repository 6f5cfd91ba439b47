"""Something around the portal fails or asks too much: the API, Redis, the memory behind /tmp, bodies, heads."""

import asyncio
import contextlib
import hashlib
import signal
import socket
import time
from urllib.parse import urlsplit

import pytest
from api import Api
from faults import GRACE, NAME, SERVED, fill, record, stored, upload
from front import Front
from ground.asking import wait_for
from instance import ENVIRONMENTS, HOST, Service, starter
from store import WITH_REDIS, Redis
from visitor import COUNT, INCREMENT, TRANSPORTS, Dropped, Refused, Visitor

MIB = 2**20

# max_upload of portal.toml, as far as the platform lets it through.
LIMITS = {"websocket": 32 * MIB, "websocket-free": 32 * MIB, "websocket-free-http2": 100 * MIB}

one_variant = pytest.mark.parametrize("variant", ["websocket-free"], scope="module")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module")
def portal(variant, certificates, names, tmp_path_factory):
    """An instance for what the next test must find as the last one found it."""
    with starter(variant, certificates, tmp_path_factory.mktemp(variant)) as run:
        instance = run(Service(ENVIRONMENTS[variant]))
        instance.ready()
        yield instance


@pytest.fixture
def api(service, certificates, names):
    """The API, not yet there; its name is known."""
    name = urlsplit(service.variables()["BACKEND_URL"]).hostname
    names[:] = [name]
    return Api(certificates, name)


def click(portal, variant, seconds=10):
    """Somebody new clicks once; give back the count."""

    async def visit():
        async with Visitor(portal.address, transport=TRANSPORTS[variant], host=NAME, seconds=seconds) as visitor:
            await visitor.call(INCREMENT)
            return visitor[COUNT]

    return asyncio.run(visit())


def clicks(portal, variant):
    with contextlib.suppress(Dropped, Refused, TimeoutError):
        return click(portal, variant, seconds=3) == 1


def timed(portal, target, **request):
    begun = time.monotonic()
    answer = portal.get(target, **request)
    return answer, time.monotonic() - begun


def assert_serves(portal, variant):
    """The page, the backend and a click, each within SERVED seconds."""
    for target in ("/", "/about", "/reports/", "/ping"):
        answer, seconds = timed(portal, target)
        assert answer.status == 200 and seconds < SERVED, (target, answer.status, seconds)
    assert click(portal, variant) == 1


def test_bodies_up_to_the_limit_and_no_further(portal, service, variant, api, certificates):
    limit = LIMITS[variant]
    with api, Front(service, [portal], certificates, hosts=[NAME]) as front:
        askers = {"HTTP/1.1": portal.get} | ({"h2c": front.get} if service.http2 else {})
        for protocol, get in askers.items():
            answer = get("/api/files", method="POST", body=bytes(limit))
            assert (answer.status, answer.json()["size"]) == (200, limit), protocol
            assert get("/api/files", method="POST", body=bytes(limit + 1)).status == 413, protocol
            answer, file = upload(get, limit)
            assert answer.status == 200, (protocol, answer.status, answer.text)
            state = stored(answer)
            assert (state["size_rx_state_"], state["digest_rx_state_"]) == (len(file), hashlib.sha256(file).hexdigest())
            assert upload(get, limit + 1)[0].status == 413, protocol
            record(f"bodies, {variant}, {protocol}", f"{limit} bytes arrive, one more is answered with 413")
    assert_serves(portal, variant)


# Heads that are too much, as (the target, the fields).
FLOODS = {
    "a field of 100 KB": ("/about", [("X-Flood", "x" * 100_000)]),
    "1,000 fields of 100 bytes": ("/about", [(f"X-Flood-{number}", "x" * 90) for number in range(1000)]),
    "cookies of 40 KB": ("/reports/", [("Cookie", f"name-{number}={'x' * 4000}") for number in range(10)]),
    "a target of 20 KB": (f"/about?{'x' * 20_000}", []),
}


@one_variant
def test_too_much_head_is_refused_and_others_are_served(portal, variant):
    for flood, (target, fields) in FLOODS.items():
        seen = set()
        for _ in range(100):
            seen.add(portal.get(target, headers=fields).status)
        assert seen <= {400, 414, 431} and len(seen) == 1, (flood, seen)
        assert_serves(portal, variant)
        record(f"heads: {flood}", f"answered with {seen.pop()}; others are served")


@pytest.mark.parametrize("variant", ["websocket-free-http2"], scope="module")
def test_too_much_head_over_h2c_is_refused_and_others_are_served(portal, variant):
    url = f"http://{portal.address}:8080/about"
    curl = ["curl", "--silent", "--http2-prior-knowledge", "--max-time", "10", "--output", "/dev/null"]
    curl += ["--write-out", "%{http_code}", "--header", f"X-Flood: {'x' * 100_000}", url]
    seen = {portal.network.run(*curl, capture_output=True, text=True).stdout for _ in range(20)}
    # nginx closes the connection, which curl has no status for.
    assert seen == {"000"}, seen
    assert_serves(portal, variant)
    record("heads: a field of 100 KB over h2c", "the connection is closed; others are served")


@one_variant
def test_without_the_api_sign_in_fails_quickly_and_the_rest_works(portal, variant, api):
    answer, seconds = timed(portal, "/auth/sign-in")
    assert answer.status == 502 and seconds < 2, (answer.status, seconds)
    assert_serves(portal, variant)
    record("API gone: connection refused", "sign-in is answered with 502, the rest works", seconds)

    with api:
        assert portal.get("/auth/sign-in").status == 303
    answer, seconds = timed(portal, "/auth/sign-in")
    assert answer.status == 502 and seconds < 2
    with api:
        answer, seconds = timed(portal, "/auth/sign-in")
        assert answer.status == 303 and seconds < SERVED
    record("API back", "sign-in works with the next request", seconds)


@one_variant
def test_an_api_that_takes_no_connections_fails_within_the_limit(portal, variant, api):
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server((HOST, 443), backlog=0))
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        time.sleep(0.1)
        answer, seconds = timed(portal, "/auth/sign-in")
        assert answer.status == 504 and 4 < seconds < 7, (answer.status, seconds)
        assert_serves(portal, variant)
        record("API gone: no answer to a connection", "sign-in is answered with 504, the rest works", seconds)


@one_variant
def test_an_api_without_a_name_fails_within_the_limit(portal, variant, api, names):
    names.clear()
    answer, seconds = timed(portal, "/auth/sign-in")
    assert answer.status in (502, 503, 504) and seconds < 7, (answer.status, seconds)
    assert_serves(portal, variant)
    record("API gone: its name is unknown", f"sign-in is answered with {answer.status}, the rest works", seconds)
    names[:] = [api.name]
    with api:
        begun = time.monotonic()
        wait_for(lambda: portal.get("/auth/sign-in").status == 303, 40, "sign-in to work again")
    record("API back: its name is known again", "sign-in works", time.monotonic() - begun)


@one_variant
def test_a_hundred_requests_that_wait_for_the_api_hold_up_nobody(run, service, variant, api):
    portal = run(service)
    portal.ready()
    api.delay = 1000
    with api, contextlib.ExitStack() as stack:
        for _ in range(100):
            client = stack.enter_context(socket.create_connection((portal.address, 8080), 10))
            client.sendall(b"GET /api/slow HTTP/1.1\r\nHost: portal.test\r\n\r\n")
        time.sleep(0.5)
        assert_serves(portal, variant)
        status, seconds = portal.terminate()
    assert status == 0 and seconds < GRACE, (status, seconds)
    record("API hangs under 100 requests", "the rest works; SIGTERM ends the container with 0", seconds)


@pytest.mark.parametrize("variant", ["websocket", "websocket-free"])
def test_redis_gone_and_back(run, service, variant):
    redis = Redis()
    with redis:
        portal = run(service, more=WITH_REDIS)
        portal.ready()
        assert click(portal, variant) == 1
    with pytest.raises((Dropped, Refused, TimeoutError)):
        click(portal, variant, seconds=3)
    for target in ("/", "/reports/", "/ping"):
        answer, seconds = timed(portal, target)
        assert answer.status == 200 and seconds < SERVED, (target, answer.status, seconds)
    assert portal.get("/_health").status == 404
    assert portal.process.poll() is None
    record(f"Redis gone, {variant}", "clicks fail; pages, probes and the container go on")
    with redis:
        begun = time.monotonic()

        wait_for(lambda: clicks(portal, variant), 30, "clicks to work again")
        record(f"Redis back, {variant}", "clicks work again", time.monotonic() - begun)
        assert portal.terminate()[0] == 0


@pytest.mark.parametrize(
    ("variant", "fault"), [("websocket", "hangs"), ("websocket-free", "hangs"), ("websocket-free", "gone")]
)
def test_sigterm_without_redis(run, service, variant, fault):
    with Redis() as redis:
        portal = run(service, more=WITH_REDIS)
        portal.ready()
        click(portal, variant)
        redis.process.send_signal(signal.SIGSTOP if fault == "hangs" else signal.SIGKILL)
        with pytest.raises((Dropped, Refused, TimeoutError)):
            click(portal, variant, seconds=3)
        assert timed(portal, "/ping")[1] < SERVED
        status, seconds = portal.terminate()
    assert status == 0 and seconds < GRACE, (status, seconds)
    record(f"Redis {fault}, then SIGTERM, {variant}", "clicks fail, probes pass; the container ends with 0", seconds)


@one_variant
def test_redis_comes_after_the_portal(run, service, variant):
    portal = run(service, more=WITH_REDIS)
    portal.ready()
    with pytest.raises((Dropped, Refused, TimeoutError)):
        click(portal, variant, seconds=3)
    with Redis():
        begun = time.monotonic()
        wait_for(lambda: clicks(portal, variant), 30, "clicks to work")
        record("Redis comes after the portal", "the portal starts, and clicks work with it", time.monotonic() - begun)


@one_variant
def test_a_full_tmp_while_running(run, service, variant, api):
    portal = run(service, tmp="24m")
    portal.ready()
    filling = fill(portal)
    with api:
        answer, seconds = timed(portal, "/api/files", method="POST", body=bytes(8 * MIB))
        assert answer.status == 500 and seconds < 5, (answer.status, seconds)
        assert_serves(portal, variant)
        filling.unlink()
        assert portal.get("/api/files", method="POST", body=bytes(8 * MIB)).json()["size"] == 8 * MIB
    record(
        "/tmp full while running",
        "a body that has to be stored is answered with 500, the rest works",
        seconds,
    )
    fill(portal)
    status, seconds = portal.terminate()
    assert status == 0 and seconds < GRACE, (status, seconds)
    record("SIGTERM while /tmp is full", "the container ends with 0", seconds)


@pytest.mark.parametrize("variant", ["websocket", "websocket-free"])
def test_a_body_bigger_than_tmp(run, service, variant, api):
    portal = run(service, tmp="8m")
    portal.ready()
    begun = time.monotonic()
    answer, _ = upload(portal.get, 16 * MIB)
    seconds = time.monotonic() - begun
    # 502 when the backend closes the connection before nginx has read its answer: the body is still on its way.
    assert answer.status in (500, 502) and seconds < 5, (answer.status, answer.text, seconds)
    assert_serves(portal, variant)
    answer, file = upload(portal.get, 2 * MIB)
    assert (answer.status, stored(answer)["size_rx_state_"]) == (200, len(file))
    record(f"/tmp full during an upload, {variant}", "answered with 500 or 502, recovers by itself", seconds)

    with api:
        answer, seconds = timed(portal, "/api/files", method="POST", body=bytes(16 * MIB))
        assert answer.status == 500 and seconds < 5, (answer.status, seconds)
        assert_serves(portal, variant)
        assert portal.get("/api/files", method="POST", body=bytes(4 * MIB)).json()["size"] == 4 * MIB
    record(f"/tmp full during a request to the API, {variant}", "answered with 500, recovers by itself", seconds)


@one_variant
@pytest.mark.parametrize("size", ["4k", "16k", "32k"])
def test_a_full_tmp_at_the_start_ends_the_container_or_lets_it_serve(run, service, size, variant):
    portal = run(service, tmp=size)
    begun = time.monotonic()

    def decided():
        with contextlib.suppress(OSError):
            return portal.process.poll() is not None or portal.get("/ping").status == 200

    wait_for(decided, 20, "the container to serve or to end")
    seconds = time.monotonic() - begun
    if portal.process.poll() is None:
        assert_serves(portal, variant)
        record(f"/tmp of {size} at the start", "it serves", seconds)
    else:
        assert portal.process.returncode == 1, portal.log
        assert "No space left on device" in portal.log, portal.log
        record(f"/tmp of {size} at the start", "the container ends with 1 and says why", seconds)
