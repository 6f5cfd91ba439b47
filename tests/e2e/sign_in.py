"""Stand-ins for Google's sign-in and for the API service: real TLS, real redirects, nothing beyond this machine.

They answer under the names that browsers, the portal and the API use: accounts.google.com, oauth2.googleapis.com, and
the API's own and public addresses as the rendered files give them. Google compares redirect URIs to the letter, and a
code is good for once. The API does the guide's seven steps. Both remember every secret that they gave out.
"""

import base64
import hashlib
import hmac
import html
import http.client
import http.server
import json
import secrets
import socket
import ssl
import threading
import time
import urllib.parse
from typing import NamedTuple

ACCOUNTS = "accounts.google.com"
TOKENS = "oauth2.googleapis.com"
USER = {"name": "Asha Rao", "email": "asha.rao@example.com"}


def read_variables(env_file):
    """The variables that a rendered .env file sets; those that are commented out are not set."""
    lines = [line for line in env_file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def read_registered(uris_file):
    """The redirect URIs that redirect-uris.txt tells to register."""
    return [line for line in uris_file.read_text().splitlines() if line and not line.startswith("#")]


class Request(NamedTuple):
    method: str
    host: str
    path: str
    query: dict
    headers: dict
    body: str


class Answer(NamedTuple):
    status: int
    headers: dict = {}
    body: str = ""


def redirect(url, **query):
    return Answer(302, {"Location": f"{url}?{urllib.parse.urlencode(query)}", "Cache-Control": "no-store"})


def page(status, title, content):
    body = (
        f"<!doctype html><title>{html.escape(title)}</title><link rel=icon href='data:,'><h1>{html.escape(title)}</h1>"
    )
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, body + content)


def document(status, value):
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value))


