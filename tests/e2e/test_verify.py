"""`portalgen verify` finds the running portal as it should be, and names the cause of what is not."""

import contextlib
import os
import re
import shutil
import signal
import threading
from types import SimpleNamespace

import pytest
from faults import MODULE, fill, with_first_lines
from front import ADDRESS
from ground.asking import wait_for
from instance import ENVIRONMENTS, REPOSITORY, Image, Service, starter
from store import WITH_REDIS, Redis
from verifying import MISMATCH_TOLD, PORTAL_HOST, at_the_front, expect

PROJECT_NUMBER = 123456789012
RUN_APP = f"waooaw-platform-portal-demo-{PROJECT_NUMBER}.asia-south1.run.app"


@pytest.fixture(scope="module")
def start(world, certificates, tmp_path_factory):
    """Starts an instance with the variables of its service.yaml, changed as the settings of Instance say."""
    with starter(None, certificates, tmp_path_factory.mktemp("portals")) as run:

        def start(variant, ready=True, with_service=True, **settings):
            service = Service(ENVIRONMENTS[variant])
            instance = run(service if with_service else None, variant=variant, **settings)
            if ready:
                instance.ready()
            return SimpleNamespace(service=service, instance=instance, url=f"http://{instance.address}:8080")

        yield start


@pytest.fixture(scope="module")
def portals(start):
    """One portal of each variant, for all tests that leave it as it was; started when it is first asked for."""
    running = {}

    def portal(variant):
        if variant not in running:
            running[variant] = start(variant)
        return running[variant]

    return portal


@pytest.fixture
def portal(portals):
    return portals("websocket-free")


# As it should be.

BEHIND_THE_FRONT = {
    ("http2", "between the front end and the container nobody else can ask"),
    ("callbacks", "another service answers there"),
    ("run-app-address", "without `cloud_run.project_number` its address is not known"),
}
BY_HAND = {
    ("dns", "it is an address, or this machine"),
    ("certificate", "it is asked by http, so there is none"),
    ("https-redirect", "it is asked by http"),
    ("callbacks", "another service answers there"),
}
NO_POLLING = {("session-affinity", "a WebSocket is one connection")}
NO_HTTP2 = {("http2", "`http2` is off")}


@pytest.mark.parametrize("variant", ENVIRONMENTS)
def test_the_portal_behind_the_front_passes(portals, variant, fronted, verify):
    portal = portals(variant)
    fronted(portal.service, portal.instance)
    asked = verify(ENVIRONMENTS[variant])
    expect(asked, row=f"{variant}, behind the front")
    assert asked.not_asked == BEHIND_THE_FRONT | (NO_POLLING if variant == "websocket" else set())
    assert {"dns", "certificate", "https-redirect", "ping", "asset", "transport", "sign-in"} <= asked.passed


@pytest.mark.parametrize("variant", ENVIRONMENTS)
def test_the_portal_by_hand_passes(portals, variant, verify):
    portal = portals(variant)
    asked = verify(ENVIRONMENTS[variant], "--url", portal.url)
    expect(asked, row=f"{variant}, by hand")
    expected = BY_HAND | {("run-app-address", f"{portal.instance.address} is not one of `hosts`")}
    expected |= NO_POLLING if variant == "websocket" else set()
    expected |= set() if portal.service.http2 else NO_HTTP2
    assert asked.not_asked == expected


def test_the_text_is_for_people_and_tells_no_secret(portal, fronted, verify, world):
    front = fronted(portal.service, portal.instance)
    before = len(world.api.given)
    asked = verify.text("demo")
    assert asked.returncode == 0 and not asked.stderr, asked.stderr
    assert re.search(r"^\d+ passed, 3 not asked$", asked.stdout, re.M), asked.stdout
    for line in asked.stdout.splitlines():
        assert len(line) <= 80 or len(line.split()) == 1, line
    assert len(world.api.given) == before + 2, "a state for each way to sign in"
    cookie = front.get("/").headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    for secret in (*world.secrets, cookie, "state=", "GAESA", "sid="):
        assert secret not in asked.stdout, secret


def test_what_cannot_be_asked_ends_with_2(verify):
    asked = verify.text("demo", "--url", "https://portal.example/with/a/path")
    assert (asked.returncode, asked.stdout) == (2, "") and "--url" in asked.stderr, asked


# The container and its processes.


