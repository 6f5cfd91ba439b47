"""What the server remembers of each visitor."""

import os

import reflex as rx


class Portal(rx.State):
    """A counter, and the name of the environment that answers."""

    count: int = 0

    # A computed variable, because the image does not know its environment: the server tells.
    @rx.var
    def environment(self) -> str:
        """The value of ENV on the server."""
        return os.environ.get("ENV", "")

    @rx.event
    def increment(self):
        """Add one."""
        self.count += 1

    @rx.event
    def decrement(self):
        """Take one away."""
        self.count -= 1