def to_base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(value, key):
    """A JWT with HS256."""
    head, body = (to_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, value))
    mac = hmac.digest(key, f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{to_base64(mac)}"


def verify(token, key):
    """What a JWT of ours says; nothing when it is not ours or no longer good."""
    try:
        signed, mac = token.rsplit(".", 1)
        right = hmac.digest(key, signed.encode(), hashlib.sha256)
        value = json.loads(from_base64(signed.split(".")[1]))
        return value if hmac.compare_digest(from_base64(mac), right) and value["exp"] > time.time() else None
    except (ValueError, IndexError, KeyError):
        return None


class Google:
    """The page that asks for consent, and the endpoint that takes a code for tokens."""

    def __init__(self, registered, client_id, client_secret):
        self.registered = registered
        self.client_id = client_id
        self.client_secret = client_secret
        self.given = []
        self._open = {}

    def accounts(self, request):
        if request.path != "/o/oauth2/v2/auth":
            return page(404, "Not found", "")
        query = request.query
        if query.get("client_id") != self.client_id:
            return page(401, "Error 401: invalid_client", "")
        if query.get("redirect_uri") not in self.registered:
            return page(400, "Error 400: redirect_uri_mismatch", "<p>If you are a developer: register it.")
        if query.get("response_type") != "code" or not {"openid", "email"} <= set(query.get("scope", "").split()):
            return page(400, "Error 400: invalid_request", "")
        code = "4/0" + secrets.token_urlsafe(32)
        self.given.append(code)
        self._open[code] = query["redirect_uri"]
        links = {"continue": {"code": code, "state": query["state"]}, "cancel": {"error": "access_denied"}}
        links["cancel"]["state"] = query["state"]
        return page(
            200,
            "Sign in with Google",
            "".join(
                f'<p><a id={name} href="{html.escape(query["redirect_uri"] + "?" + urllib.parse.urlencode(values))}">'
                f"{name.capitalize()}</a>"
                for name, values in links.items()
            ),
        )

    def tokens(self, request):
        form = dict(urllib.parse.parse_qsl(request.body))
        if (request.method, request.path) != ("POST", "/token"):
            return document(404, {"error": "not_found"})
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return document(401, {"error": "invalid_client"})
        if form.get("grant_type") != "authorization_code":
            return document(400, {"error": "unsupported_grant_type"})
        # Gone with the first who brings it, right or wrong.
        if (uri := self._open.pop(form.get("code"), None)) is None:
            return document(400, {"error": "invalid_grant"})
        if form.get("redirect_uri") != uri:
            return document(400, {"error": "redirect_uri_mismatch"})
        claims = {"iss": f"https://{ACCOUNTS}", "aud": self.client_id, "exp": int(time.time()) + 3600, **USER}
        access, identity = "ya29." + secrets.token_urlsafe(48), sign(claims, secrets.token_bytes(32))
        self.given += [access, identity]
        return document(200, {"access_token": access, "id_token": identity, "token_type": "Bearer", "expires_in": 3599})


class Api:
    """The API's part of sign-in, with the variables that api.env gives it and the two secrets beside them.

    portal_url is a setting of the API's own: where it sends the browser when all is done. The state is signed and not
    in a cookie, since the browser may reach the login and the callback under different hosts, as in demo.
    """

    def __init__(self, variables, portal_url, public_url, exchange):
        self.variables = variables
        self.portal_url = portal_url
        self.prefix = urllib.parse.urlsplit(public_url).path
        self.exchange = exchange
        self.token_seconds = 3600
        self.given = []
        self._key = secrets.token_bytes(32)
        self._states = set()

    def own(self, request):
        """As the API's own host answers."""
        route = {
            "/auth/google/login": self._login,
            "/auth/google/callback": self._callback,
            "/auth/me": self._who,
        }.get(request.path)
        return route(request) if route else document(404, {"detail": "Not Found", "path": request.path})

    def public(self, request):
        """As its public address answers: the address's path stands before every path of the API."""
        if not request.path.startswith(self.prefix + "/"):
            return page(404, "Not found", "")
        return self.own(request._replace(path=request.path.removeprefix(self.prefix)))

    def token(self):
        """A token as a sign-in ends with it."""
        self.given.append(sign({**USER, "exp": int(time.time()) + self.token_seconds}, self._key))
        return self.given[-1]

    def _login(self, _):
        state = sign({"nonce": secrets.token_urlsafe(16), "exp": int(time.time()) + 600}, self._key)
        self.given.append(state)
        self._states.add(state)
        return redirect(
            f"https://{ACCOUNTS}/o/oauth2/v2/auth",
            client_id=self.variables["GOOGLE_CLIENT_ID"],
            redirect_uri=self.variables["GOOGLE_REDIRECT_URI"],
            response_type="code",
            scope="openid email profile",
            state=state,
        )

    def _callback(self, request):
        state = request.query.get("state", "")
        if state not in self._states or not verify(state, self._key):
            return document(400, {"detail": "unknown state"})
        self._states.remove(state)
        if "code" not in request.query:
            return redirect(f"{self.portal_url}/signed-in", error="denied")
        answer = self.exchange(
            code=request.query["code"],
            client_id=self.variables["GOOGLE_CLIENT_ID"],
            client_secret=self.variables["GOOGLE_CLIENT_SECRET"],
            redirect_uri=self.variables["GOOGLE_REDIRECT_URI"],
            grant_type="authorization_code",
        )
        if "id_token" not in answer:
            return document(502, {"detail": answer["error"]})
        return redirect(f"{self.portal_url}/signed-in", token=self.token())

    def _who(self, request):
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        user = verify(token, self._key)
        return document(200, {key: user[key] for key in USER}) if user else document(401, {"detail": "invalid token"})


class SignIn:
    """Google and the API together, on port 443 of one address, for as long as the context lasts.

    variables are the portal's, as service.yaml or portal.env set them; api_env and uris_file are rendered files.
    faults["api.example.com"] = "hang" or "close" lets that host never answer, or hang up.
    """

    def __init__(self, certificates, variables, api_env, uris_file, portal_url, address="127.0.0.1"):
        self.address = address
        self.requests = []
        self.faults = {}
        self._certificates = certificates
        client_id, client_secret = "1234567890-portal.apps.googleusercontent.com", "GOCSPX-" + secrets.token_urlsafe(21)
        self.google = Google(read_registered(uris_file), client_id, client_secret)
        api_variables = read_variables(api_env) | {"GOOGLE_CLIENT_ID": client_id, "GOOGLE_CLIENT_SECRET": client_secret}
        public_url = variables.get("BACKEND_PUBLIC_URL", "")
        self.api = Api(api_variables, portal_url, public_url, self._exchange)
        self.api_host = urllib.parse.urlsplit(variables["BACKEND_URL"]).hostname
        self.sites = {ACCOUNTS: self.google.accounts, TOKENS: self.google.tokens}
        if public_url:
            self.sites[urllib.parse.urlsplit(public_url).hostname] = self.api.public
        self.sites[self.api_host] = self.api.own

    @property
    def secrets(self):
        """All that must stand in no log: client secret, states, codes, Google's tokens and the API's."""
        return [self.google.client_secret, *self.google.given, *self.api.given]

    def __enter__(self):
        contexts = {}
        for name in self.sites:
            contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexts[name].load_cert_chain(self._certificates.good(name))

        def choose(connection, name, _):
            if name in contexts:
                connection.context = contexts[name]
                return None
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        front.load_cert_chain(self._certificates.good(self.api_host))
        front.sni_callback = choose
        self._ended = threading.Event()
        self._server = Server((self.address, 443), self._handler())
        self._server.socket = front.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self):
        world = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                url = urllib.parse.urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = dict(urllib.parse.parse_qsl(url.query))
                request = Request(self.command, headers["host"].partition(":")[0], url.path, query, headers, body)
                world.requests.append(request)
                if fault := world.faults.get(request.host):
                    if fault == "hang":
                        world._ended.wait(30)
                    self.close_connection = True
                    return
                site = world.sites.get(request.host)
                status, headers, body = site(request) if site else page(404, "No such host", "")
                data = body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        return Handler

    def _exchange(self, **form):
        """The API's call to Google, over TLS and with the name checked."""
        context = ssl.create_default_context(cafile=self._certificates.authority)
        connection = http.client.HTTPSConnection(TOKENS, timeout=5)
        with socket.create_connection((self.address, 443), 5) as plain:
            connection.sock = context.wrap_socket(plain, server_hostname=TOKENS)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/token", urllib.parse.urlencode(form), headers)
            answer = json.loads(connection.getresponse().read())
            connection.close()
        return answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # A client that refuses the certificate or hangs up.
