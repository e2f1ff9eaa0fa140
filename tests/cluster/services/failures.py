"""Every way in which a service gives no answer: the cluster to ask, and what the stub does there."""

import contextlib
import struct
import time

from . import http2, protocol
from .stub import after

HTML = (":status", "200"), ("content-type", "text/html")
BUSY = (":status", "503"), ("content-type", "text/plain")
GOOD = protocol.answer()


def says(message):
    """A whole answer of gRPC with this message."""

    def behave(call):
        call.head()
        call.body(message)
        call.status(0)

    return behave


def sends(*steps):
    """`steps` are calls of the stub's Call, by name and arguments."""

    def behave(call):
        for name, *arguments in steps:
            getattr(call, name)(*arguments)

    return behave


def leaves(call):
    with contextlib.suppress(OSError):
        call.link.send(http2.GOAWAY, 0, 0, struct.pack(">II", 0, http2.NO_ERROR))
    call.hang_up()


def drips(call):
    """The answer byte by byte, and no end."""
    call.head()
    for byte in struct.pack(">BI", 0, 4096) + b"\x1a" * 40:
        call.data(bytes([byte]))
        time.sleep(0.01)


FAILURES = {
    "a cluster that the proxy lacks": ("unheard-of", None),
    "connections are refused": ("nobody", None),
    "a black hole": ("hole", None),
    "silence": ("stub", lambda call: None),
    "an answer that is late": ("stub", after(0.4)),
    "a head and silence": ("stub", sends(["head"])),
    "a message and silence": ("stub", sends(["head"], ["body", GOOD])),
    "a trickle": ("stub", drips),
    "a message and no trailers": ("stub", sends(["head"], ["body", GOOD, True])),
    "a status of failure": ("stub", sends(["refuse", 14, "busy"])),
    "a message and a status of failure": ("stub", sends(["head"], ["body", GOOD], ["status", 13])),
    "a status and no message": ("stub", sends(["head"], ["status", 0])),
    "a reset": ("stub", sends(["reset"])),
    "a reset after the head": ("stub", sends(["head"], ["reset"])),
    "a hang-up": ("stub", sends(["hang_up"])),
    "a hang-up after the head": ("stub", sends(["head"], ["hang_up"])),
    "a hang-up after the message": ("stub", sends(["head"], ["body", GOOD], ["hang_up"])),
    "a goodbye": ("stub", leaves),
    "bytes that are not HTTP/2": ("stub", lambda call: call.link.send_raw(b"\xff" * 64)),
    "a frame with unknown flags": ("stub", sends(["head"], ["data", b"\7garbage"], ["status", 0])),
    "a frame that is cut": ("stub", sends(["head"], ["data", b"\0\0\0\0\x40abc"], ["status", 0])),
    "a page of HTML": ("stub", sends(["head", HTML], ["data", b"<html>", True])),
    "HTTP 503": ("stub", sends(["head", BUSY, True])),
    "an empty message": ("stub", says(b"")),
    "a message that is not protobuf": ("stub", says(b"\xff" * 20)),
    "a message that is cut": ("stub", says(GOOD[:-1])),
    "a message of another kind": ("stub", says(b"\x0a\x04weir\x12\x08\x0a\x06\x0a\x01k\x12\x01v")),
    "a code that is unknown": ("stub", says(protocol.answer(code=0))),
    "a code to come": ("stub", says(protocol.answer(code=7))),
    "statuses of two descriptors": ("stub", says(GOOD + GOOD[2:])),
    "a message that is too long": ("stub", says(GOOD + protocol.bytes_field(3, b"x" * 100_000))),
}
