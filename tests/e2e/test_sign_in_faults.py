"""Faults in the middle of a sign-in: no log keeps a token, a code or a state."""

import os
import signal
import urllib.parse

from browser import Window, arrived, check_log, sign_in
from report import keep
from scene import scene


def test_no_log_keeps_a_secret_when_the_api_or_the_backend_fails(variant, certificates, names, tmp_path):
    """The API down, the backend hung, and killed; the way to the API is the portal's own host."""
    with scene(variant, certificates, names, tmp_path, without=["BACKEND_PUBLIC_URL"]) as site:
        world, instance = site.world, site.instance
        window = Window(site.browser, site.base)
        window.open("/")
        sign_in(window)
        arrived(window)
        assert '"path":"/auth/google/login"' in instance.log, "the way went through the portal's nginx"
        assert not window.messages

        world.faults[world.api_host] = "close"
        window.click("#sign-out")
        window.click("#sign-in")
        window.click("#sign-in-link")
        window.page.wait_for_url(f"{site.base}/auth/google/login")
        secrets = ["a-code-that-nobody-took-for-a-token", "a-state-that-nobody-asked-for"]
        query = urllib.parse.urlencode(dict(zip(("code", "state"), secrets, strict=True)))
        answer = window.page.goto(f"{site.base}/auth/google/callback?{query}")
        assert answer.status == 502
        assert ("GET", f"{site.base}/auth/google/login", 502) in window.answers
        world.faults.clear()
        window.close()

        backend = instance.find("--factory")
        window = Window(site.browser, site.base)
        os.kill(backend, signal.SIGSTOP)
        secrets.append(world.api.token())
        window.page.goto(f"{site.base}/signed-in?token={secrets[-1]}")
        window.page.wait_for_timeout(1000)
        assert window.text("h1") == "Signing in"
        os.kill(backend, signal.SIGCONT)
        arrived(window)

        os.kill(backend, signal.SIGSTOP)
        secrets.append(world.api.token())
        window.page.goto(f"{site.base}/signed-in?token={secrets[-1]}")
        window.page.wait_for_timeout(500)
        status, seconds = instance.end(backend, signal.SIGKILL)
        assert status == 1
        window.close()
        check_log(instance, [*world.secrets, *secrets])
        found = {"callback with the API down": answer.status, "status after the backend was killed": status}
        keep("browser", f"{variant}: faults during sign-in", found | {"seconds until it ended": round(seconds, 1)})
