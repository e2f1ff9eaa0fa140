"""Accuses whatever could tell a secret of the environment: logs, replies, metrics, the admin port.

The admin port's configuration dump shows Envoy's own configuration, with the environment of its VM in it: that is
Envoy's, and is left out.
"""
import itertools

from harness.client import Connection
from harness.plugin import Plugin, weir
from harness.waiting import wait_for

PLANTED = "pl4nted-s3cret-value"
DIGEST_OF_OTHER = "x" * 64
RULES = """
limiter few { 1000 per 1h  by request.headers[?"x-key"]  on_absent skip }
let key = secret("KEY")
rule adds { set request.headers["authorization"] = "Bearer " + key  set request.headers["x-both"] = secret("KEY") + key }
rule fails when secret("KEY") + request.headers["x-a"] == request.headers["x-b"] && int(request.headers["x-n"]) > 1 { log warn "n" }
rule guards when request.headers[?"x-key"] != secret("KEY") { limit few  count guarded  deny 401 json {"error": "no", "config": json(config)} }
rule signed when hex(hmac_sha256(key, request.path)) != request.headers["x-signature"] {
  log warn "wrong signature " + request.headers["x-signature"]  count wrong by request.headers["x-signature"]  deny 403
}
rule tells on response { set response.headers["x-limit"] = string(limits.few.remaining)  log warn request.headers["x-both"].size() > 9 ? "both" : "none" }
"""


def everything(proxy, mark):
    """All that Envoy says of itself, and its log."""
    paths = ["/stats", "/stats/prometheus", "/clusters", "/listeners", "/server_info", "/runtime", "/memory"]
    return [proxy.log.since(mark), *(proxy.process.admin.get(path)[1] for path in paths)]


def test_no_output_holds_a_planted_secret(proxy, upstream):
    mark = proxy.log.mark()
    plugin = Plugin(weir(RULES, {"namespace": "planted", "log_level": "trace", "decision_header": True}, name="n"),
                    environment={"KEY": PLANTED})
    site = proxy.serve(plugin, access_log=True)
    replies = []
    tries = itertools.product(["", "x", PLANTED[:-1], PLANTED + "!", PLANTED], ["/direct", "/x"], ["1", "word"])
    with Connection(site.port) as link:
        for key, path, number in tries:
            headers = [("x-key", key), ("x-n", number), ("x-signature", DIGEST_OF_OTHER), ("x-a", "a"), ("x-b", "b")]
            replies.append(link.ask(path, headers=headers))
    assert {reply.status for reply in replies} == {401, 403}
    stats = lambda: proxy.stats("wasmcustom.weir.planted.guards.denied")
    wait_for(lambda: stats().get("wasmcustom.weir.planted.guards.denied") == 16, "counters")
    texts = [str(reply) for reply in replies] + everything(proxy, mark) + [open(site.access_log).read()]
    assert len(texts[len(replies)]) > 0 and "planted" in texts[len(replies) + 1]  # the log, the counters
    for text in texts:
        assert PLANTED not in text and PLANTED[4:-4] not in text


def test_the_upstream_has_it_alone(proxy, upstream):
    rules = 'rule a { set request.headers["authorization"] = "Bearer " + secret("KEY") }'
    mark = proxy.log.mark()
    site = proxy.serve(Plugin(weir(rules), environment={"KEY": PLANTED}))
    with Connection(site.port) as link:
        reply = link.ask("/x")
    assert upstream.last.all("authorization") == [f"Bearer {PLANTED}"]
    assert PLANTED not in str(reply) and all(PLANTED not in text for text in everything(proxy, mark))
