"""Accuses the compiler's words: what `weir check` says of a text, to the letter.

The cases stand in the .txt files beside this one:

    === title
    the rule text, or a pluginConfig that begins with `{`
    --- config
    the user's data, given by --config (may be left out, as may files)
    --- NAME
    a file NAME beside the text, or 3×NAME#; without a text above it, the first such file is checked instead
    --- expect
    what is printed, or `accepted`

What stands before the first title is a preamble. In texts, «\\x00» is a byte, and «3×r# \\n» is a part three times,
`#` its number from 0, `##` the next one. Lints are asked for in lints.txt alone. WEIR names another tool. WEIR_UPDATE_GOLDEN=1 writes what is printed into the files: read the
difference before you keep it.
"""
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WEIR = Path(os.environ.get("WEIR", ROOT / "build/sanitize/weir")).resolve()
UPDATE = os.environ.get("WEIR_UPDATE_GOLDEN") == "1"
SECONDS = 60

UNREACHED_CODES = {
    605: "only a bug of weir reaches it",
    714: "a fresh VM looks for secrets, `weir check` does not",
}
# Limits that no text reaches; the others have a case at them and one over them.
UNREACHED_LIMITS = {
    "LIMIT_FOLDED_BYTES": "decides only who computes a text, the compiler or the request",
    "LIMIT_PARSER_STACK": "LIMIT_NESTING is over before",
    "LIMIT_PREPARED_BYTES": "is of memory, which a pattern takes more or less of on other machines; hostile.txt is over it",
    "LIMIT_STEPS_DEFAULT": "counts while a request runs",
    "LIMIT_MEMORY_DEFAULT": "counts while a request runs",
    "LIMIT_STRING": "counts while a request runs",
    "LIMIT_HEADERS_ADDED": "counts while a request runs",
    "LIMIT_HEADERS_BYTES": "counts while a request runs",
    "LIMIT_MESSAGE_LINES": "counts while a request runs",
    "LIMIT_LOG_LINE": "counts while a request runs",
    "LIMIT_TAG": "cuts, while requests run",
    "LIMIT_BODY_DEFAULT": "counts while a request runs",
    "LIMIT_KEYS_DEFAULT": "is what `max_keys` is without being written",
    "LIMIT_DEBT": "counts while a request runs",
    "LIMIT_LEASE_TIME": "counts while a request runs",
    "LIMIT_LABELS": "counts while requests run",
    "LIMIT_LABEL": "cuts, while requests run",
    "LIMIT_SWAPS": "counts while a request runs",
}


@dataclass
class Case:
    path: Path
    title: str
    text: str = ""
    files: dict = field(default_factory=dict)
    expected: str = ""

    @property
    def name(self):
        return f"{self.path.stem}: {self.title}"


def read_case(path, block):
    title, _, body = block.partition("\n")
    parts = re.split(r"^--- (\S+)\n", body, flags=re.M)
    case = Case(path, title.strip(), parts[0].removesuffix("\n"))
    for name, text in zip(parts[1::2], parts[2::2]):
        case.files[name] = text.removesuffix("\n")
    assert list(case.files)[-1:] == ["expect"], f"{case.name}: the last part must be `expect`"
    case.expected = case.files.pop("expect").strip("\n")
    return case


def split(path):
    """-> the preamble, the cases"""
    preamble, *blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)
    return preamble, [read_case(path, block) for block in blocks]


def join(preamble, cases):
    text = preamble
    for case in cases:
        text += f"=== {case.title}\n" + (f"{case.text}\n" if case.text or not case.files else "")
        text += "".join(f"--- {name}\n{part}\n" for name, part in case.files.items())
        text += f"--- expect\n{case.expected}\n\n"
    return text.rstrip("\n") + "\n"


FILES = sorted(HERE.glob("*.txt"))
CASES = [case for path in FILES for case in split(path)[1]]


