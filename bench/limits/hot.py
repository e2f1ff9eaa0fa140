"""One key under load from four workers: swaps that failed, and decisions that gave up."""

import contextlib
import pathlib
import statistics
import sys
import tempfile
import time

import rounds
from proxies import FLUSH_SECONDS, PLUGIN, start_all

WORKERS, CONNECTIONS, THREADS = 4, 256, 2
COUNTED = ("allowed", "limited", "errors", "cas_retry")
AIM = 0.1  # percent of the decisions


class Counts:
    """What weir's limiters did between two readings."""

    def __init__(self, before, after):
        self.by_name = {name: after.get(name, 0) - before.get(name, 0) for name in COUNTED}
        self.decisions = sum(self.by_name[name] for name in COUNTED[:3])

    def share(self, name):
        return self.by_name[name] / self.decisions if self.decisions else 0.0


def counters(envoy):
    """Of all limiters of the plugin, by what they count."""
    found = envoy.counters(rf"^wasmcustom\.weir\.{PLUGIN}\.limiter\.")
    sums = dict.fromkeys(COUNTED, 0)
    for name, value in found.items():
        last = name.rpartition(".")[2]
        if last in sums:
            sums[last] += value
    return sums


def one_load(envoy, seconds):
    before = counters(envoy)
    rounds.wrk(envoy, seconds, CONNECTIONS, THREADS)
    time.sleep(FLUSH_SECONDS)
    return Counts(before, counters(envoy))


def measure(arguments, rows):
    """A list of counts for each row, a round each; rows take turns."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-hot-")))
        envoys = start_all(stack, arguments.envoy, rows, None, folder, WORKERS)
        for envoy in envoys:
            one_load(envoy, arguments.warm_up)
        counts = {row.name: [] for row in rows}
        for number in range(arguments.rounds):
            shift = number % len(envoys)
            for envoy in envoys[shift:] + envoys[:shift]:
                counts[envoy.variant.name].append(one_load(envoy, arguments.seconds))
            print(f"hot key: round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    return counts


def report(arguments, counts):
    print(
        f"\nOne hot key, {WORKERS} workers, {CONNECTIONS} connections,"
        f" {arguments.rounds} rounds of {arguments.seconds} s"
    )
    print(f"{'per hundred decisions':22} decisions  gave up: all  median   worst  retries  aim")
    for name, found in counts.items():
        print_row(name, found)


def print_row(name, found):
    decisions = sum(count.decisions for count in found)
    if not decisions:
        print(f"{name:22} weir counted no decisions of its limiters")
        return
    errors = sum(count.by_name["errors"] for count in found)
    shares = [100 * count.share("errors") for count in found]
    retries = statistics.median(100 * count.share("cas_retry") for count in found)
    print(
        f"{name:22}{decisions:10}{100 * errors / decisions:14.4f}"
        f"{statistics.median(shares):8.4f}{max(shares):8.4f}{retries:9.3f}  < {AIM}"
    )


def as_json(counts):
    return {name: [count.by_name for count in found] for name, found in counts.items()}
