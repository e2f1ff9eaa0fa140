"""Accuses configuring without memory in a live VM: a bypass, a blocked update, a silent failure.

The build with faults obeys `weir_fault` at the top of the pluginConfig, in VMs that live on:
"no_memory" always, "no_memory_on_update" if that VM has configured the plugin before.
"""

import json

import pytest

from harness import logged, places
from harness.client import ask
from harness.marks import marked, served, wait_served
from harness.plugin import Plugin
from harness.waiting import wait_for

METRICS = "wasmcustom.weir."


def faulty(config, fault):
    return json.dumps(json.loads(config) | {"weir_fault": fault})


@pytest.fixture
def faults(own_proxy):
    """Serves one site of the faulty build in an Envoy of its own."""
    proxy = own_proxy(concurrency=2).start()

    def serve(config, **options):
        plugin = Plugin(config, name="faulty", module=places.faulty_module())
        return proxy, proxy.serve(plugin, **options)

    return serve


def critical(proxy, mark=0):
    return logged.said(proxy.log.since(mark), "critical")


def counted(proxy):
    return {name: value for name, value in proxy.stats(METRICS).items() if value}


def test_without_a_fault_the_build_works(faults):
    proxy, site = faults(marked("A"))
    assert served(site) == "A"
    assert not critical(proxy)


def test_first_configuration_without_memory_answers_503(faults, upstream):
    proxy, site = faults(faulty(marked("A"), "no_memory"), access_log=True)
    replies = [ask(site.port, path) for path in ("/x", "/direct", "/down")]
    assert [reply.status for reply in replies] == [503] * 3
    assert not upstream.requests
    assert critical(proxy)
    wait_for(lambda: counted(proxy), "counter of the failure")
    lines = wait_for(lambda: open(site.access_log).read().splitlines(), "access log")
    assert lines[0] == "GET /x 503 weir.unavailable"


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_good_update_after_it_is_taken(faults, delivery):
    proxy, site = faults(faulty(marked("A"), "no_memory"), delivery=delivery)
    assert ask(site.port, "/direct").status == 503
    proxy.update(site, marked("B"))
    wait_served(site, "B")


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_update_without_memory_leaves_the_program_that_the_vm_holds(faults, delivery):
    proxy, site = faults(marked("A"), delivery=delivery)
    wait_served(site, "A")
    mark = proxy.log.mark()
    proxy.update(site, faulty(marked("B"), "no_memory_on_update"))
    wait_for(lambda: critical(proxy, mark), "critical line")
    assert [served(site) for _ in range(20)] == ["A"] * 20
    wait_for(lambda: counted(proxy), "counter of the failure")
    proxy.update(site, marked("C"))
    wait_served(site, "C")
