"""The portal in a browser: what a visitor does and sees, and what is left in the logs afterwards."""

import json
import os
import re
import time
import urllib.parse
from pathlib import Path

import pytest
from browser import Window, arrived, check_log, check_transport, chromium, sha256, sign_in, title_in
from ground.asking import wait_for
from instance import ENVIRONMENTS
from report import FOLDER, keep
from scene import other_site, scene
from sign_in import ACCOUNTS, TOKENS

PAGES = {
    "/": ("Platform portal", "Platform portal"),
    "/upload": ("Upload to the platform portal", "Upload"),
    "/about": ("About the platform portal", "About"),
    "/about/": ("About the platform portal", "About"),
    "/docs/deep/page": ("Documentation of the platform portal", "Documentation"),
}
# Without a file of their own: the shell comes, and the browser decides.
SHELL_PAGES = {
    "/item/7": ("Item of the platform portal", "Item"),
    "/unknown": ("Not in the platform portal", "Page not found"),
    "/unknown/deeper": ("Not in the platform portal", "Page not found"),
}
UPLOAD = 20 * 1024 * 1024
RELOADS = 10


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module")
def site(variant, certificates, names, tmp_path_factory):
    with scene(variant, certificates, names, tmp_path_factory.mktemp(variant)) as site:
        site.windows = []
        yield site
        messages = sum(len(window.messages) for window in site.windows)
        keep("browser", f"{variant}: console", {"windows": len(site.windows), "errors and warnings": messages})
        check_log(site.instance, [*site.world.secrets, *(window.session for window in site.windows)])


@pytest.fixture
def window(site):
    """A window; afterwards, nothing was on its console, and only the strategy's transport was on the wire."""
    window = Window(site.browser, site.base)
    yield window
    window.close()
    site.windows.append(window)
    assert not window.messages
    check_transport(site.variant, window)


@pytest.fixture
def note(variant):
    """Keep what the browser saw for the report."""
    return lambda what, value: keep("browser", f"{variant}: {what}", value)


def test_the_first_page_is_drawn_soon_after_the_start(site, window, note):
    window.open("/")
    window.shows("#environment", "demo")
    drawn = window.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    lines = [json.loads(line) for line in site.instance.log.splitlines() if line.startswith("{")]
    spoken = {line["protocol"] for line in lines if line["path"] == "/"}
    assert spoken == {"HTTP/2.0" if site.service.http2 else "HTTP/1.1"}, "from the front to nginx"
    note(
        "first page",
        {"seconds from start until it listens": round(site.instance.seconds, 2), "ms until drawn": round(drawn)},
    )
    assert site.instance.seconds < 60
    assert drawn < 5000


def test_clicks_count(window, note):
    window.open("/")
    window.shows("#count", 0)
    took = []
    for number in (1, 2, 3):
        began = time.monotonic()
        window.click("#increment")
        window.shows("#count", number)
        took.append(round((time.monotonic() - began) * 1000))
    window.click("#decrement")
    window.shows("#count", 2)
    note("clicks", {"ms until the count shows each": took})
    note("transport", {"websockets": len(window.sockets), "polls": window.polls})


def test_the_state_survives_reloads(site, window, note):
    """Each time with WebSockets, and nearly each time without.

    Reflex takes a page for a second tab, with a state of its own, when it comes before the server knows that the old
    one is gone. Without WebSockets the old page says so in a request, which the reload may overtake.
    """
    window.open("/")
    kept = count = 0
    for _ in range(RELOADS):
        window.click("#increment")
        window.shows("#count", count + 1)
        window.page.reload()
        window.shows("#environment", site.service.variables()["ENV"])
        survived = window.text("#count") == str(count + 1)
        kept += survived
        count = count + 1 if survived else 0
    note("reloads", {"in all": RELOADS, "with the state kept": kept})
    assert kept >= (RELOADS if site.variant == "websocket" else RELOADS - 3)