@pytest.mark.parametrize("process", ["nginx: master", "uvicorn"])
def test_a_killed_process_has_ended_the_container(start, fronted, verify, process):
    portal = start("websocket-free")
    portal.instance.end(portal.instance.find(process), signal.SIGKILL)
    row = f"{process} killed, so the container has ended"
    fronted(portal.service, portal.instance)
    expect(verify("demo"), {("ping", "no-instance")}, row=f"{row}: behind the front")
    expect(verify("demo", "--url", portal.url), {("ping", "connection-refused")}, row=f"{row}: from another machine")
    asked = verify("demo", "--url", "http://localhost:8080", inside=portal.instance)
    expect(asked, waiting={("ping", "nothing-listens-yet")}, row=f"{row}: on its own machine")


def test_the_backend_hangs(portal, fronted, verify):
    fronted(portal.service, portal.instance)
    backend = portal.instance.find("--factory")
    os.kill(backend, signal.SIGSTOP)
    try:
        expect(verify("demo", "--timeout", "2"), {("ping", "backend-hangs")}, row="backend hangs")
    finally:
        os.kill(backend, signal.SIGCONT)


# Until somebody makes the file, the backend does not get any further.
HELD = "import os, time\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\n"


def let_go(instance):
    instance.file("tmp/go").touch()


def test_a_backend_that_does_not_start_is_waited_for(start, fronted, verify):
    held = with_first_lines(Image("websocket-free"), MODULE, HELD)
    portal = start("websocket-free", ready=False, files=held)
    fronted(portal.service, portal.instance)
    expect(verify("demo"), {("ping", "no-instance")}, row="backend never starts: behind the front")
    here = ["demo", "--url", "http://localhost:8080"]
    asked = verify(*here, inside=portal.instance)
    expect(asked, waiting={("ping", "nothing-listens-yet")}, row="backend never starts: on its own machine")

    timer = threading.Timer(1.5, let_go, [portal.instance])
    timer.start()
    asked = verify(*here, "--wait", "1", inside=portal.instance)
    timer.join()
    assert asked.report["rounds"] > 1 and asked.stderr == "waiting for ping, 1 min at most\n", asked.stderr
    assert "ping" in asked.passed and not asked.waiting


@pytest.mark.parametrize("url", ["https://api.example.test/", "https://no-such-api.example.test"])
def test_a_bad_address_of_the_api(start, verify, url):
    ends = url.endswith("/")
    portal = start("websocket-free", ready=not ends, more={"BACKEND_URL": url})
    if ends:
        assert portal.instance.process.wait(20) == 64
    found = {("ping", "connection-refused")} if ends else NO_API
    row = "BACKEND_URL is no origin, so the container has ended" if ends else "BACKEND_URL has a name that is unknown"
    expect(verify("demo", "--url", portal.url), found, row=row)


NO_API = {("sign-in", "api-unreachable"), ("callbacks", "api-unreachable")}


def test_without_the_variables_of_service_yaml_only_the_api_is_missing(start, verify):
    portal = start("websocket-free", with_service=False)
    found = {("sign-in", "api-not-routed"), ("callbacks", "api-not-routed")}
    expect(verify("demo", "--url", portal.url), found, row="started by hand without variables, so without BACKEND_URL")


# What the portal needs.


def test_the_api_is_gone(portal, fronted, verify, world):
    fronted(portal.service, portal.instance)
    world.__exit__()
    try:
        gone = {("sign-in", "api-not-listening"), ("callbacks", "api-not-listening")}
        expect(verify("demo"), NO_API | gone, row="API gone: connection refused")
    finally:
        world.__enter__()


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("close", NO_API | {("callbacks", "empty-reply")}),
        ("hang", {("sign-in", "api-silent"), ("callbacks", "api-silent")}),
    ],
)
def test_the_api_does_not_answer(portal, fronted, verify, world, fault, found):
    fronted(portal.service, portal.instance)
    world.faults[world.api_host] = fault
    try:
        expect(verify("demo", "--timeout", "2"), found, row=f"API: {fault}s")
    finally:
        world.faults.clear()


@pytest.mark.parametrize("variant", ["websocket", "websocket-free"])
def test_redis_is_gone(start, verify, tmp_path, variant):
    environment = ENVIRONMENTS[variant]
    folder = copied(tmp_path, environment, {"hosts =": 'state_manager = "redis"\nhosts =', "[oauth]": REDIS_URL})
    with Redis():
        portal = start(variant, more=WITH_REDIS)
        expect(verify(environment, "--url", portal.url, folder=folder))
    asked = verify(environment, "--url", portal.url, "--timeout", "3", folder=folder)
    expect(asked, {("visit", "state-store-silent")}, row=f"Redis gone, {variant}")


