"""Loopback ports that nobody listens on, below the range that the system itself hands out."""

import random
import socket

GIVEN = set()


def free_port():
    for _ in range(200):
        port = random.randrange(10240, 32000)
        if port not in GIVEN and is_free(port):
            GIVEN.add(port)
            return port
    raise AssertionError("no free port on 127.0.0.1")


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
