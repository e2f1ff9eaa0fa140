"""Where the files under test are. Each can be named by an environment variable."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def module():
    """The plugin as it ships (WEIR_WASM)."""
    return built("WEIR_WASM", "build/weir.wasm")


def faulty_module():
    """The plugin that fails on demand (WEIR_FAULTS_WASM)."""
    return built("WEIR_FAULTS_WASM", "build/faults/weir.wasm")


def checker():
    """The native command (WEIR)."""
    return built("WEIR", "build/weir")


def envoy():
    """ENVOY, else the one of the build's environment, else the one on PATH."""
    own = ROOT / "build/venv/bin/envoy"
    found = os.environ.get("ENVOY") or (str(own) if own.exists() else shutil.which("envoy"))
    assert found, "no Envoy: set ENVOY=PATH"
    return found


def built(variable, default):
    path = Path(os.environ.get(variable) or ROOT / default).resolve()
    assert path.exists(), f"{path} is missing: build it first, or set {variable}"
    return str(path)