REDIS_URL = """[secrets]
REFLEX_REDIS_URL = { secret = "platform-portal-redis-url", version = "1" }

[oauth]"""


def copied(folder, environment, changes):
    """The folder, as one that verify can run in: with something replaced in the environment's file."""
    shutil.copy(REPOSITORY / "portal.toml", folder)
    shutil.copytree(REPOSITORY / "envs", folder / "envs")
    (folder / "examples").symlink_to(REPOSITORY / "examples")
    file = folder / f"envs/{environment}.toml"
    text = file.read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text)
    return folder


def test_tmp_is_full(start, verify):
    portal = start("websocket-free", tmp="24m")
    fill(portal.instance)
    expect(verify("demo", "--url", portal.url), {("upload", "server-error")}, row="/tmp full")


# What stands in nginx.conf, and what it is replaced by while nginx runs.
LIMIT = "client_max_body_size 33554432;"
WRONG_LINES = {
    "nginx's own upload limit": ("websocket-free", LIMIT, "", {("upload", "upload-limit-default")}),
    "the port inside in redirects": (
        "websocket-free",
        "absolute_redirect off;\n        port_in_redirect off;",
        "",
        {("redirects", "redirect-to-inner-port")},
    ),
    "http in redirects": ("websocket-free", "absolute_redirect off;", "", {("redirects", "redirect-to-http")}),
    "no shell": ("websocket-free", "/__spa-fallback.html;", "=404;", {("deep-link", "no-fallback")}),
    "foreign pages let in": (
        "websocket-free",
        "if ($foreign_page)",
        "if ($status = 999)",
        {("foreign-origin", "foreign-origin-admitted")},
    ),
    "no Upgrade": (
        "websocket",
        "proxy_set_header Upgrade $http_upgrade;",
        "",
        {("transport", "upgrade-stripped")},
    ),
}


@pytest.mark.parametrize("fault", WRONG_LINES)
def test_a_wrong_line_in_nginx_conf(portals, fronted, verify, fault):
    variant, old, new, found = WRONG_LINES[fault]
    portal = portals(variant)
    fronted(portal.service, portal.instance)
    with edited(portal.instance, old, new):
        expect(verify(ENVIRONMENTS[variant]), found, row=f"nginx.conf: {fault}")


def test_no_upload_limit(portal, verify):
    """By hand: the front end has a limit of its own."""
    with edited(portal.instance, LIMIT, "client_max_body_size 0;"):
        found = {("upload-limit", "upload-unlimited")}
        expect(verify("demo", "--url", portal.url), found, row="nginx.conf: no upload limit")


@contextlib.contextmanager
def edited(instance, old, new):
    """nginx runs on with another configuration, until the context ends."""
    file = instance.file("tmp/portal/nginx.conf")
    right = file.read_text()
    assert old in right
    try:
        reload(instance, file, right.replace(old, new))
        yield
    finally:
        reload(instance, file, right)


def reload(instance, file, text):
    file.write_text(text)
    worker = instance.find("nginx: worker")
    os.kill(instance.find("nginx: master"), signal.SIGHUP)
    wait_for(lambda: worker not in instance.processes(), 20, "nginx to work with another file")


# What stands before the portal.


def test_round_robin_without_affinity(portal, start, fronted, verify):
    other = start("websocket-free").instance
    fronted(portal.service, portal.instance, other, affinity=False)
    found = {(check, "session-on-another-instance") for check in ("visit", "session-affinity")}
    expect(verify("demo"), found, row="two instances, no affinity")
    fronted(portal.service, portal.instance, other)
    expect(verify("demo"), row="two instances, affinity")


CERTIFICATES = {
    "expired": ("expired", "certificate-expired"),
    "self-signed": ("self_signed", "certificate-self-signed"),
    "for another host": ("for_other_name", "certificate-for-another-name"),
    "ends in two days": ("good", "certificate-ends-soon"),
}


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_a_bad_certificate(portal, fronted, verify, certificates, kind):
    make, cause = CERTIFICATES[kind]
    given = {"for_other_name": {}, "good": {"name": PORTAL_HOST, "days": 2}}.get(make, {"name": PORTAL_HOST})
    fronted(portal.service, portal.instance, pem=getattr(certificates, make)(**given))
    expect(verify("demo"), {("certificate", cause)}, row=f"certificate: {kind}")
    expect(verify("demo", "--insecure"))


