"""What the end-to-end tests share: the built images, the world around an instance, and instances.

The test process moves into mount and network namespaces of its own, so nothing reaches the machine and nothing stays.

PORTALGEN          the built program; target/debug/portalgen if not set
PORTALGEN_IMAGES   the built images, a folder each with root/ and config.json; target/e2e/images if not set
"""

import contextlib
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from ground import namespaces
from ground.verdicts import pytest_runtest_logreport, pytest_sessionfinish  # noqa: F401
from ground.names import Certificates, Resolver
from instance import ENVIRONMENTS, HOST, IMAGES, Service, ip, starter
from verifying import PORTAL_HOST, PORTALGEN, Altered, Asking, demo


def pytest_configure(config):
    needed = ["chroot", "curl", "haproxy", "ip", "mount", "nsenter", "openssl", "redis-server", "unshare"]
    if missing := [tool for tool in needed if not shutil.which(tool)]:
        pytest.exit(f"not installed: {', '.join(missing)}", 2)
    if os.geteuid() != 0:
        pytest.exit("needs root: it makes namespaces and starts the portal as another user", 2)
    if not PORTALGEN.is_file():
        pytest.exit(f"{PORTALGEN} is not there: build it, or set PORTALGEN", 2)
    for variant in ENVIRONMENTS:
        if not (IMAGES / variant / "root").is_dir():
            pytest.exit(f"the image {variant} is not built: run ./test, or set PORTALGEN_IMAGES", 2)
    namespaces.enter()
    Path("/run/netns").mkdir(exist_ok=True)
    namespaces.mount("-t", "tmpfs", "none", "/run/netns")
    ip("addr", "add", f"{HOST}/32", "dev", "lo")


@pytest.fixture(params=ENVIRONMENTS)
def variant(request):
    return request.param


@pytest.fixture
def service(variant):
    """The service of an environment that runs the variant."""
    return Service(ENVIRONMENTS[variant])


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def resolver(tmp_path_factory):
    """The DNS of every instance and of this process."""
    resolv_conf = tmp_path_factory.mktemp("names") / "resolv.conf"
    resolv_conf.write_text(f"nameserver {HOST}\n")
    namespaces.mount("--bind", resolv_conf, "/etc/resolv.conf")
    with Resolver([], address=HOST, answer=HOST) as resolver:
        yield resolver


@pytest.fixture(scope="session")
def names(resolver):
    """What the resolver knows: names.append("api.example.test") puts one at HOST."""
    return resolver.names


@pytest.fixture
def run(variant, certificates, names, tmp_path):
    """Start instances: `portal = run(service)`; they end with the test."""
    with starter(variant, certificates, tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def verify(certificates):
    """Runs `portalgen verify`: verify("demo", "--url", url)."""
    return Asking(certificates.authority)


@pytest.fixture(scope="module")
def world(certificates, resolver):
    """Google and the API beside a portal of the demo, under their names; the portal's own leads to the front."""
    with demo(certificates, resolver) as world:
        yield world


@pytest.fixture
def fronted(certificates):
    """Puts the front before some instances, in place of the last one: fronted(service, instance, changes=[...]).

    `pem` is what it shows instead of a good certificate.
    """
    with contextlib.ExitStack() as stack:

        def fronted(service, *instances, hosts=(PORTAL_HOST,), pem=None, **settings):
            # Two at a time would share the port, and requests.
            stack.close()
            shown = SimpleNamespace(good=lambda _: pem, authority=certificates.authority) if pem else certificates
            return stack.enter_context(Altered(service, instances, shown, hosts=list(hosts), **settings))

        yield fronted
