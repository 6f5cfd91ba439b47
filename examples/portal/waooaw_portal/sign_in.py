"""Sign-in with Google, which the API does: the portal sends the browser there and takes back who it is.

The API's last redirect brings its token in the query of /signed-in. The portal sends the browser on to an address
without it, asks the API server to server whose token it is, and keeps the answer but not the token.
"""

import asyncio
import functools
import ssl

import httpx
import reflex as rx

from waooaw_portal import settings

LOGIN_PATH = "/auth/google/login"
WHO_PATH = "/auth/me"
SECONDS = 5

EXPIRED = "The sign-in is not valid, or no longer. Please sign in again."
NOT_ANSWERING = "The API does not answer. Please try again later."
NO_API = "This portal has no API, so nobody can sign in."
CANCELLED = "The sign-in did not complete."


class Refused(Exception):
    """Why nobody is signed in, in words for the visitor. Never holds the token."""


@functools.cache
def certificate_authorities() -> ssl.SSLContext:
    """The system's certificate authorities, as nginx has them too."""
    return ssl.create_default_context()


async def whose(token: str) -> dict[str, str]:
    """Ask the API for the name and the address of the token's owner."""
    origin = settings.api_origin()
    if not origin:
        raise Refused(NO_API)
    # A header can hold neither line ends nor letters outside ASCII, and what else comes is no token of the API.
    if not (token.isascii() and token.isprintable()):
        raise Refused(EXPIRED)
    try:
        # No proxy and no .netrc: of variables that portalgen does not write.
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(verify=certificate_authorities(), trust_env=False) as api,
        ):
            answer = await api.get(origin + WHO_PATH, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code in (401, 403):
            raise Refused(EXPIRED)
        answer.raise_for_status()
        user = answer.json()
        return {"name": str(user["name"]), "email": str(user["email"])}
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError):
        raise Refused(NOT_ANSWERING) from None


class SignIn(rx.State):
    """Who is signed in in this tab, or why nobody is."""

    name: str = ""
    email: str = ""
    message: str = ""

    # The leading underscore keeps it on the server. It is empty again once the API was asked.
    _token: str = ""

    @rx.var
    def login_address(self) -> str:
        """The API's sign-in as a browser reaches it; empty where there is no API."""
        public = settings.api_public_url()
        return public + LOGIN_PATH if public or settings.api_origin() else ""

    @rx.event
    def arrive(self):
        """Take the token, and replace the address that holds it."""
        query = self.router.url.query_parameters
        self._token = query.get("token", "")
        self.message = "" if self._token else CANCELLED
        # In this order, or the address would keep the token for as long as the API takes.
        return [rx.redirect("/", replace=True), SignIn.ask]

    @rx.event
    async def ask(self):
        """Ask the API who brought the token."""
        token, self._token = self._token, ""
        if not token:
            return
        self.name = self.email = ""
        try:
            user = await whose(token)
        except Refused as refused:
            self.message = str(refused)
        else:
            self.name, self.email = user["name"], user["email"]

    @rx.event
    def sign_out(self):
        """Forget who is signed in."""
        self.reset()
