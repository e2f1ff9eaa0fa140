"""Fixtures of the cluster tests: Redis, the real rate-limit service, a stub in its place, one Envoy to all of them."""

import socket

import pytest

from harness.ports import free_port
from harness.proxy import Proxy
from harness.upstream import Upstream
from services.processes import RateLimit, Redis
from services.stub import Stub


@pytest.fixture(scope="session")
def recorder():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture
def upstream(recorder):
    recorder.reset()
    return recorder


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    server = Redis(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def real_service(redis, tmp_path_factory):
    program = RateLimit(tmp_path_factory.mktemp("ratelimit"), redis)
    yield program
    program.stop()


@pytest.fixture
def service_up(real_service, redis):
    """The real service, running, with no counts. The test may stop or freeze it."""
    real_service.start()
    redis.forget()
    yield real_service
    real_service.thaw()


@pytest.fixture(scope="session")
def real_stub():
    server = Stub()
    yield server
    server.stop()


@pytest.fixture
def stub(real_stub):
    """The stub, listening and answering OK."""
    real_stub.reset()
    return real_stub


@pytest.fixture(scope="session")
def black_hole():
    """Takes connections and never reads them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="session")
def make_proxy(recorder, real_service, real_stub, black_hole, tmp_path_factory):
    """An Envoy with clusters `ratelimit`, `stub`, `hole` (never answers) and `nobody` (refuses connections)."""
    made = []
    services = {
        "ratelimit": real_service.port,
        "stub": real_stub.port,
        "hole": black_hole,
        "nobody": free_port(),
    }

    def make(**options):
        folder = tmp_path_factory.mktemp("envoy")
        made.append(Proxy(folder, recorder, services=services.items(), drain_seconds=1, **options))
        return made[-1].start()

    yield make
    for proxy in made:
        proxy.stop()


@pytest.fixture(scope="session")
def shared(make_proxy):
    return make_proxy()


@pytest.fixture
def proxy(shared, upstream):
    """The shared Envoy. Sites of the test go with it; a trap or crash fails it, and so does a call that is left."""
    before = set(shared.sites)
    mark = shared.log.mark()
    yield shared
    assert shared.healthy(), f"Envoy crashed or the plugin trapped:\n{shared.log.since(mark)}"
    shared.remove(*[site for name, site in shared.sites.items() if name not in before])


@pytest.fixture
def own_proxy(make_proxy, upstream):
    """Makes an Envoy of the test's own: `own_proxy(concurrency=2)`."""
    made = []

    def make(**options):
        made.append(make_proxy(**options))
        return made[-1]

    yield make
    for proxy in made:
        assert proxy.healthy(), proxy.log.since()
        proxy.stop()
