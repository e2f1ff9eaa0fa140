"""Facts of the real service that weir builds on, asked without a proxy. One that changes with the pinned version
changes what docs/operations.md says.
"""

import pytest

from services import protocol
from services.caller import ask

DAY_OF_THREE = (3, protocol.DAY)


@pytest.fixture
def port(service_up):
    return service_up.port


def codes(port, count, *arguments, **more):
    return [ask(port, *arguments, **more)[0] for _ in range(count)]


def test_a_limit_in_the_descriptor_is_enforced_without_any_configured(port):
    entries = [("limiter", "unheard of"), ("key1", "a")]
    assert codes(port, 4, "weir", entries, limit=DAY_OF_THREE) == [1, 1, 1, 2]
    other = [("limiter", "unheard of"), ("key1", "b")]
    code, limit, remaining, reset = ask(port, "weir", other, limit=DAY_OF_THREE)
    assert (code, limit, remaining) == (protocol.OK, DAY_OF_THREE, 2)
    assert 0 < reset <= 86400


def test_without_a_limit_in_the_descriptor_the_configured_one_counts(port):
    entries = [("limiter", "yaml"), ("key1", "a")]
    assert codes(port, 3, "weir", entries) == [1, 1, 2]
    assert codes(port, 3, "weir", [("limiter", "yaml"), ("key1", "vip")]) == [1, 1, 1]
    assert ask(port, "weir", [("limiter", "none")])[:3] == (protocol.OK, None, 0)


def test_an_unknown_domain_limits_nothing_not_even_by_the_descriptor(port):
    answer = ask(port, "elsewhere", [("limiter", "a")], limit=DAY_OF_THREE)
    assert answer[:3] == (protocol.OK, None, 0)


def test_hits_of_the_request_and_of_the_descriptor(port):
    entries = [("limiter", "hits")]
    assert ask(port, "weir", entries, hits=2, limit=DAY_OF_THREE)[2] == 1
    assert ask(port, "weir", entries, addend=0, limit=DAY_OF_THREE)[2] == 1
    assert ask(port, "weir", entries, addend=1, limit=DAY_OF_THREE)[2] == 0


def test_no_hits_are_refused_only_behind_the_limit(port):
    entries = [("limiter", "none left")]
    assert ask(port, "weir", entries, hits=3, limit=DAY_OF_THREE)[:3] == (1, DAY_OF_THREE, 0)
    assert ask(port, "weir", entries, addend=0, limit=DAY_OF_THREE)[:3] == (1, DAY_OF_THREE, 0)


def test_a_refusal_is_counted_too(port):
    """The third hit was free, until a request of two was refused for it."""
    entries = [("limiter", "large")]
    seen = [ask(port, "weir", entries, hits=hits, limit=DAY_OF_THREE)[0] for hits in (2, 2, 1)]
    assert seen == [1, 2, 2]


def test_parts_are_joined_with_underlines(port):
    """So two keys of several parts can be one there."""
    one = [("limiter", "j"), ("key1", "a_key2_b"), ("key2", "c")]
    two = [("limiter", "j"), ("key1", "a"), ("key2", "b_key2_c")]
    assert codes(port, 3, "weir", one, limit=DAY_OF_THREE) == [1, 1, 1]
    assert codes(port, 1, "weir", two, limit=DAY_OF_THREE) == [2]


def test_what_it_calls_an_error(port):
    assert ask(port, "", [("limiter", "a")]) is None
