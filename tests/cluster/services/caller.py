"""A gRPC client of the rate-limit service, to ask it without a proxy."""

import socket
import struct

from . import http2, protocol

HEAD = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"),
    (":authority", "test"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]


def ask(port, *arguments, **more):
    """What protocol.read_answer makes of the answer to protocol.request; None when there is no message."""
    message = protocol.request(*arguments, **more)
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        link = http2.Link(connection)
        link.send_raw(http2.PREFACE)
        link.greet()
        link.send(http2.HEADERS, http2.END_HEADERS, 1, http2.header_block(HEAD))
        link.send(http2.DATA, http2.END_STREAM, 1, struct.pack(">BI", 0, len(message)) + message)
        body, ended = b"", False
        while not ended:
            kind, flags, stream, payload = link.read()
            body += payload if kind == http2.DATA else b""
            ended = stream == 1 and kind in (http2.DATA, http2.HEADERS) and flags & http2.END_STREAM
    return protocol.read_answer(body[5:]) if body else None
