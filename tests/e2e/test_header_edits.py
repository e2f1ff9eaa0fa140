"""Accuses edits of headers: lines lost, joined wrongly, left over, or not seen where due."""

import pytest

from harness.client import ask, ask_h2
from harness.plugin import weir


def serve(proxy, rules, **data):
    return proxy.serve(weir(rules, **data))


def test_upstream_sees_the_edits_of_the_request(proxy, upstream):
    site = serve(
        proxy,
        """rule edits {
          set request.headers["x-set"] = "new"
          add request.headers["x-add"] = "second"
          default request.headers["x-there"] = "unused"
          default request.headers["x-absent"] = "filled"
          remove request.headers["x-gone"]
        }""",
    )
    sent = [("x-set", "a"), ("x-set", "b"), ("x-add", "first"), ("x-there", "old")]
    ask(site.port, headers=sent + [("x-gone", "1"), ("x-gone", "2"), ("x-other", "kept")])
    assert upstream.last.all("x-set") == ["new"]
    assert upstream.last.all("x-add") == ["first", "second"]
    assert upstream.last.all("x-there") == ["old"]
    assert upstream.last.all("x-absent") == ["filled"]
    assert upstream.last.all("x-gone") == []
    assert upstream.last.all("x-other") == ["kept"]


def test_client_sees_the_edits_of_the_response(proxy, upstream):
    site = serve(
        proxy,
        """rule edits on response {
          set response.headers["x-set"] = "new"
          add response.headers["x-add"] = "second"
          default response.headers["x-there"] = "unused"
          default response.headers["x-absent"] = "filled"
          remove response.headers["x-gone"]
        }""",
    )
    told = [("x-set", "a"), ("x-set", "b"), ("x-add", "first"), ("x-there", "old")]
    upstream.tell(headers=told + [("x-gone", "1"), ("x-gone", "2"), ("x-other", "kept")])
    for reply in (ask(site.port, "/x"), ask_h2(site.port, "/x"), ask(site.port, "/h2")):
        assert reply.all("x-set") == ["new"]
        assert reply.all("x-add") == ["first", "second"]
        assert reply.all("x-there") == ["old"]
        assert reply.all("x-absent") == ["filled"]
        assert reply.all("x-gone") == []
        assert reply.all("x-other") == ["kept"]


def test_set_cookie_lines_stay_apart(proxy, upstream):
    site = serve(proxy, 'rule r on response { add response.headers["set-cookie"] = "c=3" }')
    upstream.tell(headers=[("set-cookie", "a=1"), ("set-cookie", "b=2")])
    assert ask(site.port).all("set-cookie") == ["a=1", "b=2", "c=3"]


def test_repeated_lines_are_read_joined_by_comma(proxy, upstream):
    site = serve(proxy, 'rule r { set request.headers["x-seen"] = request.headers["x-a"] }')
    ask(site.port, headers=[("x-a", "1"), ("X-A", "2"), ("x-b", "9"), ("x-a", "3,4")])
    assert upstream.last.all("x-seen") == ["1,2,3,4"]


def test_cookie_lines_are_read_joined_by_semicolon(proxy, upstream):
    site = serve(proxy, 'rule r { set request.headers["x-seen"] = request.headers["cookie"] }')
    sent = [("cookie", "a=1"), ("cookie", "b=2; c=3")]
    for client in (ask, ask_h2):
        client(site.port, headers=sent)
        assert upstream.last.all("x-seen") == ["a=1; b=2; c=3"]


def test_condition_sees_every_line_of_a_repeated_header(proxy, upstream):
    site = serve(proxy, 'rule r when request.headers["x-role"].contains("admin") { deny }')
    assert ask(site.port, headers=[("x-role", "user"), ("x-role", "admin")]).status == 403
    assert ask(site.port, headers=[("x-role", "user")]).status == 200
    assert len(upstream.requests) == 1


def test_names_match_in_any_case(proxy, upstream):
    site = serve(proxy, 'rule r { set request.headers["X-Seen"] = request.headers["X-MIXED"] }')
    ask(site.port, headers=[("x-MiXeD", "v"), ("X-seen", "old")])
    assert upstream.last.all("x-seen") == ["v"]


def test_absent_and_empty_headers(proxy, upstream):
    site = serve(
        proxy,
        """rule a when request.headers["x-a"] == "" { set request.headers["x-blank"] = "yes" }
        rule b when "x-a" in request.headers { set request.headers["x-there"] = "yes" }""",
    )
    ask(site.port, headers=[("x-a", "")])
    assert (upstream.last.all("x-blank"), upstream.last.all("x-there")) == (["yes"], ["yes"])
    ask(site.port)
    assert (upstream.last.all("x-blank"), upstream.last.all("x-there")) == (["yes"], [])


