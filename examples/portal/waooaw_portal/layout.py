"""What every page stands in: the bar with the links and the sign-in, and the page's heading."""

import reflex as rx

from waooaw_portal.sign_in import NO_API, SignIn

LINKS = (
    ("Dashboard", "/"),
    ("Upload", "/upload"),
    ("Item 7", "/item/7"),
    ("Documentation", "/docs/deep/page"),
    ("About", "/about"),
)


def frame(heading: str, *children: rx.Component) -> rx.Component:
    """One page: the bar, its one heading, and what it shows."""
    return rx.container(
        rx.vstack(
            bar(),
            rx.separator(),
            rx.heading(heading, as_="h1", size="7", margin_top="0.5em"),
            *children,
            spacing="4",
            align="stretch",
        ),
        size="3",
        padding="2em 1em",
    )


def bar() -> rx.Component:
    """Links to the pages, and who is signed in."""
    return rx.flex(
        rx.flex(*[rx.link(text, href=path) for text, path in LINKS], gap="1.2em", wrap="wrap"),
        rx.cond(SignIn.name, signed_in(), sign_in_modal()),
        justify="between",
        align="center",
        gap="1em",
        wrap="wrap",
    )


def signed_in() -> rx.Component:
    """The user's name, and the way out."""
    return rx.hstack(
        rx.text(SignIn.name, id="user", weight="medium"),
        rx.button("Sign out", on_click=SignIn.sign_out, id="sign-out", variant="soft"),
        align="center",
    )


def sign_in_modal() -> rx.Component:
    """A button that opens a modal with the way to the API's sign-in."""
    return rx.dialog.root(
        rx.dialog.trigger(rx.button("Sign in", id="sign-in")),
        rx.dialog.content(
            rx.dialog.title("Sign in"),
            rx.dialog.description(
                rx.cond(SignIn.login_address, "You go to Google and come back to this portal.", NO_API),
                id="sign-in-text",
            ),
            rx.flex(
                rx.dialog.close(rx.button("Close", variant="soft", color_scheme="gray")),
                rx.cond(
                    SignIn.login_address,
                    rx.button(away("Continue with Google", SignIn.login_address, "sign-in-link"), as_child=True),
                ),
                gap="1em",
                justify="end",
                margin_top="1.5em",
            ),
            max_width="26em",
        ),
    )


def away(text: str, address: rx.Var[str], name: str) -> rx.Component:
    """A link that the browser itself follows: Reflex's router would look for a page of the portal there."""
    return rx.el.a(text, href=address, reload_document=True, id=name)
