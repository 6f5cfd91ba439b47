"""The home page: what lives on the server, and how it gets to the browser."""

import reflex as rx

from waooaw_portal.layout import frame
from waooaw_portal.sign_in import SignIn
from waooaw_portal.state import Portal


def dashboard() -> rx.Component:
    """A counter, a task that shows its steps as they are done, and who is signed in."""
    return frame(
        "Platform portal",
        rx.cond(SignIn.message, rx.callout(SignIn.message, icon="info", id="message")),
        rx.grid(
            card(
                "Counter",
                rx.hstack(
                    rx.button("-", on_click=Portal.decrement, id="decrement", aria_label="One less"),
                    rx.text(Portal.count, id="count", size="7", min_width="2em", align="center"),
                    rx.button("+", on_click=Portal.increment, id="increment", aria_label="One more"),
                    align="center",
                ),
            ),
            card("Environment", rx.code(Portal.environment, id="environment", size="5")),
            card(
                "Visitor",
                rx.cond(
                    SignIn.name,
                    rx.text(SignIn.name, " (", SignIn.email, ")", id="visitor"),
                    rx.text("Nobody is signed in.", id="visitor"),
                ),
            ),
            columns=rx.breakpoints(initial="1", sm="3"),
            gap="1em",
        ),
        card(
            "A task in five steps",
            rx.button("Start", on_click=Portal.run_task, id="start"),
            rx.el.ol(
                rx.foreach(Portal.steps, lambda step, index: rx.el.li(step, custom_attrs={"data-step": index + 1})),
                id="steps",
                style={"listStyle": "decimal", "paddingLeft": "1.5em", "minHeight": "8em", "lineHeight": "1.6"},
            ),
        ),
    )


def card(heading: str, *children: rx.Component) -> rx.Component:
    """A box with a heading of its own."""
    return rx.card(rx.vstack(rx.heading(heading, as_="h2", size="4"), *children, spacing="3", align="start"), size="3")
