"""Accuses the login guard: guesses that get through, good logins that cost, others locked out."""

import json
import threading
import time

import pytest

from harness.client import ask
from harness.http2 import Http2
from harness.plugin import weir
from harness.upstream import answer
from harness.waiting import wait_for

# As the language's introduction has it.
RULES = """limiter guesses { 5 per 15m  by client.prefix, request.json.user  on_absent skip  headers none }
group login when request.method == "POST" && request.clean_path == "/login" {
  rule attempt on request_body { limit guesses else deny 429 body "Too many failed logins, try again later." }
  rule success on response when response.code < 400 { refund guesses }
}"""
EDGE = {"use_remote_address": True, "skip_xff_append": True}
PASSWORD = "right"


@pytest.fixture
def login(proxy, upstream):
    """The site; its upstream knows one password."""

    def reply(request):
        sent = json.loads(request.body) if request.method == "POST" else {}
        return answer(200 if sent.get("password") == PASSWORD else 401)

    upstream.reply = reply
    return proxy.serve(weir(RULES, {"trust": {"hops": 1}}), manager=EDGE)


def form(password, user="ann", network="192.0.2.1"):
    body = json.dumps({"user": user, "password": password}).encode()
    return {"method": "POST", "body": body, "headers": [("x-forwarded-for", network)]}


def tries(site, *passwords, path="/login", **who):
    return [ask(site.port, path, **form(password, **who)).status for password in passwords]


def test_five_failures_lock_out(login, upstream):
    assert tries(login, *"12345") == [401] * 5
    reply = ask(login.port, "/login", **form(PASSWORD))
    assert (reply.status, reply.body) == (429, b"Too many failed logins, try again later.")
    assert {name.lower() for name, _ in reply.headers}.isdisjoint({"retry-after", "ratelimit"})
    assert len(upstream.requests) == 5


def test_other_accounts_and_networks_are_free(login):
    assert tries(login, *"123456") == [401] * 5 + [429]
    assert tries(login, PASSWORD, user="bob") == [200]
    assert tries(login, PASSWORD, network="198.51.100.1") == [200]
    assert tries(login, PASSWORD) == [429]


def test_a_good_login_costs_nothing(login):
    assert tries(login, *[PASSWORD] * 20) == [200] * 20
    assert tries(login, *"1234", PASSWORD, "5", "6") == [401] * 4 + [200, 401, 429]


def test_other_requests_cost_nothing(login):
    gets = [ask(login.port, "/login", headers=[("x-forwarded-for", "192.0.2.1")]) for _ in range(6)]
    assert [reply.status for reply in gets] == [401] * 6
    assert tries(login, *"123456", path="/other") == [401] * 6
    assert tries(login, *"12345") == [401] * 5


@pytest.mark.parametrize("path", ["//login", "/x/../login", "/%6cogin", "/login;v=1"])
def test_the_path_has_no_other_spelling(login, path):
    assert tries(login, *"12345", path=path) == [401] * 5
    assert tries(login, PASSWORD) == [429]


def test_a_body_that_cannot_be_read_is_refused(login, upstream):
    for body in (b"", b"user=ann", b'{"user":"ann","user":"bob"}', b"[]", b'{"user":"ann"'):
        assert ask(login.port, "/login", method="POST", body=body).status == 429, body
    assert not upstream.requests
    for body in (b'{"user":"ann"} ', b'{"user":""}', b"{}"):  # the latter are skipped, and not counted
        assert ask(login.port, "/login", method="POST", body=body).status == 401, body


@pytest.mark.parametrize("workers", [1, 4])
def test_of_parallel_guesses_five_reach_the_upstream(own_proxy, upstream, workers):
    answers = threading.Event()

    def reply(request):
        answers.wait(20)
        return answer(200 if json.loads(request.body)["password"] == PASSWORD else 401)

    upstream.reply = reply
    site = own_proxy(concurrency=workers).start().serve(weir(RULES))
    replies = []

    def guess(number):
        replies.append(ask(site.port, "/login", **form(PASSWORD if number == 19 else str(number))).status)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(replies) >= 15, "the refusals")
    time.sleep(0.2)
    assert replies == [429] * 15
    assert len(upstream.requests) == 5
    answers.set()
    for thread in threads:
        thread.join()
    assert len(upstream.requests) == 5
    good = replies.count(200)
    assert sorted(replies[15:]) in ([401] * 5, [200] + [401] * 4)
    assert tries(site, "x", "x") == ([401, 429] if good else [429, 429])


def test_guesses_on_one_connection_and_given_up_ones_count(login, upstream):
    with Http2(login.port) as link:
        assert [link.ask("/login", **form(str(i))).status for i in range(3)] == [401] * 3
        hangs = threading.Event()
        upstream.reply = lambda request: [answer(401)] if hangs.wait(20) else []
        for _ in range(2):
            count = len(upstream.requests)
            stream = link.begin("/login", **form("x"))
            wait_for(lambda: len(upstream.requests) > count, "a guess")
            link.reset(stream)
        assert link.ask("/login", **form("y")).status == 429
        hangs.set()
    assert len(upstream.requests) == 5
