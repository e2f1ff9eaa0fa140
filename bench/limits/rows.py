"""What `make bench-limits` compares: filters and rule texts."""

import pathlib
import subprocess

from demo import DATA, DENYING, STAMPS, UNLIMITED, compact, plugin_row, weir_row
from proxies import Failure, Variant, typed, wasm_filter

USERS = pathlib.Path(__file__).resolve().parent / "users.lua"
HOT_USER = {"x-user": "hot"}
KEY = '  by request.headers["x-user"]  on_absent skip  max_keys 8192'
LIMITERS = 20

# Options of the limiters whose decisions are measured, and the aim in microseconds. All admit
# everything. A bucket of less than 64 is never lent to workers in parts.
KINDS = {
    "proxy": ("burst 32  scope proxy", 2.5),
    "worker": ("scope worker", 0.3),
    "leased": ("scope proxy", 0.3),
}
WITHOUT = "rule alone"


# The demo and Envoy's own filter


def local_ratelimit(limit):
    """Envoy's own limiter: one bucket for all workers."""
    every = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}, "runtime_key": "none"}
    return typed(
        "local_ratelimit",
        "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix="limit",
        token_bucket={"max_tokens": limit, "tokens_per_fill": limit, "fill_interval": "1s"},
        filter_enabled=every,
        filter_enforced=every,
    )


def header_mutation(headers):
    added = [{"append": {"header": {"key": key, "value": value}}} for key, value in headers.items()]
    return typed(
        "header_mutation",
        "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
        mutations={"response_mutations": added},
    )


def envoy_rows():
    stamps = STAMPS | {"configdata": compact(DATA)}
    refusal = {"status": 429, "body": "local_rate_limited"}
    demo = [local_ratelimit(UNLIMITED), header_mutation(stamps)]
    return [
        Variant("bare proxy"),
        Variant("local_ratelimit", [local_ratelimit(UNLIMITED)]),
        Variant("local_ratelimit, refusing", [local_ratelimit(DENYING)], refusal),
        Variant("local_ratelimit, 5 headers", demo, stamps),
    ]


def limiter_row(name, module, limit, refusal=None):
    """A rule with a limiter and nothing else, as local_ratelimit is."""
    rules = f"limiter l {{ {limit} per 1s  headers none }}\nrule r {{ limit l }}\n"
    return Variant(name, [wasm_filter(module, compact({"rules": rules}))], refusal, module=module)


def demo_rows(build):
    weir, rust = build / "weir.wasm", build / "bench/limits/rust_demo.wasm"
    refusal = {"status": 429, "body": "too many requests"}
    return [
        *envoy_rows(),
        limiter_row("weir limiter", weir, UNLIMITED),
        limiter_row("weir limiter, refusing", weir, DENYING, refusal),
        weir_row("weir demo, worker", weir, UNLIMITED, "worker"),
        weir_row("weir demo, proxy", weir, UNLIMITED, "proxy"),
        weir_row("weir demo, refusing", weir, DENYING, "worker"),
        plugin_row("Rust demo, worker", rust, UNLIMITED, scope="worker"),
        plugin_row("Rust demo, proxy", rust, UNLIMITED, scope="proxy"),
        plugin_row("Rust demo, refusing", rust, DENYING, scope="worker"),
    ]


# Row, and the row that it is divided by.
COMPARED = [
    ("weir limiter", "local_ratelimit"),
    ("weir limiter, refusing", "local_ratelimit, refusing"),
    ("weir demo, worker", "local_ratelimit, 5 headers"),
    ("weir demo, worker", "Rust demo, worker"),
    ("weir demo, proxy", "Rust demo, proxy"),
    ("weir demo, refusing", "Rust demo, refusing"),
]


# One decision


def limiter(name, options):
    return f"limiter {name} {{ {UNLIMITED} per 1s  {options}  headers none }}"


def options_of(name, kind):
    return KINDS[kind][0] + (KEY if "keyed" in name else "")


def twenty_rules(options, count, apart):
    """A rule that reads the key, and `count` limiters: in that rule, or in a rule each."""
    names = [f"l{number:02}" for number in range(1, count + 1)]
    limits = [f"limit {name}" for name in names]
    block = "" if apart else " ".join(limits)
    rules = [f'rule r {{ set request.headers["x-seen"] = request.headers["x-user"] {block} }}']
    if apart:
        rules += [f"rule r{name} {{ {limit} }}" for name, limit in zip(names, limits)]
    return "\n".join([limiter(name, options) for name in names] + rules) + "\n"


def decision_names():
    """Row and the kind that it is of."""
    for kind in KINDS:
        yield kind, kind
        yield f"{kind}, keyed", kind


def decision_row(name, build, rules, **how):
    module = build / "weir.wasm"
    config = compact({"rules": rules})
    row = Variant(name, [wasm_filter(module, config)], module=module, **how)
    row.config = config
    return row


def twenty_rows(build, apart):
    """The rule alone first; users take turns."""
    how = {"headers": HOT_USER, "script": USERS}
    rows = [decision_row(WITHOUT, build, twenty_rules("", 0, False), **how)]
    for name, kind in decision_names():
        rules = twenty_rules(options_of(name, kind), LIMITERS, apart)
        rows.append(decision_row(name, build, rules, **how))
    return rows


def hot_rows(build):
    """A limiter alone, one user. `scope worker` shares nothing, so it is not there."""
    rows = []
    for name, kind in decision_names():
        if kind != "worker":
            rules = limiter("hot", options_of(name, kind)) + "\nrule r { limit hot }\n"
            rows.append(decision_row(name, build, rules, headers=HOT_USER))
    return rows


def accepted(rows, checker):
    """The rows whose rules weir compiles; says which it does not, and why."""
    return [row for row in rows if compiles(row, checker)]


def compiles(row, checker):
    if not hasattr(row, "config"):
        return True
    told = subprocess.run(
        [checker, "check", "-"], input=row.config, capture_output=True, text=True, timeout=60
    )
    if told.returncode > 1:
        raise Failure(f"{checker} check: {told.stderr.strip()}")
    if told.returncode:
        print(f"left out: {row.name}, {(told.stdout + told.stderr).splitlines()[0]}")
    return told.returncode == 0
