"""What is underlined: nothing in the committed files, and each mistake of the malformed ones as docs/editor.md says."""

import json
import shutil
import subprocess
from dataclasses import dataclass

import pytest
from conftest import ACCEPT, FIXTURES, PORTALGEN, REPOSITORY, SERVERS, Snapshots, copy, indent, shown

COMMITTED = ["portal.toml", *sorted(f"envs/{path.name}" for path in (REPOSITORY / "envs").glob("*.toml"))]
MALFORMED = sorted(path.stem for path in (FIXTURES / "malformed").glob("*.toml"))
SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}

snapshots = Snapshots("diagnostics")


def diagnose(server, path, text):
    found = server.open(path, text)
    return sorted(found, key=lambda one: (*place(one["range"]), one["message"]))


def place(span):
    return tuple((span[end]["line"], span[end]["character"]) for end in ("start", "end"))


def described(diagnostic):
    span = diagnostic["range"]
    severity = SEVERITIES[diagnostic["severity"]]
    return f"{shown(span['start'])} to {shown(span['end'])} {severity}: {diagnostic['message']}"


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_files_are_clean(server, workspace, name):
    path = workspace / name
    assert [described(one) for one in diagnose(server, path, path.read_text())] == []


def malformed(workspace, name):
    """A folder with the minimal portal, in which one file is a malformed one; give back that file."""
    folder = workspace / "malformed" / name
    if not folder.exists():
        shutil.copytree(FIXTURES / "minimal", folder)
        copy(folder, "schemas")
    path = folder / ("portal.toml" if name.startswith("portal") else "envs/demo.toml")
    path.write_text((FIXTURES / "malformed" / f"{name}.toml").read_text())
    return path


@pytest.fixture(scope="session")
def seen(workspace, running):
    """What each server says of each malformed file; asked once."""
    known = {}

    def ask(name):
        if name not in known:
            path = malformed(workspace, name)
            text = path.read_text()
            known[name] = {server: diagnose(running[server], path, text) for server in SERVERS}
        return known[name]

    return ask


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files(seen, name):
    parts = [f"tests/fixtures/malformed/{name}.toml\n"]
    for server, found in seen(name).items():
        said = "\n".join(described(one) for one in found) or "nothing"
        parts.append(f"{server}:\n{indent(said)}")
    snapshots.check(name, "\n".join(parts))


def test_each_malformed_file_has_its_snapshot():
    snapshots.check_names(MALFORMED)


@pytest.fixture
def without_line(workspace):
    """A wrong file without its `#:schema` line."""
    directive, _, rest = (workspace / "envs/demo.toml").read_text().partition("\n")
    assert directive.startswith("#:schema ")
    wrong = rest.replace('stage = "demo"', 'stage = "dmeo"')
    assert wrong != rest
    return wrong


def messages(server, path, text):
    return [one["message"] for one in diagnose(server, path, text)]


ONE_OF = {
    "taplo": '"dmeo" is not one of ["development","demo","uat","production"]',
    "tombi": 'the value must be one of ["development", "demo", "uat", "production"], but found "dmeo"',
}


def test_a_file_without_its_schema_line(server, workspace, without_line):
    """.taplo.toml stands in for the line; tombi does not read it."""
    expected = [ONE_OF["taplo"]] if server.name == "taplo" else []
    assert messages(server, workspace / "envs/without.toml", without_line) == expected


def test_a_schema_line_below_a_key(server, workspace, without_line):
    late = without_line + "#:schema ../schemas/environment.schema.json\n"
    expected = [ONE_OF["taplo"]] if server.name == "taplo" else []
    assert messages(server, workspace / "envs/late.toml", late) == expected


def test_a_schema_line_that_leads_nowhere(server, workspace, without_line):
    """It goes before .taplo.toml, so taplo knows nothing of the file."""
    found = messages(server, workspace / "envs/nowhere.toml", f"#:schema ./environment.schema.json\n{without_line}")
    assert len(found) == (0 if server.name == "taplo" else 1)
    assert all("schema file not found" in message for message in found)


