"""Accuses the header gate: a byte or a name that must never reach the host."""

import pytest

from harness import logged
from harness.client import ask, ask_h2
from harness.plugin import Plugin, weir
from harness.proxy import Rejected

INJECTED = "x-injected"
EVIL = {
    "CR LF": f"a\r\n{INJECTED}: 1",
    "LF": f"a\n{INJECTED}: 1",
    "CR": f"a\r{INJECTED}: 1",
    "whole head": f"a\r\n\r\nHTTP/1.1 200 OK\r\n{INJECTED}: 1\r\n\r\n",
}
# The text of the user is known only at run time: constants are refused when configuring.
LATE = '"" + request.headers["x-none"]'
RAN = ' rule ran on response { set response.headers["x-ran"] = "yes" }'


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
@pytest.mark.parametrize("action", ["set", "add", "default"])
def test_no_line_break_from_config_reaches_a_response(proxy, action, evil):
    rule = f'rule r on response {{ {action} response.headers["x-a"] = config.evil + {LATE} }}'
    site = proxy.serve(weir(rule + RAN, evil=evil))
    for client in (ask, ask_h2):
        reply = client(site.port, "/direct")
        assert (reply.status, reply.body) == (200, b"direct")
        assert reply.header("x-ran") == "yes"
        assert reply.header(INJECTED) is None
        assert reply.header("x-a") is None


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_no_line_break_from_config_reaches_the_upstream(proxy, upstream, evil):
    rule = f'rule r {{ set request.headers["x-a"] = config.evil + {LATE} }}'
    site = proxy.serve(weir(rule + RAN, evil=evil))
    assert ask(site.port, headers=[("x-a", "spoofed")]).header("x-ran") == "yes"
    assert upstream.last.all(INJECTED) == []
    assert upstream.last.all("x-a") == []


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a:b", "x\r\ny", "a\nb", "a\tb", "a\x7fb", "ä", 'a"b', "a(b)", ":status"],
)
def test_no_invalid_name_made_at_run_time_reaches_the_host(proxy, name):
    rule = f'rule r on response {{ add response.headers[config.name + {LATE}] = "v-of-test" }}'
    site = proxy.serve(weir(rule + RAN, name=name))
    reply = ask(site.port, "/direct")
    assert (reply.body, reply.header("x-ran")) == (b"direct", "yes")
    assert "v-of-test" not in [value for _, value in reply.headers]


@pytest.mark.parametrize(
    "name", ["content-length", "transfer-encoding", "connection", "upgrade", "te", "keep-alive"]
)
def test_no_framing_header_made_at_run_time_reaches_the_upstream(proxy, upstream, name):
    rule = f'rule r {{ set request.headers[config.name + {LATE}] = "77" }}'
    site = proxy.serve(weir(rule + RAN, name=name))
    assert ask(site.port, method="POST", body=b"four").header("x-ran") == "yes"
    assert upstream.last.body == b"four"
    assert "77" not in upstream.last.all(name)


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_no_line_break_reaches_the_headers_of_a_denial(proxy, evil):
    rule = f'rule r {{ deny 403 body "no" headers {{"x-a": config.evil + {LATE}, "x-b": "b"}} }}'
    reply = ask(proxy.serve(weir(rule, evil=evil)).port, "/direct")
    assert (reply.status, reply.body) == (403, b"no")
    assert reply.header(INJECTED) is None and reply.header("x-a") is None


def test_a_line_break_in_details_stays_out_of_the_wire(proxy):
    rule = f"rule r {{ deny 403 details config.evil + {LATE} }}"
    reply = ask(proxy.serve(weir(rule, evil=EVIL["CR LF"])).port, "/direct")
    assert (reply.status, reply.header(INJECTED)) == (403, None)


def test_a_folded_header_is_no_way_to_inject(proxy):
    rule = 'rule r on response { set response.headers["x-a"] = request.headers["x-b"] }'
    site = proxy.serve(weir(rule))
    reply = ask(site.port, "/direct", headers=[("x-b", f"a\r\n {INJECTED}: 1")])
    assert (reply.header(INJECTED), reply.header("x-a")) == (None, f"a {INJECTED}: 1")


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_a_constant_with_a_line_break_is_refused_when_configuring(proxy, evil):
    rule = 'rule r on response { set response.headers["x-a"] = config.evil }'
    with pytest.raises(Rejected) as refusal:
        proxy.serve(weir(rule, evil=evil))
    assert logged.codes(str(refusal.value)) == ["E0409"]


def test_utf8_values_pass_as_they_are(proxy, upstream):
    rule = """rule r { set request.headers["x-copy"] = request.headers["x-a"] }
    rule s on response { set response.headers["x-copy"] = request.headers["x-a"] }"""
    site = proxy.serve(weir(rule))
    value = "ünï €".encode().decode("latin-1")
    reply = ask(site.port, headers=[("x-a", value)])
    assert upstream.last.all("x-a") == upstream.last.all("x-copy") == [value]
    assert reply.header("x-copy") == value


def test_8_bit_values_that_are_no_utf8_pass_untouched_and_harm_nothing(proxy, upstream):
    rule = """rule r { set request.headers["x-copy"] = request.headers["x-a"] }
    rule s on response { set response.headers["x-b"] = request.headers["x-b"] }"""
    site = proxy.serve(weir(rule))
    value = bytes(range(0xA0, 0x100)).decode("latin-1")
    reply = ask(site.port, headers=[("x-a", value), ("x-b", "b")])
    assert (reply.status, reply.header("x-b")) == (200, "b")
    assert upstream.last.all("x-a") == [value]
    assert upstream.last.all("x-copy") in ([value], [])


def test_a_log_line_forges_no_other(proxy):
    rule = f"rule r {{ log error config.evil + {LATE} }}"
    site = proxy.serve(Plugin(weir(rule, evil="told\n[critical][main] forged\x1b[2J")))
    mark = proxy.log.mark()
    assert ask(site.port, "/direct").status == 200
    text = proxy.log.since(mark)
    assert any("told" in line for line in logged.said(text, "error"))
    assert not [line for line in text.splitlines() if line.startswith("[critical]")]
    assert "\x1b" not in text


@pytest.mark.parametrize("size, arrives", [(8 << 10, True), ((8 << 10) + 1, False)])
def test_a_value_of_the_most_bytes_and_one_more(proxy, upstream, size, arrives):
    rule = 'rule r { set request.headers["x-copy"] = request.headers["x-a"] }'
    site = proxy.serve(weir(rule))
    value = "v" * size
    ask(site.port, headers=[("x-a", value), ("x-copy", "spoofed")])
    assert upstream.last.all("x-copy") == ([value] if arrives else [])
