"""An error never opens the door: each failure that a condition can have, in each kind of rule.

The rules and tests are made of the tables in failures.py, one file for each error, and run by `weir test`.
"""
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from failures import ACTIONS, ERRORS, KINDS, SIMPLE, VALUE

ROOT = Path(__file__).resolve().parents[2]
WEIR = Path(os.environ.get("WEIR", ROOT / "build/sanitize/weir")).resolve()
FAILURES = dict(re.findall(r'^FAILURE\((\w+), "(.*)"\)$', (ROOT / "engine/tbl/failures.h").read_text(), re.M))
ON_ERROR = ["", "on_error skip", "on_error apply"]
PHASES = ["request", "request_body", "response"]

# Of the other failures: who shows them.
ELSEWHERE = {
    "NONE": "is none",
    "COUNTER": "of limiters: tests/e2e/test_limiter_host_calls.py",
    "NO_RANDOM": "of hosts without chance: tests/unit/test_engine.c",
    "NO_BODY": "no rule runs without the body that it reads",
    "CODE": "of targets: tests/rules/targets_test.weir",
    "NO_PATH": "of targets: tests/rules/targets_test.weir",
    "PLACE": "of targets: tests/rules/targets_test.weir",
    "BODY_FIXED": "of targets of bodies",
    "BODY_LIMIT": "413: tests/rules/bodies_test.weir",
    "STEPS": "ends the phase: tests/rules/steps_test.weir",
    "NO_MEMORY": "ends the phase: tests/rules/steps_test.weir",
}


class Made:
    """One rule with its test. `way` is how the error reaches the rule."""

    def __init__(self, error, kind, way, on_error):
        self.error, self.kind, self.way, self.on_error = error, kind, way, on_error
        self.name = "_".join([kind.name, way, *on_error.split()[1:]])
        self.phase = kind.phase or error.phase
        self.rule = f"g_{self.name}.r" if way in ("group", "first", "outer") else self.name

    @property
    def fits(self):
        """Whether the rule can exist: what it reads must be there."""
        late = PHASES.index(self.phase) >= PHASES.index(self.error.phase)
        same = self.error.phase == "request" or self.phase == self.error.phase
        return late and same and (self.way != "shadow" or self.kind.shadow)

    def text(self, text):
        return text.replace("NAME", self.name)

    @property
    def rules(self):
        asked = f'request.headers["x-rule"] == "{self.name}"'
        failing = f"{asked} && {self.error.expression}"
        on = f"on {self.phase} {self.on_error}"
        body = f"{{ {self.text(self.kind.actions)} }}"
        if self.way == "plain":
            rule = f"rule {self.name} {on} when {failing} {body}"
        elif self.way == "shadow":
            rule = f"rule {self.name} {on} shadow when {failing} {body}"
        elif self.way == "let":
            rule = f"let l_{self.name} = {failing}\nrule {self.name} {on} when l_{self.name} {body}"
        elif self.way == "sample":
            rule = f"rule {self.name} {on} sample (({failing}) ? 1.0 : 0.0) {body}"
        elif self.way == "group":
            rule = f"group g_{self.name} when {failing} {{ rule r {on} {body} }}"
        elif self.way == "outer":
            rule = f"group g_{self.name} when {failing} {{ rule r {on} when {asked} {body} }}"
        else:
            rest = f'rule rest on {self.phase} when {asked} {{ count rest_{self.name} }}'
            rule = f"group g_{self.name} first {{ rule r {on} when {failing} {body} {rest} }}"
        return "\n".join(filter(None, [self.text(self.kind.items), rule, self.text(self.kind.later)]))

    @property
    def acts(self):
        return self.on_error == "on_error apply" or (self.kind.restricts and self.on_error == "")

    @property
    def effective(self):
        return self.acts and self.way != "shadow"

    def headers(self, value):
        known = {"x-rule": self.name, "x-value": value, "x-target": "client", **self.kind.headers, **self.error.headers}
        return json.dumps(known)

    def send(self, value):
        return f'send POST "/" headers {self.headers(value)} body "b"  upstream 200 headers {{"x-up": "up"}}'

    @property
    def expected(self):
        """What must hold after the failing request."""
        kind = self.kind
        applied = kind.applied if self.on_error == "on_error apply" and kind.applied else kind.acts
        yield self.text(applied if self.effective else kind.idle)
        counters = {"matched": 0, "errors": 1, "denied": int(kind.denies and self.effective)}
        counters["shadow"] = int(self.way == "shadow" and self.acts and kind.ends)
        for name, count in counters.items():
            yield f'metrics["{self.rule}.{name}"] == {count}'
        words = json.dumps(f"{self.rule}: error: {FAILURES[self.error.failure]}")
        yield f"logs.filter(l, l.contains({words})).size() == 1"
        if kind.ends and self.effective:
            yield f'response.code_details == "weir.error:{self.rule}" && decision.rule == "{self.rule}"'
        if self.way == "first" and not (kind.ends and self.effective and self.phase != "response"):
            yield f'metrics["count.rest_{self.name}"] == 1'

    @property
    def test(self):
        lines = [f'test "{self.name}" {{', f"  {self.send(self.error.bad)}"]
        lines += [f"  expect {expected}" for expected in self.expected]
        if self.error.good:
            lines += [f"  {self.send(self.error.good)}", f'  expect metrics["{self.rule}.errors"] == 1']
        return "\n".join([*lines, "}"])


