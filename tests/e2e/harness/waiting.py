"""Waiting for an event, never longer than stated."""

import time


def wait_for(event, what, seconds=10.0, pause=0.01):
    """Calls `event` until it gives something true, and returns that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = event()
        if found:
            return found
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(pause)