def unescape(text):
    names = {"n": b"\n", "r": b"\r", "t": b"\t"}
    parts = re.split(r"\\(x[0-9a-f]{2}|[nrt])", text)
    out = parts[0].encode()
    for escape, rest in zip(parts[1::2], parts[2::2]):
        out += names.get(escape) or bytes([int(escape[1:], 16)])
        out += rest.encode()
    return out


def numbered(text, number):
    return text.replace(b"##", b"%d" % (number + 1)).replace(b"#", b"%d" % number)


def made(text):
    """The bytes of a text, its generated parts made."""
    out = b""
    for index, part in enumerate(re.split(r"«([^»]*)»", text)):
        if index % 2 == 0:
            out += part.encode()
        elif match := re.fullmatch(r"(\d+)×(.*)", part, re.S):
            one = unescape(match[2])
            count = int(match[1])
            out += b"".join(numbered(one, i) for i in range(count)) if b"#" in one else one * count
        else:
            out += unescape(part)
    return out


def check(case, folder):
    """-> what `weir check` prints"""
    for name, text in case.files.items():
        count, _, one = name.rpartition("×")
        for number in range(int(count or 1)):
            part = numbered(made(text), number) if count else made(text)
            (folder / one.replace("#", str(number))).write_bytes(part)
    options = [] if case.path.stem == "lints" else ["--no-lint"]
    options += ["--config", "config"] if "config" in case.files else []
    checked = next((name for name in case.files if name != "config" and not case.text), "-")
    done = subprocess.run(
        [WEIR, "check", *options, checked], input=made(case.text), capture_output=True, cwd=folder, timeout=SECONDS
    )
    assert done.stderr == b"", done.stderr.decode(errors="replace")
    said = done.stdout.decode("utf-8").rstrip("\n")
    wrong = re.search(r": error\[E\d{4}\]: ", said) is not None
    assert done.returncode == wrong and (said == "" or wrong or ": warning[W" in said), (done.returncode, said)
    return said or "accepted"


def keep(case, said):
    preamble, cases = split(case.path)
    for other in cases:
        if other.title == case.title:
            other.expected = said
    case.path.write_text(join(preamble, cases), encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_check(case, tmp_path):
    said = check(case, tmp_path)
    if UPDATE and said != case.expected:
        keep(case, said)
    elif said != case.expected:
        pytest.fail(f"{case.name}\n--- expected\n{case.expected}\n--- printed\n{said}", pytrace=False)


def test_titles_are_unique():
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_files_are_as_an_update_would_write_them(path):
    assert join(*split(path)) == path.read_text(encoding="utf-8")


def test_every_code_occurs():
    table = (ROOT / "engine/tbl/errors.h").read_text(encoding="utf-8")
    codes = {int(code) for code in re.findall(r"^ERROR\(\w+, (\d+),", table, re.M)}
    seen = {int(code) for case in CASES for code in re.findall(r"error\[E(\d{4})\]", case.expected)}
    assert seen <= codes
    assert sorted(codes - seen) == sorted(UNREACHED_CODES)


def test_every_lint_warns_and_keeps_quiet():
    table = (ROOT / "engine/tbl/lints.h").read_text(encoding="utf-8")
    codes = set(re.findall(r"^LINT\(\w+, (\d+),", table, re.M))
    warned = {code for case in CASES for code in re.findall(r"warning\[W0(\d{3})\]", case.expected)}
    quiet = {code for case in CASES if case.expected == "accepted" for code in re.findall(r"W0(\d{3}),", case.title)}
    assert (warned, quiet) == (codes, codes)


def test_every_limit_is_met_and_passed():
    header = (ROOT / "engine/base/limits.h").read_text(encoding="utf-8")
    limits = set(re.findall(r"^(?:    |#define )(LIMIT_\w+)", header, re.M))
    titles = [case.title for case in CASES]
    missing = [f"{name}, {where}" for name in sorted(limits) for where in ("at it", "over it")
               if name not in UNREACHED_LIMITS and f"{name}, {where}" not in titles]
    assert missing == []
    assert set(UNREACHED_LIMITS) <= limits
