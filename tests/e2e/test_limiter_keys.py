"""Accuses keys of limiters: callers counted together or apart, and states that updates lose or keep."""

import pytest

from harness.client import Connection, ask
from harness.marks import MARK, marked, wait_served
from harness.plugin import Plugin, weir

# Few keys: what updates leave behind stays in the shared Envoy's workers until its listener has drained.
USER = 'by request.headers["x-user"]  on_absent deny  max_keys 1000'
SCOPES = ["proxy", "worker"]
ALGORITHMS = ["token_bucket", "fixed_window", "sliding_window"]


def limited(options=USER, rate="2 per 1h"):
    limiter = f"limiter l {{ {rate} {options} headers none }} "
    return limiter + "rule r when request.path == '/direct' { limit l } "


def seen(site, *users, path="/direct"):
    """The status that each user gets, one after another; None sends no header."""
    return [ask(site.port, path, headers=[] if user is None else [("x-user", user)]).status for user in users]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_key_has_its_own_count(proxy, algorithm, scope):
    site = proxy.serve(weir(limited(f"{USER} algorithm {algorithm} scope {scope}")))
    assert seen(site, *"aaabbbABab") == [200, 200, 429, 200, 200, 429, 200, 200, 429, 429]


def test_parts_are_never_joined(proxy):
    by = 'by request.headers["x-a"], request.headers["x-b"]  on_absent deny'
    site = proxy.serve(weir(limited(by, "1 per 1h")))
    pairs = [("ab", "c"), ("a", "bc"), ("a,b", "c"), ("a", "b,c"), ("c", "ab")]
    for status in (200, 429):
        for a, b in pairs:
            assert ask(site.port, "/direct", headers=[("x-a", a), ("x-b", b)]).status == status, (a, b)


def test_repeated_lines_are_one_key(proxy):
    site = proxy.serve(weir(limited(rate="1 per 1h")))
    for headers, status in [(["a", "b"], 200), (["a,b"], 429), (["b", "a"], 200), (["a"], 200)]:
        assert ask(site.port, "/direct", headers=[("x-user", value) for value in headers]).status == status


@pytest.mark.parametrize("word, status", [("skip", 200), ("deny", 429)])
@pytest.mark.parametrize("headers", [[], [("x-user", "")], [("x-other", "a")]])
def test_absent_keys(proxy, word, status, headers):
    site = proxy.serve(weir(limited(f'by request.headers["x-user"] on_absent {word}', "1 per 1h")))
    assert [ask(site.port, "/direct", headers=headers).status for _ in range(3)] == [status] * 3
    assert seen(site, "a", "a") == [200, 429]


@pytest.mark.parametrize("word, status", [("skip", 200), ("deny", 429)])
def test_one_absent_part_is_enough(proxy, word, status):
    by = f'by request.method, request.headers[?"x-user"]  on_absent {word}'
    site = proxy.serve(weir(limited(by, "1 per 1h")))
    assert seen(site, None, None, "a", "a", None) == [status, status, 200, 429, status]


def test_keys_of_30_kib(proxy):
    site = proxy.serve(weir(limited(rate="1 per 1h")))
    long = "k" * (30 << 10)
    assert seen(site, long, long, long + "k", long[:-1] + "l", long) == [200, 429, 200, 200, 429]


# Callers

EDGE = {"use_remote_address": True, "skip_xff_append": True}  # Envoy itself believes no chain
CALLER = "by client.prefix  on_absent deny"


def calls(site, *chains):
    return [ask(site.port, "/direct", headers=[("x-forwarded-for", chain)]).status for chain in chains]


def test_callers_behind_one_trusted_proxy(proxy):
    site = proxy.serve(weir(limited(CALLER, "1 per 1h"), {"trust": {"hops": 1}}), manager=EDGE)
    assert calls(site, "192.0.2.1", "192.0.2.1", "192.0.2.2") == [200, 429, 200]
    assert calls(site, "192.0.2.9, 192.0.2.1", "192.0.2.1, 192.0.2.9") == [429, 200]  # others' words
    assert calls(site, "::ffff:192.0.2.1") == [429]
    same = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"]
    assert calls(site, *same, "2001:db8:0:1::1") == [200, 429, 429, 200]


def test_callers_without_trust_are_the_peer(proxy):
    site = proxy.serve(weir(limited(CALLER, "1 per 1h")), manager=EDGE)
    assert calls(site, "192.0.2.1", "192.0.2.2", "nonsense") == [200, 429, 429]


def test_a_malformed_chain_is_the_peer(proxy):
    site = proxy.serve(weir(limited(CALLER, "1 per 1h"), {"trust": {"hops": 1}}), manager=EDGE)
    assert calls(site, "nonsense", "999.1.1.1", "192.0.2.1, x", "192.0.2.1") == [200, 429, 429, 200]


# Whose state it is


@pytest.mark.parametrize("scope", SCOPES)
def test_listeners_of_one_namespace_share_keys(proxy, scope):
    config = weir(limited(f"{USER} scope {scope}"), {"namespace": "keys_" + scope})
    one, two = proxy.serve(config), proxy.serve(config)
    assert seen(one, "a") + seen(two, "a", "a", "b") + seen(one, "a", "b") == [200, 200, 429, 200, 429, 200]


