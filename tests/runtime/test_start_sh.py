"""start.sh as process 1 of a container: what it does before, between and after nginx and the backend.

The root is this machine's, with its own nginx: HTTP/2, which needs a newer one than Debian 12's, is test_nginx.py's.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from conftest import API_NAME, OUT, REPOSITORY, Root, nginx_command, prepare, rendered, start_container
from ground.asking import PORT, get, listens, open_websocket, wait_for
from ground.names import Resolver
from stubs import Api

SECRET = "s3cr3t-t0ken"
PORTAL = REPOSITORY / "examples" / "portal"
STRATEGIES = ["websocket-free", "websocket"]
AT_ONCE = 0.7  # seconds; 0.2 on an idle machine

BACKEND_PORT = 8000


@pytest.fixture(params=STRATEGIES)
def variant(request):
    return request.param


def target(variant):
    """What uvicorn is told to load: package.module:factory."""
    return re.search(r"--factory ([\w.]+):\w+ ", rendered(variant, "start.sh"))[1]


@contextlib.contextmanager
def machine(folder, certificates, variant, app):
    """A root like the image's; app fills /app."""
    folder.mkdir()
    root = Root(Path("/"), folder, certificates)
    python = Path(os.environ["PORTALGEN_VENV"])
    root.bind(python, "/opt/venv")
    base = (python / "bin/python").resolve().parent.parent
    if not base.is_relative_to("/usr"):
        root.bind(base, str(base))
    (root.path / "etc/resolv.conf").write_text("search example.test\nnameserver 127.0.0.1\nnameserver ::1\n")
    for name in ("nginx.conf", "start.sh"):
        shutil.copy(OUT / "image" / variant / name, root.path / "app")
    web = root.path / "app/.web/backend"
    web.mkdir(parents=True)
    (web / "from-the-build").touch()
    app(root.path / "app")
    root.seal()
    yield root
    root.remove()


def stub_app(variant):
    def fill(app):
        module = app / (target(variant).replace(".", "/") + ".py")
        module.parent.mkdir(exist_ok=True)
        shutil.copy(Path(__file__).with_name("stub_portal.py"), module)

    return fill


