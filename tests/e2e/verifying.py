"""`portalgen verify`, run as a person would, and what it says; and a front that is not as it should be."""

import contextlib
import json
import os
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

from front import ADDRESS, Front
from instance import HOST, OUT, REPOSITORY, Service
from report import keep
from sign_in import SignIn

PORTALGEN = Path(os.environ.get("PORTALGEN", REPOSITORY / "target/debug/portalgen")).absolute()
PORTAL_HOST = tomllib.loads((REPOSITORY / "envs/demo.toml").read_text())["hosts"][0]

# What must be there, as schemas/verification.schema.json has it.
REPORT = {"version", "environment", "url", "passed", "failed", "waiting", "rounds", "checks", "not_asked"}
CHECK = {"check", "at", "asked", "verdict", "came", "cause", "means", "look"}
LOOK = {"path", "line", "key", "about"}
NOT_ASKED = {"check", "at", "why"}


@contextlib.contextmanager
def demo(certificates, resolver):
    rendered = OUT / "demo"
    files = rendered / "api.env", rendered / "redirect-uris.txt"
    world = SignIn(certificates, Service("demo").variables(), *files, f"https://{PORTAL_HOST}", HOST)
    resolver.names[:] = world.sites
    resolver.elsewhere[PORTAL_HOST] = ADDRESS
    with world:
        yield world
    resolver.elsewhere.clear()


class Asking:
    """Runs the program, with a file of root certificates in place of the machine's."""

    def __init__(self, roots):
        self.roots = roots

    def text(self, environment, *arguments, folder=REPOSITORY, inside=None, roots=None):
        variables = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")}
        variables |= {"SSL_CERT_FILE": str(roots or self.roots)}
        command = [PORTALGEN, "verify", f"envs/{environment}.toml", *arguments]
        if inside:
            command = ["nsenter", f"--net=/run/netns/{inside.network.name}", "--", *command]
        return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120)

    def __call__(self, environment, *arguments, folder=REPOSITORY, **settings):
        """What it found: (check, cause) of what failed and of what waits, what passed, what was not asked and why."""
        run = self.text(environment, "--format", "json", *arguments, folder=folder, **settings)
        assert run.returncode in (0, 1, 3), (run.returncode, run.stdout, run.stderr)
        report = json.loads(run.stdout)
        check_form(report, folder)
        found = {verdict: set() for verdict in ("passed", "failed", "waiting")}
        for check in report["checks"]:
            found[check["verdict"]].add((check["check"], check["cause"]))
        assert run.returncode == (1 if report["failed"] else 3 if report["waiting"] else 0), run.returncode
        found["passed"] = {check for check, _ in found["passed"]}
        not_asked = {(check["check"], check["why"]) for check in report["not_asked"]}
        return SimpleNamespace(**found, exit=run.returncode, not_asked=not_asked, report=report, stderr=run.stderr)


def check_form(report, folder):
    assert set(report) == REPORT and report["version"] == 1
    for verdict in ("passed", "failed", "waiting"):
        assert report[verdict] == [check["verdict"] for check in report["checks"]].count(verdict)
    for check in report["checks"]:
        assert set(check) == CHECK
        failed = check["verdict"] != "passed"
        assert bool(check["cause"]) == bool(check["means"]) == bool(check["look"]) == failed, check
        for look in check["look"]:
            assert set(look) == LOOK
            assert (look["path"] is None) != (look["about"] is None), look
            if folder == REPOSITORY and look["path"]:
                lines = (folder / look["path"]).read_text().splitlines()
                assert look["line"] is None or lines[look["line"] - 1].strip(), look
    assert all(set(entry) == NOT_ASKED for entry in report["not_asked"])


def expect(asked, failed=(), waiting=(), row=None):
    """Exactly this is found; the report keeps it under the name of the row."""
    came = [(check["check"], check["asked"], check["came"]) for check in asked.report["checks"] if check["cause"]]
    assert (asked.failed, asked.waiting) == (set(failed), set(waiting)), came
    if row:
        found = [f"{check}: {cause}" for check, cause in sorted(asked.failed)]
        found += [f"{check} waits: {cause}" for check, cause in sorted(asked.waiting)]
        keep("verify", row, {"exit": asked.exit, "found": found})


class Altered(Front):
    """The front with some of its configuration replaced, as (what stands there, what comes in its place)."""

    def __init__(self, *arguments, changes=(), **settings):
        self.changes = changes
        super().__init__(*arguments, **settings)

    def configuration(self):
        text = super().configuration()
        for old, new in self.changes:
            assert old in text, old
            text = text.replace(old, new)
        return text


def at_the_front(condition, status, said):
    """A change: the front itself answers, in Google's words."""
    limit = "    http-request deny deny_status 405"
    answer = f'http-request return status {status} content-type text/html string "{said}" if {condition}'
    return limit, f"    {answer}\n{limit}"


# A change: what Cloud Run says when it cannot speak with the container. HAProxy has other words.
MISMATCH = "upstream connect error or disconnect/reset before headers. reset reason: protocol error"
MISMATCH_TOLD = (
    "backend revision\n",
    f'backend revision\n    http-error status 503 content-type text/plain string "{MISMATCH}"\n',
)
