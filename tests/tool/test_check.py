"""weir check: silent on what is right, diagnostics and their places on what is wrong."""
import json
import re

import pytest

from command import ROOT, weir

DENY = 'rule a when request.method == "TRACE" { deny 403 }\n'
WRONG = "rule a { deny 42 }\n"


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.weir").write_text(text)
    return folder


TESTS = sorted((ROOT / "rules").glob("*_test.weir"))


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.name)
def test_bundled_sets_are_clean(path):
    assert weir("check", path) == (0, "", "")


def data_of(test):
    """The user's data that a test file gives; a whole JSON object behind `config` at the start of a line."""
    text = test.read_text(encoding="utf-8")
    found = re.search(r"^config (?=\{)", text, re.M)
    return json.JSONDecoder().raw_decode(text[found.end() :])[0] if found else {}


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.name)
def test_nothing_is_to_be_warned_of_in_bundled_sets(path, tmp_path):
    (tmp_path / "data.json").write_text(json.dumps(data_of(path)))
    rules = path.with_name(path.name.replace("_test", ""))
    outcome = weir("check", "--fail-level", "warning", "--config", tmp_path / "data.json", rules)
    assert outcome == (0, "", "")


WARNED = "rule a { deny }\n"


@pytest.mark.parametrize("options, code", [((), 0), (("--fail-level", "error"), 0), (("--fail-level", "warning"), 1)])
def test_a_warning_is_a_finding_where_it_is_asked_to_be(options, code):
    outcome = weir("check", *options, "-", stdin=WARNED)
    assert outcome.code == code and outcome.out.startswith("-:1:10: warning[W0303]: ")


def test_warnings_can_be_left_out():
    assert weir("check", "--no-lint", "--fail-level", "warning", "-", stdin=WARNED) == (0, "", "")


def test_an_unknown_level_is_trouble():
    outcome = weir("check", "--fail-level", "info", "-", stdin=WARNED)
    assert outcome.code == 2 and outcome.out == "" and "`error` or `warning`" in outcome.err


def test_a_clean_file_behind_one_with_warnings(tmp_path):
    write(tmp_path, a=WARNED, b=DENY)
    assert weir("check", "--fail-level", "warning", "b.weir", cwd=tmp_path) == (0, "", "")
    outcome = weir("check", "--fail-level", "warning", "a.weir", "b.weir", cwd=tmp_path)
    assert outcome.code == 1 and outcome.out.count("warning[") == 1


def test_rules_of_test_files_are_not_warned_of(tmp_path):
    (tmp_path / "a_test.weir").write_text(WARNED + 'test "t" { send GET "/" }\n')
    assert weir("check", "a_test.weir", cwd=tmp_path) == (0, "", "")


def test_many_warnings_are_counted():
    outcome = weir("check", "-", stdin="".join(f"let x{i} = {i}\n" for i in range(101)) + DENY)
    assert outcome.code == 0 and outcome.out.endswith("\n1 more warning is left out\n")


def test_a_clean_file_is_silent(tmp_path):
    assert weir("check", "a.weir", cwd=write(tmp_path, a=DENY)) == (0, "", "")


def test_a_finding_has_its_place(tmp_path):
    outcome = weir("check", "a.weir", cwd=write(tmp_path, a=WRONG))
    assert outcome.code == 1 and outcome.err == ""
    lines = outcome.out.splitlines()
    assert lines[0].startswith("a.weir:1:15: error[E0411]: ")
    assert lines[1:] == ["    rule a { deny 42 }", "                  ^^"]


def test_several_files_are_several_programs(tmp_path):
    write(tmp_path, a=DENY, b=DENY, c=WRONG)
    assert weir("check", "a.weir", "b.weir", cwd=tmp_path) == (0, "", "")
    outcome = weir("check", "a.weir", "nowhere", "c.weir", cwd=tmp_path)
    assert outcome.code == 2 and outcome.out.startswith("c.weir:1:15: ")
    assert "nowhere: " in outcome.err


def test_standard_input():
    assert weir("check", "-", stdin=DENY) == (0, "", "")
    outcome = weir("check", "-", stdin=WRONG)
    assert outcome.code == 1 and outcome.out.startswith("-:1:15: error[E0411]: ")


def test_nothing_at_all_is_clean():
    assert weir("check", "-") == (0, "", "")


def test_a_text_without_statement_is_not():
    outcome = weir("check", "-", stdin="// rule a { deny }\n")
    assert outcome.code == 1 and "error[E0109]" in outcome.out


def test_every_error_in_one_run():
    outcome = weir("check", "-", stdin=WRONG + "rule b { dny }\nrule c when 1 { deny }\n")
    assert outcome.code == 1 and "-:2:10: " in outcome.out


