"""The portal behind Google's front end: addresses, schemes, redirects, cookies, caches, bodies and both transports."""

import asyncio
import hashlib
import json
import random
import re
import subprocess
import uuid
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from api import COOKIE, Api
from front import BODY_LIMIT, Front, revision
from ground.asking import wait_for
from instance import ENVIRONMENTS, Service, starter
from report import keep
from visitor import COUNT, INCREMENT, TRANSPORTS, Visitor

NAME = "portal.test"
CLIENT, CLIENT_6 = "127.0.0.9", "::1"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module")
def portal(variant, certificates, names, tmp_path_factory):
    """One instance behind the front as service.yaml has it, and the API beside it."""
    service = Service(ENVIRONMENTS[variant])
    name = urlsplit(service.variables()["BACKEND_URL"]).hostname
    names[:] = [name]
    with (
        Api(certificates, name) as api,
        starter(variant, certificates, tmp_path_factory.mktemp(variant)) as run,
        revision(run, service) as (instance,),
        Front(service, [instance], certificates, hosts=[NAME, "other.test"]) as front,
    ):
        yield SimpleNamespace(service=service, instance=instance, front=front, api=api, get=front.get)


def access_log(instance):
    return [json.loads(line) for line in instance.log.splitlines() if line.startswith("{")]


def logged(instance, agent):
    """The lines of a user agent, once there is one; nginx writes it when the answer is already out."""
    return wait_for(lambda: [line for line in access_log(instance) if line["user_agent"] == agent], 5, agent)


@pytest.fixture
def agent():
    """The name of a user agent that nobody else has."""
    return str(uuid.uuid4())


def visitor(portal, variant, **settings):
    settings |= {"host": NAME, "tls": portal.front.tls, "transport": TRANSPORTS[variant]}
    return Visitor(portal.front.address, 443, **settings)


def test_http_goes_to_https_with_path_and_query(portal):
    answer = portal.get("/docs/deep?x=1&y=%20", plain=True)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/docs/deep?x=1&y=%20")


@pytest.mark.parametrize("target", ["/auth", "/api", "/reports", "/_upload", "/about", "/_event", "/assets"])
def test_no_redirect_shows_what_is_inside(portal, target):
    location = portal.get(target).headers["Location"]
    if target in ("/auth", "/api", "/reports"):
        assert location == f"{target}/"
    assert location is None or urlsplit(location)[:2] in [("", ""), ("https", NAME)], location


def test_a_redirect_of_the_backend_keeps_scheme_and_host(portal):
    assert portal.get("/_event").headers["Location"] == f"https://{NAME}/_event/"
    assert portal.get("/_event", host="other.test").headers["Location"] == "https://other.test/_event/"


def test_a_redirect_of_the_api_comes_as_it_is(portal):
    assert portal.get("/auth/sign-in").headers["Location"] == "https://accounts.example/choose"


@pytest.mark.parametrize("host", [NAME, "other.test"])
def test_the_backend_sees_https_and_the_host(portal, host):
    assert portal.get("/reports/", host=host).json()["url"] == f"https://{host}/reports/"


@pytest.mark.parametrize("client", [CLIENT, CLIENT_6])
@pytest.mark.parametrize(
    "supplied", [None, "203.0.113.9", "203.0.113.9, 2001:db8::9", "unknown", "10.0.0.1,,", "[::1]:80"]
)
def test_the_backend_sees_the_client_and_not_what_it_supplied(portal, client, supplied, agent):
    headers = {"User-Agent": agent} | ({"X-Forwarded-For": supplied} if supplied else {})
    assert portal.get("/reports/", headers=headers, source=client).json()["client"] == client
    (line,) = logged(portal.instance, agent)
    assert line["client"] == client


def test_what_else_a_client_supplies_changes_nothing(portal):
    supplied = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9;proto=http;host=evil.example",
    }
    seen = portal.get("/reports/", headers=supplied, source=CLIENT).json()
    assert (seen["url"], seen["client"]) == (f"https://{NAME}/reports/", CLIENT)


def test_the_container_is_spoken_to_in_the_protocol_of_service_yaml(portal, agent):
    portal.get("/about", headers={"User-Agent": agent})
    (line,) = logged(portal.instance, agent)
    assert line["protocol"] == ("HTTP/2.0" if portal.service.http2 else "HTTP/1.1")


