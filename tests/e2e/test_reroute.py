"""Accuses reroute and removals by pattern: the old route, headers that are left."""

from harness.client import ask
from harness.plugin import weir


def test_a_new_route_by_the_headers_as_edited(proxy, upstream):
    edit = 'set request.headers["x-route"] = "direct"'
    site = proxy.serve(weir(f'rule r when request.path == "/x" {{ {edit}  reroute }}'))
    assert ask(site.port, "/x").status == 200 and not upstream.requests
    ask(site.port, "/y")
    assert len(upstream.requests) == 1


def test_names_that_match_go(proxy, upstream):
    site = proxy.serve(weir('rule r { remove request.headers["x-internal-*"] }'))
    ask(site.port, "/x", headers=[("X-Internal-A", "1"), ("x-internal-a", "2"), ("x-internal-b", ""), ("x-in", "1")])
    assert [upstream.last.all(name) for name in ("x-internal-a", "x-internal-b", "x-in")] == [[], [], ["1"]]
