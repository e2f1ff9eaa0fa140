"""Accuses named counters: metrics that are missing, unbounded, or named as a request says."""

from harness.client import Connection
from harness.plugin import weir
from harness.waiting import wait_for

PREFIX = "wasmcustom.weir.counts.count."


def counted(proxy, name):
    return proxy.stats(PREFIX + name)


def test_counters_and_their_labels(proxy):
    rules = """rule hits { count hits  count by_user by request.headers["x-user"] }
               rule codes on response { count codes by response.code }"""
    plugin = weir(rules, {"namespace": "counts"})
    with Connection(proxy.serve(plugin).port) as link:
        for user in ["a.b", "evil\tname", ""]:
            link.ask("/direct", headers=[("x-user", user)])
    wait_for(lambda: counted(proxy, "hits").get(PREFIX + "hits") == 3, "three hits")
    assert counted(proxy, "codes") == {PREFIX + "codes.200": 3}
    users = counted(proxy, "by_user")
    assert users == {PREFIX + "by_user." + label: 1 for label in ("a_b", "evil_name", "none")}


def test_labels_are_bounded(proxy):
    plugin = weir('rule r { count wide by request.headers["x-user"] }', {"namespace": "counts"})
    site = proxy.serve(plugin)
    with Connection(site.port) as link:
        for i in range(200):
            link.ask("/direct", headers=[("x-user", f"u{i}")])
    wait_for(lambda: sum(counted(proxy, "wide").values()) == 200, "all requests")
    assert counted(proxy, "wide")[PREFIX + "wide.other"] >= 100
    assert len(counted(proxy, "wide")) <= 64 + 1  # of one worker
    page = proxy.process.admin.get("/stats/prometheus?filter=weir.counts.count.wide")[1]
    names = [line.split()[-2] for line in page.splitlines() if line.startswith("# TYPE")]
    assert "weir_counts_count_wide_other" in names and len(names) == len(counted(proxy, "wide"))