def test_visitors_may_speak_http_2(portal, certificates):
    curl = ["curl", "--silent", "--http2", "--max-time", "10", "--cacert", certificates.authority]
    curl += ["--resolve", f"{NAME}:443:{portal.front.address}", "--output", "/dev/null"]
    curl += ["--write-out", "%{http_version} %{http_code}", f"https://{NAME}/reports/"]
    assert subprocess.run(curl, check=True, capture_output=True, text=True).stdout == "2 200"


def test_probes_are_http_1_1_on_every_port(portal):
    probes = [line for line in access_log(portal.instance) if line["path"] == "/ping" and "curl" in line["user_agent"]]
    assert {(line["protocol"], line["status"]) for line in probes} == {("HTTP/1.1", "200")}


@pytest.mark.parametrize("method", ["CONNECT", "TRACE"])
def test_connect_and_trace_never_reach_the_container(portal, method, agent):
    target = f"{NAME}:443" if method == "CONNECT" else "/about"
    assert portal.get(target, method=method, headers={"User-Agent": agent}).status == 405
    assert portal.get("/about", headers={"User-Agent": agent}).status == 200
    assert [line["method"] for line in logged(portal.instance, agent)] == ["GET"]


def test_cookies_of_the_api_survive(portal):
    assert COOKIE in portal.get("/auth/sign-in").all("Set-Cookie")
    seen = portal.get("/api/me", headers={"Cookie": "session=abc123; theme=dark"}).json()
    assert seen["headers"]["cookie"] == "session=abc123; theme=dark"


def test_the_cookie_of_affinity_is_not_for_scripts_and_not_for_the_portal(portal):
    (cookie,) = [cookie for cookie in portal.get("/").all("Set-Cookie") if cookie.startswith("GAESA=")]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/"} <= attributes
    value = cookie.partition(";")[0]
    answer = portal.get("/api/me", headers={"Cookie": f"{value}; theme=dark"})
    assert "Set-Cookie" not in answer.headers and answer.json()["headers"]["cookie"] == "theme=dark"


@pytest.fixture
def sticky(portal):
    """The headers of a visitor who has the cookie: nothing sets one any more."""
    return {"Cookie": portal.get("/").headers["Set-Cookie"].partition(";")[0]}


def asset(portal):
    return re.search(r'/assets/[^"]+\.js', portal.get("/").text)[0]


def test_only_hashed_files_are_kept(portal, sticky):
    kept = portal.get(asset(portal), headers=sticky)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for target in ("/", "/about", "/unknown"):
        assert portal.get(target, headers=sticky).headers["Cache-Control"] == "no-cache", target
        assert portal.get(f"{target}?token=1", headers=sticky).headers["Cache-Control"] == "no-store", target
    for target in ("/assets/missing.js", "/reports/", "/ping", "/api/me", "/_event/?EIO=4&transport=polling"):
        assert portal.get(target, headers=sticky).headers.get("Cache-Control", "") in ("", "no-store"), target


@pytest.mark.parametrize("target", ["/", "/about", "/auth/sign-in", "/reports/"])
def test_what_sets_a_cookie_is_private(portal, target):
    answer = portal.get(target)
    assert answer.all("Set-Cookie") and answer.all("Cache-Control") == ["private"]


def test_what_is_compressible_is_compressed_behind_via(portal, sticky):
    for target in ("/", asset(portal)):
        answer = portal.get(target, headers=sticky | {"Accept-Encoding": "gzip, br"})
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding"), target
        assert len(answer.body) < len(portal.get(target, headers=sticky).body) / 2, target


def test_a_body_over_32_mib_needs_h2c(portal):
    body = random.Random(1).randbytes(BODY_LIMIT + 1)
    answer = portal.get("/api/files", method="POST", body=body)
    if portal.service.http2:
        assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()
    else:
        assert answer.status == 413
        assert portal.get("/api/files", method="POST", body=body[:-1]).json()["size"] == BODY_LIMIT


def test_the_transport_of_the_variant_works(portal, variant):
    async def visit():
        async with visitor(portal, variant) as one:
            await one.call(INCREMENT)
            assert one[COUNT] == 1
            await one.reload()
            assert one[COUNT] == 1

    asyncio.run(visit())


def test_a_foreign_page_gets_no_socket(portal, variant):
    headers = {"Origin": "https://evil.example"}
    target = f"/_event/?EIO=4&transport={TRANSPORTS[variant]}"
    assert portal.get(target, headers=headers).status == 403
    keep("affinity", f"{variant}, a page of another origin", {"clicks": "refused: 403"})
