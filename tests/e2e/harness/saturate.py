"""More calls than a limiter admits, from wrk, and what Envoy counted of them meanwhile."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS, THREADS = 64, 2
PAUSE = 0.1  # seconds between samples
USERS = """
local n, threads = 0, 0
function setup(thread) thread:set("first", threads) threads = threads + 1 end
function init() n = first * 100000000 end
function request()
    n = n + 1
    return wrk.format("GET", nil, {{["x-user"] = "u" .. ({0})}})
end
"""


@dataclass
class Sample:
    """Counted at a time of the monotonic clock between `before` and `after`."""

    before: float
    after: float
    calls: int
    admitted: int


class Saturation:
    """Use with `with`: the load runs inside the block, and ends with it.

    `users`: the header x-user goes through so many values; None: each request has a new one.
    """

    def __init__(self, proxy, site, seconds, headers=(), users=0):
        self.proxy, self.site, self.seconds, self.headers = proxy, site, seconds, headers
        self.users, self.samples = users, []

    def __enter__(self):
        self.sample()
        command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{self.seconds}s"]
        for name, value in self.headers:
            command += ["-H", f"{name}: {value}"]
        if self.users != 0:
            script = Path(self.proxy.folder) / "wrk.lua"
            script.write_text(USERS.format("n" if self.users is None else f"n % {self.users}"))
            command += ["-s", str(script)]
        url = f"http://127.0.0.1:{self.site.port}/direct"
        self.wrk = subprocess.Popen([*command, url], stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.wrk.kill()
        self.wrk.wait()

    def sample(self):
        prefix = f"http.{self.site.name}.downstream_rq_"
        before = time.monotonic()
        stats = self.proxy.stats(prefix)
        after = time.monotonic()
        calls, admitted = stats.get(prefix + "completed", 0), stats.get(prefix + "2xx", 0)
        self.samples.append(Sample(before, after, calls, admitted))
        return self.samples[-1]

    def run(self, calls):
        """Until so many calls were answered, or the load's time is over."""
        while self.sample().calls < calls and self.wrk.poll() is None:
            time.sleep(PAUSE)
        return self.samples
