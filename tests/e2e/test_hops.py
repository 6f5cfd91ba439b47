"""How many proxies stand before the container: who the client is, by X-Forwarded-For."""

import http.server
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from front import ADDRESS, Front
from instance import HOST, Service, starter

NAME = "portal.test"
CLIENT = "127.0.0.9"

# FORWARDED_HOPS, the lines of X-Forwarded-For as they reach the container, and the client; None: who connects to it.
CHAINS = [
    (0, [], None),
    (0, ["203.0.113.9"], None),
    (0, ["203.0.113.9, 198.51.100.7, 192.0.2.1"], None),
    (1, [], None),
    (1, ["198.51.100.7"], "198.51.100.7"),
    (1, ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
    (1, ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
    (1, ["2001:db8::9, 2001:db8::7"], "2001:db8::7"),
    (1, ["198.51.100.7, unknown"], None),
    (2, [], None),
    (2, ["198.51.100.7"], "198.51.100.7"),
    (2, ["198.51.100.7, 192.0.2.1"], "198.51.100.7"),
    (2, ["203.0.113.9, 198.51.100.7, 192.0.2.1"], "198.51.100.7"),
    (2, ["203.0.113.9", "198.51.100.7", "192.0.2.1"], "198.51.100.7"),
    (2, ["203.0.113.9,198.51.100.7,192.0.2.1"], "198.51.100.7"),
    (2, ["2001:db8::9, 2001:db8::7, 2001:db8::1"], "2001:db8::7"),
    (2, ["2001:db8::9, 198.51.100.7, 2001:db8::1"], "198.51.100.7"),
    (2, ["203.0.113.9, unknown, 192.0.2.1"], None),
]


@pytest.fixture(scope="module")
def behind(certificates, names, tmp_path_factory):
    """An instance for each number of hops, with nothing before it."""
    with starter("websocket-free", certificates, tmp_path_factory.mktemp("hops")) as run:
        instances = [run(Service("demo"), more={"FORWARDED_HOPS": str(hops)}) for hops in range(3)]
        for instance in instances:
            instance.ready()
        yield instances


@pytest.mark.parametrize(("hops", "lines", "client"), CHAINS)
def test_the_client_is_as_many_entries_from_the_right_as_there_are_hops(behind, hops, lines, client):
    answer = behind[hops].get("/reports/", headers=[("X-Forwarded-For", line) for line in lines])
    assert answer.json()["client"] == (client or behind[hops].network.ours)


def test_on_run_app_there_is_one_hop(behind, certificates):
    with Front(Service("demo"), behind[1:2], certificates, hosts=[NAME], hops=1) as front:
        seen = front.get("/reports/", headers={"X-Forwarded-For": "203.0.113.9"}, source=CLIENT).json()
    assert seen["client"] == CLIENT


@pytest.mark.parametrize("supplied", [None, "203.0.113.9", "203.0.113.9, 2001:db8::9"])
@pytest.mark.parametrize(("hops", "appended"), [(1, CLIENT), (2, f"{CLIENT}, {ADDRESS}")])
def test_the_front_itself_writes_what_google_does(certificates, hops, appended, supplied):
    seen = []

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers.items()))
            self.send_response(204)
            self.end_headers()

    echo = http.server.HTTPServer((HOST, 8080), Echo)
    echo.timeout = 10
    with (
        echo,
        ThreadPoolExecutor() as threads,
        Front(Service("demo"), [SimpleNamespace(address=HOST)], certificates, hosts=[NAME], hops=hops) as front,
    ):
        threads.submit(echo.handle_request)
        headers = {"X-Forwarded-Proto": "http"} | ({"X-Forwarded-For": supplied} if supplied else {})
        assert front.get("/", headers=headers, source=CLIENT).status == 204
    (headers,) = seen
    assert headers["x-forwarded-for"] == (f"{supplied}, {appended}" if supplied else appended)
    assert (headers["x-forwarded-proto"], headers["via"], headers["host"]) == ("https", "1.1 google", NAME)
