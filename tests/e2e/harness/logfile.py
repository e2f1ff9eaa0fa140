"""Envoy's log: what it wrote since a mark, and what only a trapped plugin writes."""

from pathlib import Path

TRAPS = ("in-VM backtrace", "Uncaught RuntimeError", "restricted_callback", "wasm function failed")


class LogFile:
    def __init__(self, path):
        self.path = Path(path)

    def mark(self):
        return self.path.stat().st_size

    def since(self, mark=0):
        with self.path.open("rb") as stream:
            stream.seek(mark)
            return stream.read().decode("utf-8", "backslashreplace")

    def lines(self, part, mark=0):
        """The lines that hold `part`."""
        return [line for line in self.since(mark).splitlines() if part in line]

    def traps(self, mark=0):
        text = self.since(mark)
        return [trap for trap in TRAPS if trap in text]
