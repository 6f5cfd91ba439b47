"""The ground the tests stand on: a folder as an author has it, with the language servers of taplo and of tombi in it.

They read the committed schemas and .taplo.toml. The tests open the committed files, each file of
tests/fixtures/malformed in the place where tests/it/errors.rs puts it, and samples of their own. What a user sees is held
in snapshots/, and docs/editor.md has the table of mistakes. Nothing reaches the network.

PORTALGEN          the built program; target/debug/portalgen if not set
PORTALGEN_ACCEPT   1 writes the snapshots and the table anew, instead of comparing
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from lsp import Taplo, Tombi
from schemas import REPOSITORY, Author

FIXTURES = REPOSITORY / "tests/fixtures"
PORTALGEN = Path(os.environ.get("PORTALGEN", REPOSITORY / "target/debug/portalgen")).absolute()
ACCEPT = os.environ.get("PORTALGEN_ACCEPT") == "1"
SERVERS = {"taplo": Taplo, "tombi": Tombi}
# What the snapshots were taken of: other versions say other words.
VERSIONS = {"taplo": "0.10.0", "tombi": "1.9.6"}


def pytest_configure(config):
    for tool, version in VERSIONS.items():
        if not shutil.which(tool):
            pytest.exit(f"not installed: {tool}", 2)
        found = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout.split()
        if version not in found:
            pytest.exit(f"needs {tool} {version}, found {' '.join(found)}", 2)
    if not PORTALGEN.is_file():
        pytest.exit(f"{PORTALGEN} is not there: build it, or set PORTALGEN", 2)


def copy(below, *names):
    for name in names:
        source, target = REPOSITORY / name, below / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """What an editor has open: this repository's own portal."""
    folder = tmp_path_factory.mktemp("workspace")
    copy(folder, ".taplo.toml", "portal.toml", "envs", "schemas")
    return folder


@pytest.fixture(scope="session")
def running(workspace, tmp_path_factory):
    """Both servers, started once."""
    logs = tmp_path_factory.mktemp("logs")
    servers = {}
    try:
        for name, start in SERVERS.items():
            servers[name] = start(workspace, logs / name)
        yield servers
    finally:
        for server in servers.values():
            server.close()


@pytest.fixture(params=SERVERS)
def server(request, running):
    return running[request.param]


@pytest.fixture(scope="session")
def authors(running):
    """Someone who writes new files, once for each server."""
    return {name: Author(server) for name, server in running.items()}


@pytest.fixture
def author(server, authors):
    return authors[server.name]


class Snapshots:
    """Texts that were read and accepted, in a folder of their own."""

    def __init__(self, name):
        self.folder = Path(__file__).parent / "snapshots" / name

    def check(self, name, text):
        file = self.folder / f"{name}.txt"
        if ACCEPT:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert file.is_file(), f"{file} is not there: PORTALGEN_ACCEPT=1 writes it"
        assert file.read_text() == text

    def check_names(self, names):
        wanted = {f"{name}.txt" for name in names}
        for file in self.folder.iterdir():
            if ACCEPT and file.name not in wanted:
                file.unlink()
        assert {file.name for file in self.folder.iterdir()} == wanted


def shown(position):
    """A position as editors show it: both numbers from 1."""
    return f"{position['line'] + 1}:{position['character'] + 1}"


def indent(text):
    return "".join(f"  {line}\n" if line else "\n" for line in text.strip("\n").split("\n"))


def first_lines(text, count):
    lines = text.strip().split("\n")
    return "\n".join(lines[:count] + (["..."] if len(lines) > count else []))
