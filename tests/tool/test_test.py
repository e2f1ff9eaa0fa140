"""weir test: what tests of rules can say, and how the command tells what failed."""
import pytest

from command import ROOT, weir

LIMIT = "limiter l { 1 per 1s  SCOPE headers none }\nrule r { limit l else deny 429 }\n"
EDIT = """rule edit when request.method == "PUT" {
  set request.headers["x-a"] = "1"
  remove request.headers["x-b"]
  log warn "edited " + request.path
}
"""


def run(tmp_path, text, *flags):
    (tmp_path / "a_test.weir").write_text(text)
    return weir("test", *flags, "a_test.weir", cwd=tmp_path)


def passes(tmp_path, text):
    outcome = run(tmp_path, text)
    assert outcome.out.splitlines()[-1].endswith(" passed, 0 failed"), outcome.out
    assert outcome.code == 0 and outcome.err == ""


def fails(tmp_path, text, *said):
    outcome = run(tmp_path, text)
    assert outcome.code == 1, outcome
    for words in said:
        assert words in outcome.out, outcome.out


def test_bundled_sets():
    outcome = weir("test", "rules")
    assert outcome.code == 0, outcome.out
    assert outcome.out.endswith(" passed, 0 failed\n")


def test_one_line_at_the_end_when_all_is_well(tmp_path):
    text = 'test "a" { expect true }\ntest "b" { send GET "/" expect response.code == 200 }\n'
    assert run(tmp_path, text) == (0, "2 passed, 0 failed\n", "")
    assert run(tmp_path, text, "-v").out.splitlines() == [
        "ok   a_test.weir:1:6: a",
        "ok   a_test.weir:2:6: b",
        "2 passed, 0 failed",
    ]


def test_a_failure_shows_the_values_of_its_parts(tmp_path):
    outcome = run(
        tmp_path,
        """test "title" {
  let n = [1, 2.5, b"\\n", null, 5ms]
  send GET "/x" headers {"x-n": "abc"}
  expect response.code == 200 && request.path == "/y" && size(n) == 4
  expect int(request.headers["x-n"]) ==
         1
}
""",
    )
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "FAIL a_test.weir:1:6: title",
        '  a_test.weir:4:34: expect request.path == "/y"',
        '    request.path is "/x"',
        "  a_test.weir:4:58: expect size(n) == 4",
        "    size(n) is 5",
        '    n is [1, 2.5, b"\\n", null, 5ms]',
        '  a_test.weir:5:10: expect int(request.headers["x-n"]) == 1',
        "    fails: the value cannot be converted",
        '    int(request.headers["x-n"]) is an error: the value cannot be converted',
        '    request.headers["x-n"] is "abc"',
        "0 passed, 1 failed",
    ]


def test_what_is_forwarded(tmp_path):
    passes(
        tmp_path,
        EDIT
        + """test "t" {
  expect !forwarded.sent && response.code == 0 && decision.rule == "" && logs == []
  send PUT "http://a.example:81/p?q" headers {"X-B": "2", "X-C": ["3", "4"]} body "häh" from "10.0.0.7"
  expect forwarded.sent && forwarded.method == "PUT" && forwarded.path == "/p?q"
  expect forwarded.headers["x-a"] == "1" && !("x-b" in forwarded.headers)
  expect forwarded.headers["x-c"] == "3,4" && forwarded.headers["content-length"] == "4"
  expect forwarded.headers[":authority"] == "a.example:81" && forwarded.body == b"häh"
  expect request.headers["x-a"] == "1" && request.host == "a.example:81" && request.scheme == "http"
  expect logs == ["weir weir edit: edited /p?q"] && metrics["edit.matched"] == 1
  send PUT "/again"
  expect size(logs) == 1
  wait 1s
  send PUT "/third"
  expect logs[1] == "weir weir edit: edited /third (1 more left out)"
}
""",
    )


def test_what_is_answered(tmp_path):
    passes(
        tmp_path,
        """rule no when request.path == "/no" { deny 401 body "no" headers {"x-a": ["1", "2"]} }
rule empty when request.path == "/empty" { respond 204 }
rule stamp on response { add response.headers["x-s"] = string(response.code) }
test "t" {
  send GET "/"  upstream 503 headers {"x-up": "1"} body "sorry"
  expect response.code == 503 && response.body == b"sorry" && response.headers["x-up"] == "1"
  expect response.headers["x-s"] == "503" && response.headers["content-length"] == "5"
  send GET "/no"
  expect response.code == 401 && response.body == b"no" && !forwarded.sent && forwarded.path == ""
  expect response.headers["x-a"] == "1,2" && response.headers["x-s"] == "401"
  expect response.headers["content-type"] == "text/plain" && response.headers["content-length"] == "2"
  expect decision.rule == "no" && decision.action == "deny" && metrics["no.denied"] == 1
  send HEAD "/no"
  expect response.body == b"" && response.headers["content-length"] == "2"
  send POST "/no" headers {"content-type": "application/grpc"}
  expect response.code == 200 && response.headers["grpc-status"] == "16"
  expect response.headers["grpc-message"] == "no"
  send GET "/empty"
  expect response.code == 204 && !("content-type" in response.headers) && decision.action == "respond"
}
""",
    )


