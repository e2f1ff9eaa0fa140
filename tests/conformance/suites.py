"""The parsing, checking and comprehension suites, which come from cel-go's own tests, as cases.

The package shows what cel-go made of each expression in one environment: all syntax options off, nothing declared.
suites.txt says where weir's is another, and what is right there.
"""
import json
import re

import cases
import values

SIZES = {"parsing": 194, "checking": 135, "comprehension": 92}  # in the package as pinned
ERROR = re.compile(r"ERROR: [^:]*:(-?\d+):(\d+): ")
# What cel-go's checker tests declare for all of theirs.
CHECKER_VARIABLES = [
    (f"i{letter}", kind, None)
    for letter, kind in zip("siuzbdx", ("string", "int", "uint", "bool", "bytes", "double", "null"))
]
CHECKER_FUNCTIONS = ["fg_s() string", "<string>.fi_s_s() string"]


def read_variable(text):
    name, _, kind = text.partition(" ")
    return name, kind, None


WANTS = {
    "true": [("value", ("bool", True))],
    "fails": [("error",)],
    "accepted": [("accepted",)],
    "refused": [("refused",)],
}


def read_entry(entry):
    """`suite/1-3: want with x int` -> yields name, want or None for out, variables"""
    place, _, want = entry.partition(": ")
    suite, _, numbers = place.partition("/")
    first, _, last = numbers.partition("-")
    want, _, declared = want.partition(" with ")
    variables = [read_variable(each) for each in declared.split(" and ") if each]
    kind, _, text = want.partition(" ")
    if want == "out":
        wants = None
    else:
        wants = [("type", text)] if kind == "type" else WANTS[want]
    for number in range(int(first), int(last or first) + 1):
        yield f"{suite}/{number}", wants, variables


def plain_case(suite, name, test):
    """as the package has it"""
    case = cases.Case(name, test["original"]["expr"], [], check_only=True)
    if "type" in test:
        case.wants = [("type", test["type"])]
        return case
    parsed = "ast" in test
    case.unchecked = suite != "checking"  # parsing only
    case.wants = [("accepted",) if parsed and case.unchecked else ("refused",)]
    place = ERROR.match(test.get("error", ""))
    if case.wants == [("refused",)] and place and int(place[1]) > 0:
        case.position = (int(place[1]), int(place[2]))
    return case


def settle(case, wants, variables):
    """the case as suites.txt has it"""
    case.wants, case.variables, case.position = wants, variables, None
    case.unchecked = wants == [("accepted",)]
    case.check_only = wants[0][0] in ("accepted", "refused", "type")


def declare(suite, case, original):
    case.container = original.get("container", "")
    cases.declare(case, original)
    if suite == "checking":
        case.variables += CHECKER_VARIABLES
        case.functions += CHECKER_FUNCTIONS


def make_case(suite, name, test, wants, variables):
    case = plain_case(suite, name, test)
    declare(suite, case, test["original"])
    if wants:
        settle(case, wants, [*case.variables, *variables])
    return case


def load(folder, listed):
    """-> cases by suite, complaints"""
    entries = [each for _, entry in cases.read_groups(listed) for each in read_entry(entry)]
    known = {name: (wants, variables) for name, wants, variables in entries}
    complaints = [] if len(known) == len(entries) else [f"{listed.name} names a case twice"]
    suites = {}
    for suite, size in SIZES.items():
        suites[suite] = []
        tests = json.loads((folder / f"{suite}.json").read_text())["tests"]
        if len(tests) != size:
            complaints.append(f"the {suite} suite has {len(tests)} cases, not {size}")
        for number, test in enumerate(tests, 1):
            name = f"{suite}/{number}"
            wants, variables = known.pop(name, ([], []))
            if wants is None:
                continue
            try:
                suites[suite].append(make_case(suite, name, test, wants, variables))
            except values.NoForm as reason:
                complaints.append(f"{name} cannot be said in weir: {reason}")
    complaints += [f"{listed.name}: there is no case {name}" for name in known]
    return suites, complaints
