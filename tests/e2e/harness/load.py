"""Steady load on one port from many connections, each answer counted with its time."""

import threading
import time
from collections import Counter

from .client import Connection

RECONNECT = 25  # requests on one connection: after an update only new ones see a new listener


class Load:
    """`show` turns a reply into what is counted; a failed exchange counts as its error's name.

    Use with `with`: the load runs inside the block.
    """

    def __init__(self, port, path="/direct", connections=4, reconnect=RECONNECT, show=None):
        self.port, self.path, self.reconnect = port, path, reconnect
        self.show = show or (lambda reply: reply.status)
        self.seen = []  # (seconds on the monotonic clock, what was shown)
        self.running = True
        self.began = self.ended = 0.0
        self.threads = [threading.Thread(target=self.work) for _ in range(connections)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join()
        self.ended = time.monotonic()

    @property
    def counts(self):
        return Counter(shown for _, shown in self.seen)

    @property
    def seconds(self):
        return self.ended - self.began

    def times(self, shown):
        return sorted(when for when, what in self.seen if what == shown)

    def work(self):
        while self.running:
            try:
                self.talk()
            except (OSError, EOFError, AssertionError) as error:
                self.seen.append((time.monotonic(), type(error).__name__))

    def talk(self):
        with Connection(self.port) as link:
            for _ in range(self.reconnect):
                reply = link.ask(self.path)
                self.seen.append((time.monotonic(), self.show(reply)))
                if not self.running or reply.header("connection") == "close":
                    return


def many(port, count, path="/direct"):
    """`count` requests, one after the other, on one connection; how often each status came."""
    with Connection(port) as link:
        return Counter(link.ask(path).status for _ in range(count))
