"""`portalgen verify` says what is wrong with each file of a widely copied guide, run as it is."""

import contextlib

import guide
import pytest
import yaml
from faults import MODULE, with_first_lines
from ground.asking import wait_for
from instance import ENVIRONMENTS, Image, Service, starter
from verifying import MISMATCH_TOLD, expect

NGINX_FILES = ["option-1.conf", "option-2.conf"]

# Of either nginx.conf.
WRONG = {
    ("page-caching", "page-cached"),
    ("page-with-query", "page-with-query-stored"),
    ("deep-link", "home-page-for-every-path"),
    ("asset", "asset-not-cached"),
    ("compression", "not-compressed"),
    ("missing-asset", "page-for-missing-asset"),
    ("security-headers", "security-headers-missing"),
    ("foreign-origin", "foreign-origin-admitted"),
    ("upload", "upload-limit-default"),
    ("private-paths", "private-path-is-a-page"),
    ("backend-paths", "page-instead-of-backend"),
    ("sign-in", "page-instead-of-api"),
    ("callbacks", "page-instead-of-api"),
}


@pytest.fixture(scope="module")
def start(world, certificates, tmp_path_factory):
    with starter(None, certificates, tmp_path_factory.mktemp("guide")) as start:
        yield start


def pinged(instance):
    """The status that its nginx answers /ping with; None while there is none."""
    assert instance.process.poll() is None, instance.log
    with contextlib.suppress(OSError):
        return instance.get("/ping").status


def serves(instance):
    wait_for(lambda: pinged(instance) == 200, 60, "the guide's portal to serve")
    return instance


@pytest.mark.parametrize("nginx", NGINX_FILES)
@pytest.mark.parametrize("variant", ["websocket-free", "websocket"])
def test_the_nginx_files(start, fronted, verify, variant, nginx):
    environment = ENVIRONMENTS[variant]
    service = Service(environment)
    instance = serves(start(service, variant=variant, **guide.files(nginx)))
    fronted(service, instance)
    expect(verify(environment), WRONG, row=f"guide's {nginx}, {variant}")
    shown = verify.text(environment)
    assert shown.returncode == 1
    for line in shown.stdout.splitlines():
        assert len(line) <= 80 or len(line.split()) == 1, line


@pytest.fixture(scope="module")
def portal(start):
    return serves(start(Service("demo"), variant="websocket-free", **guide.files()))


def test_the_port_name_of_service_yaml(portal, fronted, verify):
    """It says h2c, and its nginx.conf knows nothing of HTTP/2."""
    manifest = yaml.safe_load((guide.FOLDER / "service.yaml").read_text())
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    service = Service("demo")
    assert not service.http2
    service.container["ports"][0]["name"] = container["ports"][0]["name"]
    assert service.http2
    fronted(service, portal, changes=[MISMATCH_TOLD])
    expect(verify("demo"), {("ping", "protocol-mismatch")}, row="guide's service.yaml: h2c, behind the front")
    asked = verify("demo-h2c", "--url", f"http://{portal.address}:8080")
    expect(asked, WRONG | {("http2", "no-http2")}, row="guide's nginx.conf asked for h2c, by hand")


def test_no_affinity(portal, start, fronted, verify):
    """It says that long polling needs none."""
    other = serves(start(Service("demo"), variant="websocket-free", **guide.files()))
    fronted(Service("demo"), portal, other, affinity=False)
    lost = {(check, "session-on-another-instance") for check in ("visit", "session-affinity")}
    expect(verify("demo"), WRONG | lost, row="guide: two instances, no affinity")


def test_its_portal_without_websockets_still_opens_them(start, fronted, verify):
    service = Service("demo")
    instance = start(Service("demo-websocket"), variant="websocket")
    instance.ready()
    fronted(service, instance)
    found = {("transport", "transport-differs"), ("other-transport", "other-transport-open")}
    expect(verify("demo"), found, row="guide's strategy: WebSocket-free in name alone")


HELD = "import os, time\nwhile not os.path.exists('/tmp/go'): time.sleep(0.05)\n"


def test_nginx_answers_before_the_backend(start, fronted, verify):
    files = guide.files()
    files["files"] |= with_first_lines(Image("websocket-free"), MODULE, HELD)
    instance = start(Service("demo"), variant="websocket-free", **files)
    wait_for(lambda: pinged(instance) == 502, 20, "nginx to listen")
    fronted(Service("demo"), instance)
    needs_the_backend = {"foreign-origin", "upload", "backend-paths"}
    found = {(check, cause) for check, cause in WRONG if check not in needs_the_backend}
    row = "guide's start.sh: nginx before the backend, which does not start"
    expect(verify("demo"), found | {("ping", "backend-down")}, row=row)


def test_start_sh_as_printed(start, fronted, verify):
    instance = start(Service("demo"), variant="websocket-free", **guide.files(start=guide.RUNS_NOT))
    status = instance.process.wait(20)
    assert status != 0
    row = f"guide's start.sh as printed, which ends with {status}"
    fronted(Service("demo"), instance)
    expect(verify("demo"), {("ping", "no-instance")}, row=f"{row}: behind the front")
    asked = verify("demo", "--url", "http://localhost:8080", inside=instance)
    expect(asked, waiting={("ping", "nothing-listens-yet")}, row=f"{row}: on its own machine")
