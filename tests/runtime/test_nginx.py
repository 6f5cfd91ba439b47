"""nginx.conf of each variant on a stub backend, by what requests can show. The paths are those of portal.toml."""

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest
from conftest import API_NAME, CLIENT, nginx_command, prepare, rendered, run_nginx
from ground.asking import PORT, get, open_websocket, wait_for
from ground.names import Resolver
from ground.namespaces import children
from stubs import Api, Backend

SECRET = "s3cr3t-t0ken"
FRAME_RULE = "frame-ancestors 'self'"


@pytest.fixture
def backend():
    with Backend() as stub:
        yield stub


@pytest.fixture(scope="session")
def certificate(certificates):
    return certificates.good(API_NAME)


def seen(answer):
    """What the backend or the API tells of the request, its headers as a dictionary."""
    request = json.loads(answer.text)
    request["headers"] = dict(request["headers"])
    return request


def curl(*arguments):
    """Status, HTTP version and body; curl, because Python's client does not speak HTTP/2.

    It may fail and have an answer all the same, when nginx refuses the rest of a body.
    """
    result = subprocess.run(
        ["curl", "--silent", "--max-time", "20", "--write-out", "\n%{http_code} %{http_version}", *arguments],
        capture_output=True,
        text=True,
    )
    body, _, last = result.stdout.rpartition("\n")
    status, version = last.split()
    return int(status), version, body


# The file itself


