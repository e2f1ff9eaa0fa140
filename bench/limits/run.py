#!/usr/bin/env python3
"""What limits cost in a real Envoy: weir beside Envoy's own filter and a plugin of the Rust SDK.

CPU time per request of one worker, as bench/run.py takes it, for all rows in one run; what one
decision of a limiter adds; and how a hot key fares on four workers. README.md says how to read it.
"""

import contextlib
import json
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import hot  # noqa: E402
import rounds  # noqa: E402
import rows as limits  # noqa: E402
from proxies import FLUSH_SECONDS, PLUGIN, Failure, start_all  # noqa: E402

PARTS = ("demo", "decision", "hot")
WIDTH = 28
LEAST_COUNTED = 0.99  # of the requests, by each limiter of a row


def parse_arguments():
    parser = rounds.parser(__doc__.splitlines()[0])
    add = parser.add_argument
    add("--part", action="append", choices=PARTS, help="only this; may be given twice")
    add("--apart", action="store_true", help="a rule for each of the 20 limiters, no block of them")
    arguments = rounds.parse(parser)
    arguments.part = arguments.part or list(PARTS)
    return arguments


def cpu_rows(arguments):
    rows = []
    if "demo" in arguments.part:
        rows += limits.demo_rows(arguments.build)
    if "decision" in arguments.part:
        rows += [] if rows else limits.envoy_rows()[:1]
        rows += limits.twenty_rows(arguments.build, arguments.apart)
    return usable(rows, arguments)


def usable(rows, arguments):
    return limits.accepted(rounds.present(rows), arguments.build / "weir")


def measure_cpu(arguments, rows):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-limits-"))
        place = arguments.envoy_core, pathlib.Path(folder)
        envoys = start_all(stack, arguments.envoy, rows, *place)
        figures = rounds.all_rounds(envoys, arguments)
        time.sleep(FLUSH_SECONDS)
        check_counted(envoys)
        return figures


def check_counted(envoys):
    """That limiters whose decisions were timed did decide."""
    for envoy in envoys:
        if envoy.variant.name not in dict(limits.decision_names()):
            continue
        counts = envoy.counters(rf"^wasmcustom\.weir\.{PLUGIN}\.limiter\..*\.allowed$").values()
        if not counts:
            print(f"{envoy.variant.name}: unchecked, weir counts no decisions", file=sys.stderr)
        elif min(counts) < LEAST_COUNTED * envoy.requests() or len(counts) < limits.LIMITERS:
            raise Failure(f"{envoy.variant.name}: not every limiter let every request through")


# Reporting


def cells(values, digits):
    return "".join(f"{value:10.{digits}f}" for value in rounds.quartiles(values))


def doubt(values):
    """What is said beside a figure that this run cannot tell."""
    low, middle, high = rounds.quartiles(values)
    wide = high - low > rounds.WIDEST_QUARTILE_RANGE * abs(middle)
    return "  too noisy" if wide else ""


def print_compared(figures):
    if "local_ratelimit" not in figures[0]:
        return
    print(f"\n{'above bare, divided':54}   lower q    median   upper q")
    for name, base in limits.COMPARED:
        if name in figures[0] and base in figures[0]:
            label = f"{name} / {base}"
            values = rounds.ratios(figures, name, base)
            print(f"{label:54}{cells(values, 2)}{doubt(values)}")


def decisions(figures, name):
    """Per round: microseconds that one of the limiters adds."""
    return [(one[name] - one[limits.WITHOUT]) / limits.LIMITERS for one in figures]


def print_decisions(figures):
    if limits.WITHOUT not in figures[0]:
        return
    title = f"µs of one decision (of {limits.LIMITERS})"
    print(f"\n{title:{WIDTH}}   lower q    median   upper q   aim")
    for name, kind in limits.decision_names():
        if name not in figures[0]:
            continue
        costs = decisions(figures, name)
        print(f"{name:{WIDTH}}{cells(costs, 3)}  <= {limits.KINDS[kind][1]}{doubt(costs)}")


def run(arguments):
    rounds.need_tools(arguments)
    rows = cpu_rows(arguments)
    hot_rows = usable(limits.hot_rows(arguments.build), arguments) if "hot" in arguments.part else []
    rounds.print_machine(arguments)
    stolen = rounds.Stolen()
    figures = measure_cpu(arguments, rows) if rows else []
    counts = hot.measure(arguments, hot_rows) if hot_rows else {}
    if arguments.json:
        found = {"cpu": figures, "hot": hot.as_json(counts)}
        arguments.json.write_text(json.dumps(found, indent=1))
    if figures:
        rounds.print_table(figures, WIDTH)
        print_compared(figures)
        print_decisions(figures)
    if counts:
        hot.report(arguments, counts)
    stolen.show()
    rounds.claims(arguments)


if __name__ == "__main__":
    with rounds.command("bench-limits"):
        run(parse_arguments())
