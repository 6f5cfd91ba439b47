"""The portal's pages and the app: `uvicorn --factory waooaw_portal.waooaw_portal:app`."""

import reflex as rx

from waooaw_portal.reports import routes
from waooaw_portal.state import Portal


def frame(*children: rx.Component) -> rx.Component:
    """What every page stands in."""
    return rx.container(
        rx.hstack(
            rx.link("Portal", href="/"),
            rx.link("About", href="/about"),
            spacing="4",
        ),
        rx.vstack(*children, spacing="4", margin_top="2em"),
    )


def index() -> rx.Component:
    """The home page: a counter that lives on the server."""
    return frame(
        rx.heading("Platform portal"),
        rx.text("Environment: ", rx.code(Portal.environment, id="environment")),
        rx.hstack(
            rx.button("-", on_click=Portal.decrement, id="decrement"),
            rx.text(Portal.count, id="count"),
            rx.button("+", on_click=Portal.increment, id="increment"),
            align="center",
        ),
    )


def about() -> rx.Component:
    """A page without state, to show that a deep link gets its own HTML."""
    return frame(
        rx.heading("About"),
        rx.text("A small portal that shows how a Reflex app is deployed."),
    )


app = rx.App(api_transformer=routes)
app.add_page(index, route="/", title="Platform portal")
app.add_page(about, route="/about", title="About the platform portal")
