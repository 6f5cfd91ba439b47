"""docs/gcloud.md as data, and the gcloud commands that a text names."""

import re
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "gcloud.md"
REFERENCE = "https://cloud.google.com/sdk/gcloud/reference/"

# What follows `gcloud` in a command and not in a sentence: its groups, as far as a portal could need one.
GROUPS = frozenset(
    "alpha artifacts auth beta builds certificate-manager compute config container dns domains iam iap logging"
    " monitoring org-policies organizations projects redis run secrets services storage".split()
)


class Row(NamedTuple):
    command: str  # without `gcloud`
    flags: frozenset
    purpose: str
    page: str


def rows():
    """The table of docs/gcloud.md, in its order."""
    found = []
    for line in PAGE.read_text().splitlines():
        if not line.startswith("| `gcloud "):
            continue
        command, flags, purpose, page = (cell.strip() for cell in line.strip("|").split("|"))
        named = frozenset(re.findall(r"`(--[a-z-]+)`", flags))
        found.append(Row(command.strip("`").removeprefix("gcloud "), named, purpose, page))
    return found


def row_of(words, table):
    """The row whose command these words begin with: the longest, if there are several."""
    matching = [row for row in table if words[: len(row.command.split())] == row.command.split()]
    return max(matching, key=lambda row: len(row.command), default=None)


def flags_of(words):
    return {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}


def mentions(text):
    """Every gcloud command in a text, as its words: in code, in backquotes, continued or wrapped within a comment."""
    text = re.sub(r"^\s*```.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\+\n\s*(#|///?|\")?\s*", " ", text)
    for quoted in re.findall(r"`(gcloud\s[^`]*)`", text):
        yield from words_of(re.sub(r"\n\s*(#|///?)?\s*", " ", quoted))
    for line in re.sub(r"`[^`]*`", "", text).splitlines():
        yield from words_of(line)


def words_of(line):
    for command in re.split(r"(?<![\w./-])gcloud(?= )", line)[1:]:
        command = re.sub(r"'[^'\n]*'", lambda quoted: re.sub(r"[;|&)<>,]|\$\(", "_", quoted[0]), command)
        words = re.split(r"[;|&)<>,]|\$\(|\s#\s", command)[0].replace("'", "").replace('"', "").split()
        if words and words[0] in GROUPS:
            yield words
