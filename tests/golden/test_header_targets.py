"""Accuses the compiler's list of headers that rules may not edit: a row of engine/tbl/header_targets.h by which a constant
name gets past it, or that refuses what it should not."""

import re
import subprocess

import pytest
from test_golden import ROOT, WEIR

ROW = re.compile(r'^HEADER_TARGET\((\w+), "([^"]+)", (\w+), (\w+), (\w+)\)', re.M)
ROWS = ROW.findall((ROOT / "engine/tbl/header_targets.h").read_text())
EDITS = ["set {} = {}", "add {} = {}", "default {} = {}", "remove {}"]


def refused(path, actions, phase):
    """Which of the actions are, each in a rule of its own."""
    path.write_text("\n".join(f"rule r{i} on {phase} {{ {action} }}" for i, action in enumerate(actions)))
    done = subprocess.run([WEIR, "check", path], capture_output=True, text=True, timeout=60)
    found = re.findall(r":(\d+):\d+: error\[(E\d+)\]", done.stdout + done.stderr)
    assert all(code == "E0410" for _, code in found)
    return [actions[int(line) - 1] for line, _ in found]


def names(spell=str):
    return [(spell(name if form == "EXACT" else name + "any"), message, *may) for form, name, message, *may in ROWS]


@pytest.mark.parametrize("spell", [str.lower, str.upper])
@pytest.mark.parametrize("side", ["request", "response"])
def test_constant_names(tmp_path, side, spell):
    actions, wanted = [], []
    for name, message, may_set, may_remove in names(spell):
        edits = [edit.format(f'{side}.headers["{name}"]', '"1"') for edit in EDITS]
        listed = side == "request" or message == "ANY"
        actions += edits
        wanted += edits[:3] if listed and may_set == "false" else []
        wanted += edits[3:] if listed and may_remove == "false" else []
    assert refused(tmp_path / "rules.weir", actions, side) == wanted


def test_a_reply_brings_none_of_them(tmp_path):
    actions = {f'deny 403 headers {{"{name}": "1"}}': message for name, message, *_ in names()}
    wanted = [action for action, message in actions.items() if message == "ANY"]
    assert refused(tmp_path / "rules.weir", list(actions), "request") == wanted


def test_there_are_rows():
    assert len(ROWS) >= 20 and {row[0] for row in ROWS} == {"EXACT", "PREFIX"}
    assert {may_set for *_, may_set, _ in ROWS} == {"false"}
