"""Accuses the log at configuring: diagnostics missing, malformed, unlike the checker's."""

import subprocess

import pytest

from harness import logged, places
from harness.marks import REFUSED
from harness.plugin import weir
from harness.proxy import Rejected

THREE_ERRORS = weir(
    """rule first when nothing == 1 { deny }
rule second { limit nobody else deny }

rule third when request.path == 5 { deny }
rule fourth when response.code == 1 { deny }
""",
)


def log_of_refused(proxy, config):
    with pytest.raises(Rejected) as refusal:
        proxy.serve(config)
    return str(refusal.value)


def test_all_diagnostics_of_a_text_with_their_places(proxy):
    found = logged.diagnostics(log_of_refused(proxy, THREE_ERRORS))
    assert [row.split(":")[:2] for row in found] == [["rules", line] for line in "1245"]
    assert logged.codes("\n".join(found)) == ["E0301", "E0306", "E0401", "E0501"]


def test_diagnostic_shows_the_line_and_a_caret(proxy):
    text = log_of_refused(proxy, THREE_ERRORS)
    assert "rule first when nothing == 1 { deny }" in text
    assert "^" in text


def test_source_names_the_text_of_a_list(proxy):
    text = log_of_refused(proxy, weir(['include "demo.weir"', "let x = y"]))
    assert [row.split(":")[0] for row in logged.diagnostics(text)] == ["rules[1]"]


def test_source_of_bad_json_is_config_with_line_and_column(proxy):
    text = log_of_refused(proxy, '{"a": 1,\n  "b" 2}')
    assert logged.diagnostics(text)[0].startswith("config:2:7: error[E0701]: ")


def test_columns_count_code_points(proxy):
    text = log_of_refused(proxy, weir('let a = "äöü€" + nothing'))
    assert logged.diagnostics(text)[0].startswith("rules:1:18: error[E0301]: ")


def test_no_byte_of_the_configuration_forges_a_line_of_the_log(proxy):
    forged = "[critical][main] forged"
    text = log_of_refused(proxy, weir(f'let a = "x\n{forged}\x1b[2J" + nothing'))
    assert not [line for line in text.splitlines() if line.startswith(forged)]
    assert "\x1b" not in text


@pytest.mark.parametrize("config", [c for c, _ in REFUSED.values()], ids=REFUSED.keys())
def test_checker_refuses_in_the_same_words(proxy, tmp_path, config):
    logged_words = logged.diagnostics(log_of_refused(proxy, config))
    path = tmp_path / "config.json"
    path.write_bytes(config.encode() if isinstance(config, str) else config)
    command = [places.checker(), "check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    if path.read_bytes().startswith(b"{"):  # else the checker takes the file for rules
        assert logged.diagnostics(done.stdout + done.stderr) == logged_words
