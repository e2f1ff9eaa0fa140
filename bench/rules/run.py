#!/usr/bin/env python3
"""What rules cost in a real Envoy: weir beside Envoy's RBAC and a plugin of the Rust SDK.

CPU time per request of one worker, as bench/run.py takes it, for all rows in one run. README.md
says how to read it.
"""

import contextlib
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import rounds  # noqa: E402
import rows as rules  # noqa: E402
from proxies import Failure, get, start_all  # noqa: E402

WIDTH = 22


def check_denials(envoys):
    """That each of the rules of a row which is timed letting everything through does deny."""
    for envoy in envoys:
        if envoy.variant.name not in (rules.WEIR, rules.CEL, rules.PLAIN, rules.RUST):
            continue
        for name in rules.NAMES:
            for value, wanted in ((rules.YES, 403), ("no", 200)):
                status = get(envoy.port, "/", {name: value})[0].status
                if status != wanted:
                    raise Failure(f"{envoy.variant.name}: {status} for {name}: {value}")


def print_compared(figures):
    print(f"\n{'above bare, divided':40}   lower q    median   upper q   aim")
    for name, base, aim in rules.COMPARED:
        if name not in figures[0] or base not in figures[0]:
            continue
        quartiles = rounds.quartiles(rounds.ratios(figures, name, base))
        low, middle, high = quartiles
        noisy = "  too noisy" if high - low > rounds.WIDEST_QUARTILE_RANGE * abs(middle) else ""
        cells = "".join(f"{value:10.2f}" for value in quartiles)
        print(f"{f'{name} / {base}':40}{cells}{'' if aim is None else f'  <= {aim}'}{noisy}")


def run(arguments):
    rounds.need_tools(arguments)
    rows = rounds.present(rules.rows(arguments.build))
    rounds.print_machine(arguments)
    stolen = rounds.Stolen()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-rules-"))
        envoys = start_all(stack, arguments.envoy, rows, arguments.envoy_core, pathlib.Path(folder))
        check_denials(envoys)
        figures = rounds.all_rounds(envoys, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    rounds.print_table(figures, WIDTH)
    print_compared(figures)
    stolen.show()
    rounds.claims(arguments)


if __name__ == "__main__":
    with rounds.command("bench-rules"):
        run(rounds.parse(rounds.parser(__doc__.splitlines()[0])))
