"""Accuses phase log: a stream that it does not see, sees twice or sees otherwise than Envoy's own log, and a host call
from there that takes the proxy down."""

import json
import threading

import pytest

from harness.client import Connection, ask
from harness.http2 import Http2
from harness.plugin import weir
from harness.site import ENVOY
from harness.upstream import answer
from harness.waiting import wait_for

FILE_LOG = ENVOY + "extensions.access_loggers.file.v3.FileAccessLog"

RULES = """
limiter gate { 1000 per 1s  by client.prefix  headers none }
let first_path = request.path

rule denied when request.path == "/denied" { deny 401 details "closed" }
rule gone when request.path == "/gone" { set request.headers["x-out"] = "edited" }
rule body on request_body when request.method == "POST" && size(request.body) > 2 { deny 413 }
rule replaced on response when request.path == "/replaced" { deny 502 headers {"x-from": "weir"} }
rule stamp on response when request.path == "/gone" { set response.headers["x-from"] = "rule" }

rule seen on log {
  tag seen = json({
    "code": response.code, "details": response.code_details, "path": request.path, "method": request.method,
    "host": request.host, "protocol": request.protocol, "address": source.address, "first": first_path,
    "out": request.headers["x-out"], "from": response.headers["x-from"], "length": response.headers["content-length"],
    "received": request.size, "sent": response.size, "took": request.duration > 0s, "flags": response.flags,
    "rule": decision.rule, "action": decision.action, "latency": has(response.backend_latency),
    "local": response.is_local, "client": string(client.prefix)
  })
  charge gate
}
"""
LOGGED = {
    "code": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "path": "%REQ(:path)%",
    "method": "%REQ(:method)%",
    "host": "%REQ(:authority)%",
    "protocol": "%PROTOCOL%",
    "address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "from": "%RESP(x-from)%",
    "length": "%RESP(content-length)%",
    "sent": "%BYTES_SENT%",
}


SOON = {"delayed_close_timeout": "0.02s"}  # what Envoy waits before it logs a request that it could not read


def logging(path, /, **formats):
    form = {"json_format": formats, "omit_empty_values": False}
    return {"access_log": [{"name": "file", "typed_config": {"@type": FILE_LOG, "path": str(path), "log_format": form}}]}


class Log:
    """The lines of an access log, one by one."""

    def __init__(self, path):
        self.path, self.read = path, 0

    def next(self):
        lines = wait_for(lambda: self.path.exists() and self.path.read_text().splitlines()[self.read :], "access log")
        self.read += 1
        return json.loads(lines[0])


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


def check(log):
    """What the rule saw, after comparison with what Envoy logged beside it."""
    told = log.next()
    seen = json.loads(told.pop("seen"))
    same = {key: "" if told[key] is None else told[key] for key in LOGGED}
    assert {key: seen[key] for key in LOGGED} == same | {"length": str(same["length"]), "code": same["code"] or 0}
    assert seen["client"] == "127.0.0.1" and (seen["flags"] == 0) == (told["flags"] == "-")
    return seen


def raw(port, text):
    """The status of the answer to these bytes, on a connection of its own."""
    with Connection(port) as link:
        link.send(text)
        return link.read().status


def serve(proxy, path, rules=RULES, **options):
    formats = LOGGED | {"seen": "%FILTER_STATE(wasm.seen:PLAIN)%", "flags": "%RESPONSE_FLAGS%"}
    return proxy.serve(weir(rules, options.pop("settings", None)), manager=logging(path, **formats) | SOON | options)


