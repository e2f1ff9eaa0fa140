"""Sends what no decent client would send; connections that a server gives up are made anew."""

import contextlib

import h2.events

from harness.client import Connection, Reply
from harness.http2 import Http2

GONE = Reply("closed 0", [], b"")


class Loose(Http2):
    """Headers are pairs of bytes that nobody checks."""

    def __init__(self, port):
        super().__init__(port, validate_outbound_headers=False, normalize_outbound_headers=False)

    def take(self, event):
        """A connection that the proxy is about to close answers nothing more."""
        super().take(event)
        if isinstance(event, h2.events.ConnectionTerminated):
            raise EOFError("the peer ends the connection")

    def exchange(self, fields, body):
        stream = self.state.get_next_available_stream_id()
        self.state.send_headers(stream, fields, end_stream=not body)
        if body:
            self.state.send_data(stream, body, end_stream=True)
        self.flush()
        return self.read(stream)


class Sender:
    """To one port; `ask` gives the answer, or GONE where the proxy closed or reset instead."""

    def __init__(self, port):
        self.port, self.links = port, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for kind in list(self.links):
            self.drop(kind)

    def drop(self, kind):
        self.links.pop(kind).__exit__()

    def link(self, kind):
        if kind not in self.links:
            self.links[kind] = kind(self.port)
        return self.links[kind]

    def ask(self, wish, mark):
        kind = Loose if wish.http2 else Connection
        try:
            with contextlib.suppress(EOFError, ConnectionError):
                reply = self.over_http2(wish, mark) if wish.http2 else self.over_http1(wish, mark)
                if "close" in reply.all("connection"):
                    self.drop(kind)
                return reply
            self.drop(kind)
            return GONE
        except TimeoutError as error:
            raise AssertionError(f"no answer to {wish.text}") from error

    def over_http1(self, wish, mark):
        link = self.link(Connection)
        link.send(wish.wire(mark))
        reply = link.read(wish.method.decode("latin-1"))
        while reply.status < 200:
            reply = link.read(wish.method.decode("latin-1"))
        return reply

    def over_http2(self, wish, mark):
        return self.link(Loose).exchange(wish.fields(mark), wish.body)
