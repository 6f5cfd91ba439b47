"""A thousand sockets, and 250 long polls, held for two minutes; and the static files against Debian's nginx.

The client program runs on the instance's own loopback. The instances of the two variants are held at the same time:
with their visitors they take less than half a core, and what is compared is compared within one run.
"""

import collections
import json
import re
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ground.asking import PORT, listens, wait_for
from ground.namespaces import USER, start_alone
from instance import ENVIRONMENTS, Image, Instance, Service
from report import keep

# The most sockets that Cloud Run sends an instance (https://docs.cloud.google.com/run/docs/about-concurrency), and
# beside those through nginx a few straight to the backend. Each way gets the same number of clicks.
NGINX, STRAIGHT = str(PORT), "8000"
CROWDS = {
    "websocket": {"transport": "websocket", "clients": {NGINX: 1000, STRAIGHT: 100}},
    "websocket-free": {"transport": "polling", "clients": {NGINX: 250, STRAIGHT: 50}},
}
NAMES = {"websocket": "WebSocket", "websocket-free": "long polling"}
SECONDS, CLICKS_A_SECOND, SEED = 120, 20, 1
LIMIT = SECONDS + 90

# The interpreter's heap settles while the first clicks come in. After that, all processes together may take less than
# 1 KiB more for each click.
WARM_UP, GROWTH = 30, 2 * SECONDS * CLICKS_A_SECOND * 1024


@pytest.fixture(scope="module")
def start(certificates, names, tmp_path_factory):
    """Start an instance of a variant, and wait until it answers."""
    instances = []

    def start(variant):
        folder = tmp_path_factory.mktemp(variant) / "instance"
        instances.append(Instance(Image(variant), folder, certificates, Service(ENVIRONMENTS[variant])))
        instances[-1].ready()
        return instances[-1]

    yield start
    for instance in instances:
        instance.close()


class Memory:
    """An instance's memory while something goes on.

    anonymous  what its processes have written to, every 2 s, as (moment, bytes)
    whole      their proportional set sizes, every 10 s: looking at those makes a process wait
    """

    def __init__(self, instance):
        self.instance, self.anonymous, self.whole = instance, [], []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(10)

    def _run(self):
        processes = list(self.instance.inside())
        while True:
            now = time.monotonic()
            self.anonymous.append((now, sum(map(anonymous, processes))))
            if not self.whole or now - self.whole[-1][0] > 9:
                self.whole.append((now, self.instance.memory()))
            if self._ended.wait(2):
                return

    def around(self, samples, moment, seconds):
        """The median of the samples within some seconds after a moment, or before it."""
        first, last = sorted((moment, moment + seconds))
        return statistics.median(value for at, value in samples if first <= at <= last)


def anonymous(pid):
    return int(re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)[1]) * 1024


class Held:
    """What became of one variant's crowd."""

    def __init__(self, variant, instance):
        self.variant, self.instance = variant, instance
        self.allowed = size(Service(ENVIRONMENTS[variant]).container["resources"]["limits"]["memory"])
        self.empty = instance.memory()
        settings = CROWDS[variant] | {"seconds": SECONDS, "rate": CLICKS_A_SECOND, "seed": SEED, "limit": LIMIT}
        program = Path(__file__).with_name("crowd.py")
        with Memory(instance) as self.memory:
            ran = instance.network.run(
                sys.executable, program, json.dumps(settings), capture_output=True, text=True, timeout=LIMIT + 30
            )
        assert ran.returncode == 0, ran.stderr
        self.outcome = json.loads(ran.stdout)
        self.ports = self.outcome["ports"]
        self.clients = sum(port["clients"] for port in self.ports.values())


def size(text):
    """Bytes of a quantity as service.yaml writes it: 512Mi, 1Gi."""
    return int(text[:-2]) * {"Mi": 2**20, "Gi": 2**30}[text[-2:]]


@pytest.fixture(scope="module")
def crowds(start):
    """Both crowds, at the same time."""
    instances = {variant: start(variant) for variant in CROWDS}
    with ThreadPoolExecutor() as threads:
        held = {variant: threads.submit(Held, variant, instance) for variant, instance in instances.items()}
    return {variant: future.result() for variant, future in held.items()}


@pytest.fixture(params=CROWDS)
def held(request, crowds):
    return crowds[request.param]


