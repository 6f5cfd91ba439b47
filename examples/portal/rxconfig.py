"""The portal's Reflex configuration: what is the same wherever it runs.

The transport and the API's address stand in the environment (REFLEX_TRANSPORT,
REFLEX_API_URL), since the frontend's build and the backend have to agree on them.
"""

import reflex as rx

config = rx.Config(
    app_name="waooaw_portal",
    # No database: by default /_health would create an SQLite file.
    db_url=None,
    # A sitemap holds full addresses, and the build does not know where the portal will answer.
    disable_plugins=["reflex.plugins.sitemap.SitemapPlugin"],
    show_built_with_reflex=False,
    telemetry_enabled=False,
)
