"""What the server remembers of each visitor of the dashboard."""

import asyncio

import reflex as rx

from waooaw_portal import settings

STEPS = ("Read the orders", "Check the addresses", "Add up the amounts", "Draw the figures", "Write the summary")
SECONDS_A_STEP = 0.4


class Portal(rx.State):
    """A counter, the steps of a longer task, and the name of the environment that answers."""

    count: int = 0
    steps: list[str] = []

    # A computed variable, because the image does not know its environment: the server tells.
    @rx.var
    def environment(self) -> str:
        """The value of ENV on the server."""
        return settings.environment()

    @rx.event
    def increment(self):
        """Add one."""
        self.count += 1

    @rx.event
    def decrement(self):
        """Take one away."""
        self.count -= 1

    @rx.event
    async def run_task(self):
        """Do one step after the other, and show each as soon as it is done."""
        self.steps = []
        for step in STEPS:
            yield
            await asyncio.sleep(SECONDS_A_STEP)
            self.steps.append(step)
