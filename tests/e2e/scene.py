"""Where the browser tests play: an instance behind the front, the API and Google beside it, and a browser before it."""

import contextlib
import http.server
import threading
import urllib.parse
from types import SimpleNamespace

from browser import chromium
from front import Front
from instance import ENVIRONMENTS, HOST, OUT, Service, starter
from playwright.sync_api import sync_playwright
from sign_in import SignIn

OTHER_SITE = "other-site.example"


@contextlib.contextmanager
def scene(variant, certificates, names, folder, **settings):
    """One instance with the variables of its service.yaml, changed as the settings of Instance say.

    service, instance, front   the instance, and what stands before it
    start                      starts other instances of the image
    world                      Google and the API: SignIn
    browser, base              a browser that knows the portal's own host, and the portal's address there
    """
    service = Service(ENVIRONMENTS[variant])
    rendered = OUT / service.environment
    host = portal_host(rendered / "redirect-uris.txt")
    base = f"https://{host}"
    variables = service.variables()
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        world = enter(SignIn(certificates, variables, rendered / "api.env", rendered / "redirect-uris.txt", base, HOST))
        names[:] = world.sites
        start = enter(starter(variant, certificates, folder))
        instance = start(service, **settings)
        playwright = enter(sync_playwright())
        instance.seconds = instance.ready()
        front = enter(Front(service, [instance], certificates, hosts=[host]))
        hosts = dict.fromkeys([*world.sites, OTHER_SITE], HOST) | {host: front.address}
        browser = enter(chromium(playwright, hosts))
        yield SimpleNamespace(
            variant=variant,
            service=service,
            instance=instance,
            front=front,
            start=start,
            world=world,
            playwright=playwright,
            browser=browser,
            base=base,
            folder=folder,
        )


def portal_host(uris_file):
    """The portal's own host, as the comments of its redirect-uris.txt tell it."""
    (block,) = [block for block in uris_file.read_text().split("\n\n") if "served by the portal" in block]
    return urllib.parse.urlsplit(block.splitlines()[1]).hostname


@contextlib.contextmanager
def other_site(port=9999):
    """Somebody else's site, with a page that scripts can be run on; gives back its origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href='data:,'><title>Another site</title>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((HOST, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://{OTHER_SITE}:{port}"
    finally:
        server.shutdown()
        server.server_close()
