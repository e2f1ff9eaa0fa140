"""Accuses the counters of limiters, and shadow rules that change what they only watch."""

import time
from dataclasses import dataclass, field

import pytest

from harness import logged
from harness.client import ask
from harness.plugin import weir
from harness.proxy import Proxy

TWO = "limiter l { 2 per 1h headers none } "
NONE = "limiter l {{ 1 per 1h by request.headers['x-none'] on_absent {0} headers none }} rule r {{ limit l }}"
NAMES = {"allowed", "limited", "shadow", "evicted_live", "cas_retry", "errors"}
PATHS = [f"/direct/{i}" for i in range(100)]


@dataclass
class Case:
    """Requests, the status of each, and the counters of limiters that are not 0 then."""

    rules: str
    seen: list
    counters: dict
    paths: list = field(default_factory=list)
    headers: list = field(default_factory=list)


CASES = {
    "plain": Case(TWO + "rule r { limit l }", [200, 200, 429, 429, 429], {"l.allowed": 2, "l.limited": 3}),
    "odd-name.x": Case(
        "group g { limiter x { 1 per 1h headers none } rule r { limit x } }",
        [200, 429],
        {"g_x.allowed": 1, "g_x.limited": 1},
    ),
    "blocks": Case(
        TWO + "limiter m { 1 per 1h headers none } rule r { limit l limit m }",
        [200, 429, 429],
        {"l.allowed": 1, "m.allowed": 1, "m.limited": 2},
    ),
    "leased": Case(
        "limiter l { 640 per 1h headers none } rule r { limit l }", [200] * 100, {"l.allowed": 100}
    ),
    "absent_denied": Case(NONE.format("deny"), [429] * 3, {"l.limited": 3}),
    "absent_skipped": Case(NONE.format("skip"), [200] * 3, {}),
    "failing": Case(
        "limiter l { 5 per 1h headers none } rule r { limit l cost int(request.headers['x-cost']) }",
        [200, 429, 429, 429, 200],
        {"l.allowed": 2, "l.limited": 3},
        headers=[[("x-cost", cost)] for cost in ("1", "no", "-1", "", "2")],
    ),
    "workers": Case(
        "limiter l { 2 per 1h scope worker headers none } rule r { limit l }",
        [200, 200, 429],
        {"l.allowed": 2, "l.limited": 1},
    ),
    "shadows": Case(TWO + "rule a shadow { limit l } rule b shadow { limit l }", [200] * 3, {"l.shadow": 4}),
    "shadow_slots": Case(
        "limiter l { 1 concurrent headers none } rule w shadow { limit l } rule r { limit l }",
        [200] * 5,
        {"l.allowed": 5},
    ),
    "shadow_bans": Case(
        TWO + "rule w shadow { limit l charge l cost 50 ban l for 1h } rule r { limit l }",
        [200, 200, 429],
        {"l.allowed": 2, "l.limited": 1, "l.shadow": 2},
    ),
}
EVICTIONS = "limiter l { 5 per 1h by request.path max_keys 8 headers none } rule r { limit l }"


def serve(proxy, rules, name_space):
    return proxy.serve(weir(rules, {"namespace": name_space}))


def send(site, case):
    for i in range(len(case.seen)):
        path = case.paths[i] if case.paths else "/direct"
        yield ask(site.port, path, headers=case.headers[i] if case.headers else []).status


@pytest.fixture(scope="module")
def ran(recorder, tmp_path_factory):
    """All cases: the proxy and the statuses that were seen. Counters go out each second."""
    with Proxy(tmp_path_factory.mktemp("metrics"), recorder).start() as proxy:
        seen = {name: list(send(serve(proxy, case.rules, name), case)) for name, case in CASES.items()}
        evicting = serve(proxy, EVICTIONS, "evictions")
        seen["evictions"] = [ask(evicting.port, path).status for path in PATHS]
        time.sleep(1.1)
        yield proxy, seen


def counters(proxy, name_space):
    prefix = f"wasmcustom.weir.{name_space.replace('-', '_').replace('.', '_')}.limiter."
    found = {name[len(prefix) :]: value for name, value in proxy.stats(prefix).items() if value}
    assert {name.rsplit(".", 1)[1] for name in found} <= NAMES
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_is_counted(ran, name):
    proxy, seen = ran
    assert seen[name] == CASES[name].seen
    assert counters(proxy, name) == CASES[name].counters


def test_failures_of_terms_are_the_rules_errors(ran):
    prefix = "wasmcustom.weir.failing.r."
    assert ran[0].stats(prefix)[prefix + "errors"] == 3


def test_every_new_key_that_passes_evicts_one(ran):
    proxy, seen = ran
    found = counters(proxy, "evictions")
    assert found["l.allowed"] == seen["evictions"].count(200)
    assert found["l.allowed"] + found["l.limited"] == len(PATHS)
    assert found["l.evicted_live"] == found["l.allowed"] - 8 > 0


def test_prometheus_has_them(ran):
    text = ran[0].process.admin.get("/stats/prometheus?filter=weir.plain")[1]
    rows = dict(row.rsplit(" ", 1) for row in text.splitlines() if row and row[0] != "#")
    values = {name.split("{")[0].rsplit("weir_", 1)[1]: value for name, value in rows.items()}
    assert values["plain_limiter_l_allowed"] == "2" and values["plain_limiter_l_limited"] == "3"


def test_counts_go_on_after_an_update(proxy):
    rules = TWO + "rule r { limit l }"
    site = serve(proxy, rules, "kept_counts")
    seen = [ask(site.port, "/direct").status for _ in range(3)]
    proxy.update(site, weir(rules + " rule s { set request.headers.x = '1' }", {"namespace": "kept_counts"}))
    seen.append(ask(site.port, "/direct").status)
    assert seen == [200, 200, 429, 429]
    time.sleep(1.1)
    assert counters(proxy, "kept_counts") == {"l.allowed": 2, "l.limited": 2}


# Shadow


def test_a_shadow_rule_changes_no_answer(proxy, upstream):
    rules = """limiter s { 1 per 1h } rule watch shadow { limit s else deny 418 }
    rule d on response { set response.headers["x-d"] = decision.rule + decision.limiter }"""
    site = serve(proxy, rules, "shadow")
    mark = proxy.log.mark()
    replies = [ask(site.port, path) for path in ("/x", "/x", "/direct", "/direct")]
    assert [(reply.status, reply.header("x-d")) for reply in replies] == [(200, "")] * 4
    names = {name.lower() for reply in replies for name, _ in reply.headers}
    assert not [name for name in names if "ratelimit" in name or name == "retry-after"]
    assert len(upstream.requests) == 2
    (line,) = logged.said(proxy.log.since(mark), "warning")
    assert "would have denied 418, limiter s" in line


@pytest.mark.parametrize("order", [["w shadow", "r"], ["r", "w shadow"]], ids=["before", "behind"])
@pytest.mark.parametrize("options", ["", "scope worker", "algorithm fixed_window", "by request.method"])
def test_a_shadow_rule_takes_nothing_of_the_limiter(proxy, options, order):
    rules = f"limiter l {{ 2 per 1h {options} headers none }} "
    site = proxy.serve(weir(rules + " ".join(f"rule {head} {{ limit l }}" for head in order)))
    assert [ask(site.port, "/direct").status for _ in range(4)] == [200, 200, 429, 429]