def test_layout_of_the_committed_files():
    run = subprocess.run(
        ["taplo", "fmt", "--check", "--diff", ".taplo.toml", *COMMITTED], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@dataclass
class Mistake:
    """An error that portalgen finds in a malformed file, and where each server shows it: yes, table, elsewhere, no."""

    rule: str
    message: str
    key: str
    place: tuple
    seen: dict


def mistakes(workspace, seen, name):
    path = malformed(workspace, name)
    folder = workspace / "malformed" / name
    run = subprocess.run([PORTALGEN, "lint", "--format", "json"], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 2, run.stdout + run.stderr
    found = []
    for finding in json.loads(run.stdout)["findings"]:
        if finding["level"] == "error":
            first = finding["places"][0]
            assert folder / first["path"] == path
            span = tuple((first[end]["line"] - 1, first[end]["column"] - 1) for end in ("start", "end"))
            key = (first["key"] or "").rpartition(".")[2]
            found.append(Mistake(finding["rule"], finding["message"], key, span, {}))
    assert found, f"portalgen finds no error in {name}"
    for server, diagnostics in seen(name).items():
        for mistake in found:
            mistake.seen[server] = where(mistake, diagnostics, found)
    # What is not there has no place: portalgen points at the head of its table.
    for mistake in found:
        mistake.seen["portalgen"] = "table" if mistake.rule == "missing-key" else "yes"
    return found


def where(mistake, diagnostics, all_mistakes):
    """Where a server shows a mistake, if anywhere."""
    spans = [place(one["range"]) for one in diagnostics]
    if any(at_its_place(span, mistake, all_mistakes) for span in spans):
        return "yes"
    if any(span[0] <= mistake.place[0] and mistake.place[1] <= span[1] for span in spans):
        return "table"
    others = [span for span in spans if not any(at_its_place(span, other, all_mistakes) for other in all_mistakes)]
    if others or any(f"'{mistake.key}'" in one["message"] for one in diagnostics):
        return "elsewhere"
    return "no"


def at_its_place(span, mistake, all_mistakes):
    """Whether what is underlined is what portalgen points at, or the other side of that line's `=`."""
    (start, end), (first, last) = span, mistake.place
    if start[0] != first[0] or end > (last[0] + 1, 0):
        return False
    return overlap(span, mistake.place) or not any(overlap(span, other.place) for other in all_mistakes)


def overlap(one, other):
    return (one[0] < other[1] and other[0] < one[1]) or one[0] == other[0]


ERROR = 1  # as the protocol numbers them

MARKS = "<!-- From here the editor tests write: PORTALGEN_ACCEPT=1. -->\n", "<!-- To here. -->\n"
COLUMNS = [*SERVERS, "portalgen"]


@pytest.mark.parametrize("name", MALFORMED)
def test_portalgen_finds_what_a_server_underlines(workspace, seen, name):
    found = mistakes(workspace, seen, name)
    lines = {mistake.place[0][0] for mistake in found}
    broken = any(mistake.rule == "syntax" for mistake in found)
    for server, diagnostics in seen(name).items():
        for one in diagnostics:
            first, last = (one["range"][end]["line"] for end in ("start", "end"))
            # What a server makes of the lines below a mistake of syntax is its own.
            if one["severity"] != ERROR or broken and first > min(lines):
                continue
            assert lines & set(range(first, last + 1)), f"{server} alone says: {described(one)}"


def test_table_of_mistakes(workspace, seen):
    verdicts = {}
    for name in MALFORMED:
        for mistake in mistakes(workspace, seen, name):
            cells = tuple(mistake.seen[column] for column in COLUMNS)
            verdicts.setdefault((mistake.rule, mistake.message), {}).setdefault(cells, name)
    table = f"| | {' | '.join(COLUMNS)} |\n{'|---' * 4}|\n"
    heading = None
    for (rule, message), found in sorted(verdicts.items()):
        if rule != heading:
            heading = rule
            table += f"| **{rule}** | | | |\n"
        short = (message if len(message) <= 80 else f"{message[:77]}...").replace("|", "\\|")
        for cells, name in sorted(found.items()):
            # One mistake in two files may be seen in two ways.
            where = f" (in {name}.toml)" if len(found) > 1 else ""
            table += f"| {' | '.join([short + where, *cells])} |\n"

    page = REPOSITORY / "docs/editor.md"
    before, _, rest = page.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    text = f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}"
    if ACCEPT:
        page.write_text(text)
    assert page.read_text() == text
