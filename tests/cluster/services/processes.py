"""The real rate-limit service and its Redis, as processes on loopback, ended with the test run.

RATELIMIT and REDIS name other programs than those of build/cluster.
"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from harness.places import ROOT, built
from harness.ports import free_port
from harness.process import die_with_parent
from harness.waiting import wait_for

LIMITS = ROOT / "deploy/ratelimit/weir.yaml"


class Program:
    def __init__(self, folder):
        self.folder, self.child = Path(folder), None
        self.folder.mkdir(parents=True, exist_ok=True)

    def launch(self, command, environment=None):
        with open(self.folder / "log", "ab") as log:
            self.child = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )
        wait_for(self.ready, f"answer of {command[0]}", 20.0)
        return self

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def freeze(self):
        """Stands still: connections are accepted by the kernel, and nothing is answered."""
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.alive():
            self.child.send_signal(signal.SIGCONT)

    def stop(self):
        if self.alive():
            self.child.kill()
            self.child.wait(5)
        self.child = None


class Redis(Program):
    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()

    def start(self):
        program = built("REDIS", "build/cluster/redis-server")
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no"}
        words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        return self.launch([program, *words, "--dir", str(self.folder)])

    def ask(self, line):
        with socket.create_connection(("127.0.0.1", self.port), 5) as link:
            link.sendall(line.encode() + b"\r\n")
            return link.recv(4096)

    def ready(self):
        with contextlib.suppress(OSError):
            return self.ask("PING") == b"+PONG\r\n"

    def forget(self):
        assert self.ask("FLUSHALL") == b"+OK\r\n"


class RateLimit(Program):
    def __init__(self, folder, redis):
        super().__init__(folder)
        self.redis, self.port, self.http, self.debug = redis, free_port(), free_port(), free_port()
        rules = self.folder / "weir/config"
        rules.mkdir(parents=True, exist_ok=True)
        shutil.copy(LIMITS, rules)

    def environment(self):
        return os.environ | {
            "RUNTIME_ROOT": str(self.folder),
            "RUNTIME_SUBDIRECTORY": "weir",
            "RUNTIME_WATCH_ROOT": "false",
            "REDIS_SOCKET_TYPE": "tcp",
            "REDIS_URL": f"127.0.0.1:{self.redis.port}",
            "HOST": "127.0.0.1",
            "PORT": str(self.http),
            "GRPC_HOST": "127.0.0.1",
            "GRPC_PORT": str(self.port),
            "DEBUG_HOST": "127.0.0.1",
            "DEBUG_PORT": str(self.debug),
            "USE_STATSD": "false",
            "LOG_LEVEL": "warn",
        }

    def start(self):
        if not self.alive():
            self.launch([built("RATELIMIT", "build/cluster/ratelimit")], self.environment())
        return self

    def ready(self):
        assert self.alive(), (self.folder / "log").read_text()
        link = http.client.HTTPConnection("127.0.0.1", self.http, timeout=1)
        try:
            link.request("GET", "/healthcheck")
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()
