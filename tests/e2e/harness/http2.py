"""An HTTP/2 client that shows each stream: left open, ended, or reset in the middle."""

import contextlib
import socket

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from .client import SECONDS, Reply

CANCEL = 8


class Http2:
    """One connection with prior knowledge; streams by their number. `options` are those of H2Configuration."""

    def __init__(self, port, **options):
        self.link = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="latin-1", **options))
        self.heads, self.bodies, self.ended, self.broken, self.trailers = {}, {}, set(), set(), {}
        self.state.initiate_connection()
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.link.close()

    def flush(self):
        self.link.sendall(self.state.data_to_send())

    def begin(self, path="/", headers=(), method="GET", body=b"", host="test.local", ends=True, trailers=()):
        """Sends a request; `ends`: it is complete, behind trailers if there are any."""
        stream = self.state.get_next_available_stream_id()
        head = [(":method", method), (":path", path), (":scheme", "http"), (":authority", host)]
        self.state.send_headers(stream, head + list(headers), end_stream=ends and not body and not trailers)
        if body:
            self.state.send_data(stream, body, end_stream=ends and not trailers)
        if trailers:
            self.state.send_headers(stream, list(trailers), end_stream=True)
        self.flush()
        return stream

    def reset(self, stream):
        """Nothing happens where the stream has ended."""
        with contextlib.suppress(h2.exceptions.StreamClosedError):
            self.state.reset_stream(stream, CANCEL)
        self.flush()

    def read(self, stream):
        """The whole answer. EOFError where the stream or the connection is reset before its end."""
        while stream not in self.ended:
            if stream in self.broken:
                raise EOFError("the peer reset the stream")
            self.more()
        lines = self.heads[stream]
        fields = [(key, value) for key, value in lines if not key.startswith(":")]
        status, body = dict(lines)[":status"], self.bodies.get(stream, b"")
        return Reply(f"HTTP/2 {status}", fields, body, self.trailers.get(stream, []))

    def ask(self, path="/", **rest):
        return self.read(self.begin(path, **rest))

    def more(self):
        data = self.link.recv(65536)
        if not data:
            raise EOFError("the peer closed the connection")
        for event in self.state.receive_data(data):
            self.take(event)
        self.flush()

    def take(self, event):
        if isinstance(event, h2.events.ResponseReceived):
            self.heads[event.stream_id] = event.headers
        elif isinstance(event, h2.events.TrailersReceived):
            self.trailers[event.stream_id] = event.headers
        elif isinstance(event, h2.events.DataReceived):
            body = self.bodies.get(event.stream_id, b"")
            self.bodies[event.stream_id] = body + event.data
            self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended.add(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.broken.add(event.stream_id)


def ask_http2(port, path="/", **rest):
    """One request on a connection of its own."""
    with Http2(port) as link:
        return link.ask(path, **rest)
