"""An Envoy process: started, watched, stopped by its id. Knows nothing of what it serves."""

import ctypes
import json
import signal
import subprocess
from pathlib import Path

from . import places
from .admin import Admin
from .logfile import LogFile
from .waiting import wait_for

OPTIONS = ["--disable-hot-restart", "--file-flush-interval-msec", "20", "-l", "warn"]
KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG: a killed test run leaves no Envoy behind


class StartFailed(Exception):
    """Envoy ended instead of starting; the text is its log."""


class Process:
    def __init__(self, folder, config, concurrency=1, wasm_level="info", drain_seconds=600):
        self.log = LogFile(Path(folder) / "envoy.log")
        self.address = Path(folder) / "admin.address"
        self.child = launch(
            self.log.path,
            *["-c", write_config(folder, config), "--concurrency", str(concurrency)],
            *["--component-log-level", f"wasm:{wasm_level}"],
            *["--drain-time-s", str(drain_seconds), "--admin-address-path", str(self.address)],
        )
        self.admin = None
        wait_for(self.started, "ready Envoy", 30.0, 0.02)

    def started(self):
        if not self.alive():
            raise StartFailed(self.log.since())
        if self.admin is None and self.address.exists() and ":" in self.address.read_text():
            self.admin = Admin(int(self.address.read_text().rsplit(":", 1)[1]))
        return self.admin is not None and self.admin.is_ready()

    def alive(self):
        return self.child.poll() is None

    def memory(self):
        """Resident bytes."""
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) * 1024

    def stop(self):
        if not self.alive():
            return
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(5)


def validate(folder, config):
    """`envoy --mode validate`: its exit status and log."""
    log = LogFile(Path(folder) / "validate.log")
    child = launch(log.path, "-c", write_config(folder, config), "--mode", "validate")
    try:
        return child.wait(30), log.since()
    finally:
        child.kill()


def launch(log_path, *options):
    command = [places.envoy(), *OPTIONS, *options]
    with open(log_path, "wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent
        )


def die_with_parent():
    ctypes.CDLL(None).prctl(KILL_WITH_PARENT, signal.SIGKILL)


def write_config(folder, config):
    path = Path(folder) / "envoy.json"
    path.write_text(json.dumps(config))
    return str(path)
