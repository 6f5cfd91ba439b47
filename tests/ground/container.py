"""A portal that runs as a container does."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

from ground.asking import PORT, get, listens, wait_for
from ground.namespaces import USER, children, start_alone


class Container:
    """start.sh as process 1 of a process namespace, with a mount namespace of its own.

    root       where its file system lies
    variables  all that it gets
    mounts     shell commands that run in its mount namespace before it starts, with the root as $1
    network    the name of a network namespace (ip netns); this process's own if it is not given
    address    where it answers, as this process reaches it
    user       as which it runs
    """

    def __init__(self, root, variables, log_file, mounts="", network=None, address="127.0.0.1", user=USER):
        self.root = root
        self.address = address
        self.log_file = Path(log_file)
        self.log_file.touch()
        os.chown(self.log_file, user, user)
        path = getattr(root, "path", root)
        script = f"""
            set -e
            {mounts}
            mount -t proc proc "$1/proc"
            root=$1
            shift
            exec chroot --userspec={user}:{user} "$root" "$@"
        """
        pairs = [f"{name}={value}" for name, value in variables.items()]
        command = [
            *(["nsenter", f"--net=/run/netns/{network}", "--"] if network else []),
            "sh", "-c", script, "sh", str(path), "/usr/bin/env", "-i", "-C", "/app", *pairs, "bash", "/app/start.sh",
        ]  # fmt: skip
        self.started = time.monotonic()
        with self.log_file.open("a") as log:
            self.process = start_alone(command, log, log)

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def first(self):
        """Process 1 of the container: start.sh, or what it has become."""
        return wait_for(
            lambda: next((pid for pid, line in self.processes().items() if self._is_first(pid, line)), None),
            5,
            "process 1",
        )

    @staticmethod
    def _is_first(pid, line):
        if line.startswith("/usr/bin/env "):
            return False  # About to become it.
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            changed_root = os.readlink(f"/proc/{pid}/root") != "/"
            return changed_root and re.search(r"^NSpid:.*\t1$", status, re.M) is not None
        return False

    def file(self, name):
        """A file as the container sees it, /tmp included: file("tmp/portal")."""
        return Path(f"/proc/{self.first()}/root") / name

    def processes(self):
        """All below what was started here, what makes the namespaces included."""
        return children(self.process.pid)

    def inside(self):
        """Those of the container itself."""
        space = os.readlink(f"/proc/{self.first()}/ns/pid")
        return {pid: line for pid, line in self.processes().items() if namespace(pid) == space}

    def find(self, text):
        return next(pid for pid, line in self.processes().items() if text in line and "/app/start.sh" not in line)

    def get(self, target, port=PORT, **request):
        """One request to the portal, without what may stand before it."""
        return get(target, port=port, address=self.address, **request)

    def ready(self, seconds=60, port=PORT):
        """Wait until the portal answers; give back the seconds that took."""

        def answers():
            assert self.process.poll() is None, self.log
            return listens(port, self.address)

        wait_for(answers, seconds, "the portal to listen")
        assert self.get("/ping", port=port).status == 200
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
        wait_for(lambda: not any(listens(port, self.address) for port in (PORT, 8000)), 5, "the ports to be free")


def namespace(pid):
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/pid")
    return None
