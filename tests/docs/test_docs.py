"""Accuses the documents: an example that does not do what it says, a table that is behind its rows,
a link that leads nowhere.

Fenced blocks say in their first line what they are:
    weir [with JSON]                     a rule text that `weir check` accepts without a warning
    weir refused CODE [with JSON]        one that it refuses with that code
    weir warned CODE                     one that it warns of with that code
    weir-test                            a test file whose tests pass, and of whose rules nothing is to be warned
    json pluginConfig [refused CODE]     a pluginConfig that `weir check` accepts, or refuses
    yaml FILE                            lines that stand in that file in this order
    text printed                         what `weir check` prints of the block before it
    text                                 not run
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import reference  # noqa: E402
import rule_sets  # noqa: E402

WEIR = Path(os.environ.get("WEIR", ROOT / "build/sanitize/weir")).resolve()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```([a-z-]+)(.*)\n((?:.*\n)*?)```$", re.M)
KINDS = {"weir", "weir-test", "json", "yaml", "text"}
SECONDS = 60


@dataclass
class Block:
    path: Path
    line: int
    kind: str
    words: str
    text: str

    @property
    def name(self):
        return f"{self.path.name}:{self.line} {self.kind}{self.words}"[:70]

    @property
    def refused(self):
        found = re.match(r".*\brefused (E\d{4})", self.words)
        return found and found.group(1)

    @property
    def warned(self):
        found = re.match(r".*\bwarned (W\d{4})", self.words)
        return found and found.group(1)

    @property
    def data(self):
        return self.words.partition(" with ")[2]


def blocks_of(path):
    text = path.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(path, line, match.group(1), match.group(2), match.group(3))


BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]


def of_kind(*kinds):
    return [pytest.param(block, id=block.name) for block in BLOCKS if block.kind in kinds]


def weir(*arguments, text=None, cwd=ROOT / "rules"):
    done = subprocess.run(
        [WEIR, *arguments], input=text, capture_output=True, text=True, cwd=cwd, timeout=SECONDS
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_fence_says_what_it_is(path):
    fences = re.findall(r"^```.*$", path.read_text(encoding="utf-8"), re.M)
    opening = [fence for fence in fences if fence != "```"]
    assert len(opening) * 2 == len(fences) and len(opening) == len(list(blocks_of(path)))
    assert {re.match(r"```([a-z-]+)", fence)[1] for fence in opening} <= KINDS


def test_there_are_examples():
    assert {block.kind for block in BLOCKS} == KINDS and len(BLOCKS) > 15 and PRINTED


@pytest.mark.parametrize("block", of_kind("weir", "json"))
def test_rules_are_accepted_or_refused_as_said(block, tmp_path):
    options = []
    if block.data:
        (tmp_path / "data.json").write_text(block.data)
        options = ["--config", tmp_path / "data.json"]
    status, said = weir("check", *options, "-", text=block.text)
    if block.refused:
        assert status == 1 and f"error[{block.refused}]" in said
    elif block.warned:
        assert status == 0 and f"warning[{block.warned}]" in said
    else:
        assert (status, said) == (0, "")


def split_test(text):
    """-> the rules of a test file, the JSON of its `config`"""
    text = re.sub(r"^test .*?^}\n", "", text, flags=re.S | re.M)
    found = re.search(r"^config (?=\{)", text, re.M)
    if not found:
        return text, {}
    data, end = json.JSONDecoder().raw_decode(text[found.end() :])
    return text[: found.start()] + text[found.end() + end :], data


@pytest.mark.parametrize("block", of_kind("weir-test"))
def test_nothing_is_to_be_warned_of(block, tmp_path):
    rules, data = split_test(block.text)
    (tmp_path / "data.json").write_text(json.dumps(data))
    if rules.strip():
        assert weir("check", "--config", tmp_path / "data.json", "-", text=rules) == (0, "")


PRINTED = [(before, block) for before, block in zip(BLOCKS, BLOCKS[1:]) if block.words == " printed"]


@pytest.mark.parametrize("before, block", PRINTED, ids=lambda block: block.name)
def test_what_is_shown_is_printed(before, block, tmp_path):
    (tmp_path / "rules").write_text(before.text)
    assert weir("check", "rules", cwd=tmp_path) == (before.warned is None, block.text)


@pytest.mark.parametrize("block", of_kind("weir-test"))
def test_tests_pass(block, tmp_path):
    file = tmp_path / "example_test.weir"
    file.write_text(block.text)
    status, said = weir("test", file)
    assert status == 0, said
    assert re.search(r"^[1-9]\d* passed, 0 failed$", said, re.M)


@pytest.mark.parametrize("block", of_kind("yaml"))
def test_lines_stand_in_their_file(block):
    lines = iter((ROOT / block.words.strip()).read_text().splitlines())
    for wanted in block.text.splitlines():
        assert any(line.strip() == wanted.strip() for line in lines), wanted


def test_generated_parts_are_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/reference.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def anchors(path):
    """GitHub's names of a document's headings."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
    assert len(text) > 500
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:engine|grammar|plugin|tools|tests|rules|deploy|bench|docs)/[\w/.-]*\.\w+)`", text
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_the_two_commands_of_the_readme_are_targets():
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:.*## ", makefile, re.M)


def section(title):
    text = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def described(title, head):
    """The first word of each row of the table that begins with that head."""
    rows = section(title).split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [re.match(r"\| `(\w+)", row)[1] for row in rows]


