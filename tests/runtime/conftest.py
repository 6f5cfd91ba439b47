"""The ground the tests stand on.

They read the rendered files out/image/VARIANT/{nginx.conf,start.sh,Dockerfile} below PORTALGEN_OUT, and run them as the
image does: an unprivileged user, a root that is read-only but for /tmp. The test process moves into network and mount
namespaces of its own first, so ports are free, nothing reaches the machine, and everything is gone when it ends.

PORTALGEN_OUT      the folder with image/ in it; the repository's out/ if not set
PORTALGEN_TRIXIE   a Debian 13 root with nginx and bash, for nginx.conf
PORTALGEN_VENV     a Python 3.11 environment with the packages of the portal's lock, for start.sh
"""

import contextlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from ground import namespaces
from ground.asking import PORT, listens, wait_for
from ground.container import Container
from ground.names import Certificates
from ground.namespaces import USER, mount, start_alone

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = Path(os.environ.get("PORTALGEN_OUT", REPOSITORY / "out"))
VARIANTS = ["websocket-free", "websocket-free-http2", "websocket"]
API_NAME = "api.example.test"

CLIENT = {
    "index.html": "home",
    "about.html": "about",
    "about/index.html": "about, with a slash",
    "docs/deep/page.html": "deep",
    "docs/folder/index.html": "folder",
    "404.html": "shell",
    "__spa-fallback.html": "shell",
    "sitemap.xml": "<urlset/>",
    "favicon.ico": "icon",
    "assets/app-Bq2x9.js": "console.log('the same again');\n" * 200,
    "assets/app-Bq2x9.css": "body { margin: 0 }\n" * 200,
}

measured = []


def pytest_configure(config):
    needed = ["bash", "chroot", "curl", "mount", "nginx", "openssl", "umount", "unshare"]
    if missing := [tool for tool in needed if not shutil.which(tool)]:
        pytest.exit(f"not installed: {', '.join(missing)}", 2)
    if os.geteuid() != 0:
        pytest.exit("needs root: it makes namespaces and starts the portal as another user", 2)
    for variant in VARIANTS:
        for name in ("nginx.conf", "start.sh", "Dockerfile"):
            if not (OUT / "image" / variant / name).is_file():
                pytest.exit(f"{OUT}/image/{variant}/{name} is not there: render it, or set PORTALGEN_OUT", 2)
    for variable, file in (("PORTALGEN_TRIXIE", "usr/sbin/nginx"), ("PORTALGEN_VENV", "bin/python")):
        if not (Path(os.environ.get(variable, "/nonexistent")) / file).exists():
            pytest.exit(f"{variable} must name a folder with {file} in it", 2)

    namespaces.enter()


def pytest_terminal_summary(terminalreporter):
    if measured:
        terminalreporter.section("measured")
        for row in measured:
            terminalreporter.write_line(row)


@pytest.fixture
def measure(request):
    """Keep a number for the table at the end."""
    return lambda what, value: measured.append(f"{request.node.name:55} {what:40} {value}")


@pytest.fixture(params=VARIANTS)
def variant(request):
    return request.param


def rendered(variant, name):
    return (OUT / "image" / variant / name).read_text()


