"""Fixtures of the end-to-end tests: one Envoy for all tests that can share it.

ENVOY, WEIR_WASM, WEIR_FAULTS_WASM and WEIR name other files than the build's (harness/places.py).
"""

import pytest

from harness.proxy import Proxy
from harness.upstream import Upstream


class Shared:
    """The Envoy that tests share, replaced after a crash or a trap."""

    def __init__(self, folders, upstream):
        self.folders, self.upstream, self.proxy = folders, upstream, None

    def running(self):
        if self.proxy is None:
            folder = self.folders.mktemp("envoy")
            self.proxy = Proxy(folder, self.upstream, drain_seconds=1).start()
        return self.proxy

    def stop(self):
        if self.proxy:
            self.proxy.stop()
        self.proxy = None


@pytest.fixture(scope="session")
def recorder():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture
def upstream(recorder):
    """The recording upstream, empty and with its default answer."""
    recorder.reset()
    return recorder


@pytest.fixture(scope="session")
def shared(recorder, tmp_path_factory):
    pool = Shared(tmp_path_factory, recorder)
    yield pool
    pool.stop()


@pytest.fixture
def proxy(shared, upstream):
    """The shared Envoy. Sites added by the test go with it; a trap or crash fails the test."""
    running = shared.running()
    before = set(running.sites)
    mark = running.log.mark()
    yield running
    if not running.healthy():
        found = running.log.since(mark)
        shared.stop()
        pytest.fail(f"Envoy crashed or the plugin trapped:\n{found}")
    running.remove(*[site for name, site in running.sites.items() if name not in before])


@pytest.fixture
def own_proxy(upstream, tmp_path):
    """Makes an Envoy of the test's own: `own_proxy(concurrency=4)`."""
    made = []

    def make(static=(), **options):
        folder = tmp_path / f"envoy{len(made)}"
        folder.mkdir()
        made.append(Proxy(folder, upstream, static, **options))
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()
        assert proxy.process is None or not proxy.log.traps(), proxy.log.since()
