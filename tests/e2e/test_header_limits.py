"""Accuses the limits of what a phase may add: 64 headers, 8 KiB a value, 32 KiB in all with the names. Each at it and over
it, on the wire of the request, of the response and of a reply."""

import pytest

from harness.client import ask
from harness.plugin import weir
from harness.waiting import wait_for

MESSAGES = {"request": "", "response": " on response"}


def rules():
    texts = []
    for message, phase in MESSAGES.items():
        headers = f"{message}.headers"
        for case, actions in {
            "64": f'add {headers}["x-a"] = config.l63  add {headers}["x-b"] = "last"',
            "65": f'add {headers}["x-a"] = config.l64  add {headers}["x-b"] = "last"',
            "65_at_once": f'add {headers}["x-a"] = config.l65  add {headers}["x-b"] = "last"',
            "8k": f'set {headers}["x-a"] = config.k8 + request.headers["x-none"]  add {headers}["x-b"] = "last"',
            "8k1": f'set {headers}["x-a"] = config.k8 + "v" + request.headers["x-none"]  add {headers}["x-b"] = "last"',
            "32k": f'add {headers}["x-a"] = [config.k8, config.k8, config.k8, config.rest]',
            "32k1": f'add {headers}["x-a"] = [config.k8, config.k8, config.k8, config.rest]  add {headers}["x"] = ""',
            "32k_at_once": f'add {headers}["x-a"] = [config.k8, config.k8, config.k8, config.rest + "v"]',
        }.items():
            texts.append(f'rule {message}_{case}{phase} when request.headers["x-do"] == "{message} {case}" {{ {actions} }}')
    for case, value in {"64": "config.l64", "65": "config.l65"}.items():
        texts.append(f'rule reply_{case} when request.headers["x-do"] == "reply {case}" {{ deny 418 headers {{"x-a": {value}}} }}')
    return "\n".join(texts)


K8 = "v" * 8192
REST = "v" * (32768 - 3 * 8192 - 4 * len("x-a"))
DATA = {"k8": K8, "rest": REST} | {f"l{count}": [f"v{i}" for i in range(count)] for count in (63, 64, 65)}
# What stands in x-a and x-b then, and how many errors.
CASES = {
    "64": (DATA["l63"], ["last"], 0),
    "65": (DATA["l64"], [], 1),
    "65_at_once": ([], ["last"], 1),
    "8k": ([K8], ["last"], 0),
    "8k1": ([], ["last"], 1),
    "32k": ([K8, K8, K8, REST], [], 0),
    "32k1": ([K8, K8, K8, REST], [], 1),
    "32k_at_once": ([], [], 1),
}


@pytest.mark.parametrize("message", MESSAGES)
def test_at_a_limit_and_over_it(proxy, upstream, message):
    site = proxy.serve(weir(rules(), **DATA))
    for case, (lines, last, _) in CASES.items():
        reply = ask(site.port, headers=[("x-do", f"{message} {case}")])
        assert reply.status == 200
        found = upstream.last if message == "request" else reply
        assert (found.all("x-a"), found.all("x-b"), found.all("x")) == (lines, last, []), case
    wanted = {f"{message}_{case}.errors": errors for case, (*_, errors) in CASES.items() if errors}
    prefix = f"wasmcustom.weir.{site.plugins[0].name}."

    def counted():
        stats = proxy.stats(prefix)
        return {name: stats.get(prefix + name) for name in wanted}

    wait_for(lambda: counted() == wanted, "errors")


def test_headers_of_a_reply(proxy):
    """A refusal whose headers are too many still refuses, without them."""
    site = proxy.serve(weir(rules(), **DATA))
    replies = [ask(site.port, headers=[("x-do", f"reply {count}")]) for count in (64, 65)]
    assert [reply.status for reply in replies] == [418, 418]
    assert [reply.all("x-a") for reply in replies] == [DATA["l64"], []]
