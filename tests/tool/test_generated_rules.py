"""Accuses the index of rules: what tests/unit/test_index.c does with a few rule sets, with many."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_generated_rule_sets_do_the_same_with_the_index():
    program = ROOT / "build/sanitize/test_index"
    done = subprocess.run(
        [program], env=os.environ | {"WEIR_INDEX_SETS": "20000"}, capture_output=True, text=True, timeout=3000
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-8000:]