def test_includes_beside_the_file_come_before_the_bundled(tmp_path):
    write(tmp_path, a='include "demo.weir"\n', demo=WRONG)
    outcome = weir("check", tmp_path / "a.weir")
    assert outcome.code == 1 and outcome.out.startswith(f"{tmp_path}/demo.weir:1:15: ")
    (tmp_path / "demo.weir").unlink()
    assert weir("check", tmp_path / "a.weir") == (0, "", "")


def test_an_include_that_is_nowhere(tmp_path):
    outcome = weir("check", "a.weir", cwd=write(tmp_path, a='include "b.weir"\n'))
    assert outcome.code == 1 and "error[E0309]: there is no rule file `b.weir`" in outcome.out


def test_one_file_by_two_ways_is_one(tmp_path):
    (tmp_path / "sub").mkdir()
    write(tmp_path, a='include "b.weir"\ninclude "sub/../b.weir"\ninclude "a.weir"\n', b=DENY)
    assert weir("check", "a.weir", cwd=tmp_path) == (0, "", "")


def test_data_for_rules(tmp_path):
    write(tmp_path, a="rule a when request.host in config.hosts { deny }\n")
    (tmp_path / "data.json").write_text('{"hosts": ["a"], "rules": "not looked at"}')
    outcome = weir("check", "a.weir", cwd=tmp_path)
    assert outcome.code == 1 and "a.weir:1:36: error[E0710]" in outcome.out
    assert weir("check", "--config", "data.json", "a.weir", cwd=tmp_path) == (0, "", "")
    (tmp_path / "data.json").write_text('{"hosts": [}')
    outcome = weir("check", "--config", "data.json", "a.weir", cwd=tmp_path)
    assert outcome.code == 1 and outcome.out.startswith("config:1:12: error[E0701]")


def test_a_plugin_configuration(tmp_path):
    good = {"rules": ['include "demo.weir"', "rule a when config.x == 1.0 { log info 'x' }"], "x": 1}
    assert weir("check", "-", stdin=" \n" + json.dumps(good)) == (0, "", "")
    outcome = weir("check", "-", stdin=json.dumps({**good, "weir": {"stpes": 1}}))
    assert outcome.code == 1 and outcome.out.startswith("config:1:") and "E0709" in outcome.out
    outcome = weir("check", "-", stdin=json.dumps({"rules": ["rule b { deny }", WRONG]}))
    assert outcome.code == 1 and outcome.out.startswith("rules[1]:1:15: error[E0411]")
    assert weir("check", "-", stdin="{}") == (0, "", "")


@pytest.mark.parametrize("length, code", [(1 << 20, 0), ((1 << 20) + 1, 1)])
def test_rule_texts_have_a_limit(tmp_path, length, code):
    whole = 'include "b.weir"\n' + DENY
    write(tmp_path, a=whole, b="rule b { deny }".ljust(length - len(whole)))
    outcome = weir("check", "a.weir", cwd=tmp_path)
    assert outcome.code == code
    assert code == 0 or "error[E0110]: rule texts may have 1048576 bytes together" in outcome.out


def test_a_file_larger_than_any_limit():
    outcome = weir("check", "-", stdin=" " * ((64 << 20) + 1))
    assert outcome.code == 2 and "larger than 64 MiB" in outcome.err
    outcome = weir("check", "-", stdin='{"rules": "' + " " * (5 << 20) + '"}')
    assert outcome.code == 1 and "error[E0711]" in outcome.out


@pytest.mark.parametrize("text", [b"rule \xff { deny }", b"rule a\x00 { deny }", b"{\"rules\": \"\xff\"}"])
def test_bytes_that_are_no_text(text):
    assert weir("check", "-", stdin=text).code == 1


def test_test_files_are_checked_with_their_tests(tmp_path):
    text = """rule a when config.x == 1.0 { deny }
config {"x": 1}
test "t" {
  let n = 1
  send GET 5
  expect n
  expect response.cod == 1
  config {"x": 2, "x": 3}
}
"""
    write(tmp_path, a_test=text)
    outcome = weir("check", "a_test.weir", cwd=tmp_path)
    assert outcome.code == 1
    assert "a_test.weir:5:12: error[E0403]: a URL must be a string" in outcome.out
    assert "a_test.weir:7:19: error[E0302]: `response` has no field `cod`" in outcome.out
    write(tmp_path, a_test=text.replace("GET 5", 'GET "/"').replace(".cod ", ".code "))
    outcome = weir("check", "a_test.weir", cwd=tmp_path)
    assert outcome.code == 1 and "a_test.weir:8:19: error[E0702]" in outcome.out
    write(tmp_path, a_test='rule a { deny }\nconfig {"x": 1}\nconfig {"x": 2}\n')
    assert "a_test.weir:3:1: error[E0207]" in weir("check", "a_test.weir", cwd=tmp_path).out


def test_tests_do_not_belong_into_rules():
    outcome = weir("check", "-", stdin=DENY + 'test "t" { expect true }\n')
    assert outcome.code == 1 and "error[E0210]" in outcome.out
