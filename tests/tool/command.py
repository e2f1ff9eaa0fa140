"""Runs the native command and shows what came of it."""
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
WEIR = ROOT / "build/sanitize/weir"


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def weir(*arguments, cwd=ROOT, stdin=""):
    done = subprocess.run(
        [WEIR, *map(str, arguments)],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=60,
        env={**os.environ, "LC_ALL": "C"},
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
