"""What the tests of faults share."""

from report import keep

NAME = "portal.test"

# The platform ends an instance that is still there 10 s after SIGTERM.
GRACE = 10


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
