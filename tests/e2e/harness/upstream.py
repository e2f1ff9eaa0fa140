"""An HTTP/1 server on loopback that keeps every request head as it came and answers as told."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

from .wire import Reader, fields


@dataclass
class Request:
    """`head`: the bytes from the request line to the empty line, that excluded."""

    head: bytes
    body: bytes
    trailers: list = field(default_factory=list)

    @property
    def line(self):
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def method(self):
        return self.line.split(" ")[0]

    @property
    def path(self):
        return self.line.split(" ")[1]

    @property
    def headers(self):
        return fields(self.head)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name]


def answer(status=200, headers=(), body=b"upstream"):
    """The bytes of a reply."""
    lines = [f"HTTP/1.1 {status} Told"] + [f"{key}: {value}" for key, value in headers]
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode("latin-1") + body


class Upstream:
    """`requests` are complete; `heads` are of all that began. `early` is sent behind each head.

    `reply` makes the bytes of an answer, or pieces that are sent one by one; an EOFError in it
    closes the connection.
    """

    def __init__(self):
        self.reset()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def reset(self):
        self.requests, self.heads, self.early = [], [], b""
        self.reply = lambda request: answer()

    def tell(self, *args, **kwargs):
        """Every reply from now on: the arguments of `answer`."""
        self.reply = lambda request: answer(*args, **kwargs)

    @property
    def last(self):
        assert self.requests, "the upstream saw no request"
        return self.requests[-1]

    def stop(self):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                link = self.listener.accept()[0]
                threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        with contextlib.suppress(OSError, EOFError), link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = Reader(link)
            while True:
                head = reader.head()
                self.heads.append(head)
                link.sendall(self.early)
                body = reader.body(fields(head))
                request = Request(head, body, reader.trailers)
                self.requests.append(request)
                reply = self.reply(request)
                if request.method == "HEAD":
                    reply = reply[: reply.index(b"\r\n\r\n") + 4]
                for piece in [reply] if isinstance(reply, bytes) else reply:
                    link.sendall(piece)
