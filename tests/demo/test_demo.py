"""The demo keeps its word, and leaves nothing running however it ends."""
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = [sys.executable, str(ROOT / "deploy/demo.py")]


def start_demo(folder):
    environment = os.environ | {"TMPDIR": str(folder)}
    # A shell lets its background jobs ignore the interrupt, and all that they start: as in some CI.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            DEMO, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
    finally:
        signal.signal(signal.SIGINT, before)


def commands_naming(text):
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


def test_demo_shows_the_tutorials_answers(tmp_path):
    demo = start_demo(tmp_path)
    output, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, output
    assert re.findall(r"HTTP/1.1 (\d+)", output) == ["200", "200", "403", "200"]
    assert commands_naming(str(tmp_path)) == []


def test_demo_stops_everything_when_it_is_told_to(tmp_path):
    demo = start_demo(tmp_path)
    for line in demo.stdout:
        if line.startswith("Envoy with weir"):
            break
    demo.send_signal(signal.SIGINT)
    output = demo.stdout.read()
    assert demo.wait(timeout=20) == 130, output
    assert commands_naming(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_demo_fails_with_another_envoy_that_is_none(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path), "ENVOY": "/bin/false"}
    demo = subprocess.run(DEMO, capture_output=True, text=True, env=environment, timeout=60)
    assert demo.returncode == 1
    assert "Envoy stopped by itself" in demo.stderr
