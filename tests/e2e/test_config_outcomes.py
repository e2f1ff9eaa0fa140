"""Accuses configuring: what is refused that should start, what starts that should be refused."""

import json

import pytest

from harness import logged
from harness.client import ask
from harness.marks import BROKEN_RULES, NOT_JSON, REFUSED, UNKNOWN_SETTING
from harness.marks import marked, served, wait_served
from harness.plugin import Plugin, weir
from harness.process import StartFailed
from harness.proxy import Rejected

EMPTY = {
    "no configuration": None,
    "zero bytes": "",
    "empty object": "{}",
    "only data": '{"testConfig": "abc"}',
    "only settings": '{"weir": {"namespace": "n"}}',
    "empty rules": '{"rules": ""}',
    "no texts": '{"rules": []}',
}


@pytest.mark.parametrize("config", EMPTY.values(), ids=EMPTY.keys())
def test_without_rules_everything_passes(proxy, upstream, config):
    site = proxy.serve(config)
    reply = ask(site.port, "/x", headers=[("x-a", "1"), ("x-a", "2")])
    assert (reply.status, reply.body) == (200, b"upstream")
    assert upstream.last.all("x-a") == ["1", "2"]
    assert ask(site.port, "/direct").body == b"direct"


@pytest.mark.parametrize("config", [None, "", "{}"], ids=["no configuration", "zero bytes", "{}"])
def test_without_rules_one_line_per_vm_says_so(own_proxy, config):
    proxy = own_proxy(concurrency=2).start()
    site = proxy.serve(Plugin(config, name="quiet"))
    for _ in range(5):
        assert ask(site.port, "/direct").status == 200
    lines = logged.said(proxy.log.since())
    main_workers_and_canary = 4
    assert 1 <= len(lines) <= main_workers_and_canary, lines
    assert len(set(lines)) == 1
    assert "rules" in lines[0]


def test_good_rules_are_on(proxy):
    site = proxy.serve(marked("on"))
    assert served(site) == "on"


def test_rules_in_several_texts_are_on(proxy):
    first = 'let word = "on"'
    second = 'rule a on response { set response.headers["x-rules"] = word }'
    site = proxy.serve(weir([first, second]))
    assert served(site) == "on"


def test_good_rules_log_no_error(proxy):
    mark = proxy.log.mark()
    proxy.serve(marked("on"))
    text = proxy.log.since(mark)
    assert not logged.said(text, "error") and not logged.said(text, "critical")


@pytest.mark.parametrize("config, code", REFUSED.values(), ids=REFUSED.keys())
def test_refused_at_first_start(proxy, config, code):
    with pytest.raises(Rejected) as refusal:
        proxy.serve(config)
    assert code in logged.codes(str(refusal.value)), refusal.value


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
@pytest.mark.parametrize("what", ["not JSON", "unknown setting", "unfinished rule", "a key twice"])
def test_refused_update_leaves_the_old_rules(proxy, what, delivery):
    config, code = REFUSED[what]
    site = proxy.serve(marked("old"), delivery=delivery)
    assert served(site) == "old"
    with pytest.raises(Rejected) as refusal:
        proxy.update(site, config)
    assert code in logged.codes(str(refusal.value))
    assert [served(site) for _ in range(5)] == ["old"] * 5
    proxy.update(site, marked("new"))
    wait_served(site, "new")


def test_new_ecds_site_with_bad_rules_answers_nothing_of_the_upstream(proxy, upstream):
    site = proxy.serve(BROKEN_RULES, delivery="ecds")
    assert ask(site.port, "/x").status == 500
    assert not upstream.requests
    proxy.update(site, marked("good"))
    wait_served(site, "good")


def test_static_listener_with_bad_rules_does_not_start(own_proxy):
    proxy = own_proxy()
    proxy.static = [proxy.site(BROKEN_RULES)]
    with pytest.raises(StartFailed) as failure:
        proxy.start()
    assert logged.codes(str(failure.value)) == ["E0202"]


def test_validate_accepts_good_rules(own_proxy):
    proxy = own_proxy()
    proxy.static = [proxy.site(marked("a")), proxy.site(None), proxy.site("{}")]
    status, log = proxy.validate()
    assert (status, logged.diagnostics(log)) == (0, [])


@pytest.mark.parametrize("config", [NOT_JSON, UNKNOWN_SETTING, BROKEN_RULES, '{"rules": 5}'])
def test_validate_refuses(own_proxy, config):
    proxy = own_proxy()
    proxy.static = [proxy.site(config)]
    status, log = proxy.validate()
    assert status == 1
    assert logged.diagnostics(log)


def test_namespace_of_a_plugin_is_its_name_unless_set(proxy):
    count = 'limiter two { 2 per 1h algorithm fixed_window headers none } rule r { limit two }'
    own = proxy.serve(Plugin(weir(count), name="one_name"))
    same = proxy.serve(Plugin(weir(count, {"namespace": "one_name"}), name="another"))
    assert [ask(own.port, "/direct").status for _ in range(2)] == [200, 200]
    assert ask(same.port, "/direct").status == 429


def test_config_of_the_most_bytes_starts_and_one_more_is_refused(proxy):
    frame = len(json.dumps({"pad": ""}))
    most = 4 << 20
    site = proxy.serve(json.dumps({"pad": "x" * (most - frame)}))
    assert ask(site.port, "/direct").status == 200
    with pytest.raises(Rejected) as refusal:
        proxy.serve(json.dumps({"pad": "x" * (most - frame + 1)}))
    assert logged.codes(str(refusal.value)) == ["E0711"]


def largest():
    """The most of everything that a configuration may hold: a fresh VM has memory for all of it."""
    compared = " || ".join(f'request.path == "{i}"' for i in range(20000))
    lets = "\n".join(f'let x{i} = request.path + "{i}"' for i in range(4096))
    return {
        "a list and a condition": weir(
            f"rule r when request.path in config.l || {compared} {{ deny }}",
            {},
            l=[f"k{i}" for i in range(199000)],
        ),
        "a map": weir(
            "rule r when request.path in config.m { deny }", {}, m={f"k{i}": i for i in range(199000)}
        ),
        "lets": weir(lets + '\nrule r when x0 == "" { deny }'),
    }


@pytest.mark.parametrize("name", largest())
def test_a_fresh_vm_has_memory_for_the_largest_configurations(own_proxy, name):
    proxy = own_proxy()
    proxy.static = [proxy.site(largest()[name])]
    status, log = proxy.validate()
    assert status == 0 and "no memory" not in log
