"""Accuses what clients are told of limits: status, body, headers, and when to come back."""

import json
import time

import http_sf
import pytest

from harness.client import ask
from harness.http2 import ask_http2
from harness.plugin import weir

TRIO = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
TOLD = ("ratelimit", "ratelimit-policy", "retry-after", *TRIO)
UPSTREAMS = [("ratelimit", '"up";r=1;t=1'), ("RateLimit-Policy", '"up";q=1;w=1'), ("ratelimit", '"up2";r=3')]
HOUR = "2 per 1h"


@pytest.fixture(params=[ask, ask_http2], ids=["http1", "http2"])
def asks(request):
    return request.param


def one(options="", rate=HOUR, action="limit l", more=""):
    return weir(f"limiter l {{ {rate} {options} }} rule r {{ {action} }} {more}")


def told(reply):
    """All that says something of limits."""
    return {name: reply.header(name) for name in TOLD if reply.all(name)}


def fields(reply, name):
    """A list of strings with parameters, as structured fields have it."""
    rows = http_sf.parse(reply.header(name).encode(), tltype="list")
    assert all(type(item) is str for item, _ in rows)
    return [(item, dict(parameters)) for item, parameters in rows]


def near(given, promised, slack=5):
    return promised - slack <= given <= promised


def test_a_refusal_is_429_and_says_when_to_come_back(proxy, upstream, asks):
    site = proxy.serve(one(rate="1 per 1h"))
    assert asks(site.port, "/x").status == 200
    reply = asks(site.port, "/x")
    assert (reply.status, reply.body) == (429, b"too many requests")
    assert reply.all("content-type") == ["text/plain"]
    assert reply.all("content-length") == [str(len(reply.body))]
    assert near(int(reply.header("retry-after")), 3600)
    assert len(upstream.requests) == 1


def test_a_client_that_waits_as_told_passes(proxy):
    limiters = {
        "bucket": "1 per 1s",
        "fast": "20 per 1s burst 1",
        "fixed": "1 per 1s algorithm fixed_window",
        "sliding": "1 per 1s algorithm sliding_window",
        "worker": "1 per 700ms scope worker",
        "punished": "1 per 10ms penalty 1100ms",
        "keyed": "1 per 1s by client.prefix on_absent deny",
        "lent": "128 per 1s",
    }
    rules = "".join(
        f"limiter {name} {{ {rate} }} "
        f"rule r_{name} when request.path == '/direct/{name}' {{ limit {name} }} "
        for name, rate in limiters.items()
    )
    port = proxy.serve(weir(rules)).port
    back = {}
    for name in limiters:
        for _ in range(1000):
            reply = ask(port, f"/direct/{name}")
            if reply.status == 429:
                break
        assert reply.status == 429, name
        seconds = int(reply.header("retry-after"))
        assert 1 <= seconds <= 2, name
        back[name] = time.monotonic() + seconds
    for name, when in sorted(back.items(), key=lambda row: row[1]):
        time.sleep(max(0, when - time.monotonic()))
        assert ask(port, f"/direct/{name}").status == 200, name


def test_each_algorithm_in_structured_fields(proxy, asks):
    for algorithm in ("token_bucket", "fixed_window", "sliding_window"):
        site = proxy.serve(one(f"algorithm {algorithm}"))
        for remaining in (1, 0, 0):
            reply = asks(site.port, "/direct")
            ((name, policy),) = fields(reply, "ratelimit-policy")
            assert (name, policy) == ("l", {"q": 2, "w": 3600})
            ((name, state),) = fields(reply, "ratelimit")
            assert (name, state["r"], set(state)) == ("l", remaining, {"r", "t"})
            assert 1790 <= state["t"] <= 7200
            assert ("retry-after" in told(reply)) == (reply.status == 429)
        assert reply.status == 429


@pytest.mark.parametrize("path", ["/direct", "/up", "/down", "/h2"])
def test_every_answer_tells(proxy, asks, path):
    reply = asks(proxy.serve(one()).port, path)
    assert reply.status == (503 if path == "/down" else 200)
    assert fields(reply, "ratelimit")[0][1]["r"] == 1


def test_a_concurrent_limiter_has_no_window(proxy):
    reply = ask(proxy.serve(one(rate="7 concurrent")).port, "/direct")
    assert fields(reply, "ratelimit-policy") == [("l", {"q": 7, "qu": "concurrent-requests"})]
    assert fields(reply, "ratelimit") == [("l", {"r": 6})]


def test_the_trio(proxy, asks):
    site = proxy.serve(one("headers x"))
    for remaining in ("1", "0", "0"):
        reply = asks(site.port, "/direct")
        found = told(reply)
        assert (found["x-ratelimit-limit"], found["x-ratelimit-remaining"]) == ("2", remaining)
        assert 1790 <= int(found["x-ratelimit-reset"]) <= 3600
        assert not reply.all("ratelimit") + reply.all("ratelimit-policy")
    assert near(int(found["retry-after"]), 1800)


