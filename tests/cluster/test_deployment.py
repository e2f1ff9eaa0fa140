"""Accuses the files of deploy/ratelimit: one that no Envoy takes. The service's own is what the other tests run on."""

import textwrap

from harness.places import ROOT
from harness.process import launch
from harness.logfile import LogFile


def test_envoy_takes_the_cluster(tmp_path):
    rows = (ROOT / "deploy/ratelimit/cluster.yaml").read_text()
    path = tmp_path / "envoy.yaml"
    path.write_text("static_resources:\n  clusters:\n" + textwrap.indent(rows, "  "))
    log = LogFile(tmp_path / "log")
    child = launch(log.path, "-c", str(path), "--mode", "validate")
    assert child.wait(30) == 0, log.since()
