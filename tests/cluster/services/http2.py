"""HTTP/2 frames on a socket, just enough to be a gRPC service, or a client that goes away.

Headers are written as literals and never read: nothing here needs a table of them.
"""

import struct
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK = END_STREAM = 1
END_HEADERS = 4
NO_ERROR, INTERNAL_ERROR, CANCEL = 0, 2, 8
MORE_WINDOW = struct.pack(">I", (1 << 31) - 1 - 65535)
SETTINGS_WINDOW = struct.pack(">HI", 4, (1 << 31) - 1)


def header_block(pairs):
    """Literals without indexing and without Huffman codes; names and values below 127 bytes."""
    block = b""
    for pair in pairs:
        name, value = (text.encode() for text in pair)
        block += bytes([0, len(name)]) + name + bytes([len(value)]) + value
    return block


class Link:
    """One connection. Frames may be sent from any thread, one reads."""

    def __init__(self, connection):
        self.connection, self.buffer, self.lock = connection, b"", threading.Lock()

    def send(self, kind, flags, stream, payload=b""):
        head = struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream)
        self.send_raw(head + payload)

    def send_raw(self, data):
        with self.lock:
            self.connection.sendall(data)

    def greet(self):
        """Settings, and windows that nothing in these tests fills."""
        self.send(SETTINGS, 0, 0, SETTINGS_WINDOW)
        self.send(WINDOW_UPDATE, 0, 0, MORE_WINDOW)

    def read(self):
        """The next frame, as kind, flags, stream, payload; settings and pings are answered."""
        head = self.exactly(9)
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        payload = self.exactly(int.from_bytes(head[:3], "big"))
        if kind in (SETTINGS, PING) and not flags & ACK:
            self.send(kind, ACK, 0, payload if kind == PING else b"")
        return kind, flags, stream & 0x7FFFFFFF, payload

    def exactly(self, size):
        while len(self.buffer) < size:
            got = self.connection.recv(65536)
            if not got:
                raise EOFError("the peer closed the connection")
            self.buffer += got
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found
