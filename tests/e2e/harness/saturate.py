"""More calls than a limiter admits, from wrk, and what Envoy counted of them meanwhile."""

import subprocess
import time
from dataclasses import dataclass

CONNECTIONS, THREADS = 64, 2
PAUSE = 0.25  # seconds between samples


@dataclass
class Sample:
    """Counted at a time of the monotonic clock between `before` and `after`."""

    before: float
    after: float
    calls: int
    admitted: int


class Saturation:
    """Use with `with`: the load runs inside the block, and ends with it."""

    def __init__(self, proxy, site, seconds, headers=()):
        self.proxy, self.site, self.seconds, self.headers = proxy, site, seconds, headers
        self.samples = []

    def __enter__(self):
        self.sample()
        command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{self.seconds}s"]
        for name, value in self.headers:
            command += ["-H", f"{name}: {value}"]
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