def test_time_and_workers(tmp_path):
    text = """test "t" {
  send GET "/"
  worker 2 send GET "/"
  expect response.code == OTHER
  send GET "/"
  expect response.code == 429
  wait 1500ms
  send GET "/"
  expect response.code == 200
}
test "fresh state" { send GET "/" expect response.code == 200 && metrics["r.denied"] == 0 }
"""
    for scope, other in [("", "429"), ("scope proxy", "429"), ("scope worker", "200")]:
        passes(tmp_path, LIMIT.replace("SCOPE", scope) + text.replace("OTHER", other))


def test_a_new_configuration_keeps_the_limiters(tmp_path):
    passes(
        tmp_path,
        """limiter l { config.rate per 1h  headers none }
rule r { limit l else deny 429 }
rule s on response { set response.headers["x-c"] = json(config) }
config {"rate": 2,  "ä": 1e2}
test "t" {
  let before = config.rate
  send GET "/"
  expect response.headers["x-c"] == '{"rate":2,"ä":1e2}'
  send GET "/"
  send GET "/"
  expect response.code == 429 && metrics["r.denied"] == 1
  config {"rate": 1, "more": {}}
  expect before == 2.0 && config.rate == 1.0 && has(config.more)
  send GET "/"
  expect response.code == 429 && metrics["r.denied"] == 2
}
test "the file's own again" { send GET "/" expect config.rate == 2.0 && response.code == 200 }
""",
    )


def test_lets_see_what_was_received(tmp_path):
    passes(
        tmp_path,
        """let key = request.headers["x-key"]
let clean = request.clean_path
rule r when key == "k" && clean == "/a" { set request.headers["x-key"] = "other"  log warn key }
test "t" {
  send GET "/b/../a" headers {"x-key": "k"}
  expect metrics["r.matched"] == 1 && forwarded.headers["x-key"] == "other"
  expect key == "k" && clean == "/a"
}
""",
    )


def test_with_sets_fields_that_exist(tmp_path):
    passes(
        tmp_path,
        """test "t" {
  send GET "/" with {"request.path": "/y", "request.host": "h", "request.scheme": "https"}
  expect request.path == "/y" && request.host == "h" && request.scheme == "https"
}
""",
    )


@pytest.mark.parametrize(
    "steps, said",
    [
        ('send GET "x"', ":1:21: a URL is a path"),
        ('send GET ""', "a URL is a path"),
        ('send GET "/" body 5', ":1:30: a body must be a string or bytes"),
        ('send GET "/" headers {"a": 1}', "headers must be a map of strings"),
        ('send GET "/" with {"xds.node": "1"}', "`with` sets a field to a value of another type"),
        ('send GET "/" with {"filter_state": {"a": 1}}', "`with` sets a field to a value of another type"),
        ('send GET "/" with {"nope": "1"}', "`with` sets a field that does not exist"),
        ('send GET "/" with {"request.clean_path": "/"}', "follows from others"),
        ('send GET "/" upstream 99', "a status is an int from 200 to 599"),
        ("wait -1s", "`wait` takes a duration that is not negative"),
        ("let h = response.headers", "headers cannot be kept"),
        ('let n = int("x") let m = n', "the value cannot be converted"),
        ('expect metrics["x"] == 0', "fails: no such key"),
        ("let d = {1: 2} expect d[1]", "is no bool: 2"),
    ],
)
def test_steps_that_cannot_be_run_fail(tmp_path, steps, said):
    fails(tmp_path, f'test "t" {{ {steps} }}', said, "0 passed, 1 failed")


def test_a_file_that_does_not_compile_fails(tmp_path):
    fails(tmp_path, "rule a { dny }", "a_test.weir:1:10: error[E0201]", "0 passed, 1 failed")
    fails(tmp_path, 'test "t" { expect response.cod == 1 }', "a_test.weir:1:28: error[E0302]")
    outcome = run(tmp_path, 'test "t" { expect 1 }')
    assert outcome.code == 1 and "error[E0404]" in outcome.out


def test_folders_and_several_paths(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b_test.weir").write_text('test "b" { expect true }')
    (tmp_path / "sub/c_test.weir").write_text('test "c" { expect false }')
    (tmp_path / "sub/rules.weir").write_text("not looked at")
    outcome = weir("test", "-v", ".", cwd=tmp_path)
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == "ok   ./b_test.weir:1:6: b"
    assert lines[1] == "FAIL ./sub/c_test.weir:1:6: c"
    assert lines[-1] == "1 passed, 1 failed"
    assert weir("test", "b_test.weir", "b_test.weir", cwd=tmp_path).out == "2 passed, 0 failed\n"


def test_no_test_is_trouble(tmp_path):
    outcome = weir("test", ".", cwd=tmp_path)
    assert outcome.code == 2 and "no test in it" in outcome.err
    assert run(tmp_path, "rule a { deny }").code == 2


def test_the_readme_of_the_language(tmp_path):
    """the example that the language's page begins with, from the bundled set"""
    text = (ROOT / "rules/demo_test.weir").read_text()
    passes(tmp_path, text)
