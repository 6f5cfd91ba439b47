"""Pages that say the same to everybody: a shallow one, a deep one, and the one for addresses without a page."""

import reflex as rx

from waooaw_portal.layout import frame


def about() -> rx.Component:
    """What the portal is."""
    return frame("About", rx.text("A small portal that shows how a Reflex app is deployed."))


def deep_page() -> rx.Component:
    """A page some folders down, to show that a deep link gets its own HTML."""
    return frame("Documentation", rx.text("This page lies some folders down, and has a file of its own there."))


def not_found() -> rx.Component:
    """What the browser shows for an address that has no page."""
    return frame("Page not found", rx.text("Nothing is here. The links above lead to what there is."))
