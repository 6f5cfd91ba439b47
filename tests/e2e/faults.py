"""What the tests of faults share."""

import contextlib
import json
import random

from report import keep

NAME = "portal.test"

# A module of the app that the backend imports.
MODULE = "/app/waooaw_portal/state.py"

# The platform ends an instance that is still there 10 s after SIGTERM.
GRACE = 10

# Seconds in which whoever is not concerned is answered, on a machine that is busy with other tests.
SERVED = 5


def record(fault, happened, seconds=None, **more):
    """A row of the table of faults."""
    keep(
        "faults",
        fault,
        {"what happened": happened} | ({"seconds": round(seconds, 1)} if seconds is not None else {}) | more,
    )


def with_first_lines(image, path, lines):
    """`files` of an instance: a file of the image that begins with other lines."""
    return {path: lines + (image.root / path.lstrip("/")).read_text()}


UPLOADS = "reflex___state____state.waooaw_portal___uploads____uploads"
BOUNDARY = "----a-boundary-of-a-form"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="big.bin"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(get, size):
    """Send a form with a file to the portal's upload, `size` bytes in all; the answer, and the file as it was sent."""
    file = random.Random(size).randbytes(size - len(HEAD) - len(TAIL))
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Reflex-Client-Token": "5c9a5ee9-0a4c-4f43-8f0b-4d3b2a1c0d9e",
        "Reflex-Event-Handler": f"{UPLOADS}.receive",
    }
    return get("/_upload", method="POST", headers=headers, body=HEAD + file + TAIL), file


def stored(answer):
    """The state of the uploads after one, as the answer's last update has it."""
    deltas = [json.loads(line)["delta"] for line in answer.text.splitlines() if line]
    return next(delta[UPLOADS] for delta in reversed(deltas) if UPLOADS in delta)


def fill(portal):
    """Write until nothing more goes in; give back the file."""
    file = portal.file("tmp/filling")
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as target:
        while target.write(bytes(65536)):
            pass
    with contextlib.suppress(OSError), file.open("ab", buffering=0) as target:
        while target.write(b"x"):
            pass
    return file