def test_no_certificate_for_this_host_is_waited_for(portal, fronted, verify):
    strict = "alpn h2,http/1.1", "strict-sni alpn h2,http/1.1"
    fronted(portal.service, portal.instance, hosts=["other.test"], changes=[strict])
    expect(verify("demo"), waiting={("certificate", "certificate-pending")}, row="certificate: none for this host yet")
    expect(verify("demo", "--insecure"), waiting={("ping", "certificate-pending")})


def test_an_unknown_authority(portal, fronted, verify, tmp_path, certificates):
    fronted(portal.service, portal.instance)
    other = shutil.copy(certificates.self_signed("Another Root"), tmp_path)
    cause = "certificate-unknown-authority"
    found = {("certificate", cause), ("sign-in", cause), ("callbacks", cause)}
    expect(verify("demo", roots=other), found, row="certificates: of an authority that is unknown here")
    expect(verify("demo", "--insecure", roots=other))


def test_a_missing_dns_record_is_waited_for(portal, fronted, verify, resolver):
    fronted(portal.service, portal.instance)
    there = resolver.elsewhere.pop(PORTAL_HOST)
    try:
        expect(verify("demo"), waiting={("dns", "dns-record-missing")}, row="no DNS record")
        timer = threading.Timer(1.5, resolver.elsewhere.update, [{PORTAL_HOST: there}])
        timer.start()
        asked = verify("demo", "--wait", "1")
        timer.join()
    finally:
        resolver.elsewhere[PORTAL_HOST] = there
    expect(asked, row="no DNS record, and with --wait it appears")
    assert asked.exit == 0 and asked.report["rounds"] > 1
    assert asked.stderr == "waiting for dns, 1 min at most\n", asked.stderr


@pytest.mark.parametrize(
    ("instead", "cause"),
    [
        ("default_backend revision", "no-https-redirect"),
        ("http-request redirect scheme https code 302", "temporary-https-redirect"),
    ],
)
def test_http_does_not_go_to_https_for_good(portal, fronted, verify, instead, cause):
    fronted(portal.service, portal.instance, changes=[("http-request redirect scheme https code 301", instead)])
    expect(verify("demo"), {("https-redirect", cause)}, row=f"port 80: {instead}")


def test_the_port_name_and_nginx_disagree(portals, fronted, verify):
    http1, h2c = portals("websocket-free"), portals("websocket-free-http2")
    fronted(h2c.service, http1.instance, changes=[MISMATCH_TOLD])
    expect(verify("demo"), {("ping", "protocol-mismatch")}, row="h2c to an nginx without HTTP/2")
    # Requests arrive, so this is no fault to a visitor, but for the limit of 32 MiB that HTTP/1.1 has.
    fronted(http1.service, h2c.instance)
    expect(verify("demo-h2c"), row="HTTP/1.1 to an nginx with HTTP/2")


CLOSED = "Error: Page not found. The requested URL was not found on this server."
FORBIDDEN = "Error: Forbidden. Your client does not have permission to get URL / from this server."
TO_RUN_APP = "{ req.hdr(host) -m end .run.app }"


@pytest.mark.parametrize(
    ("way", "changes", "found"),
    [
        ("closed", [at_the_front(TO_RUN_APP, 404, CLOSED)], set()),
        ("open", [], {("run-app-address", "run-app-open")}),
        (
            "closed by IAM alone",
            [at_the_front(TO_RUN_APP, 403, FORBIDDEN)],
            {("run-app-address", "run-app-closed-by-iam-alone")},
        ),
    ],
)
def test_the_run_app_address(portal, fronted, verify, resolver, tmp_path, way, changes, found):
    folder = copied(tmp_path, "demo", {"[cloud_run]": f"[cloud_run]\nproject_number = {PROJECT_NUMBER}"})
    fronted(portal.service, portal.instance, hosts=[PORTAL_HOST, RUN_APP], changes=changes)
    resolver.elsewhere[RUN_APP] = ADDRESS
    try:
        asked = verify("demo", folder=folder)
    finally:
        del resolver.elsewhere[RUN_APP]
    expect(asked, found, row=f"run.app address: {way}")
    assert "run-app-address" not in {check for check, _ in asked.not_asked}


@pytest.mark.parametrize(("status", "cause"), [(404, "front-end-404"), (403, "iam-refuses")])
def test_the_front_end_lets_nobody_through(portal, fronted, verify, status, cause):
    said = {404: CLOSED, 403: FORBIDDEN}[status]
    fronted(portal.service, portal.instance, changes=[at_the_front("TRUE", status, said)])
    expect(verify("demo"), {("ping", cause)}, row=f"the front end answers {status}")
