"""Accuses the documents: an example that does not do what it says, a table that is behind its rows,
a link that leads nowhere.

Fenced blocks say in their first line what they are:
    weir [with JSON]                     a rule text that `weir check` accepts
    weir refused CODE [with JSON]        one that it refuses with that code
    weir-test                            a test file whose tests pass
    json pluginConfig [refused CODE]     a pluginConfig that `weir check` accepts, or refuses
    yaml FILE                            lines that stand in that file in this order
    text, text printed                   not run
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEIR = Path(os.environ.get("WEIR", ROOT / "build/sanitize/weir")).resolve()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```([a-z-]+)(.*)\n((?:.*\n)*?)```$", re.M)
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


def weir(*arguments, text=None):
    done = subprocess.run(
        [WEIR, *arguments], input=text, capture_output=True, text=True, cwd=ROOT / "rules",
        timeout=SECONDS,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_every_kind_of_block_is_known():
    assert {block.kind for block in BLOCKS} <= {"weir", "weir-test", "json", "yaml", "text"}
    assert len(BLOCKS) > 15


@pytest.mark.parametrize("block", of_kind("weir", "json"))
def test_rules_are_accepted_or_refused_as_said(block, tmp_path):
    options = []
    if block.data:
        (tmp_path / "data.json").write_text(block.data)
        options = ["--config", tmp_path / "data.json"]
    status, said = weir("check", *options, "-", text=block.text)
    if block.refused:
        assert status == 1 and f"error[{block.refused}]" in said
    else:
        assert (status, said) == (0, "")


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
        [sys.executable, ROOT / "tools/bytecode_doc.py", "--check"], capture_output=True, text=True
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


def test_settings_and_actions_are_all_described():
    language = (ROOT / "docs/language.md").read_text()
    for table, macro in (("settings", "SETTING"), ("actions", "ACTION")):
        rows = (ROOT / f"engine/tbl/{table}.h").read_text()
        for word in re.findall(rf'^{macro}\(\w+, "(\w+)"', rows, re.M):
            assert f"`{word}" in language, word
