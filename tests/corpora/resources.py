"""The resources of bypass/, and the spellings that a path can have.

A resource has a name, and the parts

    rules    what a careful author writes to guard it
    naive    what one writes who does not know better: attacks that do not get round it show nothing
    paths    asked for in each spelling of spellings.txt, over HTTP/1 and HTTP/2
    attacks  requests, one a line: [h1|h2] METHOD TARGET {| NAME: VALUE} [|| BODY], or raw and the rest as it stands.
             "| -host" leaves the host out, "| -length" the content-length; CASE is where the mark goes (wishes.py);
             escapes as in Python
    honest   requests that must arrive; "honest.txt": also those there
    never    attacks may arrive, but not with this in their heads
    manager  more of the connection manager's configuration
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import wishes

HERE = Path(__file__).parent
PARTS = ("rules", "naive", "paths", "attacks", "honest", "never", "manager")


@dataclass
class Resource:
    name: str
    parts: dict = field(default_factory=lambda: {part: [] for part in PARTS})

    def text(self, part):
        return "\n".join(self.parts[part])

    @property
    def never(self):
        """What no request may hold that arrives; None: none may arrive."""
        return self.text("never").encode() or None

    @property
    def manager(self):
        return json.loads(self.text("manager") or "{}")

    def attacks(self):
        """Each once: the paths in each spelling, over both protocols, and those written down."""
        ways = [spelling(template, path) for path in self.parts["paths"] for template in spellings()]
        paths = dict.fromkeys(way for way in [*self.parts["paths"], *ways] if way)
        found = [wishes.spelled(path, http2) for http2 in (False, True) for path in paths]
        found += [wishes.read(line) for line in self.parts["attacks"]]
        return list({wish.text: wish for wish in found}.values())

    def honest(self):
        lines = self.parts["honest"]
        own = [line for line in lines if line != "honest.txt"]
        return [wishes.read(line) for line in own + (lines_of("honest.txt") if len(own) < len(lines) else [])]


def resources():
    found, part = [], None
    for line in [line for path in sorted(HERE.glob("bypass/*.txt")) for line in lines_of(path)]:
        if line.startswith("== "):
            found.append(Resource(line[3:].partition(":")[0]))
        elif line in PARTS:
            part = line
        else:
            found[-1].parts[part].append(line)
    return found


def lines_of(name):
    return [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]


def spellings():
    return lines_of("spellings.txt")


def spelling(template, path):
    """The path spelled so; None where it has no such spelling."""
    ways = {"p": path, "n": path[1:]}
    pieces = [ways.get(piece[1:-1]) or (CHANGES[piece[3:-1]](path) if piece[:1] == "{" else piece)
              for piece in re.split(r"(\{\w(?::\w+)?\})", template)]
    return "".join(pieces) if all(piece is not None for piece in pieces) else None


def at_letter(path, change, last=False):
    places = [i for i, letter in enumerate(path) if letter.isalnum()]
    at = places[-1 if last else 0]
    return path[:at] + change(ord(path[at])) + path[at + 1 :]


def every(path, change):
    return "".join(change(ord(letter)) if letter.isalnum() else letter for letter in path)


CHANGES = {
    "first": lambda path: at_letter(path, "%{:02x}".format),
    "last": lambda path: at_letter(path, "%{:02x}".format, last=True),
    "all": lambda path: every(path, "%{:02x}".format),
    "ALL": lambda path: every(path, "%{:02X}".format),
    "twice": lambda path: at_letter(path, "%25{:02x}".format),
    "thrice": lambda path: at_letter(path, "%2525{:02x}".format),
    "unicode": lambda path: at_letter(path, "%u00{:02x}".format),
    "overlong": lambda path: at_letter(path, lambda c: f"%{0xC0 | c >> 6:02x}%{0x80 | c & 63:02x}"),
    "long3": lambda path: at_letter(path, lambda c: f"%e0%{0x80 | c >> 6:02x}%{0x80 | c & 63:02x}"),
    "back": lambda path: path.replace("/", "\\\\"),
    "double": lambda path: path.replace("/", "//"),
    "dots": lambda path: path.replace("/", "/./"),
    "up": lambda path: path.replace("/", "/x/../"),
    "params": lambda path: path.replace("/", ";a=1/").removeprefix(";a=1") + ";a=1",
    "behind": lambda path: "/" + path[1:].replace("/", "%2f"),
}
