"""Accuses limiters of believing, or choking on, what others wrote into the proxy's shared data."""

import random
import struct
import time

import pytest

from harness.client import ask
from harness.load import Load
from harness.meddler import Meddler, build, slot_key
from harness.plugin import weir

LIMITER = "limiter l { 3 per 1h headers none } rule r when request.path == '/direct' { limit l } "
KEYED = LIMITER.replace("headers", 'by request.headers["x-user"] on_absent deny max_keys 8 headers')
BY_USER, BY_OTHER = ['request.headers["x-user"]'], ['request.headers["x-other"]']
SEED, SEED_BYTES = b"weir.seed", 24
FRESH = [200, 200, 200, 429]


@pytest.fixture(scope="session")
def meddler_module(tmp_path_factory):
    return build(tmp_path_factory.mktemp("meddler"))


@pytest.fixture
def meddler(proxy, meddler_module):
    return Meddler(proxy, meddler_module)


def serve(proxy, rules, name_space):
    return proxy.serve(weir(rules, {"namespace": name_space}))


def statuses(site, count=4):
    return [ask(site.port, "/direct", headers=[("x-user", "a")]).status for _ in range(count)]


def errors(proxy, name_space):
    prefix = f"wasmcustom.weir.{name_space}."
    time.sleep(1.1)  # counters go out each second
    return {name: value for name, value in proxy.stats(prefix).items() if "error" in name and value}


def garbage(state):
    """Bytes that are no state: of other lengths, or torn from this one."""
    chance = random.Random(1)
    yield from (b"", b"\0", b"x" * 10000, state[:-1], state + b"\0", state[:48], state * 2)
    yield from (bytes(len(state)), b"\xff" * len(state), chance.randbytes(len(state)), state[::-1])
    for place in range(0, len(state), 11):
        yield state[:place] + bytes([state[place] ^ 1 << place % 8]) + state[place + 1 :]
    for half in range(8, len(state), 24):  # the head of one state, the tail of another
        yield state[:half] + chance.randbytes(len(state) - half)


@pytest.mark.parametrize("rules", [LIMITER, KEYED], ids=["keyless", "keyed"])
def test_a_state_that_is_none_is_replaced(proxy, meddler, rules):
    name_space = "foreign_keyed" if rules is KEYED else "foreign"
    site = serve(proxy, rules, name_space)
    key = slot_key(name_space, "l", parts=BY_USER if rules is KEYED else [])
    assert meddler.get(key) is None
    assert statuses(site) == FRESH
    good = meddler.get(key)
    for bad in garbage(good):
        meddler.set(key, bad)
        assert ask(site.port, "/direct", headers=[("x-user", "a")]).status == 200, bad
        assert len(meddler.get(key)) == len(good)
    meddler.set(key, b"something else")
    assert statuses(site) == FRESH
    assert errors(proxy, name_space) == {}


def test_bytes_before_the_first_request_are_replaced(proxy, meddler):
    meddler.set(slot_key("foreign_first", "l"), b"somebody was here first")
    assert statuses(serve(proxy, LIMITER, "foreign_first")) == FRESH


def test_another_limiters_state_is_none_of_this(proxy, meddler):
    """Its number of keys, its algorithm or its key differ."""
    others = [
        (LIMITER.replace("headers", "algorithm fixed_window headers"), {"algorithm": 1}),
        (KEYED, {"parts": BY_USER}),
        (KEYED.replace("max_keys 8", "max_keys 64"), {"parts": BY_USER, "slots": 8}),
        (KEYED.replace("x-user", "x-other"), {"parts": BY_OTHER}),
    ]
    for number, (other, shape) in enumerate(others):
        name_space = f"foreign_of_{number}"
        mine = KEYED if number > 1 else LIMITER
        site = serve(proxy, mine, name_space)
        assert statuses(site) == FRESH
        lender = serve(proxy, other, f"{name_space}_other")
        statuses(lender)
        headers = [("x-user", "a"), ("x-other", "a")]
        assert ask(lender.port, "/direct", headers=headers).status in (200, 429)
        theirs = (meddler.get(slot_key(f"{name_space}_other", "l", slot, **shape)) for slot in range(8))
        borrowed = next(state for state in theirs if state)
        meddler.set(slot_key(name_space, "l", parts=BY_USER if mine is KEYED else []), borrowed)
        assert statuses(site) == FRESH, other


