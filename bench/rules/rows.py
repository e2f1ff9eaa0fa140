"""What `make bench-rules` compares: filters that deny on headers, and rules on hosts and paths."""

import pathlib

from demo import compact
from proxies import Variant, typed, wasm_filter

MATCHING = pathlib.Path(__file__).resolve().parent / "matching.lua"
RULES = 20
NAMES = [f"x-deny-{number}" for number in range(RULES)]
YES = "yes"
WEIR, CEL, PLAIN, RUST = "weir", "RBAC, CEL", "RBAC, header matches", "Rust plugin"
INDEX = {count: f"weir, {count} rules" for count in (10, 1000)}
HOSTS = 40
# Row, the row that it is divided by, and the aim.
COMPARED = [(WEIR, CEL, 0.5), (WEIR, RUST, 1), (WEIR, PLAIN, None), (INDEX[1000], INDEX[10], 2)]


# 20 rules that each deny on one header


def rbac(policies):
    return typed(
        "rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", rules={"action": "DENY", "policies": policies}
    )


def condition(name):
    """`request.headers[name] == "yes"`, as Envoy wants a checked expression."""
    headers = {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "headers"}}
    found = {"call_expr": {"function": "_[_]", "args": [headers, {"const_expr": {"string_value": name}}]}}
    return {"call_expr": {"function": "_==_", "args": [found, {"const_expr": {"string_value": YES}}]}}


def rbac_cel():
    everybody = {"permissions": [{"any": True}], "principals": [{"any": True}]}
    return rbac({name: everybody | {"condition": condition(name)} for name in NAMES})


def rbac_plain():
    def permission(name):
        return {"header": {"name": name, "string_match": {"exact": YES}}}

    return rbac({name: {"permissions": [permission(name)], "principals": [{"any": True}]} for name in NAMES})


def denying_rules():
    return "\n".join(f'rule r{i} when request.headers["{name}"] == "{YES}" {{ deny }}' for i, name in enumerate(NAMES))


def weir_filter(build, rules):
    return wasm_filter(build / "weir.wasm", compact({"rules": rules}))


def denying_rows(build):
    weir, rust = build / "weir.wasm", build / "bench/rules/rust_deny.wasm"
    return [
        Variant("bare proxy"),
        Variant(WEIR, [weir_filter(build, denying_rules())], module=weir),
        Variant(CEL, [rbac_cel()]),
        Variant(PLAIN, [rbac_plain()]),
        Variant(RUST, [wasm_filter(rust)], module=rust),
    ]


# Rules on constant hosts and paths, of which the last one matches


def routing_rules(count):
    places = [(f"h{i % HOSTS}.example.com", f"/api/{i}/items") for i in range(count - 1)]
    places.append(("last.example.com", "/api/last/items"))
    return "\n".join(
        f'rule r{i} when request.host == "{host}" && request.clean_path == "{path}"'
        f' {{ set request.headers["x-place"] = "{i}" }}'
        for i, (host, path) in enumerate(places)
    )


def index_rows(build):
    weir = build / "weir.wasm"
    return [
        Variant(name, [weir_filter(build, routing_rules(count))], script=MATCHING, module=weir)
        for count, name in INDEX.items()
    ]


def rows(build):
    return [*denying_rows(build), *index_rows(build)]
