"""What the portal reads of its environment: the variables that portalgen writes for it, and no others."""

import os


def environment() -> str:
    """The name of the environment that answers: ENV."""
    return os.environ.get("ENV", "")


def api_origin() -> str:
    """Where the portal's server reaches the API: BACKEND_URL. Empty: there is no API."""
    return os.environ.get("BACKEND_URL", "")


def api_public_url() -> str:
    """Where browsers reach the API: BACKEND_PUBLIC_URL. Empty: on the portal's own host."""
    return os.environ.get("BACKEND_PUBLIC_URL", "").rstrip("/")
