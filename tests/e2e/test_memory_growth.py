"""Accuses memory: growth with requests, or with configurations that came and went."""

import pytest

from harness.load import many
from harness.marks import marked, wait_served
from harness.plugin import weir

SLACK = 8 << 20
RULES = """let who = request.headers["x-who"]
limiter all { 1000000 per 1s headers none }
rule a when request.clean_path == "/no" || who == "nobody" { deny 403 json {"who": who} }
rule b { limit all }
rule c on response { set response.headers["x-c"] = request.path + who }"""


def test_requests_leave_no_memory_behind(own_proxy):
    proxy = own_proxy().start()
    site = proxy.serve(weir(RULES))
    assert many(site.port, 5000) == {200: 5000}
    before = proxy.memory()
    assert many(site.port, 20000) == {200: 20000}
    assert proxy.memory() - before < SLACK


def test_denials_leave_no_memory_behind(own_proxy):
    proxy = own_proxy().start()
    site = proxy.serve(weir(RULES))
    assert many(site.port, 2000, "/no") == {403: 2000}
    before = proxy.memory()
    assert many(site.port, 8000, "/no") == {403: 8000}
    assert proxy.memory() - before < SLACK


def test_listeners_that_come_and_go_leave_no_memory_behind(own_proxy):
    proxy = own_proxy(drain_seconds=1).start()
    churn(proxy, 20)
    before = proxy.memory()
    churn(proxy, 60)
    assert proxy.memory() - before < 2 * SLACK


def churn(proxy, count):
    for i in range(count):
        site = proxy.serve(marked(str(i)))
        assert many(site.port, 1) == {200: 1}
        proxy.remove(site)


@pytest.mark.long
def test_half_a_million_requests_leave_no_memory_behind(own_proxy):
    proxy = own_proxy().start()
    site = proxy.serve(weir(RULES))
    assert many(site.port, 20000) == {200: 20000}
    before = proxy.memory()
    for _ in range(25):
        assert many(site.port, 20000) == {200: 20000}
    assert proxy.memory() - before < SLACK


@pytest.mark.long
def test_a_thousand_configurations_leave_no_memory_behind(own_proxy):
    proxy = own_proxy().start()
    site = proxy.serve(marked("first"), delivery="ecds")
    for i in range(100):
        proxy.update(site, marked(f"v{i}"))
    before = proxy.memory()
    for i in range(1000):
        proxy.update(site, marked(f"w{i}"))
    wait_served(site, "w999")
    assert proxy.memory() - before < 2 * SLACK
