"""Envoy's admin port."""

import http.client
import re
import urllib.parse


class Admin:
    def __init__(self, port):
        self.port = port

    def get(self, path):
        """Status and text."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request("GET", path)
            reply = link.getresponse()
            return reply.status, reply.read().decode()
        finally:
            link.close()

    def stats(self, prefix=""):
        """Counters and gauges whose name begins with `prefix`, as numbers."""
        pattern = urllib.parse.quote("^" + re.escape(prefix))
        rows = self.get(f"/stats?filter={pattern}")[1].splitlines()
        pairs = (row.rsplit(": ", 1) for row in rows if ": " in row)
        return {name: int(value) for name, value in pairs if value.isdigit()}

    def is_ready(self):
        try:
            return self.get("/ready")[0] == 200
        except OSError:
            return False
