"""CPU time per request, in rounds in which variants take turns; the parts of a report."""

import argparse
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

from proxies import HOST, Failure, version

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A figure is too noisy to be claimed when its quartiles lie further apart than this part of it.
WIDEST_QUARTILE_RANGE = 0.2
LEAST_ROUNDS, LEAST_SECONDS = 9, 5
SLICE_SECONDS = 1  # the shortest that wrk takes
SLICE_TRIES = 5
LEAST_REQUESTS = 1000  # in a slice; some tens of thousands are usual


# Load


def wrk(envoy, seconds, connections, threads=1, core=None):
    """Loads `envoy`; what wrk said."""
    command = [] if core is None else ["taskset", "-c", str(core)]
    command += ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
    for name, value in envoy.variant.headers.items():
        command += ["-H", f"{name}: {value}"]
    if envoy.variant.script:
        command += ["-s", str(envoy.variant.script)]
    process = subprocess.Popen(
        [*command, f"http://{HOST}:{envoy.port}/"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds + 20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise Failure(f"wrk failed: {output.strip()}")
    return output


def load(envoy, seconds, core, connections):
    """Load `envoy`; nanoseconds of CPU of its worker and requests answered."""
    cpu, requests = envoy.cpu_nanoseconds(), envoy.requests()
    wrk(envoy, seconds, connections, core=core)
    time.sleep(0.02)  # the worker closes its connections
    return envoy.cpu_nanoseconds() - cpu, envoy.requests() - requests


def one_slice(envoy, arguments):
    """As load; a slice in which the machine stood still is taken again."""
    for _ in range(SLICE_TRIES):
        cpu, requests = load(envoy, SLICE_SECONDS, arguments.load_core, arguments.connections)
        if requests >= LEAST_REQUESTS:
            return cpu, requests
        print(f"{envoy.variant.name}: a slice of {requests} requests, again", file=sys.stderr)
    raise Failure(f"{envoy.variant.name}: fewer than {LEAST_REQUESTS} requests in a slice")


def one_round(envoys, number, slices, arguments):
    """Microseconds per request for each variant, its slices taken in turns of changing order."""
    cpu, requests = dict.fromkeys(envoys, 0), dict.fromkeys(envoys, 0)
    for turn in range(slices):
        shift = (number + turn // 2) % len(envoys)
        order = envoys[shift:] + envoys[:shift]
        # Forth and back, so that a steady drift falls on all alike.
        for envoy in order if turn % 2 == 0 else reversed(order):
            spent, answered = one_slice(envoy, arguments)
            cpu[envoy] += spent
            requests[envoy] += answered
    return {envoy.variant.name: cpu[envoy] / requests[envoy] / 1000 for envoy in envoys}


def all_rounds(envoys, arguments):
    for envoy in envoys:
        load(envoy, arguments.warm_up, arguments.load_core, arguments.connections)
    rounds = []
    for number in range(arguments.rounds):
        rounds.append(one_round(envoys, number, arguments.seconds, arguments))
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr, flush=True)
    return rounds


# Figures


def quartiles(values):
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def above(times, name):
    """What a variant itself costs, in one round."""
    return times[name] - times["bare proxy"]


def ratios(rounds, name, base):
    """Per round: time above the bare proxy over the same of `base`."""
    return [above(times, name) / above(times, base) for times in rounds]


# Reporting


def print_table(rounds, width=22):
    print(f"\n{'µs of CPU per request':{width}}   least  lower q  median  upper q  above bare")
    for name in rounds[0]:
        times = [times[name] for times in rounds]
        distance = statistics.median(above(one, name) for one in rounds)
        low, middle, high = quartiles(times)
        print(f"{name:{width}}{min(times):8.2f}{low:9.2f}{middle:8.2f}{high:9.2f}{distance:12.2f}")


def claims(arguments):
    """Whether figures of this run may be claimed; says why not."""
    if arguments.rounds < LEAST_ROUNDS or arguments.seconds < LEAST_SECONDS:
        print(f"fewer than {LEAST_ROUNDS} rounds of {LEAST_SECONDS} s: this run claims nothing")
        return False
    if arguments.envoy_core == arguments.load_core:
        print("one core only, the load ran on the worker's: this run claims nothing")
        return False
    return True


class Stolen:
    """The part of the machine's time that its host took away since this was made."""

    def __init__(self):
        self.ticks, self.started = self.now(), time.monotonic()

    @staticmethod
    def now():
        return int(pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[8])

    def show(self):
        cores = len(os.sched_getaffinity(0))
        ticks = os.sysconf("SC_CLK_TCK") * cores * (time.monotonic() - self.started)
        part = 100 * (self.now() - self.ticks) / ticks
        print(f"\ntime taken away by the machine's host: {part:.1f} %")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown processor"


def print_machine(arguments):
    cores = len(os.sched_getaffinity(0))
    print(f"machine: {processor()}, {cores} cores, load average {os.getloadavg()[0]:.2f}")
    print(f"Envoy:   {version(arguments.envoy)}, one worker")
    print(
        f"cores:   Envoy on {arguments.envoy_core}, wrk on {arguments.load_core}"
        f" with {arguments.connections} connections"
    )
    print(f"rounds:  {arguments.rounds} of {arguments.seconds} s for each variant", flush=True)


# Commands


def parser(description):
    made = argparse.ArgumentParser(description=description)
    add = made.add_argument
    envoy = os.environ.get("ENVOY", "envoy")
    add("--envoy", default=envoy, help="the proxy's binary ($ENVOY)")
    add("--build", type=pathlib.Path, default=ROOT / "build", help="where the modules are")
    add("--rounds", type=int, default=LEAST_ROUNDS)
    add("--seconds", type=int, default=LEAST_SECONDS, help="per variant and round")
    add("--warm-up", type=int, default=3, help="seconds for each variant")
    add("--connections", type=int, default=32)
    add("--quick", action="store_true", help="2 rounds of 1 s; claims nothing")
    add("--json", type=pathlib.Path, help="write the figures of all rounds here")
    return made


def parse(made):
    """What was asked for, and where the proxies and the load run."""
    arguments = made.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.warm_up = 2, 1, 1
    if min(arguments.rounds, arguments.seconds, arguments.warm_up, arguments.connections) < 1:
        made.error("rounds, seconds, warm-up and connections are at least 1")
    arguments.build = arguments.build.resolve()
    cores = sorted(os.sched_getaffinity(0))
    arguments.envoy_core, arguments.load_core = cores[0], cores[-1]
    return arguments


def present(rows):
    """The rows whose modules exist; says which do not."""
    missing = [row for row in rows if row.module and not row.module.is_file()]
    for row in missing:
        print(f"left out: {row.name}, no {row.module}")
    return [row for row in rows if row not in missing]


def need_tools(arguments):
    for tool in (arguments.envoy, "wrk", "taskset"):
        if not shutil.which(tool):
            raise Failure(f"no `{tool}` to run; --envoy or ENVOY names the proxy")


@contextlib.contextmanager
def command(name):
    """Around a whole run: a failure is one line, and a request to stop still ends the proxies."""
    for request in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, lambda number, _: sys.exit(128 + number))
    try:
        yield
    except Failure as failure:
        sys.exit(f"{name}: {failure}")
    except (OSError, http.client.HTTPException, subprocess.SubprocessError) as failure:
        sys.exit(f"{name}: a proxy or the load failed: {failure!r}")
    except KeyboardInterrupt:
        sys.exit(130)
