"""Reads the first comment of each bundled rule set, and makes the sections of docs/rules.md of it.

The comment has four parts, an empty line between them: what the set does; `Members of `config``, one
to an entry with its type before the first colon, and what is refused; `Example:`, with the data in
JSON; remarks, which may be left out.
"""
import json
import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRY = re.compile(r"  (\w+) +(.*)")
INNER = re.compile(r"    +(\w+) {2,}(.*)")
WIDTH = 100


def paths():
    return [path for path in sorted((ROOT / "rules").glob("*.weir")) if not path.stem.endswith("_test")]


def comment(path):
    """The lines of the first comment, less their slashes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("//"))
    return [re.sub("^// ?", "", line) for line in lines[:end]]


def pieces(path):
    """What stands between empty lines."""
    return [part.splitlines() for part in "\n".join(comment(path)).split("\n\n")]


def marked(text):
    """Quoted texts as code, and no star that would be read as emphasis."""
    parts = re.split(r'(`[^`]*`|"[^"`]*")', text)
    return "".join(part.replace("*", "\\*") if i % 2 == 0 else f"`{part.strip('`')}`" for i, part in enumerate(parts))


def prose(lines):
    """Filled anew; what is indented stays as it is."""
    text = []
    for line in lines:
        if line.startswith("  "):
            text += ["", "    " + line.strip()]
        else:
            text[-1:] = [" ".join([*text[-1:], line]).strip()]
    for line in text:
        shown = line.startswith("    ") or not line
        yield from [line] if shown else textwrap.wrap(marked(line), WIDTH, break_on_hyphens=False)


def members(lines):
    """-> the remarks around the entries, and [[name, text]]; entries inside of one are joined to it"""
    around, found = [], []
    for line in lines:
        entry, inner = ENTRY.fullmatch(line), INNER.fullmatch(line)
        if entry:
            found.append([entry[1], entry[2]])
        elif inner and found:
            found[-1][1] += f"<br>`{inner[1]}`: {inner[2]}"
        elif line.startswith("  "):
            found[-1][1] += " " + line.strip()
        else:
            around.append(line)
    return around, found


def cell(text):
    return marked(text).replace("|", "\\|")


def table(found):
    yield "| member | | meaning |"
    yield "|---|---|---|"
    for name, text in found:
        kind, _, meaning = text.partition(": ")
        yield f"| `{name}` | {cell(kind)} | {cell(meaning)} |"


def example(path, data):
    """The pluginConfig that a new user writes, a member to a line."""
    config = {"rules": f'include "{path.name}"'} | json.loads(data)
    yield "```json pluginConfig"
    yield "{"
    yield ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in config.items())
    yield "}"
    yield "```"


def section(path):
    what, listed, data, *remarks = pieces(path)
    around, found = members(listed)
    yield f"## {path.stem}"
    yield ""
    yield from prose(what)
    yield ""
    if found:
        yield from table(found)
        yield ""
        yield from prose(around[1:])
    else:
        yield from prose(around)
    yield ""
    yield from example(path, " ".join(data).removeprefix("Example:"))
    for remark in remarks:
        yield ""
        yield from prose(remark)
    yield ""


def sections():
    for path in paths():
        yield from section(path)