@pytest.mark.parametrize("scope", SCOPES)
def test_namespaces_and_plugins_count_apart(proxy, scope):
    rules = limited(f"{USER} scope {scope}")
    sites = [
        proxy.serve(Plugin(weir(rules), name=f"apart_{scope}")),
        proxy.serve(Plugin(weir(rules), name=f"apart_{scope}_2")),
        proxy.serve(Plugin(weir(rules, {"namespace": f"apart.{scope}"}), name=f"apart_{scope}")),
    ]
    for site in sites:
        assert seen(site, "a", "a", "a") == [200, 200, 429]


def test_two_plugins_of_one_listener_count_apart(proxy):
    site = proxy.serve(weir(limited(rate="3 per 1h")), weir(limited(rate="2 per 1h")))
    assert seen(site, "a", "a", "a", "b") == [200, 200, 429, 200]


# Updates

DELIVERIES = ["inline", "ecds"]


def change(proxy, site, rules, name):
    proxy.update(site, marked(name, rules))
    wait_served(site, name, "/direct/mark")


@pytest.fixture(params=[(scope, delivery) for scope in SCOPES for delivery in DELIVERIES], ids="-".join)
def start(proxy, request):
    """Serves rules, and gives what changes them."""
    scope, delivery = request.param

    def serve(options, rate):
        site = proxy.serve(marked("old", limited(f"{options} scope {scope}", rate)), delivery=delivery)

        def update(name, options, rate, rules=""):
            change(proxy, site, rules or limited(f"{options} scope {scope}", rate), name)

        return site, update

    return serve


def test_an_update_keeps_every_key(start):
    site, update = start(USER, "2 per 1h")
    assert seen(site, "a", "a", "b") == [200, 200, 200]
    update("new", USER, "2 per 1h")
    assert seen(site, "a", "b", "b", "c") == [429, 200, 429, 200]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_changed_rate_applies_at_once_and_keeps_the_level(start, algorithm):
    options = f"{USER} algorithm {algorithm}"
    site, update = start(options, "9 per 1h")
    assert seen(site, *"aaaabb") == [200] * 6
    update("less", options, "3 per 1h")
    if algorithm == "token_bucket":  # what is left stays, cut to the burst
        assert seen(site, *"aaaa") == [200, 200, 200, 429]
    else:  # what was taken stays
        assert seen(site, *"abb") == [429, 200, 429]
    update("more", options, "30 per 1h")
    if algorithm == "token_bucket":
        assert seen(site, "a") == [429]
        assert seen(site, "d") == [200]
    else:
        assert seen(site, *"a" * 27) == [200] * 26 + [429]


def test_a_changed_key_starts_afresh(start):
    site, update = start(USER, "1 per 1h")
    assert seen(site, "a", "a") == [200, 429]
    update("other", 'by request.headers["x-user"], request.method  on_absent deny  max_keys 1000', "1 per 1h")
    assert seen(site, "a", "a") == [200, 429]
    update("none", "", "1 per 1h")
    assert seen(site, "a", "b") == [200, 429]


def test_a_changed_algorithm_starts_afresh(start):
    site, update = start(USER, "1 per 1h")
    for name in ("fixed_window", "sliding_window"):
        assert seen(site, "a", "a") == [200, 429]
        update(name, f"{USER} algorithm {name}", "1 per 1h")
    assert seen(site, "a", "a") == [200, 429]


def test_the_state_is_found_by_the_limiters_name(proxy):
    first = "limiter first { 1 per 1h headers none } "
    second = "limiter second { 1 per 1h headers none } "
    rule = "rule r when request.path == '/direct' { limit second } "
    site = proxy.serve(marked("old", second + rule))
    assert seen(site, None, None) == [200, 429]
    change(proxy, site, first + second + rule, "more")
    assert seen(site, None) == [429]
    change(proxy, site, first + rule.replace("second", "first"), "renamed")
    assert seen(site, None, None) == [200, 429]
    change(proxy, site, second + rule.replace("rule r", "rule other"), "back")
    assert seen(site, None) == [429]


def test_a_limiter_of_a_group_is_another(proxy):
    limiter = "limiter l { 1 per 1h headers none } "
    rules = "rule r when request.path == '/direct' { limit l } "
    site = proxy.serve(marked("old", limiter + rules))
    assert seen(site, None, None) == [200, 429]
    change(proxy, site, f"group g {{ {limiter} {rules} }} ", "grouped")
    assert seen(site, None, None) == [200, 429]
    assert ask(site.port, "/direct").header(MARK) == "grouped"


@pytest.mark.parametrize("scope", SCOPES)
def test_old_rules_that_drain_do_not_refill_the_new_ones(own_proxy, scope):
    """A client alternates between a connection of before the update and new ones; the key is another since."""
    proxy = own_proxy(drain_seconds=600).start()
    site = proxy.serve(weir(limited(f"{USER} scope {scope}", "1 per 1h")))
    with Connection(site.port) as old:
        assert old.ask("/direct", headers=[("x-user", "a")]).status == 200
        by = f'by request.headers["x-user"], request.method  on_absent deny  scope {scope}'
        proxy.update(site, marked("new", limited(by, "1 per 1h")))
        wait_served(site, "new", "/direct/mark")
        found = [seen(site, "a")[0]]
        for _ in range(3):
            found += [old.ask("/direct", headers=[("x-user", "a")]).status, *seen(site, "a")]
    assert found == [200] + [429, 429] * 3
