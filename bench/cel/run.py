#!/usr/bin/env python3
"""Nanoseconds per evaluation of CEL expressions: weir, cel-go, the Rust crate cel.

Each engine is a program that is asked for one expression at a time; a round asks all of them for
each expression in turn. README.md says how to read the table.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent
BUILD = BENCH.parent.parent / "build/bench/cel"
EXPRESSIONS, INPUTS = BENCH / "expressions.txt", BENCH / "inputs.txt"
PROGRAMS = {
    "weir": BUILD / "weir_bench",
    "cel-go": BUILD / "cel_go",
    "cel": BUILD / "cargo/release/cel_crate",
}
MAY_LACK = "cel"  # the engine that need not know every function
NAME_WIDTH = 17


class Failure(Exception):
    """The measurement cannot go on; the text says why."""


class Engine:
    """One started program."""

    def __init__(self, name):
        self.name = name
        try:
            self.process = subprocess.Popen(
                [PROGRAMS[name], EXPRESSIONS, INPUTS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise Failure(f"{name}: {error}") from error

    def ask(self, expression, milliseconds):
        """The fields of the answer."""
        try:
            self.process.stdin.write(f"{expression} {milliseconds}\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Failure(f"{self.name} stopped before {expression}: {error}") from error
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{self.name} stopped at {expression}, status {self.process.wait()}")
        return line.rstrip("\n").split("\t")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Row:
    """What the rounds said about one expression."""

    def __init__(self, name, engines):
        self.name = name
        self.times = {engine: [] for engine in engines}
        self.results = {engine: set() for engine in engines}
        self.lacks = {}  # engine: why it does not evaluate it
        self.blocks = 0  # that weir took while it was timed

    def add(self, engine, fields):
        if fields[0] != "ok":
            self.lacks[engine] = fields[1]
            return
        self.times[engine].append(float(fields[1]))
        self.results[engine].add(fields[2])
        if engine == "weir":
            self.blocks += int(fields[3])

    def median(self, engine):
        return statistics.median(self.times[engine]) if self.times[engine] else None

    def ratio(self):
        ours, theirs = (self.median(engine) if engine in self.times else None
                        for engine in ("weir", "cel-go"))
        return theirs / ours if ours and theirs else None

    def text(self):
        cells = [f"{self.name:{NAME_WIDTH}}"]
        for engine in self.times:
            time = self.median(engine)
            cells.append(f"{engine} {f'{time:.1f}' if time else '-':>8}")
        ratio = self.ratio()
        cells.append(f"ratio {f'{ratio:.2f}' if ratio else '-':>6}")
        return "  ".join(cells)

    def faults(self):
        for engine, why in self.lacks.items():
            if engine != MAY_LACK:
                yield f"{engine} does not evaluate {self.name}: {why}"
        results = set().union(*self.results.values())
        if len(results) > 1:
            said = "; ".join(
                f"{engine} {' or '.join(sorted(texts))}"
                for engine, texts in self.results.items() if texts
            )
            yield f"the results of {self.name} differ: {said}"


def measure(rows, engines, rounds, milliseconds):
    for number in range(rounds):
        started = []
        try:
            for engine in engines:
                started.append(Engine(engine))
            for position, row in enumerate(rows):
                first = (number + position) % len(started)
                for engine in started[first:] + started[:first]:
                    row.add(engine.name, engine.ask(row.name, milliseconds))
        finally:
            for engine in started:
                engine.stop()
        print(f"round {number + 1} of {rounds}", file=sys.stderr)


def report(rows):
    """Prints the table; what is wrong with it."""
    for row in rows:
        print(row.text())
    rated = [row for row in rows if row.ratio()]
    if rated:
        least = min(rated, key=Row.ratio)
        print(f"least ratio {least.ratio():.2f} ({least.name}), of {len(rated)} expressions")
    if any(row.times.get("weir") for row in rows):
        taken = [f"{row.name} ({row.blocks})" for row in rows if row.blocks]
        print("weir's blocks from the allocator while timing:", ", ".join(taken) or "none")
    for row in rows:
        if MAY_LACK in row.lacks:
            print(f"{MAY_LACK} does not evaluate {row.name}: {row.lacks[MAY_LACK]}")
    return [fault for row in rows for fault in row.faults()]


def expression_names():
    lines = EXPRESSIONS.read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def versions():
    pinned = {"cel-go": (BENCH / "go/go.mod", r"cel\.dev/cel-go v([\d.]+)"),
              "cel": (BENCH / "rust/Cargo.toml", r'cel = "=([\d.]+)"')}
    return ", ".join(f"{engine} {re.search(pattern, path.read_text())[1]}"
                     for engine, (path, pattern) in pinned.items())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=200, help="per measurement")
    parser.add_argument("--quick", action="store_true", help="only shows that everything runs")
    parser.add_argument("--engines", default=",".join(PROGRAMS), help="some of them: weir,cel-go")
    parser.add_argument("names", nargs="*", help="of expressions; all when there are none")
    options = parser.parse_args()
    options.engines = options.engines.split(",")
    known = expression_names()
    for chosen, all_of_them in ((options.engines, PROGRAMS), (options.names, known)):
        unknown = set(chosen) - set(all_of_them)
        if unknown:
            parser.error(f"unknown: {', '.join(sorted(unknown))}")
    options.names = options.names or known
    if options.quick:
        options.rounds, options.milliseconds = 1, 20
    return options


def main():
    options = arguments()
    rows = [Row(name, options.engines) for name in options.names]
    print(f"{versions()}; nanoseconds per evaluation, medians of {options.rounds} rounds"
          f" of {options.milliseconds} ms; ratio: cel-go to weir")
    try:
        measure(rows, options.engines, options.rounds, options.milliseconds)
    except Failure as failure:
        sys.exit(f"bench-cel: {failure}")
    faults = report(rows)
    for fault in faults:
        print(f"bench-cel: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
