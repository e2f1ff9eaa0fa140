"""Envoys to measure: each serves one direct response behind the filters of its variant."""

import contextlib
import ctypes
import http.client
import json
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
import urllib.parse

HOST = "127.0.0.1"
START_SECONDS = 60
FLUSH_SECONDS = 1.5  # a worker hands over what weir counted once a second
STAT_PREFIX = "bench"
PLUGIN = "bench"  # its name, and so the namespace of weir's metrics
KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG: a killed run leaves no Envoy behind
REFUSALS = (403, 429)


class Failure(Exception):
    """The measurement cannot go on; the text says why."""


class Variant:
    """One row: the filters before the router, how it is asked, and what it must answer.

    `expected`: "status", "body" and headers by name. `headers`: of each request; `script`: a file for wrk, which may send others. `module`: what the
    row is left out without.
    """

    def __init__(self, name, filters=(), expected=None, headers=None, script=None, module=None):
        self.name = name
        self.filters = list(filters)
        self.expected = {"status": 200, "body": "ok"} | (expected or {})
        self.headers = headers or {}
        self.script = script
        self.module = module

    @property
    def denies(self):
        return self.expected["status"] in REFUSALS


def typed(name, kind, **fields):
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/{kind}", **fields}}


def wasm_filter(module, config=""):
    string = "type.googleapis.com/google.protobuf.StringValue"
    plugin = {
        "name": PLUGIN,
        "root_id": PLUGIN,
        "vm_config": {
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": str(module)}},
        },
    }
    if config:
        plugin["configuration"] = {"@type": string, "value": config}
    return typed("wasm", "envoy.extensions.filters.http.wasm.v3.Wasm", config=plugin)


def address(port):
    return {"socket_address": {"address": HOST, "port_value": port}}


def envoy_config(variant, port):
    router = typed("router", "envoy.extensions.filters.http.router.v3.Router")
    route = {
        "match": {"prefix": "/"},
        "direct_response": {"status": 200, "body": {"inline_string": "ok"}},
    }
    manager = typed(
        "hcm",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=STAT_PREFIX,
        route_config={"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        http_filters=[*variant.filters, router],
    )
    listener = {
        "name": "bench",
        "address": address(port),
        "filter_chains": [{"filters": [manager]}],
    }
    return {"admin": {"address": address(0)}, "static_resources": {"listeners": [listener]}}


def free_port():
    """Below the ports that the system hands out itself: Envoy binds it a moment later."""
    for _ in range(200):
        port = random.randrange(10240, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise Failure("no free port")


def die_with_parent():
    ctypes.CDLL(None).prctl(KILL_WITH_PARENT, signal.SIGKILL)


def get(port, path, headers=None, timeout=5):
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


class Envoy:
    """A running proxy for one variant, pinned to one core unless `core` is None."""

    def __init__(self, binary, variant, core, directory, workers=1):
        self.variant = variant
        self.port, self.admin_port = free_port(), None
        stem = re.sub(r"\W+", "_", variant.name)
        config, self.log = directory / f"{stem}.json", directory / f"{stem}.log"
        self.admin_address = directory / f"{stem}.admin"
        config.write_text(json.dumps(envoy_config(variant, self.port)))
        command = [] if core is None else ["taskset", "-c", str(core)]
        command += [binary, "-c", str(config), "--concurrency", str(workers)]
        command += ["--admin-address-path", str(self.admin_address)]
        command += ["--disable-hot-restart", "--log-level", "warning"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=die_with_parent
            )

    def await_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self.admin_port = int(self.admin_address.read_text().rpartition(":")[2])
                if get(self.admin_port, "/ready")[0].status == 200:
                    self.schedstats = self.worker_schedstats()
                    return
            time.sleep(0.1)
        raise Failure(f"{self.variant.name}: Envoy did not start\n{self.log_tail()}")

    def log_tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def worker_schedstats(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        workers = [
            task / "schedstat"
            for task in tasks.iterdir()
            if (task / "comm").read_text().startswith("wrk:worker_")
        ]
        if not workers:
            raise Failure(f"{self.variant.name}: no thread named wrk:worker_0")
        return workers

    def cpu_nanoseconds(self):
        """Of the workers, since they began."""
        return sum(int(path.read_text().split()[0]) for path in self.schedstats)

    def counters(self, pattern):
        """Envoy's counters whose names the regex finds, by name."""
        _, text = get(self.admin_port, f"/stats?filter={urllib.parse.quote(pattern)}")
        pairs = (row.rsplit(": ", 1) for row in text.splitlines() if ": " in row)
        return {name: int(value) for name, value in pairs if value.isdigit()}

    def requests(self):
        name = f"http.{STAT_PREFIX}.downstream_rq_completed"
        return self.counters(f"^{name}$")[name]

    def check(self):
        """One real answer, so that a wrong variant is never timed."""
        variant = self.variant
        # The denying variants let one request through in each window.
        for _ in range(3):
            response, body = get(self.port, "/", variant.headers)
            if not variant.denies or response.status in REFUSALS:
                break
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = {"status": response.status, "body": body, **headers}
        for name, value in variant.expected.items():
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


def start_all(stack, binary, variants, core, directory, workers=1):
    """Ready and checked; they end with the stack."""
    envoys = []
    for variant in variants:
        envoys.append(Envoy(binary, variant, core, directory, workers))
        stack.callback(envoys[-1].stop)
    for envoy in envoys:
        envoy.await_ready()
        envoy.check()
    return envoys


def version(binary):
    told = subprocess.run(
        [binary, "--version"], capture_output=True, text=True, timeout=30, check=True
    )
    return told.stdout.strip().split("version: ")[-1]
