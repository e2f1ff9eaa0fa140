#!/usr/bin/env python3
"""CPU time per request of one Envoy worker: bare, no-op module, hand-written C, weir.

Every variant has its own Envoy on one core, loaded one at a time from another core. A round
loads each variant for the given seconds, cut into slices that take turns. README.md says how to
read the table.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
HOST = "127.0.0.1"

# The ratio is too noisy to be claimed when its quartiles lie further apart than this.
WIDEST_QUARTILE_RANGE = 0.2
LEAST_ROUNDS, LEAST_SECONDS = 9, 5
SLICE_SECONDS = 1  # the shortest that wrk takes
SLICE_TRIES = 5
LEAST_REQUESTS = 1000  # in a slice; some tens of thousands are usual
START_SECONDS = 30

DATA = {"testConfig": "abcddeeeee", "listconfig": ["abc", "def"]}
UNLIMITED, DENYING = 1000000000, 1
STAMPS = {
    "who-am-i": "wasm-extension",
    "injected-by": "istio-api!",
    "hally": "wang",
    "wang": "1234567",
}
DENY_BODY = "rate limited, wait and retry."


class Failure(Exception):
    """The measurement cannot go on; the text says why."""


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def handwritten_config(limit):
    return compact({"limit": limit, **DATA})


def weir_config(limit, scope):
    text = (BENCH / "demo_unlimited.weir").read_text()
    for old, new in ((f"{UNLIMITED} per", f"{limit} per"), ("scope worker", f"scope {scope}")):
        if text.count(old) != 1:
            raise Failure(f"demo_unlimited.weir should hold `{old}` once")
        text = text.replace(old, new)
    return compact({"rules": text, **DATA})


class Variant:
    """One row: a module (None is the bare proxy), its configuration, and what it must answer."""

    def __init__(self, name, module=None, config="", configdata=None, denies=False):
        self.name = name
        self.module = module
        self.config = config
        self.configdata = configdata  # None: no headers are added
        self.denies = denies


def variants(build, further):
    noop, hand = build / "bench/noop.wasm", build / "bench/handwritten.wasm"
    weir = build / "weir.wasm"
    hand_config = handwritten_config(UNLIMITED)
    hand_deny = handwritten_config(DENYING)
    data = compact(DATA)
    rows = [
        Variant("bare proxy"),
        Variant("no-op module", noop),
        Variant("hand-written", hand, hand_config, hand_config),
        Variant("weir", weir, weir_config(UNLIMITED, "worker"), data),
        Variant("hand-written, 403", hand, hand_deny, hand_deny, denies=True),
        Variant("weir, 403", weir, weir_config(DENYING, "worker"), data, denies=True),
        Variant("weir, scope proxy", weir, weir_config(UNLIMITED, "proxy"), data),
    ]
    for row in further:
        name, _, module = row.partition("=")
        if not module:
            raise Failure(f"--row takes NAME=FILE, not `{row}`")
        rows.append(Variant(name, pathlib.Path(module), hand_config, hand_config))
    return rows


# Envoy


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def address(port):
    return {"socket_address": {"address": HOST, "port_value": port}}


def typed(name, kind, **fields):
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/{kind}", **fields}}


def wasm_filter(variant):
    string = "type.googleapis.com/google.protobuf.StringValue"
    plugin = {
        "name": "bench",
        "root_id": "bench",
        "vm_config": {
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": str(variant.module)}},
        },
    }
    if variant.config:
        plugin["configuration"] = {"@type": string, "value": variant.config}
    return typed("wasm", "envoy.extensions.filters.http.wasm.v3.Wasm", config=plugin)


def envoy_config(variant, port, admin_port):
    filters = [wasm_filter(variant)] if variant.module else []
    filters.append(typed("router", "envoy.extensions.filters.http.router.v3.Router"))
    route = {
        "match": {"prefix": "/"},
        "direct_response": {"status": 200, "body": {"inline_string": "ok"}},
    }
    manager = typed(
        "hcm",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="bench",
        route_config={"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        http_filters=filters,
    )
    listener = {
        "name": "bench",
        "address": address(port),
        "filter_chains": [{"filters": [manager]}],
    }
    return {
        "admin": {"address": address(admin_port)},
        "static_resources": {"listeners": [listener]},
    }


def get(port, path, timeout=5):
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


class Envoy:
    """A running proxy for one variant, pinned to one core."""

    def __init__(self, binary, variant, core, directory):
        self.variant = variant
        self.port, self.admin_port = free_port(), free_port()
        stem = variant.name.replace(" ", "_").replace(",", "")
        config, self.log = directory / f"{stem}.json", directory / f"{stem}.log"
        config.write_text(json.dumps(envoy_config(variant, self.port, self.admin_port)))
        command = ["taskset", "-c", str(core), binary, "-c", str(config), "--concurrency", "1"]
        command += ["--disable-hot-restart", "--log-level", "warning"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def await_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if get(self.admin_port, "/ready")[0].status == 200:
                    self.schedstat = self.worker_schedstat()
                    return
            time.sleep(0.1)
        raise Failure(f"{self.variant.name}: Envoy did not start\n{self.log_tail()}")

    def log_tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def worker_schedstat(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        for task in tasks.iterdir():
            if (task / "comm").read_text().strip() == "wrk:worker_0":
                return task / "schedstat"
        raise Failure(f"{self.variant.name}: no thread named wrk:worker_0")

    def cpu_nanoseconds(self):
        return int(self.schedstat.read_text().split()[0])

    def requests(self):
        name = "http.bench.downstream_rq_completed"
        _, text = get(self.admin_port, f"/stats?filter=^{name}$")
        return int(text.split(":")[1])

    def check(self):
        """One real answer, so that a wrong variant is never timed."""
        variant = self.variant
        # The denying variants let one request through in each window.
        for _ in range(3):
            response, body = get(self.port, "/")
            if not variant.denies or response.status == 403:
                break
        expected = {"status": 200, "body": "ok"}
        if variant.denies:
            expected = {"status": 403, "body": DENY_BODY, "powered-by": "proxy-wasm-go-sdk!!"}
        if variant.configdata is not None:
            expected |= STAMPS | {"configdata": variant.configdata}
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = {"status": response.status, "body": body, **headers}
        for name, value in expected.items():
            if answer.get(name) != value:
                found = answer.get(name)
                raise Failure(
                    f"{variant.name}: {name} is {found!r}, not {value!r}\n{self.log_tail()}"
                )

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# Measuring


def load(envoy, seconds, core, connections):
    """Load `envoy`; nanoseconds of CPU of its worker and requests answered."""
    cpu, requests = envoy.cpu_nanoseconds(), envoy.requests()
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    wrk = subprocess.Popen(
        [*command, f"http://{HOST}:{envoy.port}/"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = wrk.communicate(timeout=seconds + 20)
    finally:
        if wrk.poll() is None:
            wrk.kill()
            wrk.wait()
    if wrk.returncode:
        raise Failure(f"wrk failed: {output.strip()}")
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


def quartiles(values):
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def ratios(rounds, name):
    """Per round: time above the bare proxy over the same of the hand-written plugin."""
    return [
        (times[name] - times["bare proxy"]) / (times["hand-written"] - times["bare proxy"])
        for times in rounds
    ]


# Reporting


def print_table(rounds):
    print(f"\n{'µs of CPU per request':22}   least  lower q  median  upper q  above bare")
    for name in rounds[0]:
        times = [times[name] for times in rounds]
        above = statistics.median(one[name] - one["bare proxy"] for one in rounds)
        low, middle, high = quartiles(times)
        print(f"{name:22}{min(times):8.2f}{low:9.2f}{middle:8.2f}{high:9.2f}{above:12.2f}")


def print_ratio(rounds, name, claims):
    values = ratios(rounds, name)
    low, middle, high = quartiles(values)
    print(f"\nquartiles of {name}/hand-written: {low:.2f} {middle:.2f} {high:.2f}")
    if high - low > WIDEST_QUARTILE_RANGE:
        print("too noisy")
    elif claims:
        print(f"{name}/hand-written {middle:.2f}")
    else:
        print("nothing is claimed")


def steal_ticks():
    return int(pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[8])


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown processor"


def print_machine(arguments, cores):
    version = subprocess.run(
        [arguments.envoy, "--version"], capture_output=True, text=True, timeout=30, check=True
    )
    release = version.stdout.strip().split("version: ")[-1]
    print(f"machine: {processor()}, {len(cores)} cores, load average {os.getloadavg()[0]:.2f}")
    print(f"Envoy:   {release}, one worker")
    print(
        f"cores:   Envoy on {arguments.envoy_core}, wrk on {arguments.load_core}"
        f" with {arguments.connections} connections"
    )
    print(f"rounds:  {arguments.rounds} of {arguments.seconds} s for each variant", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    envoy = os.environ.get("ENVOY", "envoy")
    add("--envoy", default=envoy, help="the proxy's binary ($ENVOY)")
    add("--build", type=pathlib.Path, default=ROOT / "build", help="where the modules are")
    add("--rounds", type=int, default=LEAST_ROUNDS)
    add("--seconds", type=int, default=LEAST_SECONDS, help="per variant and round")
    add("--warm-up", type=int, default=3, help="seconds for each variant")
    add("--connections", type=int, default=32)
    add("--quick", action="store_true", help="2 rounds of 1 s; claims nothing")
    add("--only", action="append", metavar="NAME", help="this row, bare and hand-written alone")
    add(
        "--row",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a further module with the hand-written one's configuration and answers",
    )
    add("--json", type=pathlib.Path, help="write the figures of all rounds here")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.warm_up = 2, 1, 1
    if min(arguments.rounds, arguments.seconds, arguments.warm_up, arguments.connections) < 1:
        parser.error("rounds, seconds, warm-up and connections are at least 1")
    return arguments


def chosen(arguments):
    """The variants whose modules exist; says which do not."""
    rows = variants(arguments.build.resolve(), arguments.row)
    if arguments.only:
        wanted = {"bare proxy", "hand-written", *arguments.only}
        rows = [row for row in rows if row.name in wanted]
    missing = [row for row in rows if row.module and not row.module.is_file()]
    for row in missing:
        print(f"left out: {row.name}, no {row.module}")
    present = [row for row in rows if row not in missing]
    if not {"bare proxy", "hand-written"} <= {row.name for row in present}:
        raise Failure("bare and hand-written are needed for any comparison; run `make bench`")
    return present


def measure(arguments, rows, stack):
    directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-bench-")))
    envoys = []
    for row in rows:
        envoys.append(Envoy(arguments.envoy, row, arguments.envoy_core, directory))
        stack.callback(envoys[-1].stop)
    for envoy in envoys:
        envoy.await_ready()
        envoy.check()
    for envoy in envoys:
        load(envoy, arguments.warm_up, arguments.load_core, arguments.connections)
    rounds = []
    for number in range(arguments.rounds):
        rounds.append(one_round(envoys, number, arguments.seconds, arguments))
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr, flush=True)
    return rounds


def run(arguments):
    cores = sorted(os.sched_getaffinity(0))
    arguments.envoy_core, arguments.load_core = cores[0], cores[-1]
    for tool in (arguments.envoy, "wrk", "taskset"):
        if not shutil.which(tool):
            raise Failure(f"no `{tool}` to run; --envoy or ENVOY names the proxy")
    rows = chosen(arguments)
    print_machine(arguments, cores)
    steal = steal_ticks()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        rounds = measure(arguments, rows, stack)
    ticks = os.sysconf("SC_CLK_TCK") * len(cores) * (time.monotonic() - started)
    if arguments.json:
        arguments.json.write_text(json.dumps(rounds, indent=1))
    print_table(rounds)
    print(f"\ntime taken away by the machine's host: {100 * (steal_ticks() - steal) / ticks:.1f} %")
    claims = arguments.rounds >= LEAST_ROUNDS and arguments.seconds >= LEAST_SECONDS
    if not claims:
        print(f"fewer than {LEAST_ROUNDS} rounds of {LEAST_SECONDS} s: this run claims nothing")
    if len(cores) == 1:
        print("one core only, the load ran on the worker's: this run claims nothing")
    names = ["weir", *(row.partition("=")[0] for row in arguments.row)]
    for name in names:
        if name in rounds[0]:
            print_ratio(rounds, name, claims and len(cores) > 1)


def main():
    # A stop request must still end the proxies.
    for request in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, lambda number, _: sys.exit(128 + number))
    try:
        run(parse_arguments())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except (OSError, http.client.HTTPException, subprocess.SubprocessError) as failure:
        sys.exit(f"bench: a proxy or the load failed: {failure!r}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
