"""Accuses rules that guard a resource, written as the documents say: a request that gets round them.

Each attack must be answered without the upstream; each honest request must arrive, once.
"""

import functools
import re
from collections import Counter

import pytest

import resources
from harness.plugin import weir
from sending import Sender

RESOURCES = resources.resources()
BY_NAME = {one.name: one for one in RESOURCES}
DECISION = "x-weir-decision"
MARK = re.compile(rb"\r\nx-case: (\d+)")


@pytest.fixture(scope="module")
def sites(proxy):
    """A listener for each resource and its rules, and for each naive set, by part and name."""
    at_once = {"delayed_close_timeout": "0.01s"}  # of a connection that the proxy gives up
    made = {(part, one.name): proxy.site(weir(one.text(part), {"decision_header": True}), manager=at_once | one.manager)
            for part in ("rules", "naive") for one in RESOURCES}
    proxy.add(*made.values())
    return made


class Sent:
    """Requests sent to a site one after the other, their answers, and what arrived behind it, by their marks."""

    def __init__(self, site, upstream, sent):
        upstream.reset()
        self.wishes = dict(enumerate(sent))
        with Sender(site.port) as sender:
            self.replies = {mark: sender.ask(wish, mark) for mark, wish in self.wishes.items()}
        complete = [request.head for request in upstream.requests]
        self.arrived = Counter(mark for head in complete for mark in marks(head))
        self.heads = upstream.heads

    def decided(self):
        """How many a rule refused: the others never came so far, or were passed with less in them."""
        return sum(reply.header(DECISION) is not None for reply in self.replies.values())

    def texts(self, chosen):
        return [f"{self.wishes[mark].text} -> {self.replies[mark].status}" for mark in chosen]


@pytest.fixture(scope="module")
def attacked(sites, upstream):
    """The attacks on a resource, sent once."""
    return functools.cache(lambda name: Sent(sites["rules", name], upstream, BY_NAME[name].attacks()))


def marks(head):
    return [int(found) for found in MARK.findall(b"\r\n" + head)]


def got_round(resource, sent):
    """The marks of attacks that reached what the rules guard."""
    if resource.never is None:
        return list(sent.arrived)
    return [mark for head in sent.heads if resource.never in head.lower() for mark in marks(head)]


@pytest.mark.parametrize("resource", RESOURCES, ids=BY_NAME)
def test_nothing_gets_round(resource, attacked):
    sent = attacked(resource.name)
    assert sent.texts(got_round(resource, sent)) == []
    assert [head for head in sent.heads if not marks(head)] == [], "a request came out of another one"


@pytest.mark.parametrize("resource", RESOURCES, ids=BY_NAME)
def test_the_attacks_get_round_what_a_naive_author_writes(resource, sites, upstream):
    some = resource.attacks()[:: 8 if resource.parts["paths"] else 1]
    sent = Sent(sites["naive", resource.name], upstream, some)
    assert got_round(resource, sent), "these attacks show nothing"


@pytest.mark.parametrize("resource", RESOURCES, ids=BY_NAME)
def test_honest_requests_arrive(resource, sites, upstream):
    sent = Sent(sites["rules", resource.name], upstream, resource.honest())
    assert sent.texts([mark for mark in sent.wishes if sent.arrived[mark] != 1]) == []


def test_the_corpus_is_as_large_as_promised(attacked):
    honest = {(one.name, wish.text) for one in RESOURCES for wish in one.honest()}
    sent = sum(len(one.attacks()) for one in RESOURCES)
    decided = sum(attacked(name).decided() for name in BY_NAME)
    print(f"{len(RESOURCES)} resources, {sent} attacks, {decided} refused by rules, {len(honest)} honest")
    assert len(RESOURCES) >= 20 and decided >= 1000 and len(honest) >= 500
