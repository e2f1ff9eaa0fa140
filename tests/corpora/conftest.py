"""Fixtures of the corpora: one Envoy for all of a module, before an upstream that records. ENVOY names another."""

import pytest

from harness.proxy import Proxy
from harness.upstream import Upstream


@pytest.fixture(scope="module")
def upstream():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(upstream, tmp_path_factory):
    with Proxy(tmp_path_factory.mktemp("envoy"), upstream, drain_seconds=1) as running:
        yield running
        assert running.healthy(), running.log.since()[-4000:]