# Tells how many steps stand there each time that this changes, and when.
WATCH_STEPS = """() => {
  window.seen = [];
  const steps = document.querySelector("#steps"), from = performance.now();
  const look = () => {
    const count = steps.querySelectorAll("[data-step]").length;
    if (seen.at(-1)?.[0] !== count) seen.push([count, Math.round(performance.now() - from)]);
  };
  look();
  new MutationObserver(look).observe(steps, { childList: true, subtree: true });
}"""


def test_the_steps_of_a_handler_arrive_one_by_one(site, window, note):
    window.open("/")
    window.shows("#count", 0)
    window.page.evaluate(WATCH_STEPS)
    window.click("#start")
    window.page.wait_for_selector("[data-step='5']")
    seen = window.page.evaluate("seen")
    note("steps", {"shown": [count for count, _ in seen], "ms": [at for _, at in seen]})
    counts = [count for count, _ in seen]
    assert counts[0] == 0 and counts[-1] == 5 and counts == sorted(set(counts))
    # Two may come at once where the machine is busy; all at once they would have been held back.
    assert len(counts) >= 5 and seen[-1][1] - seen[1][1] > 1000


def test_a_large_file_arrives_whole(site, window, note):
    data = os.urandom(UPLOAD)
    file = site.folder / "large file.bin"
    file.write_bytes(data)
    window.open("/upload")
    backend = site.instance.find("--factory")
    Path(f"/proc/{backend}/clear_refs").write_text("5")  # The peak is counted from here.
    before = memory(backend, "VmRSS")
    window.page.set_input_files("input[type=file]", file)
    began = time.monotonic()
    window.click("#send")
    window.shows("#upload-digest", sha256(data)[:16])
    took = time.monotonic() - began
    window.shows("#upload-name", file.name)
    window.shows("#upload-size", UPLOAD)
    peak = memory(backend, "VmHWM") - before
    note("upload of 20 MiB", {"seconds": round(took, 2), "MiB more in the backend at most": round(peak)})
    assert peak < 5 * UPLOAD / 2**20

    with window.page.expect_download() as download:
        window.click("#upload-link")
    assert sha256(download.value.path().read_bytes()) == sha256(data), "and comes back as a file, not as a page"


