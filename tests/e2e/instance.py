"""An instance of a built image, as Cloud Run runs one: a read-only root but /tmp, a network of its own.

The test process holds the other ends of the instances' networks, and HOST, where it plays everything that an instance
calls: the resolver, the API, Google, Redis.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import yaml
from ground.container import Container
from ground.namespaces import USER

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "out"
IMAGES = Path(os.environ.get("PORTALGEN_IMAGES", REPOSITORY / "target/e2e/images"))
HOST = "10.77.0.1"

# Each variant of the image, with an environment that runs it.
ENVIRONMENTS = {"websocket-free": "demo", "websocket": "demo-websocket", "websocket-free-http2": "demo-h2c"}

numbers = itertools.count(1)


class Image:
    """A built image: its root, and the configuration that came with it."""

    def __init__(self, variant):
        self.variant = variant
        self.root = IMAGES / variant / "root"
        self.config = json.loads((IMAGES / variant / "config.json").read_text())["config"]
        self.variables = dict(pair.split("=", 1) for pair in self.config["Env"])


class Service:
    """What service.yaml asks of Cloud Run."""

    def __init__(self, environment):
        self.environment = environment
        manifest = yaml.safe_load((OUT / environment / "service.yaml").read_text())
        self.name = manifest["metadata"]["name"]
        self.annotations = manifest["spec"]["template"]["metadata"]["annotations"]
        self.revision = manifest["spec"]["template"]["spec"]
        (self.container,) = self.revision["containers"]
        self.port = self.container["ports"][0]["containerPort"]

    @property
    def affinity(self):
        return self.annotations.get("run.googleapis.com/sessionAffinity") == "true"

    @property
    def http2(self):
        return self.container["ports"][0]["name"] == "h2c"

    def variables(self, secrets=None):
        """Those of service.yaml, secrets as given, and what Cloud Run sets itself."""
        listed = {}
        for entry in self.container.get("env", []):
            if "value" in entry:
                listed[entry["name"]] = entry["value"]
            else:
                listed[entry["name"]] = (secrets or {})[entry["valueFrom"]["secretKeyRef"]["name"]]
        return listed | {
            "PORT": str(self.port),
            "K_SERVICE": self.name,
            "K_REVISION": f"{self.name}-00001-abc",
            "K_CONFIGURATION": self.name,
        }


class Network:
    """A network of one instance: its own loopback, and a cable to this process, through which HOST is reached."""

    def __init__(self):
        number = next(numbers)
        self.name, self.cable = f"instance-{number}", f"cable-{number}"
        self.ours, self.address = f"10.77.{number}.1", f"10.77.{number}.2"
        assert number < 255, "no more networks"
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.ours}/24", "dev", self.cable)
        # No address that comes a second later by itself: a browser breaks off what it loads when the network changes.
        ip("link", "set", self.cable, "addrgenmode", "none")
        ip("link", "set", self.cable, "up")
        self.inside("addr", "add", f"{self.address}/24", "dev", "eth0")
        self.inside("link", "set", "lo", "up")
        self.inside("link", "set", "eth0", "up")
        self.inside("route", "add", "default", "via", self.ours)

    def inside(self, *arguments):
        ip("-netns", self.name, *arguments)

    def run(self, *command, **options):
        """A program beside the instance, on its loopback."""
        return subprocess.run(["nsenter", f"--net=/run/netns/{self.name}", "--", *command], **options)

    def remove(self):
        # For the same reason: with its namespace it would go at some later time.
        ip("link", "delete", self.cable)
        ip("netns", "delete", self.name)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


# /etc is the image's with a few files laid over it: what a platform puts there, and the authority of our own stand-ins.
MOUNTS = """
    mount --bind "$1" "$1"
    mount -o remount,bind,ro "$1"
    mount -t overlay none -o lowerdir={etc}:"$1/etc" "$1/etc"
    mount -t tmpfs -o mode=1777,size={tmp} none "$1/tmp"
    mount -t tmpfs -o mode=0755 none "$1/dev"
    for name in null zero full random urandom; do
      touch "$1/dev/$name"
      mount --bind "/dev/$name" "$1/dev/$name"
    done
    ln -s /proc/self/fd "$1/dev/fd"
    ln -s fd/0 "$1/dev/stdin"
    ln -s fd/1 "$1/dev/stdout"
    ln -s fd/2 "$1/dev/stderr"
