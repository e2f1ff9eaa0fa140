"""Accuses limiters: too many let through, too few, counts lost or mixed by updates and workers."""

import math
import time

import pytest

from harness.client import ask
from harness.load import Load
from harness.marks import marked, wait_served
from harness.plugin import Plugin, weir
from harness.waiting import wait_for

HOUR = "limiter two {{ 2 per 1h algorithm {0} scope {1} headers none }} rule r {{ limit two }} "
ALGORITHMS = ["fixed_window", "token_bucket"]
SCOPES = ["proxy", "worker"]


def statuses(site, count):
    return [ask(site.port, "/direct").status for _ in range(count)]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_pass_and_the_third_is_429(proxy, algorithm, scope):
    site = proxy.serve(weir(HOUR.format(algorithm, scope)))
    assert statuses(site, 4) == [200, 200, 429, 429]


def test_defaults_are_token_bucket_and_proxy(proxy):
    site = proxy.serve(weir("limiter l { 3 per 1h headers none } rule r { limit l }"))
    assert statuses(site, 4) == [200, 200, 200, 429]


def test_burst_is_the_size_of_the_bucket(proxy):
    rules = "limiter l { 1 per 1h burst 3 headers none } rule r { limit l else deny 418 }"
    assert statuses(proxy.serve(weir(rules)), 4) == [200, 200, 200, 418]


def test_rate_from_config(proxy):
    rules = "limiter l { config.n per 1h headers none } rule r { limit l }"
    assert statuses(proxy.serve(weir(rules, n=1)), 2) == [200, 429]


def test_no_limiter_headers(proxy):
    site = proxy.serve(weir(HOUR.format("fixed_window", "proxy")))
    for _ in range(3):
        names = {name.lower() for name, _ in ask(site.port, "/direct").headers}
        assert not [n for n in names if "ratelimit" in n or n == "retry-after"]


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_update_keeps_the_count(proxy, algorithm, scope, delivery):
    count = HOUR.format(algorithm, scope)
    count = count.replace("rule r {", 'rule r when request.path == "/direct" {')
    site = proxy.serve(marked("old", count), delivery=delivery)
    assert statuses(site, 2) == [200, 200]
    proxy.update(site, marked("new", count))
    wait_served(site, "new", "/direct/mark")
    assert statuses(site, 2) == [429, 429]


def test_two_namespaces_in_one_vm_count_apart(proxy):
    rules = HOUR.format("fixed_window", "proxy")
    one = proxy.serve(Plugin(weir(rules, {"namespace": "one"}), name="p"))
    two = proxy.serve(Plugin(weir(rules, {"namespace": "two"}), name="p"))
    assert statuses(one, 3) == [200, 200, 429]
    assert statuses(two, 3) == [200, 200, 429]


@pytest.mark.parametrize("scope", SCOPES)
def test_one_namespace_in_two_listeners_counts_together(proxy, scope):
    config = weir(HOUR.format("fixed_window", scope), {"namespace": "together_" + scope})
    one, two = proxy.serve(config), proxy.serve(config)
    assert statuses(one, 1) + statuses(two, 2) + statuses(one, 1) == [200, 200, 429, 429]


def test_two_limiters_of_one_namespace_count_apart(proxy):
    rules = """limiter one { 1 per 1h headers none } limiter two { 2 per 1h headers none }
    rule a when request.path == "/direct/1" { limit one }
    rule b when request.path == "/direct/2" { limit two }"""
    site = proxy.serve(weir(rules))
    paths = ["/direct/1", "/direct/1", "/direct/2", "/direct/2", "/direct/2"]
    assert [ask(site.port, path).status for path in paths] == [200, 429, 200, 200, 429]


def test_limits_in_a_row_are_charged_together_or_not_at_all(proxy):
    rules = """limiter many { 2 per 1h headers none } limiter one { 1 per 1h headers none }
    rule both when request.path == "/direct" { limit many else deny 410 limit one else deny 411 }
    rule rest when request.path == "/direct/many" { limit many else deny 412 }"""
    site = proxy.serve(weir(rules))
    assert statuses(site, 3) == [200, 411, 411]  # the refusals have taken nothing of `many`
    assert [ask(site.port, "/direct/many").status for _ in range(2)] == [200, 412]


def test_shared_counts_are_exact_over_four_workers(own_proxy):
    proxy = own_proxy(concurrency=4).start()
    site = proxy.serve(weir("limiter l { 500 per 1h headers none } rule r { limit l }"))
    with Load(site.port, connections=32) as load:
        time.sleep(1.5)
    assert set(load.counts) == {200, 429}
    assert 500 <= load.counts[200] <= 501  # one refills every 7.2 s


def test_worker_counts_are_one_table_each(own_proxy):
    workers = 4
    proxy = own_proxy(concurrency=workers).start()
    limiter = "limiter l { 5 per 1h scope worker algorithm fixed_window headers none }"
    site = proxy.serve(weir(limiter + " rule r { limit l }"))
    with Load(site.port, connections=32) as load:
        time.sleep(1.5)
    assert set(load.counts) == {200, 429}
    assert load.counts[200] % 5 == 0 and 5 <= load.counts[200] <= 5 * workers


@pytest.mark.parametrize("rate", [2, 50])
def test_fixed_windows_over_four_workers(own_proxy, rate):
    proxy = own_proxy(concurrency=4).start()
    limiter = f"limiter l {{ {rate} per 1s algorithm fixed_window headers none }}"
    site = proxy.serve(weir(limiter + " rule r { limit l }"))
    with Load(site.port, connections=32) as load:
        time.sleep(4.2)
    assert set(load.counts) == {200, 429}
    most = rate * (math.floor(load.seconds) + 1)
    least = rate * math.floor((load.seconds - 0.5) / 1.1)
    assert least <= load.counts[200] <= most, f"in {load.seconds:.2f} s"


@pytest.mark.parametrize("rate", [2, 50])
def test_token_buckets_over_four_workers(own_proxy, rate):
    proxy = own_proxy(concurrency=4).start()
    site = proxy.serve(weir(f"limiter l {{ {rate} per 1s headers none }} rule r {{ limit l }}"))
    with Load(site.port, connections=32) as load:
        time.sleep(4.2)
    assert set(load.counts) == {200, 429}
    most = rate + math.floor(rate * load.seconds)
    least = math.floor(rate * (load.seconds - 0.5) * 0.95)
    assert least <= load.counts[200] <= most, f"in {load.seconds:.2f} s"


def test_updates_under_load_let_nothing_more_through(own_proxy):
    proxy = own_proxy(concurrency=2).start()
    limiter = "limiter l { 100 per 1h algorithm fixed_window headers none } rule r { limit l } "
    site = proxy.serve(marked("v", limiter), delivery="ecds")
    with Load(site.port, connections=8) as load:
        for i in range(30):
            proxy.update(site, marked(f"v{i}", limiter))
        wait_for(lambda: len(load.seen) > 1000, "1000 answers")
    assert set(load.counts) == {200, 429}
    assert load.counts[200] == 100
