"""A page of another site may neither open the portal's socket nor upload to it; the portal's own may, on any host."""

import pytest
from ground.asking import get
from stubs import Backend

HOST = "pp.example.com"

OURS = [None, f"https://{HOST}", f"http://{HOST}", f"https://{HOST.upper()}"]
FOREIGN = [
    "https://evil.example.com",
    f"https://{HOST}.evil.example.com",
    f"https://evil-{HOST}",
    f"https://{HOST}:8443",
    f"https://{HOST}@evil.example.com",
    f"https://evil.example.com/{HOST}",
    "https://example.com",
    "null",
]


@pytest.mark.parametrize("path", ["/_event", "/_event/?EIO=4&transport=polling", "/_upload"])
def test_only_our_own_pages_reach_the_backend(nginx, path):
    with Backend() as backend, nginx():
        for origin in OURS + FOREIGN:
            headers = {"Host": HOST} | ({"Origin": origin} if origin else {})
            expected = 200 if origin in OURS else 403
            for method in ("GET", "POST", "OPTIONS"):
                body = b"" if method == "POST" else None
                assert get(path, method, headers=headers, body=body).status == expected, origin
        assert len(backend.requests) == 3 * len(OURS)


@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        # Ours: a poll, the same from a page whose Origin is hidden, what is typed into the address line.
        ("same-origin", None, 200),
        ("same-origin", f"https://{HOST}", 200),
        ("same-origin", "null", 200),
        ("none", None, 200),
        # Another site's images and scripts have no Origin; another host of our own site is another site's page too.
        ("cross-site", None, 403),
        ("same-site", None, 403),
        ("cross-site", "https://evil.example.com", 403),
        ("cross-site", f"https://{HOST}", 403),
        ("none", "https://evil.example.com", 403),
    ],
)
def test_what_the_browser_says_of_the_page(nginx, site, origin, status):
    headers = {"Host": HOST, "Sec-Fetch-Site": site} | ({"Origin": origin} if origin else {})
    with Backend(), nginx():
        for path in ("/_event", "/_event/?EIO=4&transport=polling", "/_upload"):
            assert get(path, headers=headers).status == status, path


def test_a_port_in_the_host_is_part_of_it(nginx):
    with Backend(), nginx():
        local = {"Host": "localhost:9000"}
        assert get("/_event/", headers=local | {"Origin": "http://localhost:9000"}).status == 200
        assert get("/_event/", headers=local | {"Origin": "http://localhost:3000"}).status == 403


def test_the_apps_own_routes_are_not_judged(nginx):
    """A sign-in may come back as a form that another site's page sends."""
    headers = {"Host": HOST, "Origin": "https://accounts.google.com"}
    with Backend(), nginx():
        assert get("/reports/", "POST", headers=headers, body=b"x").status == 200