def memory(pid, field):
    """MiB."""
    return int(re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_deep_links_are_drawn_without_a_hydration_error(window, note):
    for path, (title, heading) in (PAGES | SHELL_PAGES).items():
        answer = window.open(path)
        assert answer.status == 200, path
        if path in PAGES:
            assert title_in(answer.text()) == title, f"{path}: its own HTML, and not another page's"
        window.shows("h1", heading)
        window.page.wait_for_function("title => document.title === title", arg=title)
        window.page.wait_for_timeout(200)
        assert window.page.locator("h1").count() == 1, path
        assert window.path == path
        assert not window.messages, path
    note("deep links", {"without a message on the console": list(PAGES | SHELL_PAGES)})


def test_the_dynamic_route_shows_what_the_server_read(window):
    window.open("/item/7")
    window.shows("#item-id", 7)
    window.click("text=Item 8")
    window.shows("#item-id", 8)
    window.page.go_back()
    window.shows("#item-id", 7)
    window.click("text=Dashboard")
    window.shows("#count", 0)
    window.click("text=Item 7")
    window.shows("#item-id", 7)
    assert window.path == "/item/7"


@pytest.mark.parametrize("served_by", ["the API", "the portal"])
def test_sign_in_ends_on_the_dashboard_with_no_secret_in_a_log(site, window, monkeypatch, served_by, note):
    """With each of the redirect URIs that are registered for it: the API's, which is rendered, and the portal's."""
    world = site.world
    callback = world.api.variables["GOOGLE_REDIRECT_URI"]
    if served_by == "the portal":
        (callback,) = [uri for uri in world.google.registered if uri.startswith(site.base)]
        monkeypatch.setitem(world.api.variables, "GOOGLE_REDIRECT_URI", callback)
    public = urllib.parse.urlsplit(site.service.variables()["BACKEND_PUBLIC_URL"])
    began = len(world.requests)
    window.open("/")
    sign_in(window)
    arrived(window)
    window.shows("#visitor", "Asha Rao (asha.rao@example.com)")
    seen = world.requests[began:]
    assert [(request.host, request.path) for request in seen] == [
        (public.hostname, f"{public.path}/auth/google/login"),
        (ACCOUNTS, "/o/oauth2/v2/auth"),
        (world.api_host, "/auth/google/callback"),
        (TOKENS, "/token"),
        (world.api_host, "/auth/me"),
    ]
    assert seen[1].query["redirect_uri"] == callback
    with_token = [url for url, _ in window.requests if world.api.given[-1] in url]
    assert with_token == [f"{site.base}/signed-in?token={world.api.given[-1]}"], "once on the wire, and never again"
    assert not [referrer for _, referrer in window.requests if "token=" in referrer or "code=" in referrer]
    paths = ["/signed-in", *(["/auth/google/callback"] if served_by == "the portal" else [])]
    assert all(f'"path":"{path}"' in site.instance.log for path in paths)
    check_log(site.instance, world.secrets)
    note(f"sign-in, callback on {served_by}", {"requests to Google and the API": len(seen), "ends on": window.path})

    window.click("text=About")
    window.shows("h1", "About")
    window.shows("#user", "Asha Rao")
    window.click("text=Dashboard")
    window.shows("h1", "Platform portal")
    if served_by == "the API":
        window.click("#increment")
        window.shows("#count", 1)
        window.click("#start")
        window.page.wait_for_selector("[data-step='5']")
        FOLDER.mkdir(parents=True, exist_ok=True)
        window.page.screenshot(path=FOLDER / f"dashboard-{site.variant}.png")
    window.click("#sign-out")
    window.page.wait_for_selector("#sign-in")


def test_google_refuses_a_redirect_uri_that_is_registered_but_for_a_slash(site, monkeypatch):
    callback = site.world.api.variables["GOOGLE_REDIRECT_URI"]
    monkeypatch.setitem(site.world.api.variables, "GOOGLE_REDIRECT_URI", callback + "/")
    window = Window(site.browser, site.base)
    window.open("/")
    window.click("#sign-in")
    window.click("#sign-in-link")
    window.shows("h1", "Error 400: redirect_uri_mismatch")
    window.close()


NO_ANSWER = "The API does not answer. Please try again later."
NOT_VALID = "The sign-in is not valid, or no longer. Please sign in again."


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("an expired token", NOT_VALID),
        ("a token that is none", NOT_VALID),
        ("no token", "The sign-in did not complete."),
        ("an API that hangs up", NO_ANSWER),
        ("an API that never answers", NO_ANSWER),
    ],
)
def test_a_sign_in_that_fails_says_so_and_leaves_no_secret(site, window, what, message, note):
    world = site.world
    world.api.token_seconds = -1 if what == "an expired token" else 3600
    token = "ey\"Ä\n'; drop" if what == "a token that is none" else world.api.token()
    world.faults[world.api_host] = {"an API that hangs up": "close", "an API that never answers": "hang"}.get(what)
    query = {"error": "denied"} if what == "no token" else {"token": token}
    try:
        began = time.monotonic()
        window.page.goto(f"{site.base}/signed-in?{urllib.parse.urlencode(query)}")
        window.shows("#message", message)
        note(f"sign-in with {what}", {"seconds until it says so": round(time.monotonic() - began, 1)})
    finally:
        world.faults.clear()
        world.api.token_seconds = 3600
    window.leads_to("/")
    window.shows("#visitor", "Nobody is signed in.")
    check_log(site.instance, [*world.secrets, token])


