"""Comparing with a secret takes the same way through the code wherever the texts differ: counted, not timed."""
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNTED = ["engine/lib/compare.c", "tests/layout/constant_time.c"]


def test_the_way_does_not_tell_how_much_was_guessed(tmp_path):
    program = tmp_path / "constant_time"
    done = subprocess.run(
        ["clang-19", "-std=c11", "-O2", "-fsanitize-coverage=trace-pc-guard", "-fno-vectorize", "-I.", "-Ibuild/gen",
         *COUNTED, "build/release/libweir.a", "-lm", "-o", program],
        cwd=ROOT, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [tuple(map(int, line.split())) for line in lines]
    assert [(differs, equal) for differs, equal, *_ in rows] == [(i, int(i == 64)) for i in range(65)]
    plain, held, early = zip(*(row[2:] for row in rows))
    assert len(set(plain)) == 1 and min(plain) > 0
    assert len(set(held)) == 1 and min(held) > 0
    assert len(set(early)) > 8  # the counting sees a comparison that ends early
