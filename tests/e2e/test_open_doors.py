"""Accuses rules that let pass what they could not tell: errors of conditions in a real Envoy.

Which errors there are, and what each kind of rule does then, stands in tests/failing/failures.py; `weir test` has all
of it. Here is a part: each error once in a rule that denies, and each kind of rule once with one error.
"""
import pytest

from failures import ERRORS, SIMPLE

from harness.client import Connection, ask
from harness.plugin import Plugin, weir
from harness.waiting import wait_for

NAMESPACE = "doors"
# How a rule acts, and what the client and the upstream see: status, and what the upstream got as x-target.
KINDS = {
    "deny": ('deny 401 body "no"', 401, None),
    "redirect": ('redirect to "/away"', 302, None),
    "require": ('require request.headers["x-ok"] == "1" else deny 402', 402, None),
    "require_met": ('require request.method == "GET"  set request.headers["x-target"] = "ours"', 200, ["client"]),
    "limit": ("limit few cost 2", 429, None),
    "remove": ('set request.headers["x-target"] = "ours"  remove request.headers["x-target"]', 200, []),
    "set": ('set request.headers["x-target"] = "ours"', 200, ["client"]),
    "add": ('add request.headers["x-target"] = "ours"', 200, ["client"]),
    "respond": ('respond 202 body "hello"', 200, ["client"]),
    "log": ('log error "must not be logged"', 200, ["client"]),
}
ITEMS = 'limiter few { per_hour per 1h  headers none }'


def rule_of(name, actions, error, clauses=""):
    asked = f'request.headers["x-rule"] == "{name}"'
    return f"rule {name} {clauses} on {error.phase} when {asked} && {error.expression} {{ {actions} }}"


def headers_of(name, error):
    known = {"x-rule": name, "x-value": error.bad.replace("\\\\", "\\"), "x-target": "client", **error.headers}
    return list(known.items())


def send(link, name, error, path="/"):
    """A body only where the rule reads it: a denial before its end closes the connection."""
    if error.phase == "request":
        return link.ask(path, headers=headers_of(name, error))
    return ask(link.port, path, headers=headers_of(name, error), method="POST", body=b"b")


def wait_counters(proxy, expected):
    """The counters of rules by name, when the tick has written them."""
    prefix = f"wasmcustom.weir.{NAMESPACE}."

    def differing():
        stats = proxy.stats(prefix)
        return {name: stats.get(prefix + name, 0) for name in expected if stats.get(prefix + name, 0) != expected[name]}

    wait_for(lambda: not differing(), f"counters {expected}")


def test_each_kind_of_rule(proxy, upstream):
    rules = ["let per_hour = 1 + size(request.method) - size(request.method)", ITEMS]
    rules += [rule_of(name, actions, SIMPLE) for name, (actions, _, _) in KINDS.items()]
    rules += [
        rule_of("skipped", "deny", SIMPLE, "on_error skip"),
        rule_of("applied", 'set request.headers["x-target"] = "ours"', SIMPLE, "on_error apply"),
        rule_of("watched", "deny", SIMPLE, "shadow"),
        'group broken when request.headers["x-rule"] == "broken" && int(request.headers["x-value"]) == 1 { rule r { deny 405 } }',
        rule_of("replaced", "deny 504", SIMPLE).replace("on request ", "on response "),
    ]
    expected = {name: (status, got) for name, (_, status, got) in KINDS.items()}
    expected |= {"skipped": (200, ["client"]), "applied": (200, ["ours"]), "watched": (200, ["client"])}
    expected |= {"broken": (405, None), "replaced": (504, ["client"])}
    mark = proxy.log.mark()
    site = proxy.serve(weir("\n".join(rules), {"namespace": NAMESPACE}))
    with Connection(site.port) as link:
        for name, (status, got) in expected.items():
            before = len(upstream.requests)
            reply = send(link, name, SIMPLE)
            assert reply.status == status, name
            assert (len(upstream.requests) > before) == (got is not None), name
            assert got is None or upstream.last.all("x-target") == got, name
    assert "must not be logged" not in proxy.log.since(mark)
    denied = {"deny", "redirect", "require", "limit", "broken", "replaced"}
    counters = {}
    for name in expected:
        rule = "broken_r" if name == "broken" else name
        shown = {"matched": 0, "errors": 1, "denied": int(name in denied), "shadow": int(name == "watched")}
        counters |= {f"{rule}.{suffix}": count for suffix, count in shown.items()}
    wait_counters(proxy, counters)


def test_each_error_denies(proxy, upstream):
    environment = {"THERE": "1"}
    # A secret that is not there is refused by a fresh VM, and TOO_LONG needs more memory than the default.
    errors = [error for error in ERRORS if error.failure not in ("NO_SECRET", "TOO_LONG")]
    rules, data = [], {}
    for number, error in enumerate(errors):
        rules.append(error.items.replace("VALUE", 'request.headers["x-value"]').replace("deep", f"deep{number}_"))
        rules.append(rule_of(f"r{number}", "deny 401", error).replace("deep", f"deep{number}_"))
        data |= error.config
    site = proxy.serve(Plugin(weir("\n".join(rules), **data), environment=environment))
    with Connection(site.port) as link:
        for number, error in enumerate(errors):
            assert send(link, f"r{number}", error).status == 401, error.when
    assert [r for r in upstream.requests if r.all("x-rule") and r.body] == []


def test_an_error_is_logged_once_a_second(proxy):
    mark = proxy.log.mark()
    site = proxy.serve(weir(rule_of("noisy", "deny 401", SIMPLE), {"namespace": "noise"}))
    with Connection(site.port) as link:
        statuses = [send(link, "noisy", SIMPLE, "/direct").status for _ in range(200)]
    assert statuses == [401] * 200
    lines = proxy.log.lines("weir noise noisy: error: ", mark)
    assert 1 <= len(lines) < 20  # 200 requests take less than twenty seconds
    assert "the value cannot be converted" in lines[0]
