"""The ground the tests stand on.

They read the rendered files out/image/VARIANT/{nginx.conf,start.sh,Dockerfile} below PORTALGEN_OUT, and run them as the
image does: an unprivileged user, a root that is read-only but for /tmp. The test process moves into network and mount
namespaces of its own first, so ports are free, nothing reaches the machine, and everything is gone when it ends.

PORTALGEN_OUT      the folder with image/ in it; the repository's out/ if not set
PORTALGEN_TRIXIE   a Debian 13 root with nginx and bash, for nginx.conf
PORTALGEN_VENV     a Python 3.11 environment with the packages of the portal's lock, for start.sh
"""

import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import resource
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest
from stubs import Certificates

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = Path(os.environ.get("PORTALGEN_OUT", REPOSITORY / "out"))
VARIANTS = ["websocket-free", "websocket-free-http2", "websocket"]
USER = 65532
PORT = 8080
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

    new_mounts, new_network, private = 0x20000, 0x40000000, (1 << 18) | (1 << 14)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(new_mounts | new_network) or libc.mount(b"none", b"/", None, private, None):
        pytest.exit(f"cannot make namespaces: {os.strerror(ctypes.get_errno())}", 2)
    with socket.socket() as loopback:
        up = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(loopback, 0x8914, up)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 8192:
        pytest.exit(f"needs a limit of 8192 open files, has {most}", 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))


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


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


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


# Two process namespaces: when the outer one's process 1 goes, the kernel ends all that is in them. One would not do:
# a process that changes its user is no longer ended with its parent.
ALONE = ["unshare", "--pid", "--fork", "--kill-child", "--", "unshare", "--pid", "--fork", "--mount", "--"]


def start_alone(command, stdout, stderr):
    """Start a command that ends with this process, with the usual limit of open files."""

    def prepare_process():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, most))

    return subprocess.Popen([*ALONE, *command], stdout=stdout, stderr=stderr, preexec_fn=prepare_process)


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


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.01)
    return value


def listens(port, address="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode("utf-8", "replace")

    def all(self, name):
        return self.headers.get_all(name) or []


def get(target, method="GET", headers=(), body=None, port=PORT):
    """One request on a connection of its own; the target goes out as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host="Host" in dict(headers), skip_accept_encoding=True)
        for name, value in list(headers.items() if isinstance(headers, dict) else headers):
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        if body:
            # An early 413 closes the connection while the body is still on its way.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()


HANDSHAKE = {
    "Host": "portal.test",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def open_websocket(target, port=PORT):
    """Shake hands; give back the socket and the status line."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in HANDSHAKE.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head = b""
    while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
        head += data
    return connection, head.partition(b"\r\n")[0].decode()


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


def children(pid):
    """The processes below one, with their command lines, as this namespace numbers them."""
    found, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    for child in parents:
        ancestor = parents[child]
        while ancestor in parents and ancestor != pid:
            ancestor = parents[ancestor]
        if ancestor == pid:
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


class Container:
    """start.sh as process 1, in process and mount namespaces of its own."""

    def __init__(self, root, variant, folder, environment):
        self.log_file = folder / "log"
        self.log_file.touch()
        os.chown(self.log_file, USER, USER)
        variables = [f"{name}={value}" for name, value in (image_environment(variant) | environment).items()]
        script = 'mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot --userspec=%d:%d "$root" "$@"'
        command = [
            "sh", "-c", script % (USER, USER), "sh",
            str(root.path), "/usr/bin/env", "-i", *variables, "bash", "/app/start.sh",
        ]  # fmt: skip
        self.root = root
        self.started = time.monotonic()
        with self.log_file.open("a") as log:
            self.process = start_alone(command, log, log)

    @property
    def log(self):
        return self.log_file.read_text()

    def first(self):
        """Process 1, once it is start.sh."""
        return wait_for(
            lambda: next((pid for pid, line in self.processes().items() if line == "bash /app/start.sh "), None),
            5,
            "start.sh",
        )

    def processes(self):
        return children(self.process.pid)

    def find(self, text):
        return next(pid for pid, line in self.processes().items() if text in line and "/app/start.sh" not in line)

    def ready(self, seconds=60, port=PORT):
        """Wait until the portal answers; give back the seconds that took."""

        def answers():
            assert self.process.poll() is None, self.log
            return listens(port)

        wait_for(answers, seconds, "the portal to listen")
        assert get("/ping", port=port).status == 200
        return time.monotonic() - self.started

    def end(self, pid, signal_number, seconds=10):
        """Send a signal; give back the container's exit status and the seconds until it was gone."""
        start = time.monotonic()
        os.kill(pid, signal_number)
        status = self.process.wait(seconds)
        return status, time.monotonic() - start

    def terminate(self, seconds=10):
        return self.end(self.first(), signal.SIGTERM, seconds)

    def close(self):
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not listens(PORT) and not listens(8000), 5, "the container's ports to be free")
