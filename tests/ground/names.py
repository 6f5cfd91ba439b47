"""Who is called what: a DNS server, and an authority that certifies names."""

import socket
import subprocess
import threading
from pathlib import Path


class Resolver:
    """A DNS server on port 53 that knows some names, all at one address, and denies the others.

    elsewhere["portal.example"] = "10.0.0.1" puts a name at an address of its own
    """

    def __init__(self, names, address="127.0.0.1", answer="127.0.0.1"):
        self.names = names
        self.address = address
        self.answer = answer
        self.elsewhere = {}

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 53))
        self._socket.settimeout(0.1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(5)
        self._socket.close()

    def _run(self):
        while not self._ended.is_set():
            try:
                query, sender = self._socket.recvfrom(512)
            except TimeoutError:
                continue
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            question, kind = query[12 : at + 5], query[at + 1 : at + 3]
            name = ".".join(labels)
            address = self.elsewhere.get(name) or (self.answer if name in self.names else None)
            answer = b""
            if address and kind == b"\0\1":
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4" + socket.inet_aton(address)
            code = b"\x81\x80" if address else b"\x81\x83"
            self._socket.sendto(
                query[:2] + code + b"\0\1" + bytes([0, bool(answer)]) + b"\0\0\0\0" + question + answer, sender
            )


class Certificates:
    """An authority of our own, and files that hold a certificate, its chain and its key."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = self._issue("root", "Test Root", None, "basicConstraints=critical,CA:TRUE")

    def good(self, name, days=60):
        """Issued by the second of two intermediates, as public ones are."""
        first = self._issue("first", "Test First", "root", "basicConstraints=critical,CA:TRUE")
        second = self._issue("second", "Test Second", "first", "basicConstraints=critical,CA:TRUE")
        leaf = self._issue("good", name, "second", *of_a_server(name), days=days)
        return self._bundle("good", leaf, second, first)

    def for_other_name(self):
        return self._bundle("other", self._issue("other", "other.test", "root", *of_a_server("other.test")))

    def self_signed(self, name):
        return self._bundle("self", self._issue("self", name, None, *of_a_server(name)))

    def expired(self, name):
        """Once issued by the root; only `openssl ca` writes a date that has passed."""
        leaf, file = self._issue("old", name, None, *of_a_server(name)), self.folder / "old"
        configuration = f"""
            [ca]
            default_ca = root
            [root]
            database = {file}.index
            serial = {file}.serial
            new_certs_dir = {self.folder}
            default_md = sha256
            policy = any
            [any]
            commonName = supplied
        """
        files = {"index": "", "serial": "01", "ext": f"subjectAltName=DNS:{name}\n", "cnf": configuration}
        for suffix, content in files.items():
            Path(f"{file}.{suffix}").write_text(content)
        command = ["openssl", "req", "-new", "-key", f"{file}.key", "-subj", f"/CN={name}", "-out", f"{file}.csr"]
        subprocess.run(command, check=True, capture_output=True)
        command = ["openssl", "ca", "-batch", "-notext", "-config", f"{file}.cnf", "-extfile", f"{file}.ext"]
        command += ["-cert", self.authority, "-keyfile", self.folder / "root.key", "-in", f"{file}.csr", "-out", leaf]
        command += ["-startdate", "20240101000000Z", "-enddate", "20240102000000Z"]
        subprocess.run(command, check=True, capture_output=True)
        return self._bundle("old", leaf)

    def _bundle(self, key, *certificates):
        path = self.folder / f"{key}.pem"
        parts = [*certificates, self.folder / f"{key}.key"]
        path.write_text("".join(part.read_text() for part in parts))
        return path

    def _issue(self, file, name, issuer, *extensions, days=60):
        certificate = self.folder / f"{file}.crt"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", str(days), "-subj", f"/CN={name}"]
        command += [argument for extension in extensions for argument in ("-addext", extension)]
        command += ["-keyout", self.folder / f"{file}.key", "-out", certificate]
        if issuer:
            command += ["-CA", self.folder / f"{issuer}.crt", "-CAkey", self.folder / f"{issuer}.key"]
        subprocess.run(command, check=True, capture_output=True)
        return certificate


def of_a_server(name):
    """What a server's certificate says: unless told so, openssl makes an authority's, which strict clients refuse."""
    return "basicConstraints=critical,CA:FALSE", f"subjectAltName=DNS:{name}"
