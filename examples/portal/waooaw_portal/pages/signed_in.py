"""Where the API sends the browser after sign-in. The visitor is on the home page a moment later."""

import reflex as rx

from waooaw_portal.layout import frame


def signed_in() -> rx.Component:
    """What stands there while the token is taken out of the address."""
    return frame("Signing in", rx.text("One moment ..."))