def test_headers_none_says_nothing_and_takes_nothing_away(proxy, upstream, asks):
    site = proxy.serve(one("headers none"))
    assert [told(asks(site.port, "/direct")) for _ in range(3)] == [{}] * 3
    upstream.tell(headers=[("ratelimit", "up"), ("retry-after", "7"), ("x-ratelimit-limit", "9")])
    reply = asks(proxy.serve(one("headers none")).port, "/x")
    assert told(reply) == {"ratelimit": "up", "retry-after": "7", "x-ratelimit-limit": "9"}


def test_the_upstreams_own_are_replaced(proxy, upstream, asks):
    upstream.tell(headers=UPSTREAMS)
    reply = asks(proxy.serve(one()).port, "/x")
    assert [len(reply.all(name)) for name in ("ratelimit", "ratelimit-policy")] == [1, 1]
    assert [name for name, _ in fields(reply, "ratelimit")] == ["l"]


def test_the_upstreams_own_trio_is_replaced(proxy, upstream, asks):
    upstream.tell(headers=[(name, "77") for name in TRIO] * 2)
    found = told(asks(proxy.serve(one("headers x")).port, "/x"))
    assert (found["x-ratelimit-limit"], found["x-ratelimit-remaining"]) == ("2", "1")
    assert found["x-ratelimit-reset"] != "77"


def test_an_upstream_that_is_busy_itself_says_so(proxy, upstream, asks):
    upstream.tell(503, headers=[("retry-after", "77")])
    assert asks(proxy.serve(one()).port, "/x").header("retry-after") == "77"


def test_the_tightest_limiter_comes_first(proxy, asks):
    rules = """limiter wide { 1000 per 1h } limiter tight { 2 per 1h } limiter middle { 5 per 1h }
    limiter silent { 1 per 1h headers none } limiter old { 3 per 1h headers x }
    rule r { limit wide limit tight limit middle limit old }
    rule s when request.method == "POST" { limit silent }"""
    site = proxy.serve(weir(rules))
    for left in (
        [("tight", 1), ("middle", 4), ("wide", 999)],
        [("tight", 0), ("middle", 3), ("wide", 998)],
    ):
        reply = asks(site.port, "/direct")
        assert [(name, state["r"]) for name, state in fields(reply, "ratelimit")] == left
        assert [name for name, _ in fields(reply, "ratelimit-policy")] == [name for name, _ in left]
        assert told(reply)["x-ratelimit-limit"] == "3"
    reply = asks(site.port, "/direct")
    assert reply.status == 429
    left = [(name, state["r"]) for name, state in fields(reply, "ratelimit")]
    assert left == [("tight", 0), ("wide", 998)]
    assert near(int(reply.header("retry-after")), 1800)


def test_a_refusal_stands_before_a_limiter_with_less_left(proxy):
    rules = """limiter all { 1 per 1h } limiter dear { 10 per 1h }
    rule r { limit all } rule s when request.path == "/direct/dear" { limit dear cost size(request.path) }"""
    reply = ask(proxy.serve(weir(rules)).port, "/direct/dear")
    assert reply.status == 429
    assert [name for name, _ in fields(reply, "ratelimit")] == ["dear", "all"]
    assert "retry-after" not in told(reply), "it never can pass"


def test_a_problem(proxy, upstream, asks):
    site = proxy.serve(one("answer problem", rate="1 per 1h"))
    assert asks(site.port, "/x").body == b"upstream"
    reply = asks(site.port, "/x")
    assert reply.status == 429
    assert reply.all("content-type") == ["application/problem+json"]
    problem = json.loads(reply.body)
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert problem["status"] == 429 and problem["violated-policies"] == ["l"]
    assert isinstance(problem["title"], str)
    assert near(int(reply.header("retry-after")), 3600)


def test_grpc_is_told_resource_exhausted(proxy, asks):
    sent = {"headers": [("content-type", "application/grpc"), ("te", "trailers")], "method": "POST"}
    for other in ("", 'else deny 429 body "slow down"', "else deny 503 grpc_status 8"):
        site = proxy.serve(one(rate="1 per 1h", action="limit l " + other))
        assert asks(site.port, "/direct", **sent).status == 200
        reply = asks(site.port, "/direct", **sent)
        assert (reply.status, reply.header("grpc-status"), reply.body) == (200, "8", b"")
        assert near(int(reply.header("retry-after")), 3600)
        assert fields(reply, "ratelimit")[0][1]["r"] == 0


def test_head_has_no_body_but_all_headers(proxy, asks):
    site = proxy.serve(one(rate="1 per 1h"))
    assert asks(site.port, "/direct", method="HEAD").status == 200
    reply = asks(site.port, "/direct", method="HEAD")
    assert (reply.status, reply.body, reply.header("content-length")) == (429, b"", "17")
    assert set(told(reply)) == {"ratelimit", "ratelimit-policy", "retry-after"}


