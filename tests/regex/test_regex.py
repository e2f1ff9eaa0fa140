"""The regex engine against RE2: the same patterns accepted, the same matches and groups at the same places."""
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build/regex"


def agrees(program, *arguments):
    run = subprocess.run([BUILD / program, *map(str, arguments)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    assert ", 0 differences" in run.stdout
    assert int(run.stdout.split()[0]) > 1000


def test_generated_patterns():
    agrees("against_re2", "random", 20000, 1)


def test_short_patterns():
    """Every 97th of all patterns of up to five symbols, with every text of up to six."""
    agrees("against_re2", "short", 97)


def test_what_the_compiler_can_check():
    agrees("against_re2_checked", "random", 1000, 2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12])
def test_many_generated_patterns(seed):
    agrees("against_re2", "random", 150000, seed)


@pytest.mark.long
def test_all_short_patterns():
    agrees("against_re2", "short", 1)


@pytest.mark.long
def test_classes_over_all_code_points():
    agrees("against_re2", "classes")
