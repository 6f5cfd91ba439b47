"""What a generated Dockerfile says."""

import re
import shlex
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
VARIANTS = ["websocket-free", "websocket", "websocket-free-http2"]


def text(variant, name="Dockerfile"):
    return (REPOSITORY / "out/image" / variant / name).read_text()


def stages(variant):
    """The stages in order, each (name or None, the image or stage it begins with, [(instruction, rest)])."""
    found = []
    lines = [line for line in text(variant).splitlines() if not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append((name or None, image, []))
        elif instruction:
            found[-1][2].append((instruction, rest))
    return found


def bases():
    """The images that the Dockerfiles of all variants begin with."""
    found = set()
    for variant in VARIANTS:
        names = set()
        for name, image, _ in stages(variant):
            found |= {image} - names
            names.add(name)
    return sorted(found)


def copied(variant):
    """What is copied out of the context: (source, target), the target of a folder's or file's own name."""
    found = []
    for _, _, instructions in stages(variant):
        for instruction, rest in instructions:
            if instruction == "COPY" and not rest.startswith("--from"):
                *sources, target = rest.split()
                found += [(source, target) for source in sources]
    return found


def last(variant):
    """The base image and the instructions of the image itself: its stage, after the stages it begins with."""
    known = {name: (image, instructions) for name, image, instructions in stages(variant)}
    image, instructions = known[None]
    while image in known:
        image, before = known[image]
        instructions = before + instructions
    return image, instructions


def environment(variant, base):
    """The variables of the image, given those of its base."""
    variables = dict(base)
    for instruction, rest in last(variant)[1]:
        if instruction == "ENV":
            for pair in shlex.split(rest):
                name, _, value = pair.partition("=")
                variables[name] = value.replace("$PATH", variables["PATH"])
    return variables
