#!/usr/bin/env python3
"""Runs generated expressions through the engine and the plain evaluator, natively and as a wasm module.

Two processes share the cases. The wasm module runs the same ones and must give the same hashes. In the end what was
covered is summed up: every opcode, macro and function of EXPECTED must have given values often enough.
"""
import argparse
import collections
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BATCH = 1000
WORKERS = 2
CASES = {False: 50_000, True: 1_000_000}
TIMES_LEAST = {False: 1, True: 50}
SECONDS = 3000
# Opcodes that no expression by itself has: those of messages, lets and rules; and the tests whose values are calls.
FOREIGN = re.compile(
    r"opcode (FIELD|HEADER_.*|LET.*|GROUP_.*|RULE.*|ACTION_ERROR|LIMIT|REPLY.*|LOG|END|IF_FAILED|NEEDS_BODY|LOOK|NEXT"
    r"|STARTS_WITH|ENDS_WITH|CONTAINS)"
)


class Native:
    def __init__(self, program):
        self.program = program

    def run(self, words):
        """-> output, why it ended before its time or None"""
        done = subprocess.run([self.program, *words], capture_output=True, timeout=SECONDS)
        why = None if done.returncode in (0, 1) else f"exit status {done.returncode}"
        return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")[:3000] or why


class Wasm:
    def __init__(self, program):
        import wasmtime

        self.wasmtime = wasmtime
        self.engine = wasmtime.Engine()
        self.module = wasmtime.Module.from_file(self.engine, str(program))

    def run(self, words):
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "made")
            why = self.start(words, made)
            return made.read_text(errors="replace"), why

    def start(self, words, made):
        store = self.wasmtime.Store(self.engine)
        wasi = self.wasmtime.WasiConfig()
        wasi.argv = ["run_differential", *words]
        wasi.stdout_file = str(made)
        store.set_wasi(wasi)
        linker = self.wasmtime.Linker(self.engine)
        linker.define_wasi()
        try:
            linker.instantiate(store, self.module).exports(store)["_start"](store)
        except self.wasmtime.ExitTrap as end:
            return None if end.code in (0, 1) else f"exit status {end.code}"
        except (self.wasmtime.Trap, self.wasmtime.WasmtimeError) as trap:
            return str(trap)
        return None


class Outcome:
    """what the runs of one program printed, put together"""

    def __init__(self):
        self.failures, self.hashes, self.results = [], {}, {}
        self.covered, self.counted = collections.Counter(), collections.Counter()
        self.passed = self.total = 0

    def add(self, output, why):
        closed = False
        for line in output.splitlines():
            kind, _, rest = line.partition(" ")
            if kind in ("FAIL", "") or line.startswith("    "):
                self.failures.append(line)
            elif kind == "hash":
                number, value = rest.split()
                self.hashes[int(number)] = value
            elif kind == "result":
                number, value, state = rest.split()
                self.results[int(number)] = (value, state)
            elif kind in ("covered", "counted"):
                self.count(kind, rest)
            elif kind == "differential:":
                passed, _, total = rest.split()
                self.passed, self.total, closed = self.passed + int(passed), self.total + int(total), True
        if not closed or why:
            self.failures.append(f"FAIL the program ended before its time: {why}")
        return closed

    def count(self, kind, rest):
        if rest.startswith("function"):
            _, times, name = rest.split(" ", 2)
            self.covered["function " + name] += int(times)
        else:
            name, _, times = rest.rpartition(" ")
            (self.covered if kind == "covered" else self.counted)[name] += int(times)


def last_text(program, seed, first, count, hashes):
    """where a program ends before its time: the case that it ran"""
    done = [batch for batch in hashes if first <= batch < first + count]
    start = max(done) + BATCH if done else first
    output, _ = program.run([str(seed), str(start), str(first + count - start), "texts"])
    texts = [line for line in output.splitlines() if line.startswith("case ")]
    return texts[-1] if texts else f"behind case {start}"


def run_all(program, seed, cases, workers):
    share = cases // workers // BATCH * BATCH
    ranges = [(i * share, share if i < workers - 1 else cases - i * share) for i in range(workers)]
    outcome = Outcome()
    with ThreadPoolExecutor(workers) as pool:
        runs = pool.map(lambda each: program.run([str(seed), *map(str, each)]), ranges)
        for (first, count), (output, why) in zip(ranges, runs):
            if not outcome.add(output, why):
                outcome.failures.append("    in " + last_text(program, seed, first, count, outcome.hashes))
    return outcome


def different_cases(programs, seed, batch, count):
    """the cases of a batch that two programs disagree on, but for those that one of them skipped"""
    results = []
    for program in programs:
        outcome = Outcome()
        outcome.add(*program.run([str(seed), str(batch), str(count), "results"]))
        results.append(outcome.results)
    for number in results[0]:
        (one, state), (other, other_state) = results[0][number], results[1].get(number, ("none", "whole"))
        if one != other and "skipped" not in (state, other_state):
            yield number


def compare_programs(programs, outcomes, seed, cases):
    """-> how many cases two programs disagree on"""
    wrong = 0
    for batch, value in sorted(outcomes[0].hashes.items()):
        if outcomes[1].hashes.get(batch) == value:
            continue
        count = min(BATCH, cases - batch)
        for number in different_cases(programs, seed, batch, count):
            wrong += 1
            print(f"FAIL case {number} of seed {seed} gives something else natively than as wasm")
    return wrong


def missing(outcome, least):
    """what should have been reached and was not"""
    return [
        f"{name} {times}"
        for name, times in outcome.covered.items()
        if times < least and not FOREIGN.fullmatch(name)
    ]


def show_covered(outcome, least):
    counted = outcome.counted
    print(
        f"    {counted['values']} gave a value, {counted['refused']} were refused by the checker, "
        f"{counted['skipped']} evaluations ran out of steps or memory"
    )
    for kind in ("opcode", "macro", "function"):
        counts = [
            times
            for name, times in outcome.covered.items()
            if name.startswith(kind) and not FOREIGN.fullmatch(name)
        ]
        reached = sum(times >= least for times in counts)
        print(f"    {reached} of {len(counts)} {kind}s gave values {least} times or more")


def run(options):
    cases = options.cases or CASES[options.long]
    least = TIMES_LEAST[options.long]
    programs = [
        Native(options.programs / "run_differential"),
        Wasm(options.programs / "run_differential.wasm"),
    ]
    outcomes = [run_all(program, options.seed, cases, WORKERS) for program in programs]
    native, wasm = outcomes
    print("\n".join(native.failures))
    if wasm.failures and not native.failures:
        print("\n".join(["natively all is well, but as wasm:", *wasm.failures]))
    wrong = compare_programs(programs, outcomes, options.seed, cases)
    show_covered(native, least)
    lacking = missing(native, least)
    if lacking:
        print("    not enough of: " + ", ".join(lacking))
    print(f"engine and evaluator: {native.passed} of {native.total}")
    print(f"native and wasm: {wasm.total - wrong} of {native.total}")
    return not native.failures and not wasm.failures and not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="a million cases")
    parser.add_argument("--cases", type=int, metavar="N", help="so many")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/differential", metavar="FOLDER")
    return 0 if run(parser.parse_args()) else 1


if __name__ == "__main__":
    sys.exit(main())
