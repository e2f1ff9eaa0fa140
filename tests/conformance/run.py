#!/usr/bin/env python3
"""Runs the public CEL conformance suite on the engine, natively and as a wasm module.

excluded.txt names the cases that need protobuf; they are run, too, and none of them may pass. suites.txt says what is
right in the three suites that come from cel-go's tests. The closing lines say how many passed of the cases that are in,
for each suite and way to run it; the exit status is 0 when all did.
"""
import argparse
import sys
from pathlib import Path

import cases
import programs
import suites
import values

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = 2344  # in the package as pinned
EXCLUDED = 693


def show_want(want):
    kind, *rest = want
    if kind == "value":
        return values.show(*rest)
    return {"error": "a failure when it runs", "type": f"type {''.join(rest)}"}.get(kind, kind)


def show_result(result):
    if "broken" in result:
        return result["broken"]
    if "refused" in result:
        line, column, message = result["refused"]
        return f"refused at {line}:{column}: {message}"
    made = f"type {result['type']}"
    if "value" in result:
        return f"{values.show(result['value'])}, {made}"
    return f"failure: {result['error']}, {made}" if "error" in result else made


def holds(want, result):
    kind = want[0]
    if "broken" in result or (kind == "refused") != ("refused" in result):
        return False
    if kind == "type":
        return cases.plain_type(result["type"]) == want[1]
    if kind == "value":
        return result.get("value") == want[1]
    return "error" in result if kind == "error" else True


def placed(case, result):
    """whether a refusal points into the text"""
    if "refused" not in result:
        return True
    lines = case.expression.split("\n")
    line, column, _ = result["refused"]
    return 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1


def passes(case, result):
    return all(holds(want, result) for want in case.wants) and placed(case, result)


def printable(text):
    """the same with control characters escaped, line breaks and tabs apart"""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def report(way, case, result):
    print(f"FAIL {way}  {case.name}")
    declared = [f"{name} {kind}" for name, kind, _ in case.variables] + case.functions
    parts = {
        "expression": case.expression,
        "container": case.container,
        "declared": "; ".join(declared),
        "unchecked": "yes" if case.unchecked else "",
        "wanted": " and ".join(map(show_want, case.wants)),
        "got": show_result(result),
    }
    for name, text in parts.items():
        if text:
            print(f"    {name:11} " + printable(text).replace("\n", "\n" + " " * 16))


def judge(way, chosen, results):
    """-> whether all passed"""
    failed = [(case, result) for case, result in zip(chosen, results) if not passes(case, result)]
    for case, result in failed:
        report(way, case, result)
    print(f"{way}: {len(chosen) - len(failed)} of {len(chosen)}", flush=True)
    same_places(chosen, results)
    return not failed


def sort_out(tests, excluded):
    """-> the cases that are in; those that are out but can be said in weir; complaints"""
    included, out, complaints = [], [], []
    for name, test in tests:
        try:
            case = cases.case_of(name, test)
        except values.NoForm as reason:
            if name not in excluded:
                complaints.append(f"{name} is in, but cannot be said in weir: {reason}")
            continue
        (out if name in excluded else included).append(case)
    return included, out, complaints


def excluded_that_pass(program, out):
    """With checks on where an error is wanted: without, an unknown name would be one."""
    for case in out:
        case.unchecked = case.unchecked and case.wants != [("error",)]
    results = programs.run_cases(program, out)
    return [
        f"{case.name} passes ({show_result(result)}): take it out of excluded.txt"
        for case, result in zip(out, results)
        if passes(case, result)
    ]


def counts(tests, excluded):
    """complaints about the suite's size and the list of what is out"""
    names = [name for name, _ in tests]
    wrong = [f"excluded.txt: there is no case {name}" for name in excluded if name not in set(names)]
    if len(excluded) != len(set(excluded)):
        wrong.append("excluded.txt names a case twice")
    if len(names) != CASES:
        wrong.append(f"the suite has {len(names)} cases, not {CASES}")
    if len(excluded) != EXCLUDED:
        wrong.append(f"excluded.txt has {len(excluded)} cases, not {EXCLUDED}")
    return wrong


def same_places(chosen, results):
    """how many refusals point where cel-go's do"""
    pairs = [
        (case.position, result["refused"][:2])
        for case, result in zip(chosen, results)
        if case.position and "refused" in result
    ]
    if pairs:
        print(f"    {sum(x == y for x, y in pairs)} of {len(pairs)} refusals at cel-go's own place")


def different_types(tests, included, results):
    """prints where cel-go deduced another type, which the suite does not judge"""
    deduced = {name: test.get("type") for name, test in tests}
    for case, result in zip(included, results):
        judged = case.unchecked or any(want[0] == "type" for want in case.wants)
        wanted = None if judged else deduced[case.name]
        if wanted and cases.plain_type(result.get("type", wanted)) != wanted:
            print(f"    {case.name}: {result['type']}, cel-go {wanted}: {printable(case.expression)}")


def run(options):
    native = programs.Native(options.programs / "run_cases")
    wasm = programs.Wasm(options.programs / "run_cases.wasm")
    tests = cases.load(options.data / "conformance.json")
    excluded = [name for _, name in cases.read_groups(HERE / "excluded.txt")]
    included, out, complaints = sort_out(tests, set(excluded))
    borrowed, doubts = suites.load(options.data, HERE / "suites.txt")
    complaints += counts(tests, excluded) + doubts
    if not options.only:
        complaints += excluded_that_pass(native, out)
    for complaint in complaints:
        print(f"FAIL {complaint}")
    legs = [(suite, native, its) for suite, its in borrowed.items()]
    legs += [("native", native, included), ("wasm", wasm, included)]
    good, ran = not complaints, False
    for way, program, its in legs:
        chosen = [case for case in its if options.only in case.name]
        if not chosen:
            continue
        results = programs.run_cases(program, chosen)
        good &= judge(way, chosen, results)
        ran = True
        if way == "native" and options.types:
            different_types(tests, chosen, results)
    if not ran:
        print(f"no case's name holds {options.only}")
    return good and ran


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds TEXT")
    parser.add_argument("--types", action="store_true", help="show where cel-go deduces another type")
    parser.add_argument("--data", type=Path, default=ROOT / "build/celspec", metavar="FOLDER")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/conformance", metavar="FOLDER")
    return 0 if run(parser.parse_args()) else 1


if __name__ == "__main__":
    sys.exit(main())
