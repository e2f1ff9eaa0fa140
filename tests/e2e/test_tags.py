"""Accuses tags: one that access logs do not show as docs/operations.md says, one that forges a line, one that a rule
should not have left."""

import base64
import json
import re

import pytest

from harness.client import ask, ask_h2
from harness.logged import said
from harness.places import ROOT
from harness.plugin import weir
from harness.site import ENVOY
from harness.waiting import wait_for

from test_log_phase import Log, logging, raw

STREAM_LOG = ENVOY + "extensions.access_loggers.file.v3.FileAccessLog"
RULES = """
rule tier { tag tier = "gold " + request.query_params["v"] }
rule denied when request.path.startsWith("/denied") { deny }
rule missing { tag missing = config.none[request.path] }
rule quiet shadow { tag quiet = "x" }
rule body on request_body when request.method == "POST" { tag body = string(request.body) }
rule later on response { tag later = "first" }
rule last on log { tag later = filter_state["wasm.later"] + ", last"  tag code = string(response.code) }
"""
TAGS = ["tier", "missing", "quiet", "body", "later", "code"]


def documented():
    """The operators of the table and the example of docs/operations.md, for the tag `tier`."""
    text = (ROOT / "docs/operations.md").read_text().split("## Tags\n")[1].split("\n## ")[0]
    table = re.findall(r"%[A-Z_]+\([^)]*\)%", text.replace("NAME", "tier"))
    return list(dict.fromkeys(table))


def plain(name):
    return f"%FILTER_STATE(wasm.{name}:PLAIN)%"


def test_what_the_documents_say(proxy, tmp_path):
    operators = documented()
    assert operators[:1] == [plain("tier")] and len(operators) == 4
    log = Log(tmp_path / "log")
    site = proxy.serve(weir(RULES, none={}), manager=logging(log.path, **{str(i): each for i, each in enumerate(operators)}))
    ask(site.port, "/x?v=1")
    told = log.next()
    assert (told["0"], told["1"]) == ("gold 1", "gold 1")
    assert all(base64.b64decode(told[key]["value"]) == b"gold 1" for key in ("2", "3"))


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_in_each_phase(proxy, tmp_path, client):
    log = Log(tmp_path / "log")
    site = proxy.serve(weir(RULES, none={}), manager=logging(log.path, **{name: plain(name) for name in TAGS}))
    client(site.port, "/x?v=a", method="POST", body=b"abc")
    assert log.next() == {"tier": "gold a", "missing": None, "quiet": None, "body": "abc", "later": "first, last", "code": "200"}
    client(site.port, "/denied?v=b")
    assert log.next() == {"tier": "gold b", "missing": None, "quiet": None, "body": None, "later": "first, last", "code": "403"}
    raw(site.port, b"GET / HTTP/1.0\r\n\r\n")
    told = log.next()
    assert (told["tier"], told["later"], told["code"]) == (None, ", last", "426")


FORGED = "a%0d%0a%5bcritical%5d%5bmain%5d%20forged%00%1b%5b2J%e2%80%a8%ff%5cn"
ESCAPED = "a\\r\\n[critical][main] forged\\x00\\x1b[2J\u2028\ufffd\\\\n"
LINES = """
rule early { log error "early " + request.query_params["v"]  tag v = request.query_params["v"] }
rule late on log { log error "late " + request.query_params["v"]  tag w = request.query_params["v"] }
"""


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_no_value_forges_a_line_of_any_log(proxy, tmp_path, client):
    """Of an access log as text, and of the proxy's log, which has at most one line a second of a rule."""
    path = tmp_path / "log"
    form = {"text_format_source": {"inline_string": "%RESPONSE_CODE% " + plain("v") + " " + plain("w") + "\n"}}
    logger = {"name": "file", "typed_config": {"@type": STREAM_LOG, "path": str(path), "log_format": form}}
    site = proxy.serve(weir(LINES), manager={"access_log": [logger]})
    mark = proxy.log.mark()
    for _ in range(5):
        client(site.port, "/direct?v=" + FORGED)
    lines = wait_for(lambda: path.exists() and path.read_text().count("\n") >= 5 and path.read_text(), "lines").split("\n")
    assert lines == [f"200 {ESCAPED} {ESCAPED}"] * 5 + [""]
    for word, rule in (("early", "early"), ("late", "late")):
        found = [line for line in said(proxy.log.since(mark), "error") if f" {rule}: " in line]
        assert 1 <= len(found) < 5 and found[0] == f"weir {site.name}_0 {rule}: {word} {ESCAPED}"


def test_the_longest_tag(proxy, tmp_path):
    log = Log(tmp_path / "log")
    rule = 'rule r { tag long = request.headers["x-long"]  tag none = "" }'
    site = proxy.serve(weir(rule), manager=logging(log.path, long=plain("long"), none=plain("none")))
    for length, kept in ((1024, "x" * 1024), (1025, "x" * 1024 + "…")):
        ask(site.port, "/direct", headers=[("x-long", "x" * length)])
        told = log.next()
        assert told["long"] == kept and told["none"] in ("", None), json.dumps(told)
