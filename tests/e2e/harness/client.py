"""An HTTP/1 client that shows what was on the wire, and curl for HTTP/2 without TLS."""

import socket
import subprocess
from dataclasses import dataclass, field

from .wire import Reader, fields

SECONDS = 10


@dataclass
class Reply:
    """Header lines in order, repeated ones too; names as received, values as Latin-1."""

    line: str
    headers: list
    body: bytes
    trailers: list = field(default_factory=list)

    @property
    def status(self):
        return int(self.line.split(" ")[1])

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name):
        """The value of a header that stands there once; None if absent."""
        values = self.all(name)
        assert len(values) < 2, f"{name} stands there {len(values)} times"
        return values[0] if values else None


class Connection:
    """One connection, kept open between requests."""

    def __init__(self, port):
        self.port = port
        self.link = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.link)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def send(self, data):
        self.link.sendall(data)

    def read(self, method="GET"):
        head = self.reader.head()
        line, headers = head.split(b"\r\n", 1)[0].decode("latin-1"), fields(head)
        status = line.split(" ")[1]
        bodiless = method == "HEAD" or status < "200" or status in ("204", "304")
        body = b"" if bodiless else self.reader.body(headers, True)
        return Reply(line, headers, body, self.reader.trailers)

    def ask(self, path="/", headers=(), method="GET", body=b"", host="test.local"):
        self.send(request_bytes(path, headers, method, body, host))
        return self.read(method)


def request_bytes(path="/", headers=(), method="GET", body=b"", host="test.local"):
    """Headers are pairs of str (Latin-1); nothing is checked or added but host and length."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{key}: {value}" for key, value in headers]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode("latin-1") + body


def ask(port, path="/", **rest):
    """One request on a connection of its own; see Connection.ask."""
    with Connection(port) as link:
        return link.ask(path, **rest)


def ask_h2(port, path="/", headers=(), method="GET", body=b"", host="test.local"):
    """The same over HTTP/2 with prior knowledge.

    No body where a filter answers: curl calls an answer before the end of its body an error.
    """
    command = ["curl", "--http2-prior-knowledge", "--path-as-is", "-siX", method]
    command += ["--max-time", str(SECONDS), "-H", f"host: {host}"]
    for key, value in headers:
        command += ["-H", f"{key}: {value}"]
    command += ["-I"] if method == "HEAD" else []
    command += ["--data-binary", "@-"] if body else []
    url = f"http://127.0.0.1:{port}{path}"
    done = subprocess.run(command + [url], input=body, capture_output=True, timeout=2 * SECONDS)
    assert done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr!r}"
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    return Reply(head.split(b"\r\n", 1)[0].decode(), fields(head), content)
