"""The committed schemas, as a list of the keys in them, and files in which an author has just written one of them."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lsp import Server

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = {"environment": ("../schemas/environment.schema.json", "envs/"), "portal": ("schemas/portal.schema.json", "")}

OWN = "my_own"


@dataclass
class Key:
    """A key of an input file: the tables that it is in, its own name, and its part of the schema."""

    kind: str
    tables: tuple
    name: str
    schema: dict
    in_list: bool = False

    def __str__(self):
        return ".".join([self.kind, *self.tables, self.name])

    @property
    def header(self):
        """The header of the key's table, with the line's end."""
        brackets = ("[[", "]]") if self.in_list else ("[", "]")
        return f"{brackets[0]}{'.'.join(self.tables)}{brackets[1]}\n" if self.tables else ""

    @property
    def value(self):
        """A value of the right type."""
        if "default" in self.schema:
            return toml(self.schema["default"])
        if "enum" in self.schema:
            return toml(self.schema["enum"][0])
        number = str(self.schema.get("minimum", 1))
        return {"string": '"x"', "boolean": "true", "integer": number}[self.schema["type"]]


def keys(kind, schema, tables=(), in_list=False):
    """Every key that a table may have, and those of the tables below it; a name of the author's own is OWN."""
    for name, inner in schema.get("properties", {}).items():
        yield Key(kind, tables, name, inner, in_list)
        below = (*tables, name)
        if inner["type"] == "array" and inner["items"]["type"] == "object":
            yield from keys(kind, inner["items"], below, True)
        elif inner["type"] == "object":
            yield from keys(kind, inner, below)
            for entry in inner.get("patternProperties", {}).values():
                yield Key(kind, below, OWN, entry)
                yield from keys(kind, entry, (*below, OWN))


SCHEMAS = {kind: json.loads((REPOSITORY / f"schemas/{kind}.schema.json").read_text()) for kind in KINDS}
KEYS = [key for kind, schema in SCHEMAS.items() for key in keys(kind, schema)]
DOCUMENTED_VALUES = [key for key in KEYS if "enum" in key.schema]
CURSOR = "‸"


def toml(value):
    """A value of a schema as TOML; both write what occurs here alike."""
    text = json.dumps(value)
    assert tomllib.loads(f"key = {text}")["key"] == value
    return text


@dataclass
class Author:
    """Someone who writes one new file after the other, with a server watching."""

    server: Server
    files: int = 0

    def write(self, kind, text):
        """Open a file with this text; give back its path and where the cursor stands in it."""
        self.files += 1
        path = self.server.folder / f"{KINDS[kind][1]}written-{self.files}.toml"
        text = f"#:schema {KINDS[kind][0]}\n{text}"
        before, _, after = text.partition(CURSOR)
        assert text.count(CURSOR) == 1
        self.server.open(path, before + after)
        return path, (before.count("\n"), len(before) - before.rfind("\n") - 1)

    def hover(self, kind, text):
        path, cursor = self.write(kind, text)
        return self.server.hover(path, cursor)

    def completion(self, kind, text):
        path, cursor = self.write(kind, text)
        return self.server.completion(path, cursor)