def real_app(app):
    shutil.copytree(PORTAL, app, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture(scope="module")
def stub_roots(tmp_path_factory, certificates):
    folder = tmp_path_factory.mktemp("stub-roots")
    with contextlib.ExitStack() as stack:
        yield {
            variant: stack.enter_context(machine(folder / variant, certificates, variant, stub_app(variant)))
            for variant in STRATEGIES
        }


@pytest.fixture(scope="module")
def real_roots(tmp_path_factory, certificates):
    assert (PORTAL / "rxconfig.py").is_file(), f"no portal in {PORTAL}"
    folder = tmp_path_factory.mktemp("real-roots")
    with contextlib.ExitStack() as stack:
        yield {
            variant: stack.enter_context(machine(folder / variant, certificates, variant, real_app))
            for variant in STRATEGIES
        }


@pytest.fixture
def start(stub_roots, variant, tmp_path):
    """Start the container with some variables: `portal = start(PORT="9000")`."""
    with contextlib.ExitStack() as stack:

        def run(roots=stub_roots, **environment):
            root = roots[variant]
            for left in (root.path / "tmp").iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            container = start_container(root, variant, tmp_path, environment)
            stack.callback(container.close)
            return container

        yield run


def clients(variant, count, path="/_event/?EIO=4&transport={}"):
    """As many clients as the strategy's own way of waiting: open sockets or pending polls."""
    connections = []
    for _ in range(count):
        if variant == "websocket":
            connection, status = open_websocket(path.format("websocket"))
            assert status.startswith("HTTP/1.1 101"), status
        else:
            connection = socket.create_connection(("127.0.0.1", PORT), timeout=30)
            connection.sendall(f"GET {path.format('polling')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connections.append(connection)
    return connections


@contextlib.contextmanager
def held(variant, count):
    connections = clients(variant, count)
    try:
        time.sleep(0.5)  # Until the last poll is in the backend.
        yield connections
    finally:
        for connection in connections:
            connection.close()


# Starting


def test_http_2_changes_nothing_here():
    scripts = [rendered(variant, "start.sh") for variant in ("websocket-free", "websocket-free-http2")]
    commands = [[line for line in script.splitlines() if not line.startswith("#")] for script in scripts]
    assert commands[0] == commands[1]


def test_this_machines_nginx_takes_nginx_conf_without_a_warning(stub_roots, variant):
    root = stub_roots[variant]
    for settings in ({}, {"hops": 2, "api": f"https://{API_NAME}", "resolver": "127.0.0.1 [::1]"}):
        prepare(root, variant, **settings)
        command = ["unshare", "--mount", "sh", "-c", 'mount -t proc proc "$0/proc" && exec "$@"', str(root.path)]
        check = subprocess.run(
            [*command, *nginx_command(root, "-t")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert check.returncode == 0 and "[" not in check.stderr, check.stderr


def test_nothing_answers_before_the_backend_does(start, variant, measure):
    portal = start(STUB_IMPORT_SECONDS="1.5")
    answers = []
    while time.monotonic() < portal.started + 20 and answers[-3:] != [200] * 3:
        answers.append(get("/ping").status if listens(PORT) else "refused")
        time.sleep(0.02)
    assert answers[0] == "refused" and answers[-1] == 200, answers
    assert set(answers) == {"refused", 200}, answers
    measure("first 200 with an import of 1.5 s", f"{time.monotonic() - portal.started:.1f} s")


def test_no_variable_serves_the_portal(start, variant):
    portal = start()
    portal.ready()
    assert get("/about").text == "about"
    assert get("/auth/google/callback").status == get("/api/x").status == 404
    assert (portal.root.path / "tmp/portal/web/backend/from-the-build").exists()


def test_port_decides_where_nginx_listens(start, variant):
    portal = start(PORT="9123")
    portal.ready(port=9123)
    assert not listens(PORT)
    assert get("/about", port=9123).text == "about"


def test_the_backend_is_on_loopback_alone(start, variant):
    start().ready()
    # 0100007F: 127.0.0.1 as the kernel writes it.
    listening = {
        int(port, 16): address
        for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]
        for address, _, port in [line.split()[1].partition(":")]
        if line.split()[3] == "0A"
    }
    assert listening == {PORT: "00000000", BACKEND_PORT: "0100007F"}


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "-1"),
        ("PORT", "08080"),
        ("PORT", "65536"),
        ("PORT", "99999999999999999999"),
        ("PORT", "8000"),
        ("PORT", "8080; }"),
        ("FORWARDED_HOPS", "4"),
        ("FORWARDED_HOPS", "-1"),
        ("FORWARDED_HOPS", "one"),
        ("FORWARDED_HOPS", "1\n~. 2"),
        ("BACKEND_URL", "http://api.secret.test"),
        ("BACKEND_URL", "api.secret.test"),
        ("BACKEND_URL", "https://api.secret.test/"),
        ("BACKEND_URL", "https://api.secret.test/v1"),
        ("BACKEND_URL", "https://API.secret.test"),
        ("BACKEND_URL", "https://user:pass@api.secret.test"),
        ("BACKEND_URL", "https://api.secret.test:99999"),
        ("BACKEND_URL", "https://api.secret.test:0"),
        ("BACKEND_URL", "https://a;\nhttps://b"),
        ("BACKEND_URL", "https://a.example.com\n"),
        ("BACKEND_URL", "https://\u00e9.example.com"),
        ("BACKEND_URL", "https://$host"),
    ],
)
def test_a_wrong_variable_is_refused_with_what_to_write(start, name, value):
    portal = start(**{name: value, "LC_ALL": "C.UTF-8"})
    assert portal.process.wait(10) == 64
    message = portal.log
    assert message.startswith("start.sh: ") and re.search(rf"{name}=\S+\n", message), message
    if name == "BACKEND_URL":
        assert value not in message


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
def test_the_api_by_backend_url(start, certificates, measure):
    with Resolver([API_NAME]), Api(certificates.good(API_NAME)) as api:
        portal = start(BACKEND_URL=f"https://{API_NAME}", FORWARDED_HOPS="2")
        portal.ready()
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.1", "X-Forwarded-Proto": "https"}
        assert get("/auth/login?next=1", headers=headers).status == 307
        assert get("/api/v1/x?y=1", headers=headers).status == 200
        assert [request["target"] for request in api.requests] == ["/auth/login?next=1", "/v1/x?y=1"]
        assert dict(api.requests[0]["headers"])["x-forwarded-for"] == "203.0.113.9"
        scope = get("/reports/scope", headers=headers).text
        assert "'client': ('203.0.113.9', 0)" in scope and "'scheme': 'https'" in scope
        assert f"API https://{API_NAME}, trusted proxies 2" in portal.log


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
def test_a_resolver_with_an_ipv6_address(stub_roots, certificates, start, tmp_path):
    resolv = stub_roots["websocket-free"].path / "etc/resolv.conf"
    only = tmp_path / "resolv.conf"
    only.write_text("# nameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver ::1")
    subprocess.run(["mount", "--bind", only, resolv], check=True)
    try:
        with Resolver([API_NAME], address="::1"), Api(certificates.good(API_NAME)):
            portal = start(BACKEND_URL=f"https://{API_NAME}")
            portal.ready()
            assert get("/auth/login").status == 307
            assert portal.terminate()[0] == 0
        only.write_text("search example.test\n")
        portal = start(BACKEND_URL=f"https://{API_NAME}")
        assert portal.process.wait(10) == 1
        assert "/etc/resolv.conf names no nameserver" in portal.log
    finally:
        subprocess.run(["umount", resolv], check=True)


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
def test_a_second_start_forgets_the_first_ones_api(start, stub_roots):
    portal = start()
    portal.ready()
    portal.terminate()
    root = stub_roots["websocket-free"].path
    (root / "tmp/portal/api.map").write_text("~. https://old.example.test;\n")
    again = start_container(stub_roots["websocket-free"], "websocket-free", portal.log_file.parent, {})
    try:
        again.ready()
        assert get("/auth/login").status == 404
    finally:
        again.close()


