"""Accuses names of headers that are made at run time: that one of engine/tbl/header_targets.h gets past the gate."""

import re

from harness.client import Connection
from harness.places import ROOT
from harness.plugin import weir

ROW = re.compile(r'^HEADER_TARGET\((\w+), "([^"]+)", (\w+), (\w+), (\w+)\)', re.M)
ROWS = ROW.findall((ROOT / "engine/tbl/header_targets.h").read_text())
FORGED = "forged-by-test"
RULES = f"""let name = request.headers["x-name"]
rule sets when request.headers["x-do"] == "set" {{ set request.headers[name] = "{FORGED}" }}
rule adds when request.headers["x-do"] == "add" {{ add request.headers[name] = "{FORGED}" }}
rule removes when request.headers["x-do"] == "remove" {{ remove request.headers[name] }}
rule answers when request.headers["x-do"] == "reply" {{ respond 200 headers {{name: "{FORGED}"}} }}
rule ran {{ set request.headers["x-ran"] = "1" }}
rule sets_too on response when request.headers["x-do"] == "set" {{ set response.headers[name] = "{FORGED}" }}
rule adds_too on response when request.headers["x-do"] == "add" {{ add response.headers[name] = "{FORGED}" }}
rule removes_too on response when request.headers["x-do"] == "remove" {{ remove response.headers[name] }}
rule ran_too on response {{ set response.headers["x-ran"] = "1" }}"""


def values(headers):
    return [value for _, value in headers]


def test_no_row_is_edited_by_a_name_made_at_run_time(proxy, upstream):
    site = proxy.serve(weir(RULES))
    with Connection(site.port) as link:
        for form, row, message, may_set, _ in ROWS:
            name = (row if form == "EXACT" else row + "any").upper()
            free = may_set == "true"
            for verb in ("set", "add"):
                reply = link.ask(headers=[("x-do", verb), ("x-name", name)], method="POST", body=b"four")
                assert (reply.status, reply.body, reply.header("x-ran")) == (200, b"upstream", "1"), name
                assert (upstream.last.body, upstream.last.all("x-ran")) == (b"four", ["1"]), name
                assert (FORGED in values(upstream.last.headers)) == free, name
                assert (FORGED in values(reply.headers)) == (free or message == "REQUEST"), name
            reply = link.ask(headers=[("x-do", "reply"), ("x-name", name)])
            assert (FORGED in values(reply.headers)) == (free or message == "REQUEST"), name


def test_what_must_stay_stays_and_what_may_go_goes(proxy, upstream):
    site = proxy.serve(weir(RULES))
    with Connection(site.port) as link:
        for name, stays in (("content-length", True), ("host", True), (":path", True), (":method", True),
                            ("x-envoy-internal", False), ("x-forwarded-client-cert", False), ("x-own", False)):
            lines = [("x-do", "remove"), ("x-name", name), ("x-own", "1"), ("x-forwarded-client-cert", "By=a")]
            reply = link.ask("/p", headers=lines, method="POST", body=b"four")
            assert (reply.status, reply.body) == (200, b"upstream")
            assert (upstream.last.line, upstream.last.body) == ("POST /p HTTP/1.1", b"four")
            if not name.startswith(":"):
                assert bool(upstream.last.all(name)) == stays, name