def test_nobody_is_dropped_and_each_click_is_answered_once(held):
    for name, port in (("through nginx", held.ports[NGINX]), ("straight to uvicorn", held.ports[STRAIGHT])):
        keep("load", f"{NAMES[held.variant]}, {name}", {
            "clients": port["clients"],
            "seconds": round(held.outcome["left"] - held.outcome["held"]),
            "still there": port["present"],
            "clicks": port["clicks"],
            "answered once and rightly": len(port["waits"]),
            "errors": len(port["errors"]),
        })  # fmt: skip
    for port in held.ports.values():
        assert port["errors"][:5] == []
        assert port["present"] == port["clients"]
        assert port["clicks"] == len(port["waits"]) == SECONDS * CLICKS_A_SECOND
        assert port["most"] - port["fewest"] <= 1
    assert held.outcome["left"] - held.outcome["held"] >= SECONDS


def test_the_log_tells_of_no_error(held):
    clients = CROWDS[held.variant]["clients"][NGINX]
    # Visitors break the last poll off when they leave, unless it is answered in the same moment.
    last, fewest = {"websocket": ("101", clients), "websocket-free": ("499", 0.9 * clients)}[held.variant]

    def lines():
        """nginx notes a request when it ends."""
        read = held.instance.log.splitlines()
        found = collections.Counter(json.loads(line)["status"] for line in read if line.startswith("{"))
        return found[last] >= fewest and (read, found)

    read, found = wait_for(lines, 10, f"{fewest} lines with the status {last}")
    assert found.keys() == {"200", last} and found[last] <= clients, found
    loud = re.compile(
        r"\[(?:warn|error|crit|alert|emerg)\]|warning|error|exception|traceback|\"severity\":\"(?!INFO)", re.I
    )
    assert [line for line in read if loud.search(line)] == []


def test_memory_is_flat_and_within_the_limit_of_service_yaml(held):
    memory, began, ended = held.memory, held.outcome["held"], held.outcome["left"]
    growth = memory.around(memory.anonymous, ended, -20) - memory.around(memory.anonymous, began + WARM_UP, 20)
    whole = [value for at, value in memory.whole if began <= at <= ended]
    keep("load", f"{NAMES[held.variant]}, memory", {
        "clients": held.clients,
        "MiB without clients": round(held.empty / 2**20),
        "MiB at the start": round(whole[0] / 2**20),
        "MiB at the end": round(whole[-1] / 2**20),
        "MiB at most": round(max(whole) / 2**20),
        "MiB allowed": round(held.allowed / 2**20),
        "KiB a client": round((whole[-1] - held.empty) / held.clients / 1024),
        f"MiB more at the end than after {WARM_UP} s": round(growth / 2**20, 2),
    })  # fmt: skip
    assert growth < GROWTH
    assert max(whole) < held.allowed


def test_nginx_adds_little_to_a_click(held):
    """As medians of many clicks: what else the machine does shows in the tails of both ways alike."""
    ways = {"through nginx": percentiles(held.ports[NGINX]), "straight to uvicorn": percentiles(held.ports[STRAIGHT])}
    for name, way in ways.items():
        keep("load", f"{NAMES[held.variant]}, a click {name}", {f"{key} ms": round(way[key], 2) for key in way})
    through, straight = ways.values()
    ratios = {f"{key} ratio": round(through[key] / straight[key], 2) for key in through}
    late = {"a click was made late by at most, ms": round(1000 * held.outcome["latest"], 1)}
    keep("load", f"{NAMES[held.variant]}, nginx against straight", ratios | late)
    assert ratios["p50 ratio"] < 3


def percentiles(port):
    waits = [1000 * wait for wait in port["waits"]]
    hundredths = statistics.quantiles(waits, n=100)
    return {"p50": hundredths[49], "p90": hundredths[89], "p99": hundredths[98], "max": max(waits)}


# Static files.

DEFAULT_PORT = 8081
ROUNDS, ROUND_SECONDS = 3, 2

# What has to be another way for Debian's files to run beside the generated one: as an unprivileged user that may write
# to /tmp alone, on a port of its own, with as many workers, for the same files.
CHANGES = {
    "nginx.conf": {
        "worker_processes auto;": "worker_processes 1;\ndaemon off;",
        "worker_cpu_affinity auto;": "",
        "/run/nginx.pid": "/tmp/default/nginx.pid",
        "/var/log/nginx/": "/tmp/default/",
        "/etc/nginx/sites-enabled/*;": "/tmp/default/default;\n"
        + "".join(f"{kind}_temp_path /tmp/default;\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")),
    },
    "sites-available/default": {
        " 80 ": f" {DEFAULT_PORT} ",
        ":80 ": f":{DEFAULT_PORT} ",
        "/var/www/html": "/srv/portal",
    },
}


