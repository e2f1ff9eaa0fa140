"""Accuses limiters of scope cluster: what they ask, what they make of the answer, what they keep."""

import time

import pytest

from harness.client import ask, ask_h2
from harness.plugin import weir
from services import protocol
from services.rules import BY_USER, REFUSED, limited, limiter, rule, service, statuses

DAY_OF_THREE = (3, protocol.DAY)
FOUR = [200, 200, 200, 429]


def over(reset=None):
    """A stub's behaviour."""
    return lambda call: call.answer(code=protocol.OVER_LIMIT, reset=reset, limit=DAY_OF_THREE)


# Against the real service


def test_three_pass_and_the_fourth_is_refused(proxy, service_up):
    site = proxy.serve(limited())
    assert statuses(site, 5) == FOUR + [429]
    reply = ask(site.port, "/direct", headers=[("x-user", "a")])
    assert (reply.status, reply.body) == (429, REFUSED)
    names = {name.lower() for name, _ in reply.headers}
    assert not [n for n in names if "ratelimit" in n or n == "retry-after"]


def test_keys_count_apart(proxy, service_up):
    site = proxy.serve(limited())
    assert statuses(site, 4, "a") == FOUR
    assert statuses(site, 4, "b") == FOUR
    assert statuses(site, 1, "a") == [429]


def test_two_proxies_count_together(proxy, own_proxy, service_up):
    one, two = proxy.serve(limited()), own_proxy().serve(limited())
    seen = [statuses(site, 1)[0] for _ in range(3) for site in (one, two)]
    assert seen == [200, 200, 200, 429, 429, 429]


def test_workers_count_together(own_proxy, service_up):
    site = own_proxy(concurrency=2).serve(limited("5 per 1d"))
    seen = statuses(site, 12)  # each on a connection of its own
    assert seen == [200] * 5 + [429] * 7


def test_an_update_and_another_plugin_count_on(proxy, service_up):
    site = proxy.serve(limited())
    assert statuses(site, 2) == [200, 200]
    assert statuses(proxy.serve(limited()), 2) == [200, 429]
    proxy.update(site, limited("4 per 1d"))
    assert statuses(site, 1) == [429]


def test_costs(proxy, service_up):
    rules = service() + limiter() + rule("cost 2")
    assert statuses(proxy.serve(weir(rules)), 2) == [200, 429]


def test_a_cost_above_the_rate_is_refused(proxy, service_up):
    rules = service() + limiter() + rule("cost size(request.method) + 1")
    assert statuses(proxy.serve(weir(rules)), 1) == [429]


def test_cost_0_takes_nothing_and_is_refused_when_1_would_be(proxy, service_up):
    rules = service() + limiter()
    rules += rule("cost 0", when='when request.url_path == "/direct/free"', name="free")
    rules += rule(when='when request.url_path == "/direct"')
    site = proxy.serve(weir(rules))
    assert statuses(site, 5, path="/direct/free") == [200] * 5
    assert statuses(site, 3) == [200] * 3
    assert statuses(site, 2, path="/direct/free") == [429, 429]
    assert statuses(site, 1) == [429]


def test_a_period_that_the_protocol_lacks_has_the_limit_of_the_service(proxy, service_up):
    rules = service() + limiter("yaml", "100 per 2d") + rule(limiter="yaml")
    site = proxy.serve(weir(rules))
    assert statuses(site, 3) == [200, 200, 429]
    assert statuses(site, 3, "vip") == [200, 200, 200]


def test_a_domain_that_the_service_lacks_limits_nothing(proxy, service_up):
    assert statuses(proxy.serve(limited(domain="elsewhere")), 5) == [200] * 5


@pytest.mark.parametrize("asker", [ask, ask_h2])
@pytest.mark.parametrize("method, body", [("GET", b""), ("HEAD", b""), ("POST", b"x" * 3_000_000)])
def test_requests_reach_the_upstream_whole(proxy, upstream, service_up, asker, method, body):
    rules = service() + limiter() + 'rule a { set request.headers["x-before"] = "1" }' + rule()
    site = proxy.serve(weir(rules + 'rule z { set request.headers["x-after"] = "2" }'))
    reply = asker(site.port, "/up", headers=[("x-user", "a")], method=method, body=body)
    assert reply.status == 200
    seen = upstream.last
    assert (seen.method, seen.body) == (method, body)
    assert (seen.all("x-before"), seen.all("x-after")) == (["1"], ["2"])


def test_rules_on_responses_see_both_ends(proxy, service_up):
    rules = service() + limiter(rate="1 per 1d") + rule()
    site = proxy.serve(weir(rules + 'rule s on response { set response.headers["x-s"] = "y" }'))
    replies = [ask(site.port, "/direct", headers=[("x-user", "a")]) for _ in range(2)]
    assert [(reply.status, reply.header("x-s")) for reply in replies] == [(200, "y"), (429, "y")]


# What is asked


def asked(stub):
    return [(call.request.entries, call.request.limit) for call in stub.calls]


def test_the_question(proxy, stub):
    assert statuses(proxy.serve(limited(cluster="stub", domain="d")), 1, "ann") == [200]
    (call,) = stub.calls
    entries = [("limiter", "api"), ("key1", "ann")]
    assert call.request == protocol.Request("d", entries, 1, None, DAY_OF_THREE)


