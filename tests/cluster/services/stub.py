"""A rate-limit service that answers as told, late, wrongly or not at all, and counts what it is asked."""

import contextlib
import socket
import struct
import threading
import time

from . import http2, protocol

GRPC = (":status", "200"), ("content-type", "application/grpc")


class Call:
    """One call as the service sees it; `request` is what protocol.read_request made of it."""

    def __init__(self, link, stream, message):
        self.link, self.stream, self.message = link, stream, message
        self.request = protocol.read_request(message)

    def head(self, headers=GRPC, end=False):
        flags = http2.END_HEADERS | (http2.END_STREAM if end else 0)
        self.link.send(http2.HEADERS, flags, self.stream, http2.header_block(headers))

    def data(self, payload, end=False):
        self.link.send(http2.DATA, http2.END_STREAM if end else 0, self.stream, payload)

    def body(self, message, end=False):
        self.data(struct.pack(">BI", 0, len(message)) + message, end)

    def status(self, code, text=""):
        """The trailers; the head when nothing was sent before."""
        rows = (("grpc-status", str(code)),) + ((("grpc-message", text),) if text else ())
        self.head(rows, True)

    def answer(self, **fields):
        """A whole answer: the arguments of protocol.answer."""
        self.head()
        self.body(protocol.answer(**fields))
        self.status(0)

    def refuse(self, code, text=""):
        """No message, only a status."""
        self.head(GRPC + (("grpc-status", str(code)), ("grpc-message", text)), True)

    def reset(self, code=http2.INTERNAL_ERROR):
        self.link.send(http2.RST_STREAM, 0, self.stream, struct.pack(">I", code))

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.link.connection.shutdown(socket.SHUT_RDWR)


def admit(call):
    call.answer()


def after(seconds, then=admit):
    """A behaviour that waits first."""

    def behave(call):
        time.sleep(seconds)
        then(call)

    return behave


class Stub:
    """`behave` gets each call in a thread of its own. `reset_streams` counts calls given up by the peer."""

    def __init__(self):
        self.behave, self.calls, self.reset_streams = admit, [], 0
        self.links, self.listener, self.port = set(), None, 0
        self.start()

    def reset(self):
        self.start()
        self.behave, self.calls, self.reset_streams = admit, [], 0

    def start(self):
        """Listens, on the port that it had before."""
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self.port = self.listener.getsockname()[1]
            threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """From now on connections are refused; those that stand are cut."""
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for link in list(self.links):
            with contextlib.suppress(OSError):
                link.connection.shutdown(socket.SHUT_RDWR)

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        link = http2.Link(connection)
        self.links.add(link)
        try:
            with contextlib.suppress(OSError, EOFError), connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link.exactly(len(http2.PREFACE))
                link.greet()
                self.read(link)
        finally:
            self.links.discard(link)

    def read(self, link):
        bodies = {}
        while True:
            kind, flags, stream, payload = link.read()
            if kind == http2.DATA:
                bodies[stream] = bodies.get(stream, b"") + payload
                if flags & http2.END_STREAM:
                    self.take(Call(link, stream, bodies.pop(stream)[5:]))
            elif kind == http2.RST_STREAM:
                self.reset_streams += 1

    def take(self, call):
        self.calls.append(call)
        threading.Thread(target=self.run, args=(call,), daemon=True).start()

    def run(self, call):
        with contextlib.suppress(OSError):
            self.behave(call)