@pytest.mark.parametrize("api", [None, f"https://{API_NAME}"], ids=["bare", "with the API"])
def test_debian_13_takes_it_without_a_warning(debian_13, variant, api):
    prepare(debian_13, variant, hops=2 if api else None, api=api, resolver="127.0.0.1 [::1]")
    check = subprocess.run(nginx_command(debian_13, "-t"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert check.returncode == 0, check.stderr
    assert not re.search(r"\[(warn|alert|error|emerg|crit)\]", check.stderr), check.stderr


def test_nothing_else_is_written_and_nginx_does_not_complain(nginx, backend):
    with nginx() as front:
        assert get("/ping").status == 200
        assert get("/_upload", "POST", body=b"x" * 200_000).status == 200
        assert get("/reports/", "POST", body=b"x" * 200_000).status == 200
        assert front.error_log == ""


def test_limits_fit_each_other(variant):
    text = rendered(variant, "nginx.conf")
    files, connections = (
        int(re.search(rf"{name} (\d+);", text)[1]) for name in ("worker_rlimit_nofile", "worker_connections")
    )
    open_files = int(re.search(r"open_file_cache max=(\d+)", text)[1])
    assert connections >= 2 * 1000 + 64
    assert files >= connections + open_files + 1000


def test_a_failed_start_says_why(debian_13):
    prepare(debian_13, "websocket-free")
    with socket.create_server(("", PORT)):
        failed = subprocess.run(nginx_command(debian_13), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert failed.returncode != 0
    assert f"bind() to 0.0.0.0:{PORT} failed" in failed.stderr


def test_a_dead_worker_is_in_the_log_and_replaced(nginx, backend):
    with nginx() as front:
        workers = wait_for(
            lambda: [pid for pid, line in children(front.process.pid).items() if "nginx: worker" in line], 5, "a worker"
        )
        os.kill(workers[0], signal.SIGKILL)
        wait_for(lambda: "exited on signal 9" in front.error_log, 5, "the master to tell")
        assert get("/ping").status == 200


# Paths


def test_the_backends_paths_reach_it(nginx, backend):
    with nginx():
        for method, target in [
            ("GET", "/ping"),
            ("GET", "/_event?transport=polling"),
            ("GET", "/_event/?EIO=4&transport=polling"),
            ("POST", "/_event/?EIO=4&transport=polling&sid=1"),
            ("GET", "/_event/below"),
            ("POST", "/_upload"),
            ("POST", "/_upload?next=1"),
            ("GET", "/reports/"),
            ("PUT", "/reports/a%2Fb?x=1&y=%20"),
        ]:
            request = seen(get(target, method, body=b"body" if method != "GET" else None))
            assert (request["method"], request["target"], request["version"]) == (method, target, "HTTP/1.1")
            assert request["headers"]["host"] == "127.0.0.1:8080"


def test_other_paths_are_pages(nginx, backend):
    pages = {
        "/": "home",
        "/index.html": "home",
        "/about": "about",
        "/about?tab=1": "about",
        "/about/": "about, with a slash",
        "/docs/deep/page": "deep",
        "/docs/folder": "folder",
        "/item/7": "shell",
        "/docs": "shell",
        "/no/such/page": "shell",
        "/pingpong": "shell",
        "/ping/": "shell",
        "/_events": "shell",
        "/_uploads": "shell",
        "/reportsx": "shell",
        "/authx": "shell",
        "/sitemap.xml": CLIENT["sitemap.xml"],
        "/favicon.ico": "icon",
    }
    with nginx():
        for target, text in pages.items():
            answer = get(target)
            assert (answer.status, answer.text) == (200, text), target
        assert get("/about", "POST", body=b"").status == 405
    assert backend.requests == []


def test_closed_paths_are_404(nginx, backend):
    with nginx():
        for path in ("/_health", "/_all_routes", "/auth-codespace"):
            for target in (path, path + "/", path + "/below", path + "?x=1", path.replace("_", "%5f"), "/" + path):
                answer = get(target)
                assert (answer.status, "shell" in answer.text) == (404, False), target
    assert backend.requests == []


def test_outside_the_client_there_is_nothing(nginx, backend):
    with nginx():
        for target in ("/../../etc/passwd", "/assets/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"):
            assert "root:" not in get(target).text


# Headers


def test_the_security_headers_stand_in_every_answer_once(nginx, backend, certificate):
    answers = {}
    with nginx():
        for target in ("/", "/about", "/item/7", "/assets/app-Bq2x9.js", "/assets/none.js", "/_health", "/sitemap.xml",
                       "/ping", "/_event/?x", "/_upload/page.html", "/reports/own-headers", "/reports", "/auth/login",
                       "/api/x", "/auth", "/_upload/"):  # fmt: skip
            answers[target] = get(target)
        answers["405"] = get("/", "POST", body=b"")
        answers["413"] = get("/_upload", "POST", headers={"Content-Length": str(2**40)})
        answers["400, no host"] = get("/", headers={"Host": ""})
        answers["400, bad host"] = get("/", headers={"Host": "a/b"})
        answers["414"] = get("/" + "x" * 40_000)
        answers["304"] = get("/", headers={"If-None-Match": answers["/"].headers["ETag"]})
        answers["206"] = get("/", headers={"Range": "bytes=0-1"})
    with nginx(api=f"https://{API_NAME}"), Resolver([API_NAME]):
        answers["502 of the API"] = get("/auth/login")
        with Api(certificate):
            answers["the API"] = get("/api/x")
    statuses = {answer.status for answer in answers.values()}
    assert {200, 206, 301, 304, 400, 404, 405, 413, 414, 502} <= statuses

    for name, answer in answers.items():
        assert answer.all("Referrer-Policy") == ["no-referrer"], name
        assert answer.all("X-Content-Type-Options") == ["nosniff"], name
        (policy,) = answer.all("Content-Security-Policy")
        assert FRAME_RULE in policy, name
        assert answer.all("Server") == ["nginx"], name
        if not name.startswith("/_upload/"):
            assert policy == FRAME_RULE, name
            assert answer.all("Content-Disposition") == [], name


def test_the_security_headers_with_the_backend_down(nginx):
    with nginx():
        for target in ("/ping", "/_event/", "/_upload/x", "/reports/"):
            answer = get(target)
            assert answer.status == 502
            assert answer.all("Referrer-Policy") == ["no-referrer"]
            assert answer.all("X-Content-Type-Options") == ["nosniff"]
            assert FRAME_RULE in answer.headers["Content-Security-Policy"]


def test_uploaded_files_are_attachments(nginx, backend):
    with nginx():
        for target in ("/_upload/page.html", "/_upload/a/b.svg", "/%5Fupload/page.html", "//_upload//page.html"):
            answer = get(target)
            assert answer.status == 200, target
            assert answer.all("Content-Disposition") == ["attachment"], target
            assert answer.all("X-Content-Type-Options") == ["nosniff"], target
            (policy,) = answer.all("Content-Security-Policy")
            assert policy.startswith("sandbox;") and "default-src 'none'" in policy, target
        assert get("/_upload", "POST", body=b"x").all("Content-Disposition") == []


def test_redirects_do_not_show_the_port_inside(nginx, backend):
    with nginx():
        for target, location in {"/reports": "/reports/", "/auth": "/auth/", "/api?x=1": "/api/?x=1"}.items():
            answer = get(target, headers={"Host": "portal.test"})
            assert (answer.status, answer.headers["Location"]) == (301, location)
        assert "Location" not in get("/docs", headers={"Host": "portal.test"}).headers


# Caching, compression, limits


def test_caching(nginx, backend):
    with nginx():
        for target in ("/assets/app-Bq2x9.js", "/assets/app-Bq2x9.css"):
            assert get(target).all("Cache-Control") == ["public, max-age=31536000, immutable"]
        for target in ("/", "/about", "/item/7", "/sitemap.xml", "/favicon.ico", "/__spa-fallback.html"):
            assert get(target).all("Cache-Control") == ["no-cache"], target
        for target in ("/assets/old-7zF3k.js", "/assets/", "/assets/old-7zF3k", "/_health", "/auth/login", "/ping"):
            answer = get(target)
            assert answer.all("Cache-Control") == [] and answer.all("Expires") == [], target
        assert get("/assets/old-7zF3k.js").status == 404
        assert "shell" not in get("/assets/old-7zF3k.js").text
        assert get("/reports/own-headers").all("Cache-Control") == ["private"]


def test_a_page_that_is_asked_for_with_a_query_is_kept_by_nobody(nginx, backend):
    """A code or a token may stand in the query: the page under it goes into no cache, wherever its file is."""
    with nginx():
        for target in ("/", "/about", "/item/7", "/sitemap.xml", "/__spa-fallback.html"):
            for query in (f"?token={SECRET}", f"?code={SECRET}&state=x", "?", f"?a=1?token={SECRET}"):
                answer = get(target + query)
                assert (answer.status, answer.all("Cache-Control")) == (200, ["no-store"]), target + query
                assert answer.all("Referrer-Policy") == ["no-referrer"]
            # The next one without a query is another page to every cache.
            assert get(target).all("Cache-Control") == ["no-cache"], target
        for target in (f"/assets/app-Bq2x9.js?v={SECRET}", f"/assets/old-7zF3k.js?v={SECRET}", f"/ping?x={SECRET}"):
            assert "no-store" not in get(target).all("Cache-Control"), target
        # What asks with its own copy in hand gets no leave to keep it either.
        stamp = get(f"/?token={SECRET}").headers["Last-Modified"]
        again = get(f"/?token={SECRET}", headers={"If-Modified-Since": stamp})
        assert (again.status, again.all("Cache-Control")) == (304, ["no-store"])


def test_gzip(nginx, backend):
    zipped = {"Accept-Encoding": "gzip", "Via": "1.1 google"}
    with nginx():
        for target in ("/assets/app-Bq2x9.js", "/assets/app-Bq2x9.css", "/reports/big"):
            plain, packed = get(target), get(target, headers=zipped)
            assert plain.all("Content-Encoding") == []
            assert packed.all("Content-Encoding") == ["gzip"], target
            assert packed.all("Vary") == ["Accept-Encoding"]
            assert gzip.decompress(packed.body) == plain.body
            assert len(packed.body) < len(plain.body) / 3
        assert get("/favicon.ico", headers=zipped).all("Content-Encoding") == []
    types = re.search(r"gzip_types ([^;]*);", rendered("websocket-free", "nginx.conf"))[1].split()
    assert {"text/javascript", "application/javascript"} <= set(types)


def test_upload_limit(nginx, variant, backend):
    limit = int(re.search(r"client_max_body_size (\d+);", rendered(variant, "nginx.conf"))[1])
    with nginx() as front:
        assert seen(get("/_upload", "POST", body=bytes(limit)))["size"] == limit
        assert get("/_upload", "POST", headers={"Content-Length": str(limit + 1)}).status == 413
        # Without a length nginx has to count.
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/_upload", iter([bytes(2**20)] * (limit // 2**20 + 2)), encode_chunked=True,
                               headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        with contextlib.suppress(ConnectionResetError):
            assert connection.getresponse().status == 413
        connection.close()
        wait_for(lambda: front.access_log.count('"status":"413"') == 2, 2, "the second 413 in the log")


def test_an_upload_streams_to_the_backend(nginx, backend):
    with nginx():
        with socket.create_connection(("127.0.0.1", PORT)) as connection:
            connection.sendall(b"POST /_upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(500_000))
            wait_for(lambda: backend.connections == 1, 2, "the backend to see the upload before its end")


def test_connections_to_the_backend_are_kept(nginx, backend):
    with nginx():
        numbers = {seen(get(target))["connection"] for target in ("/ping", "/_event/", "/reports/", "/ping")}
        assert numbers == {1}
        assert seen(get("/ping"))["headers"].keys().isdisjoint({"connection", "upgrade"})


# Forwarded headers

CHAIN = "6.6.6.6, 7.7.7.7, 8.8.8.8, 203.0.113.9"


@pytest.mark.parametrize(
    ("hops", "forwarded_for", "client"),
    [
        (None, CHAIN, "127.0.0.1"),
        (0, CHAIN, "127.0.0.1"),
        (1, CHAIN, "203.0.113.9"),
        (2, CHAIN, "8.8.8.8"),
        (3, CHAIN, "7.7.7.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (3, "8.8.8.8,203.0.113.9", "8.8.8.8"),
        (2, "evil,2001:db8::1,10.0.0.1", "2001:db8::1"),
        (2, "evil 2001:db8::1 ,  10.0.0.1 ", "2001:db8::1"),
        (1, None, "127.0.0.1"),
        (2, "", "127.0.0.1"),
        (1, "1.2.3.4, <script>", "127.0.0.1"),
        (2, "<script>, 1.2.3.4", "127.0.0.1"),
    ],
)
def test_the_clients_address(nginx, backend, hops, forwarded_for, client):
    headers = {"X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
    if forwarded_for is not None:
        headers["X-Forwarded-For"] = forwarded_for
    with nginx(hops=hops) as front:
        request = seen(get("/reports/", headers=headers))
        assert request["headers"]["x-forwarded-for"] == client
        assert request["headers"]["x-real-ip"] == client
        assert "forwarded" not in request["headers"]
        assert front.lines(1)[0]["client"] == client


def test_spoofed_headers_before_the_proxies_own(nginx, backend):
    with nginx(hops=1):
        lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.9")]
        assert seen(get("/ping", headers=lines))["headers"]["x-forwarded-for"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("hops", "sent", "passed"),
    [
        (0, "https", "http"),
        (None, "https", "http"),
        (1, "https", "https"),
        (2, "https", "https"),
        (3, "HTTPS", "https"),
        (1, "http", "http"),
        (1, None, "http"),
        (1, "javascript", "http"),
        (1, "https, http", "http"),
        (1, "xhttps", "http"),
    ],
)
def test_the_scheme(nginx, backend, hops, sent, passed):
    headers = {"Host": "portal.test", "X-Forwarded-Host": "evil.test"}
    if sent is not None:
        headers["X-Forwarded-Proto"] = sent
    with nginx(hops=hops):
        request = seen(get("/reports/", headers=headers))
        assert request["headers"]["x-forwarded-proto"] == passed
        assert request["headers"]["host"] == request["headers"]["x-forwarded-host"] == "portal.test"


# The API


def test_without_an_api_its_paths_are_404(nginx, backend):
    with nginx(hops=1):
        for target in ("/auth/", "/auth/google/callback?code=1", "/api/", "/api/v1/x"):
            for method in ("GET", "POST"):
                answer = get(target, method, body=b"" if method == "POST" else None)
                assert (answer.status, "shell" in answer.text) == (404, False)
    assert backend.requests == []


@pytest.mark.parametrize("port", [443, 8443])
def test_the_api(nginx, backend, certificate, port):
    origin = f"https://{API_NAME}" + ("" if port == 443 else f":{port}")
    with nginx(api=origin, hops=1), Resolver([API_NAME]), Api(certificate, port):
        for sent, arrives in {
            "/auth/google/callback?code=4%2F0&state=a+b": "/auth/google/callback?code=4%2F0&state=a+b",
            "/auth/": "/auth/",
            "/api/": "/",
            "/api/v1/users?name=%C3%A9&x=1": "/v1/users?name=%C3%A9&x=1",
            "/api/files/a%2Fb%20c": "/files/a%2Fb%20c",
            "/api/?next=/api/x": "/?next=/api/x",
            "/api/api/x": "/api/x",
        }.items():
            request = seen(get(sent, headers={"Host": "portal.test", "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
                                              "X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6"}))  # fmt: skip
            assert (request["target"], request["sni"]) == (arrives, API_NAME)
            headers = request["headers"]
            assert headers["host"] == origin.removeprefix("https://")
            assert headers["x-forwarded-host"] == "portal.test"
            assert headers["x-forwarded-for"] == "203.0.113.9"
            assert headers["x-forwarded-proto"] == "https"
            assert headers.keys().isdisjoint({"forwarded", "connection", "upgrade"})
        request = seen(get("/api/v1", "POST", headers={"Authorization": "Bearer x", "Cookie": "a=1"}, body=b"{}"))
        assert (request["method"], request["headers"]["authorization"]) == ("POST", "Bearer x")
        assert request["headers"]["cookie"] == "a=1"
    assert backend.requests == []


def test_the_apis_redirects_and_cookies_pass(nginx, certificate):
    with nginx(api=f"https://{API_NAME}"), Resolver([API_NAME]), Api(certificate):
        answer = get("/auth/login")
        assert (answer.status, answer.headers["Location"]) == (307, "https://accounts.example/sign-in?state=1")
        assert answer.all("Set-Cookie") == ["session=1; HttpOnly"]


def test_a_prefix_written_another_way_is_not_passed_on_with_it(nginx, certificate):
    with nginx(api=f"https://{API_NAME}"), Resolver([API_NAME]), Api(certificate) as api:
        for target in ("/%61pi/x", "//api/x", "/x/../api/x"):
            assert get(target).status == 404, target
    assert api.requests == []


@pytest.mark.parametrize("kind", ["for_other_name", "self_signed"])
def test_a_wrong_certificate_is_refused(nginx, certificates, kind):
    path = certificates.for_other_name() if kind == "for_other_name" else certificates.self_signed(API_NAME)
    with nginx(api=f"https://{API_NAME}") as front, Resolver([API_NAME]), Api(path) as api:
        assert get("/auth/login?token=" + SECRET).status == 502
        assert front.lines(1)[0]["upstream_status"] == "502"
    assert api.requests == []


def test_an_unknown_api_is_502_and_the_page_lives(nginx, backend):
    with nginx(api="https://gone.example.test"), Resolver([API_NAME]):
        assert get("/auth/login").status == 502
        assert get("/about").text == "about"
        assert get("/ping").status == 200


# Logs


def test_no_query_and_no_referrer_in_any_log(nginx, backend, certificate):
    query = "?token=" + SECRET
    referrer = {"Referer": f"https://portal.test/{query}"}
    paths = ["/", "/about", "/item/7", "/assets/app-Bq2x9.js", "/assets/none.js", "/ping", "/_event/", "/_upload/x",
             "/_health", "/reports/", "/reports", "/auth/login", "/api/x"]  # fmt: skip

    def all_of_them():
        for path in paths:
            get(path + query, headers=referrer)
        get("/_upload" + query, "POST", headers={**referrer, "Content-Length": str(2**40)})
        get("/" + query, headers={**referrer, "Host": "a/b"})
        get("/" + query + "x" * 40_000, headers=referrer)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT)) as broken:
            broken.sendall(f"GET /reports/{query} HTTP/1.1\r\nno header line\r\n\r\n".encode())
            broken.settimeout(5)
            broken.recv(4096)

    with nginx(api=f"https://{API_NAME}", hops=1) as front:
        with Resolver([]):
            all_of_them()  # The backend is up; nobody knows the API's name.
        with Resolver([API_NAME]):
            all_of_them()  # Nothing listens at the API's address.
            with Api(certificate):
                all_of_them()
        up = front.lines(3 * (len(paths) + 3))
        assert SECRET not in front.access_log + front.error_log
    assert {line["path"] for line in up} >= set(paths)
    assert not [line for line in up if "?" in line["path"]]


def test_failures_are_in_the_log_with_the_backend_down(nginx):
    query = "?token=" + SECRET
    paths = ["/ping", "/_event/", "/_upload", "/_upload/x", "/reports/"]
    with nginx(hops=1) as front:
        for path in paths:
            assert get(path + query, headers={"Referer": "https://x/" + query}).status == 502
        lines = front.lines(len(paths))
        assert [line["path"] for line in lines] == paths
        for line in lines:
            assert (line["status"], line["upstream_status"], line["severity"]) == ("502", "502", "ERROR")
            assert line["upstream"] == "127.0.0.1:8000"
        assert SECRET not in front.access_log + front.error_log


def test_a_log_line_is_json_whatever_is_sent(nginx, backend):
    with nginx() as front:
        get('/a"b\\c', headers={"User-Agent": 'x" \\ \t\xe9'})
        (line,) = front.lines(1)
        assert (line["path"], line["severity"], line["status"]) == ('/a"b\\c', "INFO", "200")


# Protocols


def test_http_1_and_http_2_on_one_port(debian_13, backend):
    with run_nginx(debian_13, "websocket-free-http2", hops=1):
        base = f"http://portal.test:{PORT}"
        there = ["--resolve", f"portal.test:{PORT}:127.0.0.1", "--header", "X-Forwarded-Proto: https"]
        for protocol, version in (("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")):
            assert curl(protocol, *there, f"{base}/about") == (200, version, "about")
            assert curl(protocol, *there, f"{base}/ping")[:2] == (200, version)
            status, used, body = curl(protocol, *there, "--data", "x=1", f"{base}/reports/?a=b")
            assert (status, used) == (200, version)
            request = json.loads(body)
            headers = dict(request["headers"])
            assert (request["method"], request["target"], request["size"]) == ("POST", "/reports/?a=b", 3)
            assert headers["host"] == headers["x-forwarded-host"] == f"portal.test:{PORT}"
            assert headers["x-forwarded-proto"] == "https"
            assert headers.keys().isdisjoint({"connection", "upgrade"})


def test_http_2_is_off_elsewhere(debian_13, backend):
    for variant in ("websocket-free", "websocket"):
        with run_nginx(debian_13, variant):
            failed = subprocess.run(
                ["curl", "--silent", "--http2-prior-knowledge", f"http://127.0.0.1:{PORT}/ping"], capture_output=True
            )
            assert failed.returncode != 0
            assert get("/ping").status == 200


def test_uploads_over_http_2(debian_13, backend, tmp_path):
    limit = int(re.search(r"client_max_body_size (\d+);", rendered("websocket-free-http2", "nginx.conf"))[1])
    file = tmp_path / "file"
    with run_nginx(debian_13, "websocket-free-http2") as front:
        for size in (limit, limit + 1):
            with file.open("wb") as handle:
                handle.truncate(size)
            curl("--http2-prior-knowledge", "--data-binary", f"@{file}", f"http://127.0.0.1:{PORT}/_upload")
        # The log tells: curl may see the end of the stream before the 413.
        assert [(line["status"], line["protocol"]) for line in front.lines(2)] == [
            ("200", "HTTP/2.0"),
            ("413", "HTTP/2.0"),
        ]
    assert [request["size"] for request in backend.requests] == [limit]


def test_a_websocket_passes(debian_13, backend):
    with run_nginx(debian_13, "websocket", hops=1) as front:
        connection, status = open_websocket("/_event/?EIO=4&transport=websocket&token=" + SECRET)
        with connection:
            assert status == "HTTP/1.1 101 Switching Protocols"
            connection.sendall(b"\x81\x02hi")
            assert connection.recv(100) == b"\x81\x02hi"
        wait_for(lambda: "/_event/" in front.access_log, 2, "the log line of the closed socket")
        assert SECRET not in front.access_log + front.error_log
        # Only WebSockets are upgraded: curl's offer of h2c is not.
        status, version, body = curl("--http2", f"http://127.0.0.1:{PORT}/ping")
        assert (status, version) == (200, "1.1")
        assert "connection" not in dict(json.loads(body)["headers"])


def test_a_thousand_sockets_are_held(debian_13, backend, measure):
    sockets = []
    with run_nginx(debian_13, "websocket") as front:
        start = time.monotonic()
        try:
            for _ in range(1000):
                connection, status = open_websocket("/_event/?EIO=4&transport=websocket")
                sockets.append(connection)
                assert status == "HTTP/1.1 101 Switching Protocols"
            for connection in sockets:
                connection.sendall(b"\x81\x02hi")
            assert all(connection.recv(100) == b"\x81\x02hi" for connection in sockets)
            assert get("/ping").status == 200
            assert get("/about").text == "about"
        finally:
            for connection in sockets:
                connection.close()
        measure("1,000 sockets opened and echoed", f"{time.monotonic() - start:.2f} s")
        assert front.error_log == ""


# What requests cannot show, or not in a test's time


def test_time_outs_and_buffering(variant):
    text = rendered(variant, "nginx.conf")
    seconds = "3600" if variant == "websocket" else "300"
    assert re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", text) == [seconds] * 2
    events = re.findall(r"location (?:= )?/_event/? {(.*?)\n        }", text, re.DOTALL)
    assert len(events) == 2 and all("proxy_buffering off;" in event for event in events)


def test_the_backend_keeps_idle_connections_longer_than_nginx(variant):
    nginx = int(re.search(r"keepalive_timeout (\d+)s;", rendered(variant, "nginx.conf"))[1])
    backend = int(re.search(r"--timeout-keep-alive (\d+) ", rendered(variant, "start.sh"))[1])
    assert backend > nginx
