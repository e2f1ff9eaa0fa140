"""Accuses the bundled rule sets: that one does not work as a new user tries it, in a real Envoy with
`include "NAME.weir"` and a few lines of pluginConfig.

Each set has a row in SETS, in the order of the alphabet; its own cases are in rules/NAME_test.weir.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.client import Connection

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
    """`config`: pluginConfig beside `rules`. `refuses`: false of a set that never ends a request."""

    config: dict
    tries: list
    refuses: bool = True


SETS = {
    "block": Set(
        {"blocked_area": "/admin", "blocked_paths": ["/.env"], "blocked_agents": ["BadBot/1.0"]},
        [
            passes("/", headers=(("user-agent", "curl/8"),)),
            refused(403, "/x/../admin", headers=(("user-agent", "curl/8"),)),
            refused(403, "/", headers=(("user-agent", "BadBot/1.0"),)),
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
    "login_guard": Set(
        {"login_path": "/login", "login_user": "user", "login_failures": 2, "login_period": "15m"},
        [
            passes("/login", 401, method="POST", body=b'{"user": "ada"}', answer={"status": 401}),
            passes("/login", 401, method="POST", body=b'{"user": "ada"}', answer={"status": 401}),
            refused(429, "/login", method="POST", body=b'{"user": "ada"}'),
            passes("/login", method="POST", body=b'{"user": "bob"}'),
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
}


def config_of(name):
    return json.dumps({"rules": f'include "{name}.weir"'} | SETS[name].config)


def values(message, name):
    found = message.all(name)
    return ", ".join(found) if found else None


def check(link, upstream, tried):
    upstream.reset()
    upstream.tell(**tried.answer)
    reply = link.ask(tried.path, tried.headers, tried.method, tried.body, tried.host)
    assert (reply.status, bool(upstream.requests)) == (tried.status, tried.passes), tried
    assert {name: values(reply, name) for name in tried.reply} == tried.reply, tried
    if tried.forwarded:
        seen = {name: values(upstream.last, name) for name in tried.forwarded}
        assert seen == tried.forwarded, tried


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_set_does_what_its_user_expects(proxy, upstream, name):
    site = proxy.serve(config_of(name))
    with Connection(site.port) as link:
        for tried in SETS[name].tries:
            check(link, upstream, tried)


def test_every_set_has_a_row():
    sets = {path.stem for path in (ROOT / "rules").glob("*.weir")}
    assert set(SETS) == {name for name in sets if not name.endswith("_test")}
    assert all((ROOT / f"rules/{name}_test.weir").exists() for name in SETS)


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_row_shows_what_passes_and_what_does_not(name):
    ends = {tried.passes for tried in SETS[name].tries}
    assert ends == ({True, False} if SETS[name].refuses else {True})
    assert len(SETS[name].tries) > 1
