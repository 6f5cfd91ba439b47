"""What is shown on hover: a key's own documentation, all of it, and that of a value."""

import pytest
from conftest import Snapshots, first_lines, indent
from schemas import DOCUMENTED_VALUES, KEYS

snapshots = Snapshots("hover")


def written(key):
    """What an author may have written of a key, with the cursor in it."""
    name = f"{key.name[0]}‸{key.name[1:]}"
    if key.schema["type"] == "object":
        return [f"[{'.'.join([*key.tables, name])}]\n"]
    if key.schema["type"] == "array":
        entry = "{}" if key.schema["items"]["type"] == "object" else '"x"'
        return [f"{key.header}{name} = []\n", f"{key.header}{name} = [{entry}]\n"]
    return [f"{key.header}{name} = {key.value}\n"]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key(author, key):
    assert key.schema["description"], "a key without documentation"
    for text in written(key):
        assert key.schema["description"] in (author.hover(key.kind, text) or "nothing"), text


@pytest.mark.parametrize("key", DOCUMENTED_VALUES, ids=str)
def test_every_value(author, key):
    docs = key.schema["x-taplo"]["docs"]["enumValues"]
    assert len(docs) == len(key.schema["enum"])
    for value, doc in zip(key.schema["enum"], docs, strict=True):
        shown = author.hover(key.kind, f'{key.header}{key.name} = "{value[0]}‸{value[1:]}"\n')
        if author.server.name == "taplo":
            assert shown == doc
        else:
            # tombi has no text for one value: the key's names them all, where that is no list of rules.
            assert key.schema["description"] in shown
            assert key.name == "rule" or f"- `{value}`: {doc}" in shown


# The samples of `rule` are cut below their first lines: the list grows with every rule.
SAMPLES = {
    "strategy": "str‸ategy = 'websocket'",
    "strategy-websocket": "strategy = 'web‸socket'",
    "strategy-websocket-free": "strategy = 'web‸socket-free'",
    "stage-development": "stage = 'dev‸elopment'",
    "stage-demo": "stage = 'de‸mo'",
    "stage-uat": "stage = 'u‸at'",
    "stage-production": "stage = 'prod‸uction'",
    "table": "[cloud_‸run]",
    "key-with-default": "[cloud_run]\nmin_ins‸tances = 1",
    "key-with-choice": "[cloud_run]\nc‸pu = 2",
    "key-of-list": "hos‸ts = ['pp.demo.waooaw.com']",
    "key-of-own-name": "[variables]\nE‸NV = 'demo'",
    "key-of-table-of-own-name": "[secrets]\nKEY = { sec‸ret = 'key', version = '1' }",
    "key-in-list-of-tables": "[[lint.allow]]\nru‸le = 'image-by-tag'",
    "value-in-list-of-tables": "[[lint.allow]]\nrule = 'image-‸by-tag'",
    "key-in-inline-table": "[oauth]\nredirect_uris = [{ uri = 'https://a.example.com/cb', serv‸ed_by = 'api' }]",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(authors, name):
    text = SAMPLES[name].replace("'", '"')
    parts = [f"{indent(text)}"]
    for server, author in authors.items():
        shown = author.hover("environment", f"{text}\n") or "nothing"
        shown = shown.replace(author.server.folder.as_uri(), "file://")
        if "rule" in text:
            shown = first_lines(shown, 12)
        parts.append(f"{server}:\n{indent(shown)}")
    snapshots.check(name, "\n".join(parts))


def test_each_sample_has_its_snapshot():
    snapshots.check_names(SAMPLES)
