"""What stands between visitors and instances: Google's front end, played by HAProxy.

    with revision(run, service, 2) as instances:
        with Front(service, instances, certificates, hosts=["portal.example"]) as front:
            answer = front.get("/", host="portal.example")

What it does is what Google documents of Cloud Run and of the external Application Load Balancer:
https://cloud.google.com/run/docs/container-contract, https://cloud.google.com/run/docs/configuring/session-affinity,
https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header, https://cloud.google.com/run/quotas
"""

import contextlib
import http.client
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from ground.asking import Answer, listens, wait_for
from ground.namespaces import end_with_us
from instance import Probes, ip
from visitor import trusting

ADDRESS, ADDRESS_6 = "10.77.0.2", "fd00:77::2"
BODY_LIMIT = 32 * 2**20

CONFIGURATION = """
global
    maxconn 8192
    # Browsers open WebSockets over HTTP/1.1 alone: Google's front end does not offer them over HTTP/2.
    h2-workaround-bogus-websocket-clients
    log stdout format raw local0
    # Two fronts at one address would share the visitors.
    noreuseport

defaults
    mode http
    log global
    log-format "%s %ST %rc %tsc %{{+Q}}r"
    timeout connect 5s
    timeout client 610s
    timeout http-request 30s
    timeout queue 10s
    timeout server {timeout}s
    timeout tunnel {timeout}s
    retries 2
    option redispatch

frontend plain
    bind {address}:80
    bind [{address_6}]:80
    http-request redirect scheme https code 301

frontend tls
    bind {address}:443 ssl crt {folder}/certificates alpn h2,http/1.1
    bind [{address_6}]:443 ssl crt {folder}/certificates alpn h2,http/1.1
    http-request deny deny_status 405 if METH_CONNECT or METH_TRACE
    {body_limit}
    acl begun req.fhdr(X-Forwarded-For) -m found
    http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], {chain}" if begun
    http-request set-header X-Forwarded-For "{chain}" unless begun
    http-request set-header X-Forwarded-Proto https
    http-request add-header Forwarded "for=\\"%[src]\\";proto=https"
    http-request add-header Via "1.1 google"
    http-response add-header Via "1.1 google"
    http-after-response set-header Cache-Control private if {{ res.hdr(Set-Cookie) -m found }}
    default_backend revision

backend revision
    balance roundrobin
    {cookie}
"""


class Front:
    """Ends TLS for some hosts, and hands requests to the instances of a revision.

    service       its service.yaml decides: HTTP/1.1 or h2c to the instances, session affinity, the request timeout,
                  requests at once for each instance
    instances     any number, started before
    certificates  the authority that the hosts' certificates come from
    hosts         the names to have certificates for; who resolves them has to get front.address
    hops          the addresses that the platform appends to X-Forwarded-For: 1 as on run.app (the client's), 2 as
                  behind a load balancer (the client's and its own); FORWARDED_HOPS of service.yaml if not given
    affinity      in place of what service.yaml says

    It listens on ports 443 and 80 of front.address, beside HOST where everything that instances call is played. Port 80
    sends to https. To the instances go X-Forwarded-For, X-Forwarded-Proto, Forwarded and Via as Google writes them; no
    CONNECT and no TRACE; and to those that speak HTTP/1.1, no body over 32 MiB that says its length.

    Affinity is a cookie, GAESA, as long as its instance answers; without it requests go round robin, each of them, so
    that what needs affinity fails always and not now and then. Answers that set a cookie are private.

    Less than the real thing: the request timeout is a limit of silence and not of the whole request, an instance that
    is full makes its visitors wait instead of having them sent to another, and of several X-Forwarded-For lines in
    one request the last is kept.
    """

    def __init__(self, service, instances, certificates, hosts, hops=None, affinity=None):
        self.service, self.instances, self.certificates, self.hosts = service, instances, certificates, hosts
        self.hops = int(service.variables().get("FORWARDED_HOPS", 0)) if hops is None else hops
        self.affinity = service.affinity if affinity is None else affinity
        self.address = ADDRESS
        self.tls = trusting(certificates)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (self.folder / "certificates").mkdir()
            for host in self.hosts:
                shutil.copy(self.certificates.good(host), self.folder / "certificates" / f"{host}.pem")
            (self.folder / "haproxy.cfg").write_text(self.configuration())
            ip("addr", "replace", f"{ADDRESS}/32", "dev", "lo")
            ip("addr", "replace", f"{ADDRESS_6}/128", "dev", "lo")
            assert not listens(443, ADDRESS), "another front is there"
            log = stack.enter_context((self.folder / "log").open("w"))
            command = ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"]
            process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=end_with_us)
            stack.callback(process.wait)
            stack.callback(process.kill)

            def answers():
                assert process.poll() is None, self.log
                return listens(443, ADDRESS)

            wait_for(answers, 10, "the front to listen")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    @property
    def log(self):
        """A line for each request: the instance (i0, i1...), status, retries, how it ended and what became of the
        cookie (HAProxy's codes), the request line."""
        return (self.folder / "log").read_text(errors="replace")

    def configuration(self):
        service = self.service
        limit = f"http-request deny deny_status 413 if {{ req.hdr_val(Content-Length) gt {BODY_LIMIT} }}"
        filled = CONFIGURATION.format(
            address=ADDRESS,
            address_6=ADDRESS_6,
            folder=self.folder,
            timeout=service.revision["timeoutSeconds"],
            body_limit="" if service.http2 else limit,
            chain=", ".join(["%[src]", "%[dst]"][: self.hops]),
            cookie="cookie GAESA insert indirect httponly secure attr Max-Age=2592000" if self.affinity else "",
        )
        for number, instance in enumerate(self.instances):
            server = (
                f"server i{number} {instance.address}:{service.port} maxconn {service.revision['containerConcurrency']}"
            )
            server += " proto h2" if service.http2 else ""
            filled += f"    {server}{f' cookie {number:032x}' if self.affinity else ''}\n"
        return filled

    def get(self, target, host=None, method="GET", headers=(), body=None, plain=False, source=None):
        """One request on a connection of its own, as it stands; `source` is the client's address."""
        address = ADDRESS_6 if source and ":" in source else ADDRESS
        connection = http.client.HTTPConnection(host or self.hosts[0], 80 if plain else 443, timeout=60)
        connection.sock = socket.create_connection((address, connection.port), 60, (source, 0) if source else None)
        try:
            if not plain:
                connection.sock = self.tls.wrap_socket(connection.sock, server_hostname=host or self.hosts[0])
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or self.hosts[0])
            for name, value in list(headers.items() if isinstance(headers, dict) else headers):
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            # An early 413 closes the connection while the body is still on its way.
            with contextlib.suppress(OSError):
                connection.send(body or b"")
            return Answer(connection.getresponse())
        finally:
            connection.close()


@contextlib.contextmanager
def revision(run, service, count=1, **settings):
    """Some instances, started at once, with the probes of service.yaml on each."""
    with contextlib.ExitStack() as stack:
        instances = [run(service, **settings) for _ in range(count)]
        probes = [stack.enter_context(Probes(service, instance)) for instance in instances]
        for probe in probes:
            probe.started()
        yield instances
