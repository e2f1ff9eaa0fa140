"""envoy.service.ratelimit.v3 in bytes, written apart from weir's own codec."""

import struct
from dataclasses import dataclass

OK, OVER_LIMIT = 1, 2
SECOND, MINUTE, HOUR, DAY = 1, 2, 3, 4


@dataclass
class Request:
    """`hits` of the request, `addend` of its descriptor (None: absent), `limit`: (requests, unit)."""

    domain: str
    entries: list
    hits: int = 0
    addend: object = None
    limit: object = None


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def number_field(field, number):
    return varint(field << 3) + varint(number)


def bytes_field(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def answer(code=OK, status=None, remaining=0, reset=None, limit=None):
    """`status`: the descriptor's own code, the overall one by default; `limit`: (requests, unit)."""
    inner = number_field(1, code if status is None else status)
    if limit is not None:
        inner += bytes_field(2, number_field(1, limit[0]) + number_field(2, limit[1]))
    inner += number_field(3, remaining) if remaining else b""
    if reset is not None:
        seconds, nanos = int(reset), int(reset % 1 * 1e9)
        inner += bytes_field(4, number_field(1, seconds) + number_field(2, nanos))
    return number_field(1, code) + bytes_field(2, inner)


def request(domain, entries, hits=0, addend=None, limit=None):
    """The bytes of a Request of one descriptor."""
    rows = [bytes_field(1, key.encode()) + bytes_field(2, value.encode()) for key, value in entries]
    inner = b"".join(bytes_field(1, row) for row in rows)
    if limit is not None:
        inner += bytes_field(2, number_field(1, limit[0]) + number_field(2, limit[1]))
    if addend is not None:
        inner += bytes_field(3, number_field(1, addend) if addend else b"")
    return bytes_field(1, domain.encode()) + bytes_field(2, inner) + number_field(3, hits)


def read_answer(data):
    """The overall code, and of the one status: limit as (requests, unit) or None, remaining, reset or None."""
    top = dict(fields(data))
    status = dict(fields(top.get(2, b"")))
    limit, reset = status.get(2), status.get(4)
    if limit is not None:
        row = dict(fields(limit))
        limit = row.get(1, 0), row.get(2, 0)
    return top.get(1, 0), limit, status.get(3, 0), reset and dict(fields(reset)).get(1, 0)


def fields(data):
    """The fields of a message in order: number and value, int or bytes."""
    at, found = 0, []
    while at < len(data):
        tag, at = read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = read_varint(data, at)
        elif kind == 2:
            size, at = read_varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            size = {1: 8, 5: 4}[kind]
            value, at = struct.unpack("<Q" if size == 8 else "<I", data[at : at + size])[0], at + size
        found.append((tag >> 3, value))
    assert at == len(data), "a field runs over the end"
    return found


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def read_request(data):
    """Holds the request to the protocol's form: one descriptor, no unknown fields."""
    top = fields(data)
    assert {number for number, _ in top} <= {1, 2, 3}
    one = dict(top)
    assert len(one) == len(top), "a field twice: more than one descriptor?"
    inner = fields(one[2])
    assert {number for number, _ in inner} <= {1, 2, 3}
    request = Request(one[1].decode(), [], one.get(3, 0))
    for number, value in inner:
        if number == 1:
            entry = dict(fields(value))
            request.entries.append((entry.get(1, b"").decode(), entry.get(2, b"").decode()))
        elif number == 2:
            limit = dict(fields(value))
            request.limit = limit.get(1, 0), limit.get(2, 0)
        else:
            request.addend = dict(fields(value)).get(1, 0)
    return request