@pytest.mark.parametrize(
    "title, head, table, macro",
    [
        ("Actions", "action", "actions", "ACTION"),
        ("Actions", "part", "reply_parts", "REPLY_PART"),
        ("Limiters", "option", "limiter_options", "LIMITER_OPTION"),
        ("Limiters", "service option", "service_options", "SERVICE_OPTION"),
        ("Settings", "setting", "settings", "SETTING"),
    ],
)
def test_tables_have_every_row_and_nothing_else(title, head, table, macro):
    rows = (ROOT / f"engine/tbl/{table}.h").read_text(encoding="utf-8")
    words = re.findall(rf'^{macro}\(\w+, "(\w+)"', rows, re.M)
    assert words and sorted(described(title, head)) == sorted(words)


def test_words_and_counters_of_limiters_are_listed():
    words = [row[2] for row in reference.rows("limiter_words", "LIMITER_WORD")]
    words += [row[1] for row in reference.rows("algorithms", "ALGORITHM")]
    limiters = section("Limiters")
    assert words and [word for word in words if not re.search(rf"`[^`]*\b{word}\b[^`]*`", limiters)] == []
    for table in ("rule_counters", "limiter_counters"):
        kind = table.split("_")[0].upper()
        place = "limiter.NAME" if kind == "LIMITER" else "RULE"
        for _, suffix in reference.rows(table, f"{kind}_COUNTER"):
            assert f"`weir.NAMESPACE.{place}.{suffix}`" in section("Metrics and log lines"), suffix


def test_settings_have_the_bounds_of_the_limits():
    limits = section("Limits")
    for setting, names in (("steps", ["STEPS_DEFAULT", "STEPS_MOST"]),
                           ("memory", ["MEMORY_DEFAULT", "MEMORY_LEAST", "MEMORY_MOST"]),
                           ("max_keys", ["KEYS_DEFAULT", "KEYS_MOST"])):
        row = re.search(rf"^\| `{setting}`.*$", section("Settings"), re.M)[0]
        for name in names:
            group = re.search(rf"^\| (.*`LIMIT_{name}`.*?) \| (.*?) \|", limits, re.M)
            values = dict(zip(group[1].split("<br>"), group[2].split("<br>")))
            assert values[f"`LIMIT_{name}`"] in row, name


# What the examples of the reference may look at.
EXCHANGE = """send GET "http://www.example/a/../b" headers {"accept": ["text/html", "*/*"], "x-user": "ada"}"""


def examples():
    """-> (row's name, example) of every function and macro, the compiler's own functions, too"""
    rows = [(row[0], row[3]) for row in reference.rows("functions", "FUNCTION")]
    rows += [(row[0], row[6]) for row in reference.rows("macros", "MACRO")]
    return [(name, example) for name, example in rows if example]


def test_examples_of_functions_and_macros_are_true(tmp_path):
    """In one file, a test for each; `expect` takes nothing but a bool."""
    tests = [f'test "{name}" {{ {EXCHANGE} expect ({example}) }}' for name, example in examples()]
    file = tmp_path / "examples_test.weir"
    file.write_text("\n".join(tests))
    status, said = weir("test", file)
    assert status == 0 and said.endswith(f"{len(tests)} passed, 0 failed\n"), said


def test_every_function_and_macro_is_listed():
    expressions = section("Expressions")
    signatures = [row[1] for row in reference.function_rows()]
    signatures += [row[5] for row in reference.rows("macros", "MACRO")]
    assert len(signatures) > 200
    assert [text for text in signatures if reference.code(text) not in expressions] == []


def test_only_functions_of_secrets_have_no_example():
    bare = [row[1] for row in reference.rows("functions", "FUNCTION") if not row[3]]
    assert [text for text in bare if "secret" not in text] == []


def test_targets_are_listed_with_their_verbs():
    table = section("Actions")
    rows = reference.rows("places", "PLACE")
    paths = {row[0]: row[1] for row in reference.rows("fields", "FIELD")}
    assert len(rows) >= 8
    for _, field, verbs in rows:
        words = [word.strip().removeprefix("VERB_").lower() for word in verbs.split("|")]
        path = re.escape(paths[field])
        assert re.search(rf"^\| `{path}(\[e\])?` \| {', '.join(words)} \|", table, re.M), paths[field]


def test_bundled_sets_are_listed():
    listed = re.search(r"only\s+those: (.*?)\. A file", section("Files"), re.S)[1]
    assert re.findall(r"`(\S+)`", listed) == [path.name for path in rule_sets.paths()]


@pytest.mark.parametrize("path", rule_sets.paths(), ids=lambda path: path.stem)
def test_a_set_says_which_members_it_takes(path):
    read = set(re.findall(r"\bconfig\.\??(\w+)", path.read_text(encoding="utf-8")))
    _, found = rule_sets.members(rule_sets.pieces(path)[1])
    assert read == {name for name, _ in found}
    assert all(": " in text for _, text in found)