def test_an_own_refusal_tells_the_same(proxy, asks):
    action = 'limit l else deny 418 body "tea" headers {"x-a": "1"}'
    site = proxy.serve(one(rate="1 per 1h", action=action))
    assert asks(site.port, "/direct").status == 200
    reply = asks(site.port, "/direct")
    assert (reply.status, reply.body, reply.header("x-a")) == (418, b"tea", "1")
    assert set(told(reply)) == {"ratelimit", "ratelimit-policy", "retry-after"}


DECISION = """rule d on response {
  set response.headers["x-limiter"] = decision.limiter
  set response.headers["x-left"] = string(decision.remaining) }"""
CONSTANT = 'rule c on response { set response.headers["x-c"] = "1" }'


def test_rules_of_responses_see_which_limiter_decided(proxy, asks):
    site = proxy.serve(one(rate="1 per 1h", more=DECISION))
    replies = [asks(site.port, "/direct") for _ in range(2)]
    assert [reply.header("x-limiter") for reply in replies] == ["", "l"]
    assert [reply.header("x-left") for reply in replies] == ["-1", "0"]
    assert [fields(reply, "ratelimit")[0][1]["r"] for reply in replies] == [0, 0]


def test_what_is_left_where_a_cost_is_refused(proxy):
    site = proxy.serve(one(rate="5 per 1h", action="limit l cost 3", more=DECISION))
    replies = [ask(site.port, "/direct") for _ in range(2)]
    assert [(reply.status, reply.header("x-left")) for reply in replies] == [(200, "-1"), (429, "2")]


def test_rules_of_responses_that_never_vary_leave_room_for_limits(proxy, asks):
    site = proxy.serve(one(rate="1 per 1h", more=CONSTANT))
    for status in (200, 429):
        reply = asks(site.port, "/direct")
        assert (reply.status, reply.header("x-c")) == (status, "1")
        assert fields(reply, "ratelimit") and fields(reply, "ratelimit-policy")
    untouched = weir("limiter l { 1 per 1h } rule r when request.path == '/x' { limit l } " + CONSTANT)
    reply = asks(proxy.serve(untouched).port, "/direct")
    assert told(reply) == {} and reply.header("x-c") == "1"


def test_limits_of_bodies_tell_the_same(proxy, asks):
    limiter = "limiter l { 1 per 1h by request.json.user on_absent deny }"
    site = proxy.serve(weir(limiter + " rule r on request_body { limit l }"))
    fine = {"ratelimit", "ratelimit-policy"}
    for status, names in ((200, fine), (429, fine | {"retry-after"})):
        reply = asks(site.port, "/x", method="POST", body=b'{"user":"ann"}')
        assert (reply.status, set(told(reply))) == (status, names)


def test_of_many_limiters_eight_are_told(proxy, asks):
    names = [f"l{i}" for i in range(20)]
    rules = "".join(
        f"limiter {name} {{ {i + 2} per 1h }} rule r_{name} {{ limit {name} }} "
        for i, name in enumerate(names)
    )
    reply = asks(proxy.serve(weir(rules)).port, "/direct")
    assert [name for name, _ in fields(reply, "ratelimit")] == names[:8]
    assert [name for name, _ in fields(reply, "ratelimit-policy")] == names[:8]


def test_numbers_of_15_digits_at_most(proxy, asks):
    rules = "limiter l { 9007199254740992 per 36600d burst 1 } rule r { limit l }"
    site = proxy.serve(weir(rules))
    for _ in range(2):
        ((_, policy),) = fields(asks(site.port, "/direct"), "ratelimit-policy")
        assert policy == {"q": 999999999999999, "w": 36600 * 86400}


def test_rates_of_a_request(proxy):
    """The tier of a partner, as the language's introduction has it."""
    rules = """let rate = config.tiers[request.headers["x-tier"]]
    limiter quota { rate per 1h by request.headers["x-user"] on_absent deny }
    rule api { limit quota else deny 429 json {"error": "quota used up"} }"""
    site = proxy.serve(weir(rules, tiers={"free": 1, "gold": 3}))

    def call(tier, user):
        reply = ask(site.port, "/direct", headers=[("x-tier", tier), ("x-user", user)])
        return reply.status, fields(reply, "ratelimit-policy")[0][1]["q"]

    assert [call("free", "a"), call("free", "a"), call("free", "b")] == [(200, 1), (429, 1), (200, 1)]
    assert [call("gold", "c") for _ in range(4)] == [(200, 3)] * 3 + [(429, 3)]
    assert ask(site.port, "/direct", headers=[("x-tier", "none"), ("x-user", "d")]).status == 429