@pytest.fixture(scope="module")
def portal(start):
    return start("websocket-free")


@pytest.fixture(scope="module")
def default(portal, tmp_path_factory):
    """The nginx of the image with the configuration that Debian ships, beside the portal's."""
    root = portal.file("")
    folder = root / "tmp/default"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    for name, changes in CHANGES.items():
        text = (portal.image.root / "etc/nginx" / name).read_text()
        for old, new in changes.items():
            assert old in text, f"{name} of Debian's has no {old}"
            text = text.replace(old, new)
        (folder / Path(name).name).write_text(text)
    command = ["nsenter", f"--net=/run/netns/{portal.network.name}", "--", "chroot", f"--userspec={USER}:{USER}", root]
    log = tmp_path_factory.mktemp("default") / "log"
    with log.open("w") as file:
        process = start_alone(
            [*map(str, command), "nginx", "-e", "stderr", "-c", "/tmp/default/nginx.conf"], file, file
        )
    try:
        wait_for(lambda: listens(DEFAULT_PORT, portal.address) or process.poll() is not None, 10, "Debian's nginx")
        assert process.poll() is None, log.read_text()
        yield DEFAULT_PORT
    finally:
        process.kill()
        process.wait()


GZIP = {"Accept-Encoding": "gzip"}


def asset(portal, choose):
    files = (portal.image.root / "srv/portal/assets").iterdir()
    sizes = {file.name: file.stat().st_size for file in files if file.suffix in (".css", ".js")}
    return "/assets/" + choose(sizes, key=sizes.get)


FILES = {
    "index.html": (lambda portal: "/", GZIP),
    "the biggest asset": (lambda portal: asset(portal, max), GZIP),
    "the biggest asset, without Accept-Encoding": (lambda portal: asset(portal, max), {}),
    "the smallest asset": (lambda portal: asset(portal, min), GZIP),
}


@pytest.mark.parametrize("name", FILES)
def test_static_files_are_served_about_as_fast_as_by_default(portal, default, name):
    choose, headers = FILES[name]
    path = choose(portal)
    rates = {PORT: [], default: []}
    for _ in range(ROUNDS):
        for port in rates:
            rates[port].append(requests_a_second(portal, port, path, headers))
    # What else the machine does only slows: the best round of each is the one to compare.
    generated, plain = map(max, rates.values())
    answers = [portal.get(path, port=port, headers=headers) for port in rates]
    sizes = [len(answer.body) for answer in answers]
    keep("static", name, {
        "requests a second": round(generated),
        "with Debian's default": round(plain),
        "ratio": round(generated / plain, 2),
        "bytes": sizes[0],
        "bytes with Debian's default": sizes[1],
    })  # fmt: skip
    assert sizes[0] <= 1.1 * sizes[1]
    assert generated > plain / 3


def requests_a_second(portal, port, path, headers):
    command = ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{ROUND_SECONDS}s", "--timeout", "10s"]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    command.append(f"http://127.0.0.1:{port}{path}")
    ran = portal.network.run(*command, capture_output=True, text=True, timeout=ROUND_SECONDS + 20)
    assert ran.returncode == 0 and "Non-2xx" not in ran.stdout and "Socket errors" not in ran.stdout, ran.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)[1])


def test_a_first_visit_takes_fewer_bytes_than_by_default(portal, default):
    page = portal.get("/").text
    paths = ["/", *sorted(set(re.findall(r"/assets/[\w.~-]+\.(?:js|css)", page)))]
    assert len(paths) > 5, page
    loads = {port: [portal.get(path, port=port, headers=GZIP) for path in paths] for port in (PORT, default)}
    assert {answer.status for answers in loads.values() for answer in answers} == {200}
    generated, plain = (sum(len(answer.body) for answer in answers) for answers in loads.values())
    keep("static", "a first visit", {
        "files": len(paths),
        "bytes": generated,
        "bytes with Debian's default": plain,
        "ratio": round(generated / plain, 2),
    })  # fmt: skip
    assert generated < plain / 2
    assert {answer.headers["Cache-Control"] for answer in loads[PORT][1:]} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["Cache-Control"] for answer in loads[default]} == {None}
