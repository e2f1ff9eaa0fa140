"""Cases of the public suite: read from its JSON, named, told apart from those that are out, and put into lines.

What a case wants is one of ("value", value), ("error",), ("type", text), ("accepted",), ("refused",).
"""
import json
from collections import Counter
from dataclasses import dataclass, field

import values

PRIMITIVES = {
    "BOOL": "bool",
    "INT64": "int",
    "UINT64": "uint",
    "DOUBLE": "double",
    "STRING": "string",
    "BYTES": "bytes",
}
WELL_KNOWN = {"DURATION": "duration", "TIMESTAMP": "timestamp"}
MESSAGES = {"google.protobuf.Duration": "duration", "google.protobuf.Timestamp": "timestamp"}


@dataclass
class Case:
    name: str
    expression: str
    wants: list
    container: str = ""
    unchecked: bool = False
    check_only: bool = False
    variables: list = field(default_factory=list)  # (name, type, value or None)
    functions: list = field(default_factory=list)  # signatures
    position: tuple = None  # of the error that the suite shows: line, column

    def lines(self, number):
        word = lambda text: f"x{values.text_word(text)}"
        yield f"case {number}"
        yield f"expression {word(self.expression)}"
        if self.container:
            yield f"container {word(self.container)}"
        if self.unchecked:
            yield "unchecked"
        if self.check_only:
            yield "check"
        for name, kind, value in self.variables:
            held = f" {values.to_words(value)}" if value else ""
            yield f"variable {word(name)} {word(kind)}{held}"
        for signature in self.functions:
            yield f"function {word(signature)}"
        yield "end"


def plain_type(text):
    """of the two spellings of a type the shorter one"""
    for full, word in MESSAGES.items():
        text = text.replace(full, word)
    return text


def type_text(declared, deduced=False):
    """a cel.expr.Type in protobuf's JSON -> its text, as it is declared or as it is deduced"""
    inner = lambda parts: ", ".join(type_text(part, deduced) for part in parts)
    ((kind, held),) = declared.items()
    if kind == "primitive":
        return PRIMITIVES[held]
    if kind in ("null", "dyn"):
        return kind
    if kind == "wellKnown" and held in WELL_KNOWN:
        return WELL_KNOWN[held]
    if kind == "messageType" and held in MESSAGES:
        return MESSAGES[held]
    if kind == "listType":
        return f"list({inner([held['elemType']])})"
    if kind == "mapType":
        return f"map({inner([held['keyType'], held['valueType']])})"
    if kind == "typeParam":
        return held
    if kind == "type":
        return f"type({inner([held or {'dyn': {}}])})"
    if kind == "abstractType":
        name = "optional" if held["name"] == "optional_type" and not deduced else held["name"]
        parts = inner(held.get("parameterTypes", []))
        return f"{name}({parts})" if parts else name
    raise values.NoForm(f"{kind} {held}")


def signature(name, overload):
    parameters = [type_text(kind) for kind in overload.get("params", [])]
    if overload.get("isInstanceFunction"):
        name = f"<{parameters.pop(0)}>.{name}"
    return f"{name}({', '.join(parameters)}) {type_text(overload['resultType'])}"


def declare(case, original):
    """the variables and functions of the case's environment, and values where there are any"""
    bindings = {
        name: values.from_json(bound["value"])
        for name, bound in original.get("bindings", {}).items()
    }
    for declared in original.get("typeEnv", []):
        name = declared["name"]
        if "function" in declared:
            case.functions += [signature(name, each) for each in declared["function"]["overloads"]]
        else:
            kind = type_text(declared["ident"]["type"])
            case.variables.append((name, kind, bindings.pop(name, None)))
    case.variables += [(name, "dyn", value) for name, value in bindings.items()]


def wanted(original):
    if "evalError" in original:
        return [("error",)]
    if "typedResult" not in original:
        return [("value", values.from_json(original.get("value", {"boolValue": True})))]
    typed = original["typedResult"]
    wants = [("type", type_text(typed["deducedType"], deduced=True))]
    if "result" in typed:
        wants.append(("value", values.from_json(typed["result"])))
    return wants


def case_of(name, test):
    """NoForm when the case cannot be said in weir"""
    original = test["original"]
    case = Case(
        name=name,
        expression=original["expr"],
        wants=wanted(original),
        container=original.get("container", ""),
        unchecked=original.get("disableCheck", False),
        check_only=original.get("checkOnly", False),
    )
    declare(case, original)
    return case


def walk(suite, path=()):
    for test in suite.get("tests", []):
        yield "/".join((*path, test["original"]["name"])), test
    for inner in suite.get("suites", []):
        yield from walk(inner, (*path, inner["name"]))


def load(path):
    """-> [(suite/section/name, test)]; the second of a name has `#2` behind it"""
    seen = Counter()
    tests = []
    for name, test in walk(json.loads(path.read_text())):
        seen[name] += 1
        tests.append((name if seen[name] == 1 else f"{name}#{seen[name]}", test))
    return tests


def read_groups(path):
    """A list in groups: a line ending in a colon gives the reason, indented lines below it the entries.
    -> [(reason, entry)]"""
    entries, reason = [], None
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("    "):
            entries.append((reason, line.strip()))
        else:
            reason = line.removesuffix(":")
    return entries
