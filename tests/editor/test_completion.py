"""What is offered: every key with its documentation and its default, every value of a list with its own."""

import re
import tomllib

import pytest
from conftest import Snapshots, first_lines, indent
from schemas import CURSOR, DOCUMENTED_VALUES, KEYS, OWN, SCHEMAS, toml

snapshots = Snapshots("completion")


def documentation(item):
    told = item.get("documentation") or ""
    return told["value"] if isinstance(told, dict) else told


def inserted(item):
    return (item.get("textEdit") or {}).get("newText") or item.get("insertText") or item["label"]


TABLES = {}
for key in KEYS:
    TABLES.setdefault((key.kind, key.header), []).append(key)


@pytest.mark.parametrize(("kind", "header"), TABLES, ids=lambda part: part.strip() or "root")
def test_every_key(author, kind, header):
    offered = {item["label"]: item for item in author.completion(kind, f"{header}‸\n")}
    for key in TABLES[kind, header]:
        if key.name == OWN:
            continue  # The author's own.
        item = offered[key.name]
        assert documentation(item).startswith(key.schema["description"])
        if author.server.name == "taplo":
            check_inserted(inserted(item), key)
        else:
            assert inserted(item) == key.name


def check_inserted(snippet, key):
    """taplo inserts a key with its default, or with the brackets or quotes that its value needs."""
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", snippet)
    text = re.sub(r"\$\d+", "", text)
    name, _, value = text.partition(" = ")
    assert name == key.name
    if "default" in key.schema:
        assert value == toml(key.schema["default"])
    elif key.schema["type"] == "object" and key.schema.get("required"):
        assert re.findall(r"(\w+) =", value) == key.schema["required"]
    else:
        assert not value or tomllib.loads(f"value = {value}")["value"] in ("", [], {})


@pytest.mark.parametrize("key", DOCUMENTED_VALUES, ids=str)
@pytest.mark.parametrize("written", ["‸", '"‸"'])
def test_every_value(author, key, written):
    offered = author.completion(key.kind, f"{key.header}{key.name} = {written}\n")
    assert [item["label"] for item in offered] == [toml(value) for value in key.schema["enum"]]
    docs = key.schema["x-taplo"]["docs"]["enumValues"]
    for item, doc in zip(offered, docs, strict=True):
        told = documentation(item)
        assert told == doc if author.server.name == "taplo" else told.startswith(key.schema["description"])


@pytest.mark.parametrize(
    ("kind", "file", "table"), [("portal", "portal.toml", "container"), ("environment", "envs/demo.toml", "cloud_run")]
)
def test_keys_that_are_there_are_not_offered(author, workspace, kind, file, table):
    _, _, text = (workspace / file).read_text().partition("\n")
    there = set(tomllib.loads(text)[table])
    missing = set(SCHEMAS[kind]["properties"][table]["properties"]) - there
    text = text.replace(f"[{table}]\n", f"[{table}]\n{CURSOR}\n")
    offered = {item["label"] for item in author.completion(kind, text)}
    assert missing
    assert missing <= offered
    assert not there & offered


# The sample of `rule` is cut below its first lines: the list grows with every rule.
SAMPLES = {
    "keys": "‸",
    "keys-of-cloud-run": "[cloud_run]\n‸",
    "keys-in-list-of-tables": "[[lint.allow]]\n‸",
    "keys-in-inline-table": "[secrets]\nKEY = { ‸ }",
    "keys-in-list-of-inline-tables": "[oauth]\nredirect_uris = [{ ‸ }]",
    "tables": "[‸]",
    "lists-of-tables": "[[‸]]",
    "values-of-stage": "stage = ‸",
    "values-of-strategy": "strategy = ‸",
    "values-of-ingress": "[cloud_run]\ningress = ‸",
    "values-of-cpu": "[cloud_run]\ncpu = ‸",
    "values-of-boolean": "http2 = ‸",
    "values-of-rule": "[[lint.allow]]\nrule = ‸",
    "values-in-inline-table": "[oauth]\nredirect_uris = [{ uri = 'https://a.example.com/cb', served_by = ‸ }]",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(authors, name):
    text = SAMPLES[name].replace("'", '"')
    parts = [f"{indent(text)}"]
    for server, author in authors.items():
        lines = []
        for item in author.completion("environment", f"{text}\n"):
            new = inserted(item)
            first = documentation(item).partition("\n")[0]
            lines.append(item["label"] + (f" inserts {new}" if new != item["label"] else "") + f"\n  {first}")
        said = "\n".join(lines) or "nothing"
        if "rule" in text:
            said = first_lines(said, 12)
        parts.append(f"{server}:\n{indent(said)}")
    snapshots.check(name, "\n".join(parts))


def test_each_sample_has_its_snapshot():
    snapshots.check_names(SAMPLES)
