"""A page whose address carries a value: it has no file, and the server tells the value."""

import reflex as rx

from waooaw_portal.layout import frame


def item() -> rx.Component:
    """The identifier from the address, as the server read it."""
    return frame(
        "Item",
        rx.text("The server read this identifier: ", rx.code(rx.State.id, id="item-id")),
        rx.flex(*[rx.link(f"Item {number}", href=f"/item/{number}") for number in (8, 9)], gap="1em"),
    )
