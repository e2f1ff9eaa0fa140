"""Accuses rates of not being what they say, over a million calls of a saturated proxy."""

from dataclasses import dataclass

import pytest

from harness.plugin import weir
from harness.saturate import Sample, Saturation

CALLS = 1_000_000
MOST_SECONDS = 400  # of load; a slow machine makes fewer calls
LEAST = 0.99
USER = [("x-user", "ada")]
# A worker borrows at most this part of the burst ahead, and none of a burst below it.
LEASE_PART = 64
SETTLING = 10  # of the last samples: one right after a stall has what the stall kept back


@dataclass(frozen=True)
class Terms:
    rate: int  # per second
    burst: int
    options: str = ""  # the header x-user is there for `by`

    def rules(self):
        limiter = f"limiter l {{ {self.rate} per 1s burst {self.burst}"
        limiter += f" {self.options} headers none }}"
        return limiter + " rule r { limit l }"

    def lent(self, workers):
        """The most tokens that workers hold beside the bucket."""
        return workers * (self.burst // LEASE_PART)


# The burst is a second's tokens: a machine that stands still for less loses none.
@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("terms", [Terms(50, 50), Terms(1000, 1000)], ids=["never lent", "lent"])
def test_a_million_calls_are_admitted_at_the_rate(own_proxy, terms, workers):
    proxy = own_proxy(concurrency=workers).start()
    site = proxy.serve(weir(terms.rules()))
    with Saturation(proxy, site, MOST_SECONDS, USER) as load:
        samples = load.run(CALLS)
    last = samples[-1]
    assert last.calls > 4 * last.admitted, f"not saturated: {last}"
    assert excess(samples, terms, workers) <= 0
    assert max(admitted_part(samples, terms)) >= LEAST, f"of {last}"


def excess(samples, terms, workers):
    """How much more than may be was admitted between two samples, at most.

    A worker may have decided a call that it has not counted yet.
    """
    slack = terms.burst + terms.lent(workers) + workers
    return max(
        late.admitted - early.admitted - slack - terms.rate * (late.after - early.before)
        for place, early in enumerate(samples)
        for late in samples[place + 1 :]
    )


def admitted_part(samples, terms):
    """Of what may be admitted from the first call on, at each of the last samples."""
    began = next(sample.after for sample in samples if sample.calls)
    for sample in samples[-SETTLING:]:
        yield sample.admitted / (terms.burst + terms.rate * (sample.before - began))


@pytest.mark.parametrize("wrong, verdict", [(0, "right"), (70, "too many"), (-30, "too few")])
def test_the_bounds_tell_right_from_wrong(wrong, verdict):
    """Without a proxy: what ten a second admit in eight and nine seconds, and more, and less."""
    terms = Terms(10, 10)
    samples = [Sample(0.0, 0.0, 0, 0), Sample(0.0, 0.0, 1, 0)]
    samples += [Sample(at, at, 1000, 10 + 10 * at + wrong) for at in (8.0, 9.0)]
    too_few = max(admitted_part(samples, terms)) < LEAST
    found = "too many" if excess(samples, terms, 1) > 0 else "too few" if too_few else "right"
    assert found == verdict