"""


class Instance(Container):
    """A running instance of an image.

    service  the variables are its service.yaml's over the image's; without it the image's alone
    more     variables over all those
    tmp      the size of /tmp, which is memory
    files    other contents for some files, by path: for what a wrong file does
    without  names of variables that it does not get
    writable folders besides /tmp that it may write to, empty
    also     folders of the image that are to be found at another place too, {place: folder}
    user     as which it runs
    """

    def __init__(
        self, image, folder, certificates, service=None, secrets=None, more=None, tmp="512m",
        files=None, without=(), writable=(), also=None, user=USER,
    ):  # fmt: skip
        folder.mkdir(parents=True)
        self.image = image
        self.network = Network()
        variables = image.variables | (service.variables(secrets) if service else {}) | (more or {})
        variables = {name: value for name, value in variables.items() if name not in without}
        mounts = MOUNTS.format(etc=etc(folder, image, certificates), tmp=tmp)
        mounts += "".join(f'\nmount -t tmpfs -o mode=0777 none "$1{path}"' for path in writable)
        mounts += "".join(f'\nmount --bind "$1{source}" "$1{place}"' for place, source in (also or {}).items())
        for number, (path, content) in enumerate((files or {}).items()):
            (folder / f"file-{number}").write_text(content)
            (folder / f"file-{number}").chmod(0o755)
            mounts += f'\nmount --bind "{folder / f"file-{number}"}" "$1{path}"'
        where = {"network": self.network.name, "address": self.network.address}
        super().__init__(image.root, variables, folder / "log", mounts=mounts, user=user, **where)

    def memory(self):
        """The proportional set size of all its processes, in bytes."""
        total = 0
        for pid in self.inside():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)[1]) * 1024
        return total

    def close(self):
        super().close()
        self.network.remove()


@contextlib.contextmanager
def starter(variant, certificates, folder):
    """What starts instances: `portal = start(service)`; they end with the context."""
    with contextlib.ExitStack() as stack:
        count = 0

        def start(service=None, variant=variant, **settings):
            nonlocal count
            count += 1
            instance = Instance(Image(variant), folder / f"instance-{count}", certificates, service, **settings)
            stack.callback(instance.close)
            return instance

        yield start


def etc(folder, image, certificates):
    """The files to lay over an image's /etc."""
    files = folder / "etc"
    bundle = files / "ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True)
    (files / "resolv.conf").write_text(f"nameserver {HOST}\n")
    (files / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    authority = certificates.authority
    shutil.copy(image.root / "etc/ssl/certs/ca-certificates.crt", bundle)
    with bundle.open("a") as file:
        file.write(authority.read_text())
    name = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", authority], check=True, capture_output=True, text=True
    ).stdout.strip()
    shutil.copy(authority, bundle.with_name(f"{name}.0"))
    for path in (files, *files.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return files


class Probes:
    """Plays the probes of service.yaml on an instance, and ends it as Cloud Run does when one fails.

    results  what each probe found, as (probe, seconds since the start, passed)
    ended    which probe ended it; None if none did
    end      what became of it then: its exit status, and the seconds from SIGTERM until it was gone
    """

    def __init__(self, service, instance):
        self.service, self.instance = service, instance
        self.results, self.ended, self.end = [], None, None
        self._stopped = threading.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join(60)

    def started(self, seconds=130):
        """Wait for the startup probe; give back the seconds that it took."""
        assert self._started.wait(seconds), f"not started after {seconds} s"
        return next(at for probe, at, passed in self.results if passed)

    def _run(self):
        for probe in ("startupProbe", "livenessProbe"):
            if (settings := self.service.container.get(probe)) and not self._play(probe, settings):
                return
            self._started.set()

    def _play(self, probe, settings):
        """True once a startup probe passes; False when it was told to stop, or has ended the instance."""
        failures = 0
        while not self._stopped.is_set() and self.instance.process.poll() is None:
            due = time.monotonic() + settings["periodSeconds"]
            passed = self._ask(settings)
            self.results.append((probe, time.monotonic() - self.instance.started, passed))
            if passed and probe == "startupProbe":
                return True
            failures = 0 if passed else failures + 1
            if failures >= settings["failureThreshold"]:
                self.ended = probe
                self.end = end_as_cloud_run(self.instance)
                return False
            self._stopped.wait(max(0, due - time.monotonic()))
        return False

    def _ask(self, settings):
        get = settings["httpGet"]
        url = f"http://{self.instance.address}:{get['port']}{get['path']}"
        command = ["curl", "--silent", "--http1.1", "--max-time", str(settings["timeoutSeconds"])]
        command += ["--output", "/dev/null", "--write-out", "%{http_code}", url]
        asked = subprocess.run(command, capture_output=True, text=True)
        return asked.stdout[:1] in ("2", "3")


def end_as_cloud_run(instance):
    """SIGTERM, and SIGKILL 10 s later; give back the status and the seconds."""
    begun = time.monotonic()
    try:
        status, _ = instance.terminate(10)
    except subprocess.TimeoutExpired:
        instance.process.kill()
        status = instance.process.wait()
    return status, time.monotonic() - begun