def test_however_a_stream_ends(proxy, upstream, tmp_path):
    """Answers, refusals, replaced answers, failures, and requests that no filter ever saw: each once."""
    log = Log(tmp_path / "log")
    site = serve(proxy, log.path)
    ask(site.port, "/x?q", method="POST", body=b"ab", headers=[("x-out", "o")])
    seen = check(log)
    assert (seen["code"], seen["received"], seen["took"], seen["latency"]) == (200, 2, True, True)
    assert (seen["out"], seen["rule"], seen["local"]) == ("o", "", False)

    ask(site.port, "/gone")
    seen = check(log)
    assert (seen["out"], seen["from"], seen["first"]) == ("edited", "rule", "/gone")

    ask(site.port, "/direct")
    assert check(log)["details"] == "direct_response"

    ask(site.port, "/denied")
    seen = check(log)
    assert (seen["code"], seen["rule"], seen["action"], seen["local"]) == (401, "denied", "deny", True)

    ask(site.port, "/body", method="POST", body=b"abc")
    assert check(log)["rule"] == "body"

    ask(site.port, "/replaced")
    seen = check(log)
    assert (seen["code"], seen["from"], seen["rule"], seen["length"]) == (502, "weir", "replaced", "6")

    ask(site.port, "/down")
    assert check(log)["code"] == 503
    ask(site.port, "/", host="nowhere.test")
    assert check(log)["code"] == 404

    for text, code in [
        (b"GET /old HTTP/1.0\r\nhost: a\r\n\r\n", 426),
        (b"get / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 70000 + b"\r\n\r\n", 431),
        (b"GET /nobody HTTP/1.1\r\n\r\n", 400),
        (b"GET /%23#f HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ]:
        assert raw(site.port, text) == code
        seen = check(log)
        assert (seen["code"], seen["rule"], seen["local"]) == (code, "", True)
    assert len(log.path.read_text().splitlines()) == log.read
    name = f"wasmcustom.weir.{site.name}_0.seen."
    wait_for(lambda: proxy.stats(name).get(name + "matched") == log.read, "each stream once")
    assert name + "errors" not in proxy.stats(name)


def test_of_streams_that_break(proxy, upstream, tmp_path):
    """The client goes away before an answer and in the middle of one; the upstream takes too long."""
    log, free = Log(tmp_path / "log"), threading.Event()
    slow = [{"match": {"prefix": "/slow"}, "route": {"cluster": "upstream", "timeout": "0.05s"}},
            {"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]
    hosts = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": slow}]}
    site = serve(proxy, log.path, route_config=hosts)

    def reply(request):
        if request.path == "/half":
            yield b"HTTP/1.1 200 Told\r\ncontent-length: 10\r\n\r\nhalf"
        free.wait(20)
        raise EOFError

    upstream.reply = reply
    try:
        with Http2(site.port) as link:
            stream = link.begin("/before")
            wait_for(lambda: upstream.requests, "the request")
            link.reset(stream)
            seen = check(log)
            assert (seen["code"], seen["path"], seen["latency"]) == (0, "/before", False)
            stream = link.begin("/half")
            while not link.bodies.get(stream):
                link.more()
            link.reset(stream)
            assert (check(log)["code"], link.bodies[stream]) == (200, b"half")
            assert link.ask("/slow").status == 504
        assert check(log)["details"] == "response_timeout"
    finally:
        free.set()


def test_of_a_request_that_still_waits_for_a_service(proxy, upstream, tmp_path):
    """Its client goes away; the service answers when nobody is there any more."""
    rules = """
      service slow { kind rls  cluster "relay"  domain "d"  timeout 20s }
      limiter remote { 9 per 1m  scope cluster(slow)  headers none }
      rule asks { limit remote }
      rule seen on log { tag seen = json([response.code, request.path, decision.rule]) }
    """
    log, free = Log(tmp_path / "log"), threading.Event()
    upstream.reply = lambda request: free.wait(20) and answer(200)
    site = proxy.serve(weir(rules), manager=logging(log.path, seen="%FILTER_STATE(wasm.seen:PLAIN)%"))
    try:
        with Http2(site.port) as link:
            stream = link.begin("/waits")
            wait_for(lambda: upstream.heads, "the question")
            link.reset(stream)
            assert json.loads(log.next()["seen"]) == [0, "/waits", ""]
    finally:
        free.set()
    assert ask(site.port, "/direct").status in (200, 429)


def test_what_it_learns_is_kept_from_the_next_request_on(proxy, upstream):
    """Charges and bans of streams that are over, also of those whose request nobody could read."""
    rules = """
      limiter failures { 2 per 1h  by client.prefix  headers none }
      rule locked_out { limit failures cost 0 else deny 429 }
      rule failed on log when response.code == 401 { charge failures }
      rule odd on log when response.code == 400 && request.path == "" { ban failures for 1h }
    """
    upstream.tell(status=401)
    with Connection(proxy.serve(weir(rules)).port) as link:
        assert [link.ask("/x").status for _ in range(3)] == [401, 401, 429]
    site = proxy.serve(weir(rules))
    assert raw(site.port, b"get / HTTP/1.1\r\nhost: a\r\n\r\n") == 400
    assert ask(site.port, "/x").status == 429


@pytest.mark.parametrize("settings", [{"steps": 40}, {"memory": 65536}])
def test_out_of_steps_or_memory_nothing_is_answered(proxy, settings):
    """A ban restricts: anywhere else such a phase ends in a 503, from here that would end the proxy."""
    rules = """limiter l { 9 per 1h  headers none }
      rule ban on log when [1, 2, 3].map(a, [1, 2, 3].map(b, request.path + request.path)).size() > 0 { ban l for 1h }"""
    site = proxy.serve(weir(rules, settings))
    assert ask(site.port, "/direct?" + "a" * 20000).status == 200
    name = f"wasmcustom.weir.{site.name}_0."
    wait_for(lambda: any(key.endswith("errors") for key in proxy.stats(name)), "an error")
    assert raw(site.port, b"GET / HTTP/1.0\r\n\r\n") == 426
