"""Accuses the demo: two answers a second with the five headers, then the refusal, to the byte."""

import json
import math
import time

import pytest

from harness.client import ask, ask_h2
from harness.load import Load
from harness.waiting import wait_for

DEMO = '{"rules": "include \\"demo.weir\\"", %s}'
DATA = '"testConfig":"abcddeeeee","listconfig":["abc","def"]'
SECOND = 1.0
LIMIT = 2


def stamps(data):
    return {
        "who-am-i": "wasm-extension",
        "injected-by": "istio-api!",
        "hally": "wang",
        "wang": "1234567",
        "configdata": "{" + data + "}",
    }


def assert_stamped(reply, data=DATA):
    for name, value in stamps(data).items():
        assert reply.all(name) == [value]


def assert_refused(reply):
    assert reply.status == 403
    assert reply.header("powered-by") == "proxy-wasm-go-sdk!!"
    assert reply.header("content-length") == "29"
    assert reply.header("content-type") == "text/plain"
    assert reply.body == b"rate limited, wait and retry."


def test_third_answer_of_a_second_is_the_refusal(proxy, upstream):
    site = proxy.serve(DEMO % DATA)
    began = time.monotonic()
    first, second, third = ask(site.port), ask(site.port), ask(site.port)
    assert time.monotonic() - began < SECOND, "too slow a machine to tell"
    for reply in (first, second):
        assert (reply.line, reply.body) == ("HTTP/1.1 200 OK", b"upstream")
        assert reply.header("powered-by") is None
    assert third.line == "HTTP/1.1 403 Forbidden"
    assert_refused(third)
    for reply in (first, second, third):
        assert_stamped(reply)
    assert len(upstream.requests) == LIMIT


def test_window_opens_again_after_a_second(proxy):
    site = proxy.serve(DEMO % DATA)
    began = time.monotonic()
    assert [ask(site.port).status for _ in range(3)] == [200, 200, 403]
    wait_for(lambda: ask(site.port).status == 200, "new window", 3.0)
    assert time.monotonic() - began >= SECOND
    assert [ask(site.port).status for _ in range(2)] == [200, 403]


def test_demo_over_http2(proxy):
    site = proxy.serve(DEMO % DATA)
    first, second, third = (ask_h2(site.port) for _ in range(3))
    assert (first.status, second.status) == (200, 200)
    assert_refused(third)
    for reply in (first, second, third):
        assert_stamped(reply)


def test_demo_of_a_static_listener_and_of_ecds(own_proxy):
    proxy = own_proxy()
    fixed = proxy.site(DEMO % DATA)
    found = proxy.site(DEMO % DATA, delivery="ecds")
    proxy.static = [fixed, found]
    proxy.start()
    for site in proxy.static:
        replies = [ask(site.port) for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 403]
        assert_refused(replies[2])
        assert_stamped(replies[2])


@pytest.mark.parametrize(
    "data, echoed",
    [
        ('"n":1.50', '"n":1.50'),
        ('"n":1e3,"m":-0,"o":1E+2', '"n":1e3,"m":-0,"o":1E+2'),
        ('"big":12345678901234567890', '"big":12345678901234567890'),
        ('"s":"\\u0041\\/\\n"', '"s":"\\u0041\\/\\n"'),
        ('"z":1,"a":2,"m":3', '"z":1,"a":2,"m":3'),
        ('"o":{"b":{"c":[1,[],{}]},"a":null}', '"o":{"b":{"c":[1,[],{}]},"a":null}'),
        ('"s": [ 1 ,\\n\\t 2 ],  "t" : true', '"s":[1,2],"t":true'),
        ('"spaced": "a  b : c , d"', '"spaced":"a  b : c , d"'),
        ('"o":{"rules":1,"weir":2}', '"o":{"rules":1,"weir":2}'),
        ('"weir":{"log_level":"info"},"a":1', '"a":1'),
        ('"a":1,"weir":{},"b":2', '"a":1,"b":2'),
        ('"a":1,"b":2,"weir":{}', '"a":1,"b":2'),
        ('"weir":{}', ""),
    ],
)
def test_configdata_is_the_text_as_received(proxy, data, echoed):
    text = DEMO % data.replace("\\n\\t", "\n\t")
    site = proxy.serve(text)
    assert ask(site.port).all("configdata") == ["{" + echoed + "}"]


def test_configdata_without_data_is_an_empty_object(proxy):
    site = proxy.serve('{"rules": "include \\"demo.weir\\""}')
    assert ask(site.port).header("configdata") == "{}"


def test_configdata_of_rules_in_the_middle(proxy):
    text = '{"a": 1, "rules": ["include \\"demo.weir\\""], "b": 2}'
    site = proxy.serve(text)
    assert ask(site.port).header("configdata") == '{"a":1,"b":2}'


def test_configdata_of_non_ascii_data(proxy):
    text = json.dumps({"rules": 'include "demo.weir"', "s": "ünïcode €"}, ensure_ascii=False)
    site = proxy.serve(text)
    echoed = ask(site.port).header("configdata").encode("latin-1").decode()
    assert json.loads(echoed) == {"s": "ünïcode €"}


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_four_workers_share_two_a_second(own_proxy, delivery):
    proxy = own_proxy(concurrency=4).start()
    site = proxy.serve(DEMO % DATA, delivery=delivery)
    with Load(site.port, connections=32, reconnect=200) as load:
        time.sleep(3.2 * SECOND)
    assert set(load.counts) == {200, 403}
    most = LIMIT * (math.floor(load.seconds) + 1)
    least = LIMIT * math.floor((load.seconds - 0.5) / (1.1 * SECOND))
    assert least <= load.counts[200] <= most, f"in {load.seconds:.2f} s"