def test_parts_in_order(proxy, stub):
    by = 'by request.method, request.headers["x-user"], size(request.path)  on_absent deny'
    rules = service("stub") + limiter(by=by, rate="7 per 1s") + rule()
    assert statuses(proxy.serve(weir(rules)), 1, "ann", "/direct") == [200]
    entries = [("limiter", "api"), ("key1", "GET"), ("key2", "ann"), ("key3", "7")]
    assert asked(stub) == [(entries, (7, protocol.SECOND))]


@pytest.mark.parametrize(
    "rate, limit",
    [
        ("5 per 1m", (5, protocol.MINUTE)),
        ("5 per 60s", (5, protocol.MINUTE)),
        ("5 per 1h", (5, protocol.HOUR)),
        ("5 per 24h", (5, protocol.DAY)),
        ("5 per 2m", None),
        ("5 per 100ms", None),
    ],
)
def test_the_rate_as_a_limit(proxy, stub, rate, limit):
    rules = service("stub") + limiter(rate=rate, by="") + rule()
    assert statuses(proxy.serve(weir(rules)), 1) == [200]
    assert asked(stub) == [([("limiter", "api")], limit)]


@pytest.mark.parametrize(
    "cost, hits, addend",
    [("1", 1, None), ("7", 7, None), ("0", 0, 0), ("4294967296", 0, 4294967296)],
)
def test_hits(proxy, stub, cost, hits, addend):
    rules = service("stub") + limiter(rate="9000000000 per 1d") + rule(f"cost {cost}")
    assert statuses(proxy.serve(weir(rules)), 1) == [200]
    assert [(call.request.hits, call.request.addend) for call in stub.calls] == [(hits, addend)]


def test_an_absent_key_is_not_asked_about(proxy, stub):
    site = proxy.serve(limited(cluster="stub"))
    assert ask(site.port, "/direct").status == 429
    assert statuses(site, 1, "") == [429]
    skipping = BY_USER.replace("deny", "skip")
    site = proxy.serve(weir(service("stub") + limiter(by=skipping) + rule()))
    assert ask(site.port, "/direct").status == 200
    assert stub.calls == []


def test_a_key_that_is_not_utf8_is_asked_about(proxy, stub):
    """The real service would call it an error, and on_error would be the client's to choose."""
    statuses(proxy.serve(limited(cluster="stub")), 1, "a\xff")
    assert len(stub.calls) <= 1  # or an error of the rule; never a broken message
    assert all(call.request.domain == "weir" for call in stub.calls)


def test_a_long_key(proxy, stub):
    assert statuses(proxy.serve(limited(cluster="stub")), 1, "x" * 30000) == [200]
    assert stub.calls[0].request.entries[1] == ("key1", "x" * 30000)


def test_two_limiters_of_one_service_are_asked_one_after_the_other(proxy, stub):
    rules = service("stub") + limiter("one") + limiter("two", by="")
    site = proxy.serve(weir(rules + rule(limiter="one", name="r1") + rule(limiter="two", name="r2")))
    assert statuses(site, 1) == [200]
    assert [call.request.entries[0][1] for call in stub.calls] == ["one", "two"]
    stub.behave = over()
    assert statuses(site, 1) == [429]
    assert len(stub.calls) == 3


def test_a_local_refusal_comes_first(proxy, stub):
    rules = service("stub") + limiter() + "limiter near { 1 per 1d headers none }"
    rules += 'rule r { limit api else deny 429 body "far" limit near else deny 430 body "near" }'
    site = proxy.serve(weir(rules))
    assert statuses(site, 2) == [200, 430]
    assert len(stub.calls) == 1


def test_every_request_is_asked_about(proxy, stub):
    assert statuses(proxy.serve(limited(cluster="stub")), 20) == [200] * 20
    assert len(stub.calls) == 20


# What is remembered


def test_over_limit_is_remembered_until_the_reset(proxy, stub):
    site = proxy.serve(limited(cluster="stub"))
    stub.behave = over(reset=1)
    assert statuses(site, 5) == [429] * 5
    assert len(stub.calls) == 1
    stub.behave = lambda call: call.answer()
    assert statuses(site, 1, "b") == [200]
    assert statuses(site, 1) == [429]
    time.sleep(1.1)
    assert statuses(site, 2) == [200, 200]
    assert [call.request.entries[1][1] for call in stub.calls] == ["a", "b", "a", "a"]


def test_over_limit_without_a_reset_is_not_remembered(proxy, stub):
    site = proxy.serve(limited(cluster="stub"))
    stub.behave = over()
    assert statuses(site, 3) == [429] * 3
    assert len(stub.calls) == 3


def test_the_real_service_is_asked_once_beyond_its_limit(proxy, service_up):
    site = proxy.serve(limited())
    assert statuses(site, 10) == [200] * 3 + [429] * 7
    prefix = "cluster.ratelimit.upstream_rq_total"
    before = proxy.stats(prefix)[prefix]
    assert statuses(site, 10) == [429] * 10
    assert proxy.stats(prefix)[prefix] == before


def test_more_keys_over_their_limits_than_are_remembered(proxy, stub):
    site = proxy.serve(limited(cluster="stub"))
    stub.behave = over(reset=600)
    users = [f"u{i}" for i in range(1500)]
    assert all(statuses(site, 1, user) == [429] for user in users)
    assert all(statuses(site, 1, user) == [429] for user in users)
    assert len(users) <= len(stub.calls) < 2 * len(users)


def test_retry_after_is_the_reset(proxy, stub):
    rules = service("stub") + limiter(options="") + rule()
    site = proxy.serve(weir(rules))
    stub.behave = over(reset=41.2)
    reply = ask(site.port, "/direct", headers=[("x-user", "a")])
    assert (reply.status, reply.header("retry-after")) == (429, "42")
