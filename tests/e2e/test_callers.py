"""Accuses the client's address: what Envoy says of the peer, and chains of forwarded addresses."""

import pytest

from harness.client import ask, ask_h2
from harness.plugin import weir

RULES = """rule show on response {
  set response.headers["x-client"] = string(client.ip)
  set response.headers["x-prefix"] = client.prefix
  set response.headers["x-trusted"] = string(client.trusted)
  set response.headers["x-peer"] = string(peer.ip)
  set response.headers["x-source"] = source.address
  set response.headers["x-port"] = string(source.port)
}
rule strip { remove request.headers["x-forwarded-for"] }
rule body on request_body when request.clean_path == "/body" && client.prefix != "127.0.0.1" { deny }
"""


def seen(proxy, chain=(), trust=None, header="x-forwarded-for", **options):
    """client.ip, client.trusted and peer.ip."""
    site = proxy.serve(weir(RULES, {"trust": trust} if trust else None), **options)
    reply = ask(site.port, "/direct", headers=[(header, line) for line in chain])
    return reply.header("x-client"), reply.header("x-trusted"), reply.header("x-peer")


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_the_peer_has_no_port(proxy, client):
    reply = client(proxy.serve(weir(RULES)).port, "/direct")
    assert reply.header("x-client") == reply.header("x-peer") == reply.header("x-prefix") == "127.0.0.1"
    assert reply.header("x-source") == "127.0.0.1:" + reply.header("x-port")
    assert 0 < int(reply.header("x-port")) < 65536
    assert reply.header("x-trusted") == "true"


CHAIN = "203.0.113.5, 198.51.100.1, 192.0.2.1"
# The peer is the connection's, and the chain stays as the client sent it: what Envoy would add for
# a peer on loopback is the machine's own address.
EDGE = {"use_remote_address": True, "skip_xff_append": True}


@pytest.mark.parametrize(
    "trust, chain, client, trusted",
    [
        (None, [CHAIN], "127.0.0.1", "true"),
        ({"hops": 0}, [CHAIN], "127.0.0.1", "true"),
        ({"hops": 1}, [CHAIN], "192.0.2.1", "true"),
        ({"hops": 2}, [CHAIN], "198.51.100.1", "true"),
        ({"hops": 2}, CHAIN.split(", "), "198.51.100.1", "true"),
        ({"hops": 3}, [CHAIN], "203.0.113.5", "true"),
        ({"hops": 4}, [CHAIN], "127.0.0.1", "false"),
        ({"hops": 1}, [], "127.0.0.1", "false"),
        ({"hops": 1}, [""], "127.0.0.1", "false"),
        ({"hops": 1}, ["192.0.2.1, unknown"], "127.0.0.1", "false"),
        ({"hops": 1}, ["[2001:db8::9]:4711"], "2001:db8::9", "true"),
        ({"cidrs": ["127.0.0.0/8", "192.0.2.0/24"]}, [CHAIN], "198.51.100.1", "true"),
        ({"cidrs": ["127.0.0.0/8"]}, ["127.1.1.1"], "127.0.0.1", "false"),
        ({"cidrs": ["10.0.0.0/8"]}, [CHAIN], "127.0.0.1", "true"),
    ],
)
def test_chains_at_the_edge(proxy, trust, chain, client, trusted):
    assert seen(proxy, chain, trust, manager=EDGE) == (client, trusted, "127.0.0.1")


@pytest.mark.parametrize(
    "trust, chain, client, trusted, peer",
    [
        (None, [CHAIN], "192.0.2.1", "true", "192.0.2.1"),
        (None, ["2001:db8::9"], "2001:db8::9", "true", "2001:db8::9"),
        (None, ["203.0.113.5, unknown"], "127.0.0.1", "true", "127.0.0.1"),
        ({"hops": 1}, [CHAIN], "192.0.2.1", "true", "192.0.2.1"),
        ({"hops": 2}, [CHAIN], "198.51.100.1", "true", "192.0.2.1"),
        ({"hops": 4}, [CHAIN], "192.0.2.1", "false", "192.0.2.1"),
        ({"hops": 1}, [], "127.0.0.1", "false", "127.0.0.1"),
        ({"cidrs": ["192.0.2.0/24"]}, [CHAIN], "198.51.100.1", "true", "192.0.2.1"),
    ],
)
def test_chains_inside(proxy, trust, chain, client, trusted, peer):
    """By default Envoy takes the last entry for its peer: somebody in front has checked it."""
    assert seen(proxy, chain, trust) == (client, trusted, peer)


def test_a_header_with_one_address(proxy):
    trust = {"header": "x-real-ip"}
    assert seen(proxy, ["192.0.2.1"], trust, "x-real-ip") == ("192.0.2.1", "true", "127.0.0.1")
    two = ["192.0.2.1", "192.0.2.2"]
    assert seen(proxy, two, trust, "x-real-ip") == ("127.0.0.1", "false", "127.0.0.1")


def test_an_address_in_the_body_phase(proxy, upstream):
    site = proxy.serve(weir(RULES))
    reply = ask(site.port, "/body", method="POST", body=b"x")
    assert (reply.status, reply.header("x-client")) == (200, "127.0.0.1")
    site = proxy.serve(weir(RULES, {"trust": {"hops": 1}}))
    chain = [("x-forwarded-for", "192.0.2.1")]
    assert ask(site.port, "/body", headers=chain, method="POST", body=b"x").status == 403
