"""Accuses response rules on answers that no upstream made: Envoy's own, direct, refused."""

import pytest

from harness.client import ask, ask_h2
from harness.plugin import Plugin, weir
from harness.site import NO_ROUTE

STAMP = """rule stamp on response {
  add response.headers["x-code"] = string(response.code)
  add response.headers["x-from"] = request.headers["x-who"]
}"""


@pytest.mark.parametrize(
    "path, host, status",
    [("/x", "a.test", 200), ("/direct", "a.test", 200), ("/down", "a.test", 503),
     ("/x", NO_ROUTE, 404), ("/h2", "a.test", 200)],
)
@pytest.mark.parametrize("client", [ask, ask_h2])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_answer_is_stamped_once(proxy, client, path, host, status, method):
    site = proxy.serve(weir(STAMP))
    reply = client(site.port, path, headers=[("x-who", "me")], method=method, host=host)
    assert reply.status == status
    assert reply.all("x-code") == [str(status)]
    assert reply.all("x-from") == ["me"]
    assert method == "GET" or reply.body == b""


def test_reply_of_another_plugin_is_stamped_by_the_outer_one(proxy):
    inner = weir('rule r { deny 418 body "inner" }')
    site = proxy.serve(Plugin(weir(STAMP), name="outer"), Plugin(inner, name="inner"))
    reply = ask(site.port, headers=[("x-who", "me")])
    assert (reply.status, reply.body, reply.all("x-code")) == (418, b"inner", ["418"])


def test_two_rule_sets_in_one_vm_keep_apart(proxy, upstream):
    first = 'rule r { add request.headers["x-a"] = "first" }'
    second = 'rule r { add request.headers["x-a"] = "second" }'
    site = proxy.serve(weir(first), weir(second))
    other = proxy.serve(weir('rule r { add request.headers["x-a"] = "other" }'))
    ask(site.port)
    assert upstream.last.all("x-a") == ["first", "second"]
    ask(other.port)
    assert upstream.last.all("x-a") == ["other"]


def test_websocket_upgrade_refused_by_envoy_is_survived(proxy):
    site = proxy.serve(weir(STAMP))
    headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("x-who", "me")]
    assert ask(site.port, "/x", headers=headers).status == 403
    assert ask(site.port, "/direct").status == 200
