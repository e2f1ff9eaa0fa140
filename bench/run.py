#!/usr/bin/env python3
"""CPU time per request of one Envoy worker: bare, no-op module, hand-written C, weir.

Every variant has its own Envoy on one core, loaded one at a time from another core. A round
loads each variant for the given seconds, cut into slices that take turns. README.md says how to
read the table.
"""

import contextlib
import json
import pathlib
import tempfile

import rounds
from demo import DENYING, UNLIMITED, plugin_row, weir_row
from proxies import Failure, Variant, start_all, wasm_filter


def variants(build, further):
    noop, hand = build / "bench/noop.wasm", build / "bench/handwritten.wasm"
    weir = build / "weir.wasm"
    rows = [
        Variant("bare proxy"),
        Variant("no-op module", [wasm_filter(noop)], module=noop),
        plugin_row("hand-written", hand, UNLIMITED),
        weir_row("weir", weir, UNLIMITED, "worker"),
        plugin_row("hand-written, 403", hand, DENYING),
        weir_row("weir, 403", weir, DENYING, "worker"),
        weir_row("weir, scope proxy", weir, UNLIMITED, "proxy"),
    ]
    for row in further:
        name, _, module = row.partition("=")
        if not module:
            raise Failure(f"--row takes NAME=FILE, not `{row}`")
        rows.append(plugin_row(name, pathlib.Path(module), UNLIMITED))
    return rows


def chosen(arguments):
    rows = variants(arguments.build, arguments.row)
    if arguments.only:
        wanted = {"bare proxy", "hand-written", *arguments.only}
        rows = [row for row in rows if row.name in wanted]
    rows = rounds.present(rows)
    if not {"bare proxy", "hand-written"} <= {row.name for row in rows}:
        raise Failure("bare and hand-written are needed for any comparison; run `make bench`")
    return rows


def print_ratio(figures, name, claims):
    low, middle, high = rounds.quartiles(rounds.ratios(figures, name, "hand-written"))
    print(f"\nquartiles of {name}/hand-written: {low:.2f} {middle:.2f} {high:.2f}")
    if high - low > rounds.WIDEST_QUARTILE_RANGE:
        print("too noisy")
    elif claims:
        print(f"{name}/hand-written {middle:.2f}")
    else:
        print("nothing is claimed")


def parse_arguments():
    parser = rounds.parser(__doc__.splitlines()[0])
    add = parser.add_argument
    add("--only", action="append", metavar="NAME", help="this row, bare and hand-written alone")
    add(
        "--row",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a further module with the hand-written one's configuration and answers",
    )
    return rounds.parse(parser)


def run(arguments):
    rounds.need_tools(arguments)
    rows = chosen(arguments)
    rounds.print_machine(arguments)
    stolen = rounds.Stolen()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-bench-"))
        place = arguments.envoy_core, pathlib.Path(folder)
        envoys = start_all(stack, arguments.envoy, rows, *place)
        figures = rounds.all_rounds(envoys, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    rounds.print_table(figures)
    stolen.show()
    claims = rounds.claims(arguments)
    for name in ["weir", *(row.partition("=")[0] for row in arguments.row)]:
        if name in figures[0]:
            print_ratio(figures, name, claims)


if __name__ == "__main__":
    with rounds.command("bench"):
        run(parse_arguments())
