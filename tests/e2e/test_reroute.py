"""Accuses reroute and removals by pattern: the old route, headers that are left."""

import pytest

from harness.client import ask
from harness.plugin import weir
from harness.site import ENVOY, NO_ROUTE

# A filter of Envoy's own that edits a header by which routes are told apart, and leaves the route.
ROUTED = {"key": "x-route", "value": "direct"}
MUTATION = {
    "name": "mutation",
    "typed_config": {
        "@type": ENVOY + "extensions.filters.http.header_mutation.v3.HeaderMutation",
        "mutations": {"request_mutations": [{"append": {"header": ROUTED}}]},
    },
}
ROUTER = {"name": "router", "typed_config": {"@type": ENVOY + "extensions.filters.http.router.v3.Router"}}


def behind_another_filter(proxy, rules):
    site = proxy.site(weir(rules))
    site.manager = {"http_filters": [MUTATION, site.wasm_filter(site.plugins[0]), ROUTER]}
    return proxy.add(site)


def test_the_route_stays_until_it_is_taken_anew(proxy, upstream):
    """Two sites that differ by one word: the headers at the router are the same."""
    stays = behind_another_filter(proxy, 'rule r when request.headers["x-route"] == "direct" { log info "seen" }')
    assert ask(stays.port, "/x").body == b"upstream"
    assert upstream.last.all("x-route") == ["direct"]
    anew = behind_another_filter(proxy, 'rule r when request.headers["x-route"] == "direct" { reroute }')
    assert ask(anew.port, "/x").body == b"direct" and len(upstream.requests) == 1


def test_a_rule_that_does_not_apply_leaves_the_route(proxy, upstream):
    site = behind_another_filter(proxy, 'rule r when request.path == "/anew" { reroute }')
    assert [ask(site.port, path).body for path in ("/x", "/anew")] == [b"upstream", b"direct"]


# The proxy also takes the route anew by itself when a module of this ABI edits a request's headers.
@pytest.mark.parametrize("ending", ["reroute", ""])
@pytest.mark.parametrize(
    "edit, status",
    [
        ('set request.headers["x-route"] = "direct"', 200),
        ('set request.path = "/direct/x"', 200),
        ('set request.url_path = "/direct"', 200),
        (f'set request.host = "{NO_ROUTE}"', 404),
    ],
)
def test_a_new_route_by_the_request_as_edited(proxy, upstream, edit, status, ending):
    site = proxy.serve(weir(f'rule r when request.path == "/x" {{ {edit}  {ending} }}'))
    assert ask(site.port, "/x").status == status and not upstream.requests
    assert ask(site.port, "/y").status == 200 and len(upstream.requests) == 1


def test_names_that_match_go(proxy, upstream):
    site = proxy.serve(weir('rule r { remove request.headers["x-internal-*"] }'))
    ask(site.port, "/x", headers=[("X-Internal-A", "1"), ("x-internal-a", "2"), ("x-internal-b", ""), ("x-in", "1")])
    assert [upstream.last.all(name) for name in ("x-internal-a", "x-internal-b", "x-in")] == [[], [], ["1"]]