class Root:
    """A root of a Debian system with its programs, the portal's folders, and nothing writable but /tmp."""

    def __init__(self, base, path, certificates):
        self.path = path
        mount("-t", "tmpfs", "-o", "mode=0755", "none", path)
        for name in ("bin", "lib", "lib64", "sbin", "usr"):
            source = base / name
            if source.is_symlink():
                (path / name).symlink_to(os.readlink(source))
            elif source.exists():
                self.bind(source, f"/{name}")
        for name in ("app", "dev", "etc", "opt/venv", "proc", "srv/portal", "tmp"):
            (path / name).mkdir(parents=True)
        for name in ("null", "urandom", "zero"):
            (path / "dev" / name).touch()
            mount("--bind", f"/dev/{name}", path / "dev" / name)
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            (path / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
        shutil.copytree(base / "etc/nginx", path / "etc/nginx", symlinks=True)
        shutil.copytree(base / "etc/ssl/certs", path / "etc/ssl/certs", symlinks=True)
        shutil.copy(base / "etc/ld.so.cache", path / "etc")
        with (path / "etc/ssl/certs/ca-certificates.crt").open("a") as bundle:
            bundle.write(certificates.authority.read_text())
        for name, text in CLIENT.items():
            file = path / "srv/portal" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def bind(self, source, target):
        place = self.path / target.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount("--bind", source, place)
        mount("-o", "remount,bind,ro", place)

    def seal(self):
        mount("-o", "remount,ro", self.path)
        mount("-t", "tmpfs", "-o", "mode=1777", "none", self.path / "tmp")

    def remove(self):
        subprocess.run(["umount", "--recursive", "--lazy", self.path], check=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def debian_13(tmp_path_factory, certificates):
    root = Root(Path(os.environ["PORTALGEN_TRIXIE"]), tmp_path_factory.mktemp("debian-13"), certificates)
    root.seal()
    mount("--bind", "/proc", root.path / "proc")
    yield root
    root.remove()


class Front:
    """A running nginx and its two logs."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = folder

    @property
    def access_log(self):
        return (self.folder / "stdout").read_text(errors="replace")

    def lines(self, count):
        """The first lines of the access log, which nginx writes after it has answered."""
        wait_for(lambda: self.access_log.count("\n") >= count, 5, f"{count} lines in the access log")
        return [json.loads(line) for line in self.access_log.splitlines()]

    @property
    def error_log(self):
        return (self.folder / "stderr").read_text()


def prepare(root, variant, hops=None, api=None, resolver="127.0.0.1"):
    """Put nginx.conf where start.sh puts it, with the files that start.sh writes beside it."""
    folder = root.path / "tmp" / "portal"
    shutil.rmtree(folder, ignore_errors=True)
    for left in (root.path / "tmp").glob("nginx*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    folder.mkdir()
    (folder / "nginx.conf").write_text(rendered(variant, "nginx.conf"))
    if hops is not None:
        (folder / "hops.map").write_text(f"~. {hops};\n")
    if api:
        (folder / "api.map").write_text(f"~. {api};\n")
        (folder / "resolver.conf").write_text(f"resolver {resolver};\n")
    for name in ("stdout", "stderr"):
        (folder / name).touch()
        os.chown(folder / name, USER, USER)
    return folder


def nginx_command(root, *arguments):
    return [
        "chroot", f"--userspec={USER}:{USER}", str(root.path),
        "/usr/sbin/nginx", "-e", "stderr", "-c", "/tmp/portal/nginx.conf", *arguments,
    ]  # fmt: skip


@contextlib.contextmanager
def run_nginx(root, variant, **settings):
    folder = prepare(root, variant, **settings)

    with (folder / "stdout").open("a") as stdout, (folder / "stderr").open("a") as stderr:
        process = start_alone(nginx_command(root), stdout, stderr)
    front = Front(process, folder)
    try:
        wait_for(lambda: listens(PORT) or process.poll() is not None, 5, "nginx to listen")
        assert process.poll() is None, front.error_log
        yield front
    finally:
        process.kill()
        process.wait()
        wait_for(lambda: not listens(PORT), 5, "nginx to end")


@pytest.fixture
def nginx(debian_13, variant):
    """Start nginx on one variant: `with nginx(hops=1) as front`."""
    return lambda **settings: run_nginx(debian_13, variant, **settings)


def image_environment(variant):
    """What the Dockerfile's last stage sets, PATH included."""
    text = rendered(variant, "Dockerfile").replace("\\\n", " ")
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for line in text.splitlines():
        if line.startswith("ENV "):
            for pair in shlex.split(line[4:]):
                name, _, value = pair.partition("=")
                environment[name] = value.replace("$PATH", environment["PATH"])
    return environment


def start_container(root, variant, folder, environment):
    """start.sh of one variant, with the variables of its image."""
    return Container(root, image_environment(variant) | environment, folder / "log")
