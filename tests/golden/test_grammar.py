"""Lemon's report on the grammar: what cannot be seen in any text that the parser reads."""
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "grammar/rules.y"
WORDS = ROOT / "engine/tbl/words.h"
ACTION = re.compile(r"^ +(\S+) (shift|shift-reduce|reduce|accept|error)\b")


def fallbacks(text):
    """{ID: {keywords that become names}, RESERVED: {...}}"""
    return {
        name: set(words.split()) for name, words in re.findall(r"^%fallback (\w+) ([^.]*)\.", text, re.M)
    }


def states(report):
    """[{symbol: action}], a list per state, of a report made with -c: no action hides behind a default"""
    found = []
    for block in re.split(r"^State \d+:\n", report.split("\n-----", 1)[0], flags=re.M)[1:]:
        actions = defaultdict(set)
        for line in block.splitlines():
            if match := ACTION.match(line):
                actions[match[1]].add(match[2])
        found.append(actions)
    return found


def misread(state, name, keywords):
    """the keywords that the state acts on although it shifts a name"""
    shifts = any(action.startswith("shift") for action in state.get(name, ()))
    return sorted(keyword for keyword in keywords if shifts and state.get(keyword))


@pytest.fixture(scope="module")
def lemon(tmp_path_factory):
    """-> a function: what Lemon says and reports of a grammar, its tables not compressed"""

    def run(text):
        folder = tmp_path_factory.mktemp("lemon")
        source = folder / "rules.y"
        source.write_text(text)
        done = subprocess.run(["lemon", "-c", f"-d{folder}", source], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr, (folder / "rules.out").read_text()

    return run


def test_no_conflicts(lemon):
    status, said, report = lemon(RULES.read_text())
    assert (status, said) == (0, "")
    assert "conflict" not in report.split("\n-----", 1)[0]


def test_no_state_takes_a_name_and_a_keyword_that_falls_back_to_it(lemon):
    """Lemon would take one for the other in silence."""
    text = RULES.read_text()
    report = states(lemon(text)[2])
    kinds = fallbacks(text)
    assert set(kinds) == {"ID", "RESERVED"} and len(report) > 200
    assert not any("{default}" in state for state in report)
    for name, keywords in kinds.items():
        assert sum(any("shift" in action for action in state.get(name, ())) for state in report) > 1
        for number, state in enumerate(report):
            assert misread(state, name, keywords) == [], f"state {number} shifts {name}"


@pytest.mark.parametrize(
    "more, keyword",
    [
        ("action ::= REROUTE ID.", "SET"),  # a name and a keyword that ends the action
        ("action ::= CHARGE BY.", "BY"),  # a name and a keyword in one place
    ],
)
def test_the_check_sees_such_states(lemon, more, keyword):
    text = RULES.read_text() + more + "\n"
    keywords = fallbacks(text)["ID"]
    assert any(keyword in misread(state, "ID", keywords) for state in states(lemon(text)[2]))


def test_every_keyword_has_a_row():
    lexed = re.findall(r'^WORD\("([a-z_]+)", (\w+)\)$', WORDS.read_text(), re.M)
    assert all(word.upper() == token or token == "RESERVED" for word, token in lexed)
    words = [token for _, token in lexed if token != "RESERVED"]
    assert len(words) == len(set(words))
    kinds = fallbacks(RULES.read_text())
    assert set(words) - {"TRUE", "FALSE", "NULL", "IN"} == kinds["ID"] | kinds["RESERVED"]


def test_reserved_words_are_those_of_cel():
    """The CEL language definition, RESERVED in "Syntax"; `let`, `else` and `for` are keywords here."""
    cel = "as break const continue else for function if import let loop package namespace return var void while"
    lexed = set(re.findall(r'^WORD\("([a-z]+)", RESERVED\)$', WORDS.read_text(), re.M))
    kept = {word.lower() for word in fallbacks(RULES.read_text())["RESERVED"]}
    assert lexed | kept == set(cel.split())