def check_of(words):
    """As slot.c makes it: four lanes, the check word itself passed over."""
    mask = (1 << 64) - 1

    def step(lane, word):
        lane = (lane ^ word) * 0x9E3779B97F4A7C15 & mask
        return lane ^ lane >> 29

    def rotated(word, bits):
        return (word << bits | word >> 64 - bits) & mask

    lanes, rest = [step(1, words[0]), step(2, words[1]), 3, 4], words[3:]
    for at in range(0, len(rest) // 4 * 4, 4):
        lanes = [step(lane, word) for lane, word in zip(lanes, rest[at : at + 4])]
    for word in rest[len(rest) // 4 * 4 :]:
        lanes[0] = step(lanes[0], word)
    a, b, c, d = lanes
    return a ^ rotated(b, 16) ^ rotated(c, 32) ^ rotated(d, 48)


WORDS = "<17Q"  # of a state without keys: head, check and floor are nine, then the entry
ALGORITHMS = ["token_bucket", "fixed_window", "sliding_window", "concurrent"]
EDGES = [0, 1, 2, (1 << 31) - 1, 1 << 32, (1 << 53) + 1, 1 << 60, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_forged_state_traps_nothing(proxy, meddler, algorithm):
    """Sealed as the limiter does: nothing is promised of such counts but that the proxy lives."""
    rate = "3 concurrent" if algorithm == "concurrent" else f"3 per 1h algorithm {algorithm}"
    name_space, chance = f"forged_{algorithm}", random.Random(7)
    site = serve(proxy, LIMITER.replace("3 per 1h", rate), name_space)
    key = slot_key(name_space, "l", algorithm=ALGORITHMS.index(algorithm))
    statuses(site)
    good = list(struct.unpack(WORDS, meddler.get(key)))
    for _ in range(60):
        words = list(good)
        for place in chance.sample(range(3, 17), chance.randrange(1, 15)):
            words[place] = chance.choice(EDGES) if chance.random() < 0.7 else chance.getrandbits(64)
        words[9:11] = good[9:11]  # the key
        assert check_of(good) == good[2]
        words[2] = check_of(words)
        meddler.set(key, struct.pack(WORDS, *words))
        assert set(statuses(site, 2)) <= {200, 429}
    assert proxy.healthy()


def test_under_load_no_request_fails(own_proxy, meddler_module):
    proxy = own_proxy(concurrency=2).start()
    meddler = Meddler(proxy, meddler_module)
    site = serve(proxy, LIMITER, "foreign_load")
    with Load(site.port, connections=8) as load:
        for i in range(60):
            meddler.set(slot_key("foreign_load", "l"), bytes([i]) * (136 if i % 2 else i))
            time.sleep(0.005)
    assert set(load.counts) == {200, 429}
    assert 3 <= load.counts[200] <= 3 * 61


def test_a_foreign_seed_is_replaced(own_proxy, meddler_module):
    proxy = own_proxy(concurrency=2).start()
    meddler = Meddler(proxy, meddler_module)
    for bad in (b"", b"seed", bytes(SEED_BYTES), b"\xff" * SEED_BYTES):
        meddler.set(SEED, bad)
    site = serve(proxy, KEYED.replace("3 per", "40 per"), "seeds")
    with Load(site.port, connections=4, path="/direct", show=lambda reply: reply.status) as load:
        time.sleep(0.2)
    assert set(load.counts) == {429}  # no key: denied
    seen = [ask(site.port, "/direct", headers=[("x-user", "a")]).status for _ in range(60)]
    assert seen == [200] * 40 + [429] * 20  # whichever worker it was
    seed = meddler.get(SEED)
    assert len(seed) == SEED_BYTES and seed not in (bytes(SEED_BYTES), b"\xff" * SEED_BYTES)
    meddler.set(SEED, b"too late")
    other = serve(proxy, KEYED, "seeds_later")
    assert statuses(other) == FRESH


def test_two_proxies_draw_two_seeds(own_proxy, meddler_module):
    seeds = []
    for _ in range(2):
        proxy = own_proxy().start()
        statuses(serve(proxy, KEYED, "drawn"), 1)
        seeds.append(Meddler(proxy, meddler_module).get(SEED))
    assert seeds[0] != seeds[1] and all(len(seed) == SEED_BYTES for seed in seeds)
