"""A small client of a language server: JSON-RPC over its standard input and output, and what an editor asks."""

import itertools
import json
import os
import subprocess
import threading
import time

import pytest

SECONDS = 20
# Nothing answers there, so a request for an online catalogue fails at once instead of leaving the machine.
NO_NETWORK = dict.fromkeys(["http_proxy", "https_proxy", "all_proxy"], "http://127.0.0.1:9") | {"no_proxy": ""}
CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
    },
}


class Server:
    """A running language server with one folder as its workspace.

    A thread reads all that it says: it answers what the server asks, and keeps the rest until somebody waits for it.
    """

    configuration = None

    def __init__(self, name, command, folder, log):
        self.name = name
        self.folder = folder
        self.log = log
        self.numbers = itertools.count(1)
        self.asked = set()
        self.answers = {}
        self.published = {}
        self.heard = threading.Condition()
        self.writing = threading.Lock()
        environment = os.environ | NO_NETWORK | {name.upper(): value for name, value in NO_NETWORK.items()}
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        threading.Thread(target=self.listen, daemon=True).start()
        self.folders = [{"uri": folder.as_uri(), "name": folder.name}]
        self.ask(
            "initialize",
            processId=os.getpid(),
            rootUri=folder.as_uri(),
            workspaceFolders=self.folders,
            capabilities=CAPABILITIES,
        )
        self.tell("initialized")

    def close(self):
        self.process.kill()
        self.process.wait()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        with self.writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()

    def tell(self, method, **params):
        self.send({"method": method, "params": params})

    def ask(self, method, **params):
        number = next(self.numbers)
        self.send({"id": number, "method": method, "params": params})
        answer = self.wait(lambda: self.answers.pop(number, None), f"the answer to {method} of {params}")
        assert "error" not in answer, f"{self.name}: {method}: {answer['error']}"
        return answer["result"]

    def wait(self, condition, what):
        end = time.monotonic() + SECONDS
        with self.heard:
            while not (value := condition()):
                assert self.process.poll() is None, f"{self.name} ended and owes {what}\n{self.log.read_text()[-3000:]}"
                left = end - time.monotonic()
                if left <= 0:
                    self.close()  # It hangs; nobody else shall wait for it.
                    pytest.fail(f"{self.name}: waited {SECONDS} s for {what}\n{self.log.read_text()[-3000:]}")
                self.heard.wait(min(left, 1))
        return value

    def listen(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = 0
            while header.strip():
                field, _, value = header.partition(b":")
                if field.lower() == b"content-length":
                    length = int(value)
                header = stream.readline()
            message = json.loads(stream.read(length))
            method = message.get("method")
            with self.heard:
                if method is None:
                    self.answers[message["id"]] = message
                elif "id" in message:
                    self.send({"id": message["id"], "result": self.answer(method, message.get("params"))})
                    self.asked.add(method)
                elif method == "textDocument/publishDiagnostics":
                    said = message["params"]
                    self.published.setdefault(said["uri"], []).append(said)
                self.heard.notify_all()

    def answer(self, method, params):
        """What an editor answers to what the server asks."""
        if method == "workspace/workspaceFolders":
            return self.folders
        if method == "workspace/configuration":
            return [self.configuration for _ in params["items"]]
        return None

    def final(self, said):
        """The last of the diagnostics that the server publishes for a document that was opened once, if it is there."""
        raise NotImplementedError

    def open(self, path, text):
        """Open a document, which was not open before, as if it lay there; give back its diagnostics when all are in."""
        document = {"uri": path.as_uri(), "languageId": "toml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        said = self.wait(lambda: self.final(self.published.get(path.as_uri(), [])), f"the diagnostics of {path}")
        return said["diagnostics"]

    def at(self, path, position):
        line, character = position
        return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}

    def hover(self, path, position):
        answer = self.ask("textDocument/hover", **self.at(path, position))
        return answer["contents"]["value"] if answer else None

    def completion(self, path, position):
        answer = self.ask("textDocument/completion", **self.at(path, position)) or []
        return answer["items"] if isinstance(answer, dict) else answer


class Taplo(Server):
    # Even Better TOML hands its settings on; without them the server asks for the online catalogue time and again.
    configuration = {"schema": {"catalogs": []}}

    def __init__(self, folder, log):
        super().__init__("taplo", ["taplo", "lsp", "stdio"], folder, log)
        self.wait(lambda: "workspace/configuration" in self.asked, "the question for its settings")

    def final(self, said):
        # It looks for mistakes of syntax, then of keys, then against the schema. It publishes what it found after each
        # step, an empty list too, and stops at the first that found something.
        return next((step for step in said if step["diagnostics"]), said[2] if len(said) > 2 else None)


class Tombi(Server):
    def __init__(self, folder, log):
        super().__init__("tombi", ["tombi", "lsp", "--offline", "--no-cache"], folder, log)

    def final(self, said):
        # It publishes once, with the version of the document; without one, it has read the file of that name.
        return next((one for one in said if one.get("version") is not None), None)
