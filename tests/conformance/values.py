"""CEL values of the public suite: from its JSON, to and from the words that run_cases reads, and for people.

A value is a tuple: its kind and what it holds. Equal tuples are equal values: doubles are held as their bits, all NaN
are one, entries of maps are sorted.
"""
import base64
import json
import math
import re
import struct
from datetime import datetime, timezone

NAN = struct.pack(">d", math.nan).hex()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z")
DURATION = re.compile(r"(-?)(\d+)(?:\.(\d{1,9}))?s")


class NoForm(Exception):
    """what the suite says has no form in weir: a message, an enum"""


def double(real):
    return "double", NAN if math.isnan(real) else struct.pack(">d", real).hex()


def mapping(entries):
    return "map", tuple(sorted(entries, key=repr))


def duration(text):
    sign, seconds, fraction = DURATION.fullmatch(text).groups()
    nanoseconds = int(seconds) * 10**9 + int((fraction or "").ljust(9, "0"))
    return "duration", -nanoseconds if sign else nanoseconds


def timestamp(text):
    *date, fraction = TIMESTAMP.fullmatch(text).groups()
    since = datetime(*map(int, date), tzinfo=timezone.utc) - EPOCH
    return "timestamp", (since.days * 86400 + since.seconds, int((fraction or "").ljust(9, "0")))


def from_object(message):
    kind = message["@type"].rpartition("/")[2]
    if kind == "google.protobuf.Duration":
        return duration(message["value"])
    if kind == "google.protobuf.Timestamp":
        return timestamp(message["value"])
    raise NoForm(kind)


FROM_JSON = {
    "nullValue": lambda value: ("null", None),
    "boolValue": lambda value: ("bool", value),
    "int64Value": lambda value: ("int", int(value)),
    "uint64Value": lambda value: ("uint", int(value)),
    "doubleValue": lambda value: double(float(value)),
    "stringValue": lambda value: ("string", value),
    "bytesValue": lambda value: ("bytes", base64.b64decode(value)),
    "typeValue": lambda value: ("type", value),
    "listValue": lambda value: ("list", tuple(map(from_json, value.get("values", [])))),
    "mapValue": lambda value: mapping(
        (from_json(entry["key"]), from_json(entry["value"])) for entry in value.get("entries", [])
    ),
    "objectValue": from_object,
}


def from_json(value):
    """a cel.expr.Value in protobuf's JSON"""
    ((kind, held),) = value.items()
    if kind not in FROM_JSON:
        raise NoForm(kind)
    return FROM_JSON[kind](held)


def text_word(text):
    return text.encode("utf-8", "surrogatepass").hex()


def to_words(value):
    kind, held = value
    if kind == "list":
        return " ".join([f"l{len(held)}", *map(to_words, held)])
    if kind == "map":
        return " ".join([f"m{len(held)}", *(to_words(part) for entry in held for part in entry)])
    return {
        "null": lambda: "n",
        "bool": lambda: f"b{held:d}",
        "int": lambda: f"i{held}",
        "uint": lambda: f"u{held}",
        "double": lambda: f"d{held}",
        "string": lambda: f"s{text_word(held)}",
        "bytes": lambda: f"y{held.hex()}",
        "type": lambda: f"T{text_word(held)}",
        "duration": lambda: f"g{held}",
        "timestamp": lambda: f"t{held[0]}.{held[1]}",
    }[kind]()


def from_words(words):
    """an iterator of words -> the value that the next of them spell"""
    word = next(words)
    sign, rest = word[0], word[1:]
    if sign == "l":
        return "list", tuple(from_words(words) for _ in range(int(rest)))
    if sign == "m":
        return mapping([(from_words(words), from_words(words)) for _ in range(int(rest))])
    if sign == "o":
        return "optional", from_words(words) if rest == "1" else None
    return {
        "n": lambda: ("null", None),
        "b": lambda: ("bool", rest == "1"),
        "i": lambda: ("int", int(rest)),
        "u": lambda: ("uint", int(rest)),
        "d": lambda: double(struct.unpack(">d", bytes.fromhex(rest))[0]),
        "s": lambda: ("string", bytes.fromhex(rest).decode("utf-8", "surrogateescape")),
        "y": lambda: ("bytes", bytes.fromhex(rest)),
        "T": lambda: ("type", bytes.fromhex(rest).decode()),
        "g": lambda: ("duration", int(rest)),
        "t": lambda: ("timestamp", tuple(map(int, rest.split(".")))),
        "?": lambda: ("without a form", rest),
    }[sign]()


def show(value):
    """as CEL would write it, as far as it can"""
    kind, held = value
    if kind == "list":
        return f"[{', '.join(map(show, held))}]"
    if kind == "map":
        return f"{{{', '.join(f'{show(key)}: {show(item)}' for key, item in held)}}}"
    if kind == "optional":
        return "optional.none()" if held is None else f"optional.of({show(held)})"
    return {
        "null": lambda: "null",
        "bool": lambda: str(held).lower(),
        "int": lambda: str(held),
        "uint": lambda: f"{held}u",
        "double": lambda: f"{struct.unpack('>d', bytes.fromhex(held))[0]!r} (double)",
        "string": lambda: json.dumps(held, ensure_ascii=False),
        "bytes": lambda: str(held),
        "type": lambda: f"type {held}",
        "duration": lambda: f"duration of {held} ns",
        "timestamp": lambda: f"timestamp at {held[0]} s and {held[1]} ns",
        "without a form": lambda: f"a value of type {held}",
    }[kind]()
