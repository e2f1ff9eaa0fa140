"""Accuses the bundled rule sets: that one does not work as a new user tries it, in a real Envoy with
`include "NAME.weir"` and a few lines of pluginConfig.

Each set has a row in SETS, in the order of the alphabet; its own cases are in rules/NAME_test.weir.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import pytest

from harness.client import ask
from harness.tokens import behind, jwt_filter, token

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Try:
    """A request, and what must come of it.

    `status` is the client's; `reply` are headers that it gets, `forwarded` headers that the upstream
    gets, with None for one that must not be there; `answer` is what the upstream says.
    """

    status: int
    path: str = "/"
    method: str = "GET"
    headers: tuple = ()
    body: bytes = b""
    host: str = "test.local"
    answer: dict = field(default_factory=dict)
    reply: dict = field(default_factory=dict)
    forwarded: dict = field(default_factory=dict)
    passes: bool = True


def passes(path="/", status=200, **rest):
    return Try(status, path, **rest)


def refused(status, path="/", **rest):
    return Try(status, path, passes=False, **rest)


@dataclass
class Set:
    """`config`: pluginConfig beside `rules`. `refuses`: false of a set that never ends a request.

    `filters`: those of Envoy before the plugin, which the set relies on.
    """

    config: dict
    tries: list
    refuses: bool = True
    filters: list = field(default_factory=list)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def basic(user, password):
    return ("authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def bearer(**claims):
    return ("authorization", "Bearer " + token({"iss": "me"} | claims))


GRAPHQL = (("content-type", "application/json"),)
FORM = (("content-type", "application/x-www-form-urlencoded"),)
LINK_KEY = "0123456789abcdef"


def signed(path, expires, *more):
    """As the header of rules/signed_urls.weir says how to sign."""
    pieces = [f"expires={expires}", *more]
    said = f"GET\n{path}\n{'&'.join(sorted(pieces))}".encode()
    signature = hmac.new(LINK_KEY.encode(), said, "sha256").hexdigest()
    return f"{path}?{'&'.join(pieces)}&signature={signature}"


SETS = {
    "api_keys": Set(
        {"api_keys": {digest("k-1"): {"name": "ada", "tier": "gold"}}, "api_tiers": {"gold": 2}, "api_period": "1h"},
        [
            passes(headers=(("x-api-key", "k-1"),), forwarded={"x-consumer": "ada", "x-api-key": None}),
            refused(401, headers=(("x-consumer", "ada"),)),
            refused(401, headers=(("x-api-key", "k-1"), ("x-api-key", "k-2"))),
            passes(headers=(("x-api-key", "k-1"), ("x_consumer", "root")), forwarded={"x_consumer": None}),
            refused(429, headers=(("x-api-key", "k-1"),)),
        ],
    ),
    "basic_auth": Set(
        {"basic_users": {"ada": "s1:" + digest("s1:ada:secret")}, "basic_realm": "shop"},
        [
            passes(headers=(basic("ada", "secret"),), forwarded={"x-user": "ada", "authorization": None}),
            refused(401, headers=(basic("ada", "wrong"),)),
            refused(401, reply={"www-authenticate": 'Basic realm="shop", charset="UTF-8"'}),
        ],
    ),
    "block": Set(
        {"block_areas": ["/admin"], "block_agents": ["badbot"]},
        [
            passes("/administrator", headers=(("user-agent", "curl/8"),)),
            refused(403, "/x/../admin"),
            refused(403, "/.git/config"),
            refused(400, "/x%2fadmin"),
            refused(403, "/", headers=(("user-agent", "BadBot/1.0"),)),
        ],
    ),
    "canary": Set(
        {"canary_percent": 0, "canary_header": "x-user", "canary_always": ["ada"]},
        [
            passes(headers=(("x-user", "ada"),), forwarded={"x-canary": "canary"}),
            passes(headers=(("x-user", "bob"), ("x-canary", "canary")), forwarded={"x-canary": "stable"}),
        ],
        refuses=False,
    ),
    "cors": Set(
        {"cors_origins": ["https://app.example.com"], "cors_methods": ["GET", "PUT"]},
        [
            passes(headers=(("origin", "https://app.example.com"),), answer={"headers": [("access-control-allow-origin", "*")]},
                   reply={"access-control-allow-origin": "https://app.example.com", "vary": "origin"}),
            passes(headers=(("origin", "https://evil.test"),), reply={"access-control-allow-origin": None}),
            refused(204, method="OPTIONS", headers=(("origin", "https://app.example.com"), ("access-control-request-method", "PUT")),
                    reply={"access-control-allow-methods": "GET, PUT"}),
            refused(403, method="OPTIONS", headers=(("origin", "https://evil.test"), ("access-control-request-method", "PUT"))),
        ],
    ),
    "csrf": Set(
        {"csrf_origins": ["https://app.example.com"]},
        [
            passes("/", headers=(("origin", "https://evil.example"),)),
            passes("/", method="POST", headers=(("origin", "http://test.local"),)),
            passes("/", method="POST", headers=(("origin", "https://app.example.com"),)),
            refused(403, "/", method="POST", headers=(("origin", "https://evil.example"),)),
            refused(403, "/", method="DELETE"),
        ],
    ),
    "demo": Set(
        {"testConfig": "abcddeeeee", "listconfig": ["abc", "def"]},
        [
            passes("/", reply={"wang": "1234567"}),
            passes("/", reply={"configdata": '{"testConfig":"abcddeeeee","listconfig":["abc","def"]}'}),
            refused(403, "/", reply={"powered-by": "proxy-wasm-go-sdk!!"}),
        ],
    ),
    "graphql_guard": Set(
        {"graphql_path": "/api/graphql", "graphql_depth": 3},
        [
            passes("/api/graphql", method="POST", headers=GRAPHQL, body=b'{"query": "{user{name}}"}'),
            refused(400, "/api/graphql", method="POST", headers=GRAPHQL, body=b'{"query": "{a{b{c{d}}}}"}'),
            refused(403, "/api/graphql", method="POST", headers=GRAPHQL, body=b'{"query": "{__schema{types{name}}}"}'),
            refused(415, "/api/graphql", method="POST", body=b'{"query": "{user{name}}"}'),
            refused(405, "/api/GraphQL/?query={user{name}}"),
        ],
    ),
    "header_hygiene": Set(
        {"hygiene_internal": ["x-internal-*"]},
        [
            passes(headers=(("x-internal-user", "root"), ("x-other", "1")), forwarded={"x-internal-user": None, "x-other": "1"}),
            passes(answer={"headers": [("x-internal-node", "7")]}, reply={"x-internal-node": None}),
            refused(400, headers=(("x_internal_user", "root"),)),
        ],
    ),
    "ip_access": Set(
        {"ip_allow": ["192.0.2.0/24"], "ip_deny": ["192.0.2.66"]},
        [
            passes(headers=(("x-forwarded-for", "192.0.2.1"),)),
            refused(403, headers=(("x-forwarded-for", "192.0.2.66"),)),
            refused(403, headers=(("x-forwarded-for", "192.0.2.1, 198.51.100.1"),)),
        ],
    ),
    "jwt_access": Set(
        {"jwt_audiences": ["shop"], "jwt_access": [{"path": "/admin/**", "claims": {"roles": ["admin"]}}, {"path": "/"}]},
        [
            passes("/", headers=(bearer(aud="shop"),)),
            passes("/admin/x", headers=(bearer(aud=["shop"], roles=["admin"]),)),
            refused(403, "/admin/x", headers=(bearer(aud="shop", roles="user"),)),
            refused(401, "/", headers=(bearer(aud="bank"),)),
            refused(401, "/", reply={"www-authenticate": "Bearer"}),
        ],
        filters=[jwt_filter("payload")],
    ),
    "login_guard": Set(
        {"login_path": "/login", "login_user": "user", "login_failures": 2, "login_period": "15m"},
        [
            passes("/login", 401, method="POST", body=b'{"user": "ada"}', answer={"status": 401}),
            passes("/login", 401, method="POST", body=b'{"user": "ada"}', answer={"status": 401}),
            refused(429, "/login", method="POST", body=b'{"user": "ada"}'),
            passes("/login", method="POST", body=b'{"user": "bob"}'),
        ],
    ),
    "maintenance": Set(
        {"maintenance_paths": ["/health"], "maintenance_pass": digest("open sesame"), "maintenance_retry": 60},
        [
            refused(503, reply={"retry-after": "60"}),
            passes("/health"),
            passes(headers=(("x-maintenance-pass", "open sesame"),), forwarded={"x-maintenance-pass": None}),
        ],
    ),
    "redirects": Set(
        {"redirect_host": "www.example.com", "redirect_slash": "remove", "redirect_moved": {"/old": "/new"}},
        [
            passes("/a?b", host="www.example.com"),
            refused(308, "/old/?a=b", reply={"location": "http://www.example.com/new?a=b"}),
            refused(308, "//evil.example/", reply={"location": "http://www.example.com/evil.example"}),
        ],
    ),
    "request_limits": Set(
        {"limits_body": 10, "limits_types": ["text/plain"]},
        [
            passes("/", method="POST", headers=(("content-type", "text/plain"),), body=b"0123456789"),
            refused(413, "/", method="POST", headers=(("content-type", "text/plain"),), body=b"0123456789a"),
            refused(415, "/", method="POST", headers=(("content-type", "text/html"),), body=b"0"),
            refused(405, "/", method="TRACE", reply={"allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}),
            refused(414, "/" + "a" * 8192),
        ],
    ),
    "security_headers": Set(
        {},
        [
            passes("/", answer={"headers": [("server", "gunicorn")]}, reply={"x-frame-options": "DENY"}),
            passes("/", answer={"headers": [("x-powered-by", "PHP")]}, reply={"x-powered-by": None}),
        ],
        refuses=False,
    ),
    "signed_urls": Set(
        {"signed_areas": ["/files"], "signed_keys": [LINK_KEY]},
        [
            passes("/public"),
            passes(signed("/files/a.pdf", int(time()) + 3600, "inline=1")),
            refused(403, "/files/a.pdf"),
            refused(403, signed("/files/a.pdf", int(time()) + 3600).replace("a.pdf", "b.pdf")),
            refused(403, signed("/files/a.pdf", int(time()) - 1)),
        ],
    ),
    "waf_advisory": Set(
        {"waf_enforce": True},
        [
            passes("/search?q=O'Brien+and+Sons"),
            refused(403, "/search?q=1'+or+'1'='1"),
            refused(403, "/", headers=(("x-a", "${jndi:ldap://evil.example}"),)),
            refused(403, "/", method="POST", headers=FORM, body=b"q=%3Cscript%3E"),
        ],
    ),
}


def config_of(name):
    return json.dumps({"rules": f'include "{name}.weir"'} | SETS[name].config)


def values(message, name):
    found = message.all(name)
    return ", ".join(found) if found else None


def send(site, tried):
    """On a connection of its own: Envoy may close one whose request's body was not read."""
    return ask(site.port, tried.path, headers=tried.headers, method=tried.method, body=tried.body, host=tried.host)