def test_later_rules_see_earlier_edits_and_lets_do_not(proxy, upstream):
    site = serve(
        proxy,
        """let received = request.headers["x-user"]
        rule a { set request.headers["x-user"] = "edited" }
        rule b {
          set request.headers["x-now"] = request.headers["x-user"]
          set request.headers["x-let"] = received
        }""",
    )
    ask(site.port, headers=[("x-user", "sent")])
    assert upstream.last.all("x-now") == ["edited"]
    assert upstream.last.all("x-let") == ["sent"]


def test_response_phase_reads_the_request_as_it_left(proxy, upstream):
    site = serve(
        proxy,
        """let received = request.headers["x-user"]
        rule a {
          set request.headers["x-user"] = "left"
          remove request.headers["x-gone"]
        }
        rule b on response {
          set response.headers["x-now"] = request.headers["x-user"]
          set response.headers["x-let"] = received
          set response.headers["x-kept"] = request.headers["x-kept"]
          set response.headers["x-missing"] = request.headers["x-gone"] + "."
          set response.headers["x-path"] = request.method + " " + request.path
        }""",
    )
    sent = [("x-user", "sent"), ("x-gone", "1"), ("x-kept", "a"), ("x-kept", "b")]
    reply = ask(site.port, "/p?q=1", headers=sent)
    assert reply.header("x-now") == "left"
    assert reply.header("x-let") == "sent"
    assert reply.header("x-kept") == "a,b"
    assert reply.header("x-missing") == "."
    assert reply.header("x-path") == "GET /p?q=1"


def test_response_rules_see_earlier_edits_of_the_response(proxy, upstream):
    site = serve(
        proxy,
        """rule a on response { set response.headers["x-up"] = "edited" }
        rule b on response { set response.headers["x-copy"] = response.headers["x-up"] }""",
    )
    upstream.tell(headers=[("x-up", "1"), ("x-up", "2")])
    reply = ask(site.port)
    assert (reply.all("x-up"), reply.all("x-copy")) == (["edited"], ["edited"])


def test_fields_of_the_request(proxy, upstream):
    site = serve(
        proxy,
        """rule r {
          set request.headers["x-path"] = request.path
          set request.headers["x-url-path"] = request.url_path
          set request.headers["x-clean"] = request.clean_path
          set request.headers["x-host"] = request.host
          set request.headers["x-method"] = request.method
          set request.headers["x-scheme"] = request.scheme
        }""",
    )
    ask(site.port, "/a//b/../%63?q=/../x", method="POST", body=b"x", host="Example.test:81")
    seen = dict(upstream.last.headers)
    assert upstream.last.line == "POST /a//b/../%63?q=/../x HTTP/1.1"
    assert (seen["x-path"], seen["x-url-path"]) == ("/a//b/../%63?q=/../x", "/a//b/../%63")
    assert (seen["x-clean"], seen["x-host"]) == ("/a/c", "Example.test:81")
    assert (seen["x-method"], seen["x-scheme"]) == ("POST", "http")


@pytest.mark.parametrize(
    "path",
    ["/admin", "/admin/x", "//admin", "/./admin", "/x/../admin", "/%61dmin", "/x/%2e%2E/admin",
     "/\\admin", "/admin;p=1", "/admin?x", "/x/..;a=b/admin", "///x//..//admin"],
)
def test_spellings_of_a_path_do_not_pass_clean_path(proxy, upstream, path):
    site = serve(
        proxy,
        """let path = request.clean_path
        rule r when path == "/admin" || path.startsWith("/admin/") { deny }""",
    )
    assert ask(site.port, path).status == 403
    assert ask(site.port, "/administer").status == 200
    assert len(upstream.requests) == 1


def test_groups_and_conditions(proxy):
    site = serve(
        proxy,
        """group api when request.path.startsWith("/direct/api") {
          rule in_group on response { add response.headers["x-ran"] = "api" }
          rule errors on response when response.code >= 500 {
            add response.headers["x-ran"] = "errors"
          }
        }
        rule ok on response when response.code < 300 { add response.headers["x-ran"] = "ok" }
        rule failed on response when response.code >= 500 {
          add response.headers["x-ran"] = "failed"
        }""",
    )
    assert ask(site.port, "/direct/api").all("x-ran") == ["api", "ok"]
    assert ask(site.port, "/direct").all("x-ran") == ["ok"]
    assert ask(site.port, "/down").all("x-ran") == ["failed"]


def test_values_of_config_reach_headers(proxy):
    site = serve(
        proxy,
        'rule r on response { set response.headers["x-a"] = config.a.b + config.list[1] }',
        a={"b": "x"},
        list=["p", "q"],
    )
    assert ask(site.port).header("x-a") == "xq"
