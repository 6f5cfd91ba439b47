"""docs/gcloud.md: the commands that are used, and nothing else."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import table

PLACES = ("templates", "src", "docs", "README.md", "CONTRIBUTING.md", "out")


def files():
    for place in PLACES:
        path = table.REPOSITORY / place
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and file != table.PAGE)


@pytest.fixture(scope="module")
def mentioned():
    """Each gcloud command that a template, a source, a generated file or a page names, with its file."""
    found = []
    for file in files():
        name = str(file.relative_to(table.REPOSITORY))
        found += [(name, words) for words in table.mentions(file.read_text())]
    return found


def test_the_table_is_sorted_and_each_row_links_its_own_page():
    rows = table.rows()
    assert len(rows) > 8
    assert [row.command for row in rows] == sorted({row.command for row in rows})
    for row in rows:
        assert row.page == f"[page]({table.REFERENCE}{row.command.replace(' ', '/')})"
        assert row.purpose


def test_every_command_that_is_named_is_in_the_table(mentioned):
    rows = table.rows()
    unknown = []
    for file, words in mentioned:
        row = table.row_of(words, rows)
        if row is None or table.flags_of(words) - row.flags:
            unknown.append(f"{file}: gcloud {' '.join(words)}")
    assert unknown == []


def test_every_row_is_used(mentioned):
    rows = table.rows()
    used = {row.command: set() for row in rows}
    seen = set()
    for _, words in mentioned:
        if row := table.row_of(words, rows):
            seen.add(row.command)
            used[row.command] |= table.flags_of(words)
    assert seen == {row.command for row in rows}
    assert used == {row.command: set(row.flags) for row in rows}


@pytest.mark.parametrize(
    "text, commands",
    [
        ("run `gcloud auth login`, or gcloud itself", [["auth", "login"]]),
        ("/// `gcloud\n    /// compute url-maps list` shows it", [["compute", "url-maps", "list"]]),
        ("gcloud builds submit \\\n#   --config y .", [["builds", "submit", "--config", "y", "."]]),
        ("gcloud is signed in; the gcloud commands", []),
        ("x=$(gcloud auth list --filter=y | tee z)", [["auth", "list", "--filter=y"]]),
    ],
)
def test_a_command_is_told_from_a_sentence(text, commands):
    assert list(table.mentions(text)) == commands


# ./test deselects it by its name where no gcloud is installed, and counts it as skipped.
@pytest.mark.skipif(not shutil.which("gcloud"), reason="gcloud is not on PATH: the table is held against a real one")
def test_the_installed_gcloud_knows_every_command_and_flag(tmp_path):
    # Its own account of where it is: what is on PATH may be a wrapper.
    ask = ["gcloud", "info", "--format=value(installation.sdk_root)"]
    variables = os.environ | {"CLOUDSDK_CONFIG": str(tmp_path)}
    installed = subprocess.run(ask, env=variables, check=True, capture_output=True, text=True, timeout=60)
    tree_file = Path(installed.stdout.strip()) / "data/cli/gcloud_completions.py"
    specification = importlib.util.spec_from_file_location("gcloud_completions", tree_file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    root = module.STATIC_COMPLETION_CLI_TREE
    for row in table.rows():
        node = root
        for word in row.command.split():
            assert word in node["commands"], f"gcloud {row.command}"
            node = node["commands"][word]
        assert not node.get("commands"), f"gcloud {row.command} is a group"
        assert row.flags <= set(node["flags"]) | set(root["flags"]), f"gcloud {row.command}"
