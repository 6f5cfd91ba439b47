"""The page that takes a file."""

import reflex as rx

from waooaw_portal.layout import away, frame
from waooaw_portal.uploads import Uploads


def upload() -> rx.Component:
    """Choose a file, send it, and see what arrived."""
    return frame(
        "Upload",
        rx.upload(
            rx.text("Drop a file here, or click to choose one."),
            rx.foreach(rx.selected_files("file"), lambda name: rx.text(name, weight="medium")),
            id="file",
            multiple=False,
            border="1px dashed var(--gray-8)",
            border_radius="8px",
            padding="2em",
        ),
        rx.button("Send", on_click=Uploads.receive(rx.upload_files(upload_id="file")), id="send", align_self="start"),
        rx.cond(
            Uploads.stored,
            rx.card(
                rx.data_list.root(
                    row("Name", rx.text(Uploads.name, id="upload-name")),
                    row("Bytes", rx.text(Uploads.size, id="upload-size")),
                    row("SHA-256", rx.code(Uploads.digest[:16], id="upload-digest")),
                    row("File", away("Get it back", rx.get_upload_url(Uploads.stored), "upload-link")),
                )
            ),
        ),
    )


def row(label: str, value: rx.Component) -> rx.Component:
    """One fact about the file."""
    return rx.data_list.item(rx.data_list.label(label), rx.data_list.value(value))