def check(site, upstream, tried):
    upstream.reset()
    upstream.tell(**tried.answer)
    reply = send(site, tried)
    assert (reply.status, bool(upstream.requests)) == (tried.status, tried.passes), tried
    assert {name: values(reply, name) for name in tried.reply} == tried.reply, tried
    if tried.forwarded:
        seen = {name: values(upstream.last, name) for name in tried.forwarded}
        assert seen == tried.forwarded, tried


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_set_does_what_its_user_expects(proxy, upstream, name):
    site = behind(proxy, config_of(name), *SETS[name].filters)
    for tried in SETS[name].tries:
        check(site, upstream, tried)


# Sets that answer everybody are told to do it later.
TOGETHER = {"maintenance_from": "2999-01-01T00:00:00Z"}


def test_all_sets_stand_together(proxy, upstream):
    """In one program no name clashes, and none opens what another closes."""
    rules = "\n".join(f'include "{name}.weir"' for name in sorted(SETS))
    config = {"rules": rules}
    for row in SETS.values():
        assert row.config.keys() & config.keys() <= {"weir"}, "two sets have a member in common"
        config |= row.config
    site = behind(proxy, json.dumps(config | TOGETHER), jwt_filter("payload"))
    for name, row in SETS.items():
        for tried in row.tries:
            send(site, tried)
        assert upstream.requests == [], name


def test_every_set_has_a_row():
    sets = {path.stem for path in (ROOT / "rules").glob("*.weir")}
    assert set(SETS) == {name for name in sets if not name.endswith("_test")}
    assert all((ROOT / f"rules/{name}_test.weir").exists() for name in SETS)


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_row_shows_what_passes_and_what_does_not(name):
    ends = {tried.passes for tried in SETS[name].tries}
    assert ends == ({True, False} if SETS[name].refuses else {True})
    assert len(SETS[name].tries) > 1
