"""The ground the tests stand on: a portal rendered by the built portalgen, and a PATH with nothing on it but stand-ins
and the few programs that deploy.sh takes from the system.

PORTALGEN  the built program; target/debug/portalgen if not set
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import table

REPOSITORY = table.REPOSITORY
PORTALGEN = Path(os.environ.get("PORTALGEN", REPOSITORY / "target/debug/portalgen")).resolve()
STUBS = ("docker", "gcloud", "portalgen", "terraform")
# What deploy.sh may take for granted.
SYSTEM = ("bash", "dirname", "env", "mktemp", "rm", "sed", "tail", "tee")

PUSHED = "sha256:" + "a" * 64
BUILT = "sha256:" + "b" * 64
PUSH = f"""The push refers to repository [asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal-demo]
5f70bf18a086: Preparing
9b1d2c7e3a44: Layer already exists
5f70bf18a086: Pushed
latest: digest: {PUSHED} size: 2411"""

HEAD = """portal = "../portal.toml"
strategy = "websocket-free"
"""
CLOUD_RUN = """
[cloud_run]
project = "a-project"
region = "europe-west1"
max_instances = 1
"""
TAG = 'image = "europe-west1-docker.pkg.dev/a-project/portal/portal:v1"\n'
# Environments beside the repository's own: behind a load balancer that exists, on the run.app address, for few.
MORE = {
    "attach": HEAD
    + 'stage = "demo"\nhosts = ["a.example.com", "b.example.com"]\n'
    + CLOUD_RUN
    + TAG
    + 'allow_unauthenticated = true\ningress = "internal-and-cloud-load-balancing"\n[load_balancer]\n'
    + 'mode = "attach"\nurl_map = "shared-map"\nload_balancing_scheme = "EXTERNAL_MANAGED"\n'
    + 'state_bucket = "a-bucket"\n',
    "plain": HEAD + 'stage = "demo"\n' + CLOUD_RUN + TAG + "allow_unauthenticated = true\n",
    "few": HEAD + 'stage = "demo"\n' + CLOUD_RUN + f'image = "gcr.io/a-project/portal@sha256:{"d" * 64}"\n',
    "local": HEAD
    + 'stage = "demo"\nhosts = ["c.example.com"]\n'
    + CLOUD_RUN
    + TAG
    + "allow_unauthenticated = true\n"
    + '[load_balancer]\nmode = "create"\n[[lint.allow]]\nrule = "local-state"\nreason = "a test"\n',
}


class Run(NamedTuple):
    code: int
    stdout: str
    stderr: str

    @property
    def said(self):
        """The messages in one line, without what stands before each."""
        return " ".join(" ".join(line.removeprefix("deploy.sh: ") for line in self.stderr.splitlines()).split())


class Desk:
    """A copy of the portal, and somebody who deploys it."""

    def __init__(self, portal, folder):
        self.portal = portal
        self.folder = folder
        self.temporary = folder / "tmp"
        self.answers = {
            "gcloud": {row.command: sorted(row.flags) for row in table.rows()},
            "push": PUSH,
            "build": BUILT,
            "url": "https://portal-abcdefghij-el.a.run.app",
            "open": "true",
            "traffic": "100|portal-00002-abc|portal-00002-abc",
            "variant": "websocket-free",
        }
        self.temporary.mkdir()
        self.path = folder / "bin"
        self.path.mkdir()
        stub = self.path / "stub"
        shebang = f"#!{sys.executable} -IS\n"
        stub.write_text(shebang + Path(__file__).with_name("stub.py").read_text())
        stub.chmod(0o755)
        for name in STUBS:
            (self.path / name).symlink_to(stub.name)
        for name in SYSTEM:
            (self.path / name).symlink_to(shutil.which(name))

    @property
    def variables(self):
        return {
            "HOME": str(self.folder),
            "PATH": str(self.path),
            "STUB_FOLDER": str(self.folder),
            "TMPDIR": str(self.temporary),
            "LC_ALL": "C.UTF-8",
        }

    def script(self, environment):
        return self.portal / "out" / environment / "deploy.sh"

    def ready(self, **answers):
        """Answers for the next run, and no call so far."""
        self.answers |= answers
        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def deploy(self, environment, *arguments, cwd=None, variables=(), stdin=subprocess.DEVNULL, **answers):
        self.ready(**answers)
        return self.run([self.script(environment), *arguments], cwd, variables, stdin)

    def run(self, command, cwd=None, variables=(), stdin=subprocess.DEVNULL):
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd or self.portal,
            env=self.variables | dict(variables),
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=30,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    @property
    def calls(self):
        """What was run, with the temporary folder called WORK."""
        file = self.folder / "calls.jsonl"
        text = file.read_text() if file.exists() else ""
        text = re.sub(re.escape(str(self.temporary)) + r"/tmp\.\w+", "WORK", text)
        return [json.loads(line) for line in text.splitlines()]

    @property
    def commands(self):
        return [call["argv"] for call in self.calls]

    @property
    def short(self):
        """What was run, without names and flags."""
        return [shortened(argv) for argv in self.commands]

    def out(self):
        """Every file of out/ with what it holds."""
        files = (file for file in (self.portal / "out").rglob("*") if file.is_file())
        return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def shortened(argv):
    program, *arguments = argv
    if program == "gcloud":
        row = table.row_of(arguments, table.rows())
        dry = " --dry-run" if "--dry-run" in arguments else ""
        return f"gcloud {row.command if row else ' '.join(arguments)}{dry}"
    words = [argument for argument in arguments if not argument.startswith("-")]
    return f"{program} {words[0]}"


def rendered(folder, portal="portal.toml", copied=("portal.toml", "envs", "examples/portal"), more=MORE):
    """A portal in this folder, with everything that portalgen writes for it."""
    for name in copied:
        source = REPOSITORY / name if portal == "portal.toml" else REPOSITORY / "tests/fixtures" / portal / name
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    for name, text in more.items():
        (folder / "envs" / f"{name}.toml").write_text(text)
    command = [PORTALGEN, "render", *sorted((folder / "envs").iterdir())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return folder


def pytest_configure(config):
    if not PORTALGEN.is_file():
        pytest.exit(f"{PORTALGEN} is not there: cargo build, or set PORTALGEN", 2)


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """One for all tests: whatever changes out/ changes it back, and each run is held to that."""
    # A path that no shell takes for one word.
    return rendered(tmp_path_factory.mktemp("portal") / "a 'portal' for $HOME")


@pytest.fixture
def desk(portal, tmp_path):
    return Desk(portal, tmp_path)
