"""Fills the generated parts of the documents from the tables of the sources.

    python3 tools/reference.py           writes what differs
    python3 tools/reference.py --check   says which documents differ, exit code 1 when any does

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; parts() lists the names. All of docs/bytecode.md
but its beginning is made so, the tables of fields, functions, codes, warnings and limits in docs/language.md, and
the sections of docs/rules.md.
"""
import re
import sys
from pathlib import Path

import rule_sets

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["docs/bytecode.md", "docs/language.md", "docs/operations.md", "docs/rules.md"]
PART = re.compile(r"(<!-- generated: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.S)
ARGUMENT = re.compile(r'"(?:[^"\\]|\\.)*"|[(),]|\s+|[^"(),\s]+')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def source(name):
    return (ROOT / name).read_text()


def table(name):
    return source(f"engine/tbl/{name}.h")


def split_arguments(text, start):
    """The arguments of a macro whose opening parenthesis is behind `start`, as written."""
    arguments, depth = [""], 0
    for match in ARGUMENT.finditer(text, start):
        piece = match.group()
        if piece == ")" and depth == 0:
            return [argument.strip() for argument in arguments]
        depth += (piece == "(") - (piece == ")")
        if piece == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += piece
    raise ValueError(f"no end of a row: {text[start:start + 60]}")


def plain(argument):
    """A C string literal, perhaps in pieces, as text; anything else as it is."""
    pieces = LITERAL.findall(argument)
    return "".join(pieces).replace('\\"', '"').replace("\\\\", "\\") if pieces else argument


def entries(name, macro):
    """-> ("row", arguments) and ("comment", text), in their order; a comment is of whole lines"""
    text = table(name)
    pattern = re.compile(rf"^{macro}\(|^(?://.*\n)+", re.M)
    for match in pattern.finditer(text):
        if match.group().startswith("//"):
            yield "comment", " ".join(line[2:].strip() for line in match.group().splitlines())
        else:
            yield "row", [plain(argument) for argument in split_arguments(text, match.end())]


def rows(name, macro):
    return [arguments for kind, arguments in entries(name, macro) if kind == "row"]


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`"


def markdown(head, lines):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for line in lines:
        yield "| " + " | ".join(line) + " |"


# ---- the bytecode


def operand_kinds():
    head = table("opcodes").split("Operand kinds:\n")[1].split("\n\n")[0]
    yield "```text"
    yield from (line[2:].strip() if line[2:5] != "   " else line[5:].rstrip() for line in head.splitlines())
    yield "```"


def opcodes():
    lines = []
    for kind, entry in list(entries("opcodes", "OP"))[1:]:
        if kind == "row":
            name, a, b, c, meaning = entry
            lines.append([code(name), *(code(x) if x != "NO" else "" for x in (a, b, c)), cell(meaning)])
            continue
        if lines:
            yield from markdown(["opcode", "a", "b", "c", "meaning"], lines)
            yield ""
            lines = []
        yield f"### {entry[0].upper()}{entry[1:]}"
        yield ""
    yield from markdown(["opcode", "a", "b", "c", "meaning"], lines)


def further_steps(cost):
    known = {"0": "", "run->spent": "each item looked at"}
    return known[cost] if cost in known else code(re.sub(r"(\w)\.length", r"size(\1)", cost))


def tests():
    lines = [
        [code(name), code(x), code(y), cell(meaning), further_steps(cost)]
        for name, x, y, cost, _, meaning in rows("tests", "TEST")
    ]
    yield from markdown(["test", "x", "y", "holds when", "further steps"], lines)


# ---- the language


def phases_of(text):
    """The phases of a field's row, in words."""
    known = {word: bits for word, bits in re.findall(r"#define (FROM_\w+)\s*(?:\\\n)?\s*\(([^)]*)\)", table("fields"))}
    bits = known.get(text, text)
    words = [word for name, word in rows("phases", "PHASE") if f"IN_{name}" in bits.split(" | ")]
    return ", ".join(words)


SHOWN = {"limits": "limits.NAME.remaining"}  # fields that stand with a name of the program's


def field_rows(expected):
    for _, path, type_, phases, _, _, _, meaning in rows("fields", "FIELD"):
        if (phases == "IN_EXPECT") == expected:
            yield SHOWN.get(path, path), type_.lower(), phases, meaning


def fields():
    lines = [[code(p), t, phases_of(x), cell(m)] for p, t, x, m in field_rows(False)]
    yield from markdown(["field", "type", "phases", "meaning"], lines)


def fields_of_tests():
    lines = [[code(p), t, cell(m.removeprefix("in test files: "))] for p, t, _, m in field_rows(True)]
    yield from markdown(["field", "type", "meaning"], lines)


# Where the reference shows a function: by its name, its body, or the word that the body's name begins with.
FAMILIES = {
    "convert": "Types and conversions",
    "type_of_value": "Types and conversions",
    "size_of": "Sizes",
    "string": "Strings",
    "regex": "Regular expressions",
    "pattern": "Globs, templates, domains and URLs",
    "math": "Numbers",
    "list": "Lists",
    "sets": "Lists",
    "map": "Maps",
    "optional": "Optional values",
    "time": "Timestamps and durations",
    "timestamp": "Timestamps and durations",
    "duration": "Timestamps and durations",
    "network": "Addresses and networks",
    "encode": "Encodings",
    "convert_json": "JSON",
    "parse_json": "JSON",
    "hash": "Digests, hashes, chance",
    "secret": "Secrets",
    "headers": "Headers",
}


def family(name, body):
    found = FAMILIES.get(name) or FAMILIES.get(body) or FAMILIES.get(body.split("_")[0])
    if not found:
        raise SystemExit(f"FAMILIES of tools/reference.py does not know the body {body}")
    return found


def form_of(signature):
    """What two overloads have in common: `<>.name` or `name`."""
    name = signature.rsplit(">.", 1)[-1] if signature.startswith("<") else signature
    return ("<>." if signature.startswith("<") else "") + name.split("(")[0]


def function_rows():
    return [row for row in rows("functions", "FUNCTION") if "@" not in row[1]]


def functions():
    """A line for the overloads of one name that mean the same, with an example of each form."""
    groups = {}
    for _, signature, body, example, meaning in function_rows():
        name = form_of(signature).removeprefix("<>.")
        line = groups.setdefault(family(name, body), {}).setdefault((name, meaning), ([], {}))
        line[0].append(signature)
        if example:
            line[1].setdefault(form_of(signature), example)
    for title in [title for title in dict.fromkeys(FAMILIES.values()) if title in groups]:
        yield f"#### {title}"
        yield ""
        lines = groups[title].items()
        yield from markdown(
            ["function", "meaning", "example"],
            [[broken(made), cell(meaning), broken(shown.values())] for (_, meaning), (made, shown) in lines],
        )
        yield ""


def broken(pieces):
    return "<br>".join(map(code, pieces))


def macros():
    lines = [[code(row[5]), cell(row[7]), code(row[6])] for row in rows("macros", "MACRO")]
    yield from markdown(["macro", "meaning", "example"], lines)


def errors():
    lines = []
    for kind, entry in list(entries("errors", "ERROR"))[1:]:
        if kind == "comment":
            lines.append(["", f"**{entry.split(': ', 1)[1]}**"])
        else:
            lines.append([f"E{int(entry[1]):04}", cell(entry[2])])
    yield from markdown(["code", "message"], lines)


def lints():
    lines = []
    for kind, entry in list(entries("lints", "LINT"))[1:]:
        if kind == "comment":
            lines.append(["", f"**{entry.split(': ', 1)[1]}**", ""])
        else:
            lines.append([f"W{int(entry[1]):04}", cell(entry[3]), cell(entry[2])])
    yield from markdown(["code", "what it finds", "message"], lines)


def failures():
    for name, words in rows("failures", "FAILURE"):
        if name != "NONE":
            yield f"- {words}"


def number_of(text):
    """The value of a constant expression of limits.h."""
    text = re.sub(r"U?INT64_C\((\d+)\)", r"\1", text)
    if not re.fullmatch(r"[\d\s<*()]+", text):
        raise ValueError(f"not a number: {text}")
    return eval(text)  # digits and operators only


def limits():
    """Each comment of limits.h is about the constants behind it, up to the next comment."""
    text = source("engine/base/limits.h")
    groups = []
    pattern = re.compile(
        r"^ *((?:// .*\n *)*// .*)\n|^ *(LIMIT_\w+) = ([^,]+),(?: // (.*))?|^#define (LIMIT_\w+) (.*)", re.M
    )
    for match in pattern.finditer(text, text.index("enum {")):
        if match.group(1):
            words = " ".join(line.strip()[2:].strip() for line in match.group(1).splitlines())
            groups.append(([], [], [words]))
            continue
        names, values, words = groups[-1]
        names.append(code(match.group(2) or match.group(5)))
        values.append(f"{number_of(match.group(3) or match.group(6)):,}".replace(",", " "))
        words += [f"{match.group(4)}."] if match.group(4) else []
    lines = [["<br>".join(names), "<br>".join(values), cell(" ".join(words))] for names, values, words in groups]
    yield from markdown(["limit", "value", "what, and why"], lines)


def header_targets():
    lines = []
    for form, name, message, may_set, may_remove in rows("header_targets", "HEADER_TARGET"):
        shown = code(name + ("…" if form == "PREFIX" else ""))
        where = "request" if message == "REQUEST" else "request, response"
        lines.append([shown, where, "yes" if may_set == "true" else "no", "yes" if may_remove == "true" else "no"])
    yield from markdown(["header", "in", "set, add, default", "remove"], lines)


# ---- the module


def capabilities():
    abi = source("plugin/abi.h")
    names = re.findall(r"^(?:HOST|WASI)_IMPORT\((\w+)\)", abi, re.M)
    names += re.findall(r"\b(proxy_on_\w+)\(", abi)
    yield "```text"
    yield "capability_restriction_config:"
    yield "  allowed_capabilities:"
    yield from (f"    {name}: {{}}" for name in names)
    yield "```"


def parts():
    return {
        "operand-kinds": operand_kinds,
        "opcodes": opcodes,
        "tests": tests,
        "fields": fields,
        "fields-of-tests": fields_of_tests,
        "functions": functions,
        "macros": macros,
        "errors": errors,
        "lints": lints,
        "failures": failures,
        "limits": limits,
        "header-targets": header_targets,
        "capabilities": capabilities,
        "rule-sets": rule_sets.sections,
    }


def filled(text):
    return PART.sub(lambda part: part.group(1) + "\n".join(parts()[part.group(2)]()) + "\n" + part.group(4), text)


def main(arguments):
    stale = [name for name in DOCUMENTS if filled(source(name)) != source(name)]
    for name in stale:
        if "--check" in arguments:
            print(f"{name} is out of date: run tools/reference.py")
        else:
            (ROOT / name).write_text(filled(source(name)))
            print(f"wrote {name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