def of(error, ways, on_errors):
    made = [Made(error, kind, way, on) for kind in KINDS for way in ways for on in on_errors]
    return [one for one in made if one.fits]


def file_of(error, made):
    items = error.items.replace("VALUE", VALUE)
    rules = "\n".join(one.rules for one in made)
    tests = "\n\n".join(one.test for one in made)
    return f"config {json.dumps(error.config)}\n{items}\n{rules}\n\n{tests}\n"


def run(tmp_path, error, made):
    file = tmp_path / "failing_test.weir"
    file.write_text(file_of(error, made))
    run_file(file, len(made))


def run_file(file, count):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WEIR_TESTS_")}
    done = subprocess.run([WEIR, "test", file], capture_output=True, text=True, timeout=120, env=environment)
    assert done.stderr == "" and done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert f"{count} passed, 0 failed" in done.stdout


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.failure} {error.when}"[:50])
def test_each_error_in_each_kind_of_rule(error, tmp_path):
    run(tmp_path, error, of(error, ["plain"], [""]))


WAYS = ["plain", "group", "outer", "first", "shadow", "let", "sample"]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_an_error_to_each_kind_of_rule(way, tmp_path):
    run(tmp_path, SIMPLE, of(SIMPLE, [way], ON_ERROR if way in ("plain", "group") else ["", "on_error apply"]))


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.failure} {error.when}"[:50])
def test_all_of_it(error, way, tmp_path):
    run(tmp_path, error, of(error, [way], ON_ERROR))


def action_rule(action):
    name = f"a_{action.name}"
    rule = f'rule {name} on {action.phase} when request.headers["x-rule"] == "{name}" {{ {action.actions} }}'
    return "\n".join(filter(None, [action.items, rule])).replace("NAME", action.name).replace("VALUE", VALUE)


def action_test(action):
    name = f"a_{action.name}"
    headers = json.dumps({"x-rule": name, "x-value": "one", "x-target": "client"})
    words = json.dumps(f"{name}: error: {FAILURES[action.failure]}")
    lines = [
        f'test "{name}" {{',
        f'  send POST "/" headers {headers} body "b"  upstream 200 headers {{"x-up": "up"}}',
        f"  expect {action.expected}",
        f'  expect metrics["{name}.matched"] == 1 && metrics["{name}.errors"] == 1',
        f'  expect metrics["{name}.denied"] == {action.denied} && metrics["{name}.shadow"] == 0',
        f"  expect logs.filter(l, l.contains({words})).size() == 1",
    ]
    if action.details:
        lines.append(f'  expect response.code_details == "weir.{action.details}:{name}"')
    return "\n".join([*lines, "}"])


def test_actions_whose_expression_fails(tmp_path):
    config = {"long": "x" * (65 << 10), "many": ["v"] * 40, "weir": {"memory": 1 << 20}}
    rules = "\n".join(map(action_rule, ACTIONS))
    tests = "\n\n".join(map(action_test, ACTIONS))
    file = tmp_path / "failing_test.weir"
    file.write_text(f"config {json.dumps(config)}\n{rules}\n\n{tests}\n")
    run_file(file, len(ACTIONS))


def test_no_failure_is_left_out():
    tried = {row.failure for row in [*ERRORS, *ACTIONS]}
    assert tried.isdisjoint(ELSEWHERE) and tried | set(ELSEWHERE) == set(FAILURES)


def test_no_action_is_left_out():
    table = (ROOT / "engine/tbl/actions.h").read_text()
    rows = re.findall(r'^ACTION\(\w+, "(\w+)", .*, (true|false), (?:true|false)\)$', table, re.M)
    for word, restricts in rows:
        of_word = [kind for kind in KINDS if re.search(rf"\b{word}\b", kind.actions)]
        assert word == "skip" or any(kind.restricts == (restricts == "true") for kind in of_word), word
