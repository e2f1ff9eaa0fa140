"""weir check --verbose: what programs hold and what they may cost, for people and stable."""
import re

import pytest

from command import weir

RULES = """let words = request.path.lowerAscii().split("/")
group g when request.host in ["a", "b", "c", "d"] {
  rule admin when words.exists(w, w == "admin") { deny 403 }
}
rule agent when request.headers["user-agent"].matches("curl") { deny 403 }
rule stamp on response { set response.headers["x-a"] = "1" }
rule pairs when words.all(a, words.all(b, a + b != request.host)) { deny 403 }
"""

def lines(text, **options):
    outcome = weir("check", "-v", "--no-lint", "-", stdin=text, **options)
    assert outcome.code == 0 and outcome.err == ""
    return outcome.out.splitlines()


def columns(line):
    """name, steps, sum, and what follows it in brackets"""
    return re.split("  +", line.strip())


def test_each_let_rule_and_phase_has_a_line():
    out = lines(RULES)
    assert out[0].startswith("-: ") and out[0].endswith(" 1 pattern")
    assert out[1].split() == ["at", "most", "steps", "S=16", "L=100", "H=50"]
    names = [columns(line)[0] for line in out[2:]]
    assert names == [
        "let words",
        "request rule g.admin",
        "request rule agent",
        "request rule pairs",
        "request",
        "response rule stamp",
        "response",
    ]


def test_columns_are_aligned():
    out = lines(RULES)
    ends = {re.search(r"(\d|steps|beyond)  (?=\S)", line).end() for line in out[1:]}
    assert len(ends) == 1


def test_a_phase_is_its_rules_and_lets():
    out = {columns(line)[0]: int(columns(line)[1]) for line in lines(RULES)[2:]}
    parts = [out[name] for name in out if name.startswith(("let", "request rule"))]
    # Its end is a step. A reply ends it, so not all of the parts may come together.
    assert max(parts) < out["request"] <= sum(parts) + 1
    assert out["response"] == 0  # the same for every stream: nothing runs


@pytest.mark.parametrize(
    "condition, steps, written",
    [
        ("true", "7", "7"),
        ('request.path == "/a"', "23", "7 + S"),
        ('request.host in ["a", "b", "c", "d"]', "7", "7"),
        ("request.headers.size() > 5", "331", "11 + 0.15·H + 0.13·H²"),
        ('request.path.matches("ab")', "27", "11 + S"),
        # compiled once, also where the machine does not know the text's type: S² is a pattern made anew
        ('["a", request.path].exists(x, x.matches("ab"))', "59", "26.04 + 2·S"),
    ],
)
def test_sums(condition, steps, written):
    out = columns(lines(f"rule a when {condition} {{ deny 403 }}\n")[2])
    assert out == ["request rule a", steps, written]


def test_what_is_too_much_says_so():
    rule = 'rule a when request.path.split("/").all(a, request.path.split("/").all(b, a + b != "")) { deny }'
    out = lines(rule)
    assert out[2].endswith("  (more than weir.steps, 100000)") and out[3].endswith("100000)")
    config = '{"weir": {"steps": 100000000}, "rules": "rule a when request.path == \\"/a\\" { deny }"}'
    assert "more than" not in "".join(lines(config))


def test_what_has_no_sum_at_all():
    loops = "".join(f"l.exists(v{i}, " for i in range(8)) + "true" + ")" * 8
    out = lines('rule a when cel.bind(l, request.path.split(""), ' + loops + ") { deny }")
    assert columns(out[2])[1] == "beyond" and "more than L⁶" in out[2]


def test_several_files_and_findings(tmp_path):
    (tmp_path / "a.weir").write_text("rule a { deny }\n")
    (tmp_path / "b.weir").write_text("rule b { deny 42 }\n")
    (tmp_path / "c_test.weir").write_text('rule c { deny }\ntest "t" { send GET "/" }\n')
    outcome = weir("check", "--verbose", "--no-lint", "a.weir", "b.weir", "c_test.weir", cwd=tmp_path)
    assert outcome.code == 1 and outcome.err == ""
    heads = [line.split(" ")[0] for line in outcome.out.splitlines() if not line.startswith(" ")]
    assert heads == ["a.weir:", "b.weir:1:15:", "c_test.weir:"]


def test_nothing_costs_nothing():
    nothing = "-: 0 instructions, 0 constants, 0 header slots, 0 patterns\n"
    assert weir("check", "-v", "-") == (0, nothing, "")
    assert weir("check", "-v", "-", stdin="{}") == (0, "", "")
