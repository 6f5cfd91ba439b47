"""The app and its pages: `uvicorn --factory waooaw_portal.waooaw_portal:app`."""

import reflex as rx

from waooaw_portal.pages.dashboard import dashboard
from waooaw_portal.pages.item import item
from waooaw_portal.pages.signed_in import signed_in
from waooaw_portal.pages.texts import about, deep_page, not_found
from waooaw_portal.pages.upload import upload
from waooaw_portal.reports import routes
from waooaw_portal.sign_in import SignIn

app = rx.App(api_transformer=routes, theme=rx.theme(accent_color="indigo", radius="large"))
app.add_page(dashboard, route="/", title="Platform portal")
app.add_page(upload, route="/upload", title="Upload to the platform portal")
app.add_page(about, route="/about", title="About the platform portal")
app.add_page(deep_page, route="/docs/deep/page", title="Documentation of the platform portal")
app.add_page(item, route="/item/[id]", title="Item of the platform portal")
app.add_page(signed_in, route="/signed-in", title="Signing in to the platform portal", on_load=SignIn.arrive)
app.add_page(not_found, route="404", title="Not in the platform portal")