def test_a_visitor_who_cancels_at_google_comes_back(site, window):
    window.open("/")
    window.click("#sign-in")
    window.click("#sign-in-link")
    window.click("#cancel")
    window.shows("#message", "The sign-in did not complete.")
    window.leads_to("/")
    check_log(site.instance, site.world.secrets)


FOREIGN = """async (base) => {
  const outcome = {}, event = base + "/_event/?EIO=4&transport=";
  const attempt = async (name, run) => {
    try { outcome[name] = await run(); } catch (error) { outcome[name] = "refused"; }
  };
  const form = new FormData();
  form.append("files", new Blob(["from another site"]), "a.txt");
  await attempt("socket", () => new Promise((done, failed) => {
    const socket = new WebSocket(base.replace("http", "ws") + "/_event/?EIO=4&transport=websocket");
    socket.onopen = () => { socket.close(); done("open"); };
    socket.onerror = failed;
  }));
  await attempt("poll", async () => (await fetch(event + "polling")).status);
  await attempt("poll, answer unseen", async () => (await fetch(event + "polling", { mode: "no-cors" })).type);
  await attempt("send", async () => (await fetch(event + "polling", { method: "POST", body: "40" })).status);
  await attempt("send, answer unseen",
    async () => (await fetch(event + "polling", { method: "POST", mode: "no-cors", body: "40" })).type);
  await attempt("upload", async () => (await fetch(base + "/_upload", { method: "POST", body: form })).status);
  await attempt("upload, answer unseen",
    async () => (await fetch(base + "/_upload", { method: "POST", mode: "no-cors", body: form })).type);
  return outcome;
}"""


def test_another_sites_page_can_neither_open_the_socket_nor_poll_nor_upload(site, note):
    with other_site() as other:
        seen, statuses = ask_from(site, other)
        _, own = ask_from(site, site.base)
    note("another site's page", {"sees": seen, "statuses": statuses})
    assert set(statuses) == {"403"}
    assert {outcome for what, outcome in seen.items() if "unseen" not in what} == {"refused"}
    assert "403" not in own and {"101", "200"} & set(own), "the same from a page of our own"


def ask_from(site, origin):
    """Run FOREIGN on a page; give back what the page saw and how nginx answered."""
    window = Window(site.browser, origin, user_agent=f"page of {origin}")  # For the access log.
    window.page.goto(f"{origin}/about")
    seen = window.page.evaluate(FOREIGN, site.base)
    window.close()

    def statuses():
        lines = [json.loads(line) for line in site.instance.log.splitlines() if line.startswith("{")]
        ours = [line for line in lines if line["user_agent"] == f"page of {origin}"]
        return [line["status"] for line in ours if line["path"] in ("/_event/", "/_upload")]

    # A WebSocket does not get through a front that speaks HTTP/2 to nginx.
    due = len(seen) - site.service.http2
    wait_for(lambda: len(statuses()) >= due, 5, f"{due} lines in the access log")
    return seen, statuses()


def test_without_any_variable_it_works_and_says_that_there_is_no_api(site, note):
    instance = site.start()
    seconds = instance.ready()
    with chromium(site.playwright, {"localhost": instance.address}) as browser:
        window = Window(browser, "http://localhost:8080")
        window.open("/")
        window.shows("#count", 0)
        window.shows("#environment", "")
        window.click("#increment")
        window.shows("#count", 1)
        window.click("#sign-in")
        window.shows("#sign-in-text", "This portal has no API, so nobody can sign in.")
        assert not window.page.locator("#sign-in-link").count()
        window.open("/item/7")
        window.shows("#item-id", 7)
        window.page.goto(f"{window.base}/signed-in?token=a-token-of-nobody")
        window.shows("#message", "This portal has no API, so nobody can sign in.")
        window.leads_to("/")
        check_transport(site.variant, window)
        assert not window.messages
        window.close()
        check_log(instance, [*site.world.secrets, "a-token-of-nobody"])
        assert instance.get("/auth/google/login").status == 404
        note("without variables", {"seconds from start until it listens": round(seconds, 2)})
