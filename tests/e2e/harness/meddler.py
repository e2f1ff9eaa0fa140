"""Another plugin of the proxy, meddler.c: it reads and overwrites shared data."""

import os
import subprocess

from . import places
from .client import ask
from .plugin import Plugin

SOURCE = places.ROOT / "tests/e2e/meddler.c"


def build(folder):
    """Compiled with what the Makefile compiles the module with; its path."""
    sdk = os.environ.get("WASI_SDK_PATH")
    compiler = [f"{sdk}/bin/clang", f"--sysroot={sdk}/share/wasi-sysroot"] if sdk else ["clang-19"]
    module = folder / "meddler.wasm"
    command = [*compiler, "--target=wasm32-wasi", "-mexec-model=reactor", "-std=c11", "-O2", "-Wall"]
    command += ["-Wextra", "-Werror", "-Wl,--stack-first", "-Wl,-z,stack-size=131072", "-o", module, SOURCE]
    subprocess.run(command, check=True)
    return str(module)


class Meddler:
    """Serves the plugin in a proxy; keys and values are bytes."""

    def __init__(self, proxy, module):
        self.site = proxy.serve(Plugin(name="meddler", module=module))

    def get(self, key):
        """What stands there; None if nothing does."""
        return self.call(key, [])

    def set(self, key, value):
        """Overwrites it; what stood there before."""
        return self.call(key, [("x-value", value.hex())])

    def call(self, key, more):
        reply = ask(self.site.port, "/direct", headers=[("x-key", key.hex()), *more])
        assert reply.status in (200, 404)
        return reply.body if reply.status == 200 else None


def slot_key(name_space, limiter, slot=0, algorithm=0, slots=1, parts=()):
    """Of a slot of a limiter; `algorithm` by its row in engine/tbl/algorithms.h, `parts` of its key as written."""
    shape = len(parts)
    for part in parts:
        shape = (shape * 31 + fnv(part.lower())) & 0xFFFFFFFF
    key = f"weir.{limiter}@{name_space}#{algorithm}.{slots}.{shape}"
    return key.encode() + slot.to_bytes(4, "little")


def fnv(text):
    """FNV-1a of 32 bits."""
    result = 2166136261
    for byte in text.encode():
        result = (result ^ byte) * 16777619 & 0xFFFFFFFF
    return result
