"""Chromium, and a record of what it saw."""

import contextlib
import hashlib
import json
import re
import shutil
import time
import urllib.parse

from sign_in import ACCOUNTS, USER

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-sandbox"]


@contextlib.contextmanager
def chromium(playwright, hosts):
    """A browser that knows these names and no others: {"portal.example.com": "10.0.0.1"}."""
    rules = [f"MAP {name} {address}" for name, address in hosts.items()]
    # Whatever else it looks for must not leave the machine, and its own addresses need no name.
    rules += ["MAP * ~NOTFOUND", *(f"EXCLUDE {address}" for address in {*hosts.values()})]
    flags = [*FLAGS, f"--host-resolver-rules={', '.join(rules)}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, timeout=30_000)
    try:
        yield browser
    finally:
        browser.close()


class Window:
    """A window of its own, with its own cookies and sessions, and what all its pages saw.

    messages  errors and warnings on the console, and uncaught exceptions
    sockets   addresses of the WebSockets that were opened
    polls     how many requests polled, by method
    requests  (address, referrer) of everything that was asked
    answers   (method, address, status) of everything that came
    """

    def __init__(self, browser, base, **settings):
        self.base = base
        self.messages, self.sockets, self.polls, self.requests, self.answers = [], [], {}, [], []
        self.context = browser.new_context(
            ignore_https_errors=True, viewport={"width": 1000, "height": 760}, **settings
        )
        self.context.set_default_timeout(15_000)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.messages.append(f"uncaught: {error.error}"))
        self.context.on("request", self._on_request)
        self.context.on("response", lambda got: self.answers.append((got.request.method, got.url, got.status)))
        self.page = self.new_page()

    def new_page(self):
        page = self.context.new_page()
        page.on("websocket", lambda socket: self.sockets.append(socket.url))
        return page

    def _on_console(self, message):
        if message.type in ("error", "warning"):
            self.messages.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _on_request(self, request):
        self.requests.append((request.url, request.headers.get("referer", "")))
        if "transport=polling" in request.url:
            self.polls[request.method] = self.polls.get(request.method, 0) + 1

    def open(self, path):
        """Load a page as if its address was typed; give back the answer once the socket of the page is there."""
        before = self.connections
        answer = self.page.goto(self.base + path)
        end = time.monotonic() + 15
        while self.connections == before:
            assert time.monotonic() < end, f"{path} opened neither a WebSocket nor polled in 15 s: {self.messages}"
            self.page.wait_for_timeout(20)
        return answer

    @property
    def connections(self):
        return len(self.sockets) + sum(self.polls.values())

    @property
    def path(self):
        """What stands in the address bar after the host."""
        return self.page.url.removeprefix(self.base)

    def shows(self, selector, text):
        """Wait until the element has this text and no other."""
        self.page.wait_for_function(
            "([selector, text]) => document.querySelector(selector)?.textContent === text", arg=[selector, str(text)]
        )

    def leads_to(self, path):
        """Wait until this stands in the address bar."""
        self.page.wait_for_url(self.base + path)

    def click(self, selector):
        self.page.click(selector)

    def text(self, selector):
        return self.page.text_content(selector)

    def close(self):
        """Close it, and keep the token of its session with the portal, which is a secret too."""
        self.session = self.page.evaluate("window.sessionStorage?.getItem('token')")
        self.context.close()


def find_secrets(log, secrets):
    """Those that stand in a log, as they are or as an address or JSON has them, in whole or their last 20 letters."""
    return [secret for secret in secrets if any(form in log for form in written(secret))]


def written(secret):
    return {
        secret,
        secret[-20:],
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1],
    }


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def title_in(html):
    """The title that is written into a page before any script runs."""
    found = re.search(r"<title[^>]*>([^<]*)</title>", html)
    return found[1] if found else None


def check_transport(variant, window):
    """The strategy's transport was on the wire, and the other was not."""
    if variant == "websocket":
        assert window.sockets and not window.polls
        assert all("transport=websocket" in url for url in window.sockets)
    else:
        assert set(window.polls) == {"GET", "POST"} and not window.sockets


def check_log(instance, secrets):
    """What nginx, start.sh and the backend wrote holds none of the secrets, and no traceback."""
    assert '"path":"/' in instance.log, "the access log"
    assert not find_secrets(instance.log, secrets)
    assert "Traceback" not in instance.log


def sign_in(window):
    """From the dashboard to Google and back; the guide's seven steps."""
    window.click("#sign-in")
    window.click("#sign-in-link")
    window.page.wait_for_url(f"https://{ACCOUNTS}/**")
    window.click("#continue")


def arrived(window):
    """Back on the dashboard, with nothing in the address or in the history."""
    window.shows("#user", USER["name"])
    window.leads_to("/")
    history = window.page.context.new_cdp_session(window.page).send("Page.getNavigationHistory")["entries"]
    assert not [entry["url"] for entry in history if window.base in entry["url"] and "?" in entry["url"]]
