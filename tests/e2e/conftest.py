"""What the end-to-end tests share: the built images, the world around an instance, and instances.

The test process moves into mount and network namespaces of its own, so nothing reaches the machine and nothing stays.

PORTALGEN_IMAGES   the built images, a folder each with root/ and config.json; target/e2e/images if not set
"""

import os
import shutil
from pathlib import Path

import pytest
from ground import namespaces
from ground.verdicts import pytest_runtest_logreport, pytest_sessionfinish  # noqa: F401
from ground.names import Certificates, Resolver
from instance import ENVIRONMENTS, HOST, IMAGES, Service, ip, starter


def pytest_configure(config):
    needed = ["chroot", "curl", "haproxy", "ip", "mount", "nsenter", "openssl", "redis-server", "unshare"]
    if missing := [tool for tool in needed if not shutil.which(tool)]:
        pytest.exit(f"not installed: {', '.join(missing)}", 2)
    if os.geteuid() != 0:
        pytest.exit("needs root: it makes namespaces and starts the portal as another user", 2)
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
def names(tmp_path_factory):
    """The resolver of every instance and of this process: names.append("api.example.test") puts one at HOST."""
    names = []
    resolv_conf = tmp_path_factory.mktemp("names") / "resolv.conf"
    resolv_conf.write_text(f"nameserver {HOST}\n")
    namespaces.mount("--bind", resolv_conf, "/etc/resolv.conf")
    with Resolver(names, address=HOST, answer=HOST):
        yield names


@pytest.fixture
def run(variant, certificates, names, tmp_path):
    """Start instances: `portal = run(service)`; they end with the test."""
    with starter(variant, certificates, tmp_path) as start:
        yield start
