"""Accuses what rules take from the VM: secrets of its environment, the time of day, chance."""

from time import time

import pytest

from harness.client import ask
from harness.plugin import Plugin, weir
from harness.proxy import Rejected

SECRETS = {"KEY": "s3cret", "EMPTY": "", "TOKEN": "t-o=1~"}
GUARD = 'rule guard when request.headers["x-key"] != secret("KEY") { deny }'


def serve(proxy, rules, secrets=SECRETS):
    return proxy.serve(Plugin(weir(rules), environment=secrets))


def test_a_secret_is_compared(proxy):
    site = serve(proxy, GUARD)
    for key, status in ("s3cret", 200), ("s3cret2", 403), ("s3cre", 403), ("", 403):
        assert ask(site.port, "/direct", headers=[("x-key", key)]).status == status


def test_a_secret_reaches_the_upstream_alone(proxy, upstream):
    rules = 'rule a { set request.headers["authorization"] = "Bearer " + secret("TOKEN") }'
    mark = proxy.log.mark()
    site = serve(proxy, rules)
    reply = ask(site.port)
    assert upstream.last.all("authorization") == ["Bearer t-o=1~"]
    assert "t-o=1~" not in str(reply) and "t-o=1~" not in proxy.log.since(mark)


def test_an_empty_secret_is_one(proxy):
    site = serve(proxy, GUARD.replace("KEY", "EMPTY"))
    assert ask(site.port, "/direct", headers=[("x-key", "")]).status == 200
    assert ask(site.port, "/direct", headers=[("x-key", "a")]).status == 403


def test_an_absent_header_is_not_the_empty_secret(proxy):
    site = serve(proxy, GUARD.replace('["x-key"]', '[?"x-key"]').replace("KEY", "EMPTY"))
    assert ask(site.port, "/direct", headers=[("x-key", "")]).status == 200
    assert ask(site.port, "/direct", headers=[("x-key", "a")]).status == 403
    assert ask(site.port, "/direct").status == 403


@pytest.mark.parametrize("secrets", [{}, {"OTHER": "1", "KE": "2", "KEYS": "3"}])
def test_a_missing_secret_is_refused_at_the_start(proxy, secrets):
    with pytest.raises(Rejected) as refusal:
        serve(proxy, GUARD, secrets)
    assert "E0714" in str(refusal.value) and "`KEY`" in str(refusal.value)


def test_a_branch_that_is_never_taken_asks_for_no_secret(proxy):
    rules = 'rule a when (has(config.key) ? request.path == config.?key.orValue("") : secret("KEY") == "") { deny }'
    site = proxy.serve(Plugin(weir(rules, key="/closed"), environment={}))
    assert ask(site.port, "/closed").status == 403 and ask(site.port, "/direct").status == 200
    with pytest.raises(Rejected) as refusal:
        serve(proxy, rules, {})
    assert "E0714" in str(refusal.value)


def test_an_update_with_a_missing_secret_leaves_the_old_rules(proxy):
    site = serve(proxy, GUARD)
    with pytest.raises(Rejected):
        proxy.update(site, weir(GUARD.replace("KEY", "ABSENT")))
    assert ask(site.port, "/direct", headers=[("x-key", "s3cret")]).status == 200
    assert ask(site.port, "/direct").status == 403


def test_now_is_the_time_of_day(proxy, upstream):
    site = serve(proxy, 'rule a { set request.headers["x-now"] = string(int(now)) }')
    before = int(time())
    ask(site.port)
    assert before <= int(upstream.last.all("x-now")[0]) <= int(time()) + 1


def test_chance_differs_from_request_to_request(proxy, upstream):
    site = serve(proxy, 'rule a { set request.headers["x-id"] = uuid() + " " + string(random()) }')
    seen = set()
    for _ in range(20):
        ask(site.port)
        name, number = upstream.last.all("x-id")[0].split(" ")
        assert len(name) == 36 and name[14] == "4" and 0 <= float(number) < 1
        seen |= {name, number}
    assert len(seen) == 40
