"""HTTP/1 read strictly from a socket: heads as bytes, bodies by length, chunks or end."""


class Reader:
    def __init__(self, link):
        self.link, self.buffer, self.trailers = link, b"", []

    def more(self):
        got = self.link.recv(65536)
        if not got:
            raise EOFError("the peer closed the connection")
        self.buffer += got

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        found, self.buffer = self.buffer.split(mark, 1)
        return found

    def exactly(self, size):
        while len(self.buffer) < size:
            self.more()
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def head(self):
        return self.until(b"\r\n\r\n")

    def body(self, headers, until_end=False):
        """`until_end`: what a reply without a length has."""
        self.trailers = []
        first = {key.lower(): value for key, value in reversed(headers)}
        if first.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self.chunks())
        if "content-length" in first:
            return self.exactly(int(first["content-length"]))
        return self.rest() if until_end else b""

    def chunks(self):
        """The trailers behind them are then in `trailers`."""
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            yield self.exactly(size + 2)[:-2]
        lines = b""
        while line := self.until(b"\r\n"):
            lines += b"\r\n" + line
        self.trailers = fields(lines)

    def rest(self):
        try:
            while True:
                self.more()
        except EOFError:
            found, self.buffer = self.buffer, b""
            return found


def fields(head):
    """The header lines of a head in order, repeated ones too; bytes as Latin-1."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = [line.partition(":") for line in lines]
    good = all(colon and key == key.strip() for key, colon, _ in pairs)
    assert good, f"bad header line in {head!r}"
    return [(key, value.strip(" \t")) for key, _, value in pairs]