# Ending


def test_a_backend_that_never_starts_ends_the_container(start, variant, measure):
    portal = start(STUB_IMPORT_SECONDS="nonsense")
    assert portal.process.wait(10) == 1
    assert "the backend ended with 1 before it answered" in portal.log
    assert "ValueError" in portal.log


def test_nginx_that_does_not_start_ends_the_container(start, variant):
    with socket.create_server(("", 9124)):
        portal = start(PORT="9124")
        assert portal.process.wait(20) == 1
    assert "bind() to 0.0.0.0:9124 failed" in portal.log
    assert "nginx ended with 1" in portal.log


@pytest.mark.parametrize("victim", ["nginx: master", "uvicorn"])
def test_the_container_ends_with_either(start, variant, victim, measure):
    portal = start()
    portal.ready()
    with held(variant, 5):
        status, seconds = portal.end(portal.find(victim), signal.SIGKILL)
    measure(f"{victim} killed", f"{seconds:.2f} s, status {status}")
    assert (status, seconds < AT_ONCE) == (1, True)


def test_sigterm_with_a_hundred_clients(start, variant, measure):
    portal = start()
    portal.ready()
    with held(variant, 100):
        status, seconds = portal.terminate()
    measure("SIGTERM, 100 clients", f"{seconds:.2f} s, status {status}")
    assert status == 0
    assert seconds < (1.5 if variant == "websocket" else 7)
    assert "KILL" not in portal.log and "killed" not in portal.log


def test_sigterm_without_clients(start, variant, measure):
    portal = start()
    portal.ready()
    status, seconds = portal.terminate()
    measure("SIGTERM, no client", f"{seconds:.2f} s, status {status}")
    assert (status, seconds < AT_ONCE) == (0, True)
    assert "killed" not in portal.log.lower(), "bash tells of a helper's death as if something had crashed"


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
def test_sigterm_lets_an_answer_out(start):
    portal = start()
    portal.ready()
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(get("/reports/slow").status))
    thread.start()
    time.sleep(0.5)
    status, _ = portal.terminate()
    thread.join()
    assert (status, statuses) == (0, [200])


