"""Requests written as text, as they stand in the corpora: resources.py says how."""

from dataclasses import dataclass, field

HOST = b"shop.test"


@dataclass
class Wish:
    """A request to be sent as it stands; all but `text` are bytes. `raw`: the head, less the line that `mark` adds."""

    text: str
    http2: bool = False
    method: bytes = b""
    target: bytes = b""
    headers: list = field(default_factory=list)
    body: bytes = b""
    raw: bytes = b""
    without: set = field(default_factory=set)

    def wire(self, mark):
        """Over HTTP/1, with a header x-case that tells it from others."""
        line = b"x-case: %d\r\n" % mark
        if self.raw:
            return self.raw.replace(b"CASE", line, 1) if b"CASE" in self.raw else self.finished(line)
        lines = [b"%s: %s\r\n" % pair for pair in self.all_headers()]
        return b"%s %s HTTP/1.1\r\n%s%s\r\n%s" % (self.method, self.target, b"".join(lines), line, self.body)

    def finished(self, line):
        has_host = b"host" in self.raw.partition(b" HTTP")[2].lower()
        host = b"" if has_host else b"host: " + HOST + b"\r\n"
        return self.raw + b"\r\n" + host + line + b"\r\n"

    def all_headers(self):
        given = {name.lower() for name, _ in self.headers}
        host = [] if b"host" in given | self.without else [(b"host", HOST)]
        length = [(b"content-length", b"%d" % len(self.body))] if self.body and b"length" not in self.without else []
        return host + self.headers + length

    def fields(self, mark):
        """Over HTTP/2: pseudo-headers first."""
        given = {name for name, _ in self.headers}
        pseudo = [(b":method", self.method), (b":path", self.target), (b":scheme", b"http")]
        if not {b":authority", b"host"} & (given | self.without):
            pseudo.append((b":authority", HOST))
        pseudo += [pair for pair in self.headers if pair[0].startswith(b":")]
        plain = [pair for pair in self.headers if not pair[0].startswith(b":")]
        return pseudo + plain + [(b"x-case", b"%d" % mark)]


def unescaped(text):
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def read(text):
    """A line of the corpora."""
    kind, _, rest = text.partition(" ")
    if kind == "raw":
        return Wish(text, raw=unescaped(rest))
    wish = Wish(text, http2=kind == "h2")
    rest, _, body = (rest if kind in ("h1", "h2") else text).partition(" || ")
    start, *headers = rest.split(" | ")
    wish.method, _, wish.target = unescaped(start).partition(b" ")
    wish.body = unescaped(body)
    for header in headers:
        add_header(wish, header)
    return wish


def add_header(wish, text):
    if text.startswith("-"):
        wish.without.add(text[1:].encode())
        return
    name, _, value = text[1:].partition(":")
    wish.headers.append((unescaped(text[0] + name), unescaped(value.removeprefix(" "))))


def spelled(target, http2=False):
    return Wish(("h2 " if http2 else "h1 ") + "GET " + target, http2, b"GET", unescaped(target))