@pytest.mark.parametrize("variant", STRATEGIES[:1], indirect=True)
def test_a_backend_that_does_not_listen_is_killed_in_time(start, measure):
    portal = start()
    portal.ready()
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.sendall(b"GET /reports/stuck HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        status, seconds = portal.terminate(20)
    measure("SIGTERM, backend stuck", f"{seconds:.2f} s, status {status}")
    assert (status, seconds < 9) == (0, True)
    assert "killed" in portal.log


def test_sigterm_while_starting(start, variant, measure):
    portal = start(STUB_IMPORT_SECONDS="30")
    first = portal.first()
    wait_for(lambda: any("uvicorn" in line for line in portal.processes().values()), 5, "the backend")
    time.sleep(0.5)
    status, seconds = portal.end(first, signal.SIGTERM)
    measure("SIGTERM while starting", f"{seconds:.2f} s, status {status}")
    assert (status, seconds < AT_ONCE) == (0, True)


# What stands in the log


def test_no_query_in_the_containers_log(start, variant):
    portal = start()
    portal.ready()
    for connection in clients(variant, 2, "/_event/?token=" + SECRET + "&transport={}"):
        connection.close()
    get("/reports/scope?token=" + SECRET, headers={"Referer": "https://x/?token=" + SECRET})
    get("/about?token=" + SECRET)
    assert portal.terminate()[0] == 0
    log = portal.log
    assert SECRET not in log
    assert log.count("/reports/scope") == 1, "two access logs"
    assert "Uvicorn running on http://127.0.0.1:8000" in log
    assert "\x1b[" not in log


# The real portal


def test_the_real_portal(start, real_roots, variant, measure):
    portal = start(real_roots, ENV="demo")
    measure("real portal: ready", f"{portal.ready():.1f} s")
    assert get("/about").text == "about"
    assert get("/_health").status == 404
    own = get("/reports/", headers={"Host": "portal.test"})
    assert own.status == 200 and '"demo"' in own.text and "http://portal.test/reports/" in own.text

    def engine(transport):
        return f"/_event/?EIO=4&transport={transport}&token={SECRET}"

    polled = get(engine("polling"))
    connection, status = open_websocket(engine("websocket"))
    connection.close()
    if variant == "websocket":
        assert (polled.status, status) == (400, "HTTP/1.1 101 Switching Protocols")
    else:
        assert polled.status == 200 and '"sid"' in polled.text
        assert not status.startswith("HTTP/1.1 101")

    if variant == "websocket":
        waiting = clients(variant, 100)
    else:
        waiting = []
        for _ in range(100):
            session = re.search(r'"sid":"([^"]+)"', get(engine("polling")).text)[1]
            path = f"/_event/?EIO=4&transport=polling&sid={session}"
            assert get(path, "POST", body=b"40/_event,").status == 200
            get(path)
            waiting += clients(variant, 1, path)
    time.sleep(0.5)
    status, seconds = portal.terminate()
    for connection in waiting:
        connection.close()
    measure("real portal: SIGTERM, 100 clients", f"{seconds:.2f} s, status {status}")
    assert (status, seconds < 8) == (0, True), portal.log
    assert SECRET not in portal.log
    assert "Traceback" not in portal.log and "Permission denied" not in portal.log, portal.log


@pytest.mark.parametrize("variant", STRATEGIES[1:], indirect=True)
def test_a_thousand_sockets_through_both(start, measure):
    portal = start()
    portal.ready()
    began = time.monotonic()
    limits = Path(f"/proc/{portal.find('uvicorn')}/limits").read_text()
    assert int(re.search(r"Max open files +(\d+)", limits)[1]) >= 2000
    with held("websocket", 1000):
        assert get("/reports/scope").status == 200
    measure("1,000 sockets through nginx and uvicorn", f"{time.monotonic() - began:.1f} s")
    assert "Too many open files" not in portal.log
