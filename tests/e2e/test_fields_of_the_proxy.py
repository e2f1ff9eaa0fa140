"""Accuses the fields of the proxy's own configuration, of TLS with the upstream, of filter state, and of streams that
are over: each is compared with what Envoy logs for it beside."""

import hashlib
import json
import ssl
import urllib.parse
from pathlib import Path

import pytest

from harness.bootstrap import LOCALITY, NODE_METADATA, cluster, described
from harness.client import ask
from harness.plugin import Plugin, weir
from harness.ports import free_port
from harness.proxy import Proxy
from harness.site import ENVOY

from test_fields import ask_tls, certificates, tls_chain  # noqa: F401: a fixture
from test_log_phase import Log, logging

UPSTREAM_TLS = ENVOY + "extensions.transport_sockets.tls.v3.UpstreamTlsContext"
SET_STATE = ENVOY + "extensions.filters.http.set_filter_state.v3.Config"

# Fields whose values are maps, and the operators that print what `some.filter` says in them.
METADATA = {
    "metadata": "%DYNAMIC_METADATA(some.filter)%",
    "xds.cluster_metadata": "%CLUSTER_METADATA(some.filter)%",
    "xds.route_metadata": "%METADATA(ROUTE:some.filter)%",
    "xds.virtual_host_metadata": "%METADATA(VIRTUAL_HOST:some.filter)%",
    "xds.listener_metadata": "%METADATA(LISTENER:some.filter)%",
    "xds.upstream_host_metadata": "%UPSTREAM_METADATA(some.filter)%",
}
# For these Envoy logs nothing, but the configuration is known.
CONFIGURED = {
    "xds.upstream_host_locality_metadata": described(place="here"),
    "upstream.locality": LOCALITY,
    "node.metadata": NODE_METADATA,
    "xds.node": {"id": "test", "cluster": "test", "locality": LOCALITY, "metadata": NODE_METADATA,
                 "user_agent_name": "envoy", "user_agent_version": ""},
    "upstream.num_endpoints": 1,
}
# Fields of streams that are over, printed as Envoy's own CEL prints them.
MEASURED = {
    "request.duration": "%CEL(request.duration)%",
    "request.size": "%CEL(request.size)%",
    "request.total_size": "%CEL(request.total_size)%",
    "response.size": "%CEL(response.size)%",
    "response.total_size": "%CEL(response.total_size)%",
    "response.backend_latency": "%CEL(response.backend_latency)%",
    "response.flags": "%CEL(response.flags)%",
    "response.code": "%CEL(response.code)%",
    "response.code_details": "%CEL(response.code_details)%",
    "upstream.cx_pool_ready_duration": "%CEL(upstream.cx_pool_ready_duration)%",
    "upstream.request_attempt_count": "%CEL(upstream.request_attempt_count)%",
    "connection.termination_details": "%CONNECTION_TERMINATION_DETAILS%",
}
STATE = {"filter_state": "%FILTER_STATE(own.key:PLAIN)%"}


def shown(fields, phase="response"):
    """A rule that leaves the fields as JSON in the tag `shown`."""
    return f"rule show on {phase} {{ tag shown = json({{" + ", ".join(f'"{each}": {each}' for each in fields) + "}) }"


def text_of(field):
    """Durations as Envoy's CEL prints them: without rounding, in the largest unit that fits."""
    return f'string({field})' if "duration" in field or "latency" in field else field


def tag(name="shown"):
    return f"%FILTER_STATE(wasm.{name}:PLAIN)%"


def kept(told, name="shown"):
    """A tag's backslashes are written twice."""
    return json.loads(told.pop(name).replace("\\\\", "\\"))


def filters(site, *more):
    manager = site.resource()["filter_chains"][0]["filters"][0]["typed_config"]
    return {"http_filters": [*more, *manager["http_filters"]]}


def metadata_filter(**values):
    config = {"@type": ENVOY + "extensions.filters.http.set_metadata.v3.Config",
              "metadata": [{"metadata_namespace": "some.filter", "value": values}]}
    return {"name": "set_metadata", "typed_config": config}


def state_filter(**values):
    rows = [{"object_key": key.replace("_", "."), "factory_key": "envoy.string",
             "format_string": {"text_format_source": {"inline_string": value}}} for key, value in values.items()]
    return {"name": "set_filter_state", "typed_config": {"@type": SET_STATE, "on_request_headers": rows}}


def described_routes():
    route = {"match": {"prefix": "/"}, "route": {"cluster": "upstream"}, "metadata": described(route="r")}
    host = {"name": "all", "domains": ["*"], "routes": [route], "metadata": described(host="h")}
    return {"virtual_hosts": [host]}


def test_metadata_and_the_node(proxy, upstream, tmp_path):
    log = Log(tmp_path / "log")
    names = {field: f"t{i}" for i, field in enumerate([*METADATA, *CONFIGURED])}
    rules = "\n".join(f"rule {name} on response {{ tag {name} = json({field}) }}" for field, name in names.items())
    site = proxy.site(weir(rules))
    formats = METADATA | {name: tag(name) for name in names.values()}
    site.manager = filters(site, metadata_filter(text="ä", n=1.5)) | logging(log.path, **formats)
    site.manager["route_config"] = described_routes()
    site.more = {"metadata": described(listener="l", deep={"list": [1, {}, None]})}
    proxy.add(site)
    ask(site.port, "/x")
    told = log.next()
    for field in METADATA:
        assert kept(told, names[field])["filter_metadata"]["some.filter"] == as_json(told[field]), field
    for field, known in CONFIGURED.items():
        assert kept(told, names[field]) == known, field


def as_json(value):
    return json.loads(value) if isinstance(value, str) else value


def test_without_any(proxy, upstream, tmp_path):
    """Of a stream that reached no route, no cluster and no host."""
    log = Log(tmp_path / "log")
    fields = [field for field in [*METADATA, *CONFIGURED] if "node" not in field]
    there = ", ".join(f'"{field}": has({field})' for field in fields if "." in field)
    rules = shown(fields) + "\nrule asked on log { tag there = json({" + there + "}) }"
    site = proxy.serve(weir(rules), manager=logging(log.path, shown=tag(), there=tag("there")))
    ask(site.port, "/", host="nowhere.test")
    told = log.next()
    found = kept(told)
    nothing = {"filter_metadata": {}}
    assert found.pop("upstream.locality") == dict.fromkeys(LOCALITY, "") and found.pop("upstream.num_endpoints") == 0
    assert set(map(json.dumps, found.values())) == {json.dumps(nothing)}
    there = kept(told, "there")
    assert {field for field in there if there[field]} == {"xds.listener_metadata", "xds.virtual_host_metadata"}


@pytest.mark.parametrize("path", ["/x", "/down", "/direct"])
def test_of_streams_that_are_over(proxy, upstream, tmp_path, path):
    log = Log(tmp_path / "log")
    rule = "rule show on log { tag shown = json({" + ", ".join(f'"{field}": {text_of(field)}' for field in MEASURED) + "}) }"
    site = proxy.serve(weir(rule), manager=logging(log.path, **MEASURED, shown=tag()))
    ask(site.port, path, method="POST", body=b"abc")
    told = log.next()
    found = kept(told)
    for field in MEASURED:
        assert same(found[field], told[field]), (field, found[field], told[field])


def same(ours, theirs):
    """Envoy prints `-` or null for what is absent, weir nothing, none or 0s."""
    if theirs in (None, "-"):
        return ours in ("", 0, "0s")
    if isinstance(ours, str) and ours.endswith("s") and ours[:1].isdigit():
        return abs(seconds(ours) - seconds(theirs)) < 1e-9
    return str(ours) == str(theirs)


def seconds(text):
    number = text.rstrip("nuµms")
    return float(number) * {"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}[text[len(number) :]]


def test_what_other_filters_left(proxy, upstream, tmp_path):
    """Objects by their names, in each phase; one that plugins write is read as it is."""
    log = Log(tmp_path / "log")
    rules = "\n".join(
        f'rule {phase} on {phase} {{ tag {phase} = filter_state["own.key"] + "|" + filter_state["wasm.other"]'
        f' + "|" + string("no" in filter_state) }}' for phase in ("request", "response", "log"))
    rules += '\nrule up on response { tag up = upstream_filter_state["own.key"] + string("own.key" in upstream_filter_state) }'
    formats = {name: tag(name) for name in ("request", "response", "log", "up")}
    site = proxy.site(weir('rule o { tag other = "mine" }'), weir(rules))
    site.manager = filters(site, state_filter(own_key="a b", own_empty="")) | logging(log.path, **STATE, **formats)
    proxy.add(site)
    ask(site.port, "/x")
    told = log.next()
    assert told.pop("filter_state") == "a b" and told.pop("up") == "false"
    assert set(told.values()) == {"a b|mine|false"}


def test_bytes_of_headers(proxy, upstream, tmp_path):
    log = Log(tmp_path / "log")
    rules = """rule show on response { tag shown = json({"request": request.headers_bytes, "response": response.headers_bytes,
                 "names": request.headers.to_map(), "own": response.headers.to_map()}) }"""
    site = proxy.serve(weir(rules), manager=logging(log.path, shown=tag(), path="%REQ(:path)%", size="%CEL(response.headers_bytes)%"))
    ask(site.port, "/some?path", headers=[("x-a", "1"), ("x-a", "23"), ("x-empty", "")])
    found = kept(log.next())
    pseudo = {":authority": "test.local", ":path": "/some?path", ":method": "GET", ":scheme": "http"}
    assert found["request"] == size_of(found["names"] | pseudo) + len("x-a") - 1  # a line more, a comma less
    assert found["response"] == size_of(found["own"] | {":status": "200"})


def size_of(headers):
    return sum(len(name) + len(value) for name, value in headers.items())


# TLS with the upstream: fields, and the operators of Envoy's access log that tell the same.
SECURE = {
    "upstream.tls_version": "%UPSTREAM_TLS_VERSION%",
    "upstream.subject_local_certificate": "%DOWNSTREAM_PEER_SUBJECT%",  # the proxy shows what the client shows it
    "upstream.subject_peer_certificate": "%UPSTREAM_PEER_SUBJECT%",
    "upstream.dns_san_local_certificate": "%UPSTREAM_LOCAL_DNS_SAN%",
    "upstream.dns_san_peer_certificate": "%UPSTREAM_PEER_DNS_SAN%",
    "upstream.uri_san_local_certificate": "%UPSTREAM_LOCAL_URI_SAN%",
    "upstream.uri_san_peer_certificate": "%UPSTREAM_PEER_URI_SAN%",
    "upstream.peer_certificate": "%UPSTREAM_PEER_CERT%",
    "connection.peer_certificate": "%DOWNSTREAM_PEER_CERT%",
}


def as_pem(text):
    """Envoy's logs have certificates percent-encoded, its fields not in all versions; a tag has at most 1024 bytes."""
    if "CERTIFICATE" not in text:
        return text
    return urllib.parse.unquote(text).replace("\\n", "\n")[:900]


class SecureProxy(Proxy):
    """With a cluster `secure` that shows a certificate of its own to a site of the same proxy."""

    def config(self):
        made = super().config()
        context = {"@type": UPSTREAM_TLS, "common_tls_context": {"tls_certificates": [self.own]}}
        socket = {"name": "tls", "typed_config": context}
        made["static_resources"]["clusters"].append(cluster("secure", self.secure_port) | {"transport_socket": socket})
        return made


def test_tls_with_the_upstream(upstream, tmp_path, certificates):  # noqa: F811
    server, client = certificates
    proxy = SecureProxy(tmp_path, upstream, drain_seconds=1)
    proxy.own, proxy.secure_port = client, free_port()
    log = Log(tmp_path / "log")
    with proxy.start():
        behind = proxy.site(chain=tls_chain(server, client))
        behind.port = proxy.secure_port
        names = {field: f"t{i}" for i, field in enumerate(SECURE)}
        digest = "upstream.sha256_peer_certificate_digest"
        rules = f"rule digest on response {{ tag digest = {digest} }}\n"
        rules += "\n".join(f"rule r{i} on response {{ tag {name} = {field} }}" for i, (field, name) in enumerate(names.items()))
        site = proxy.site(weir(rules), chain=tls_chain(server, client))
        routes = [{"match": {"prefix": "/"}, "route": {"cluster": "secure"}}]
        site.manager = {"route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]}}
        site.manager |= logging(log.path, **SECURE, digest=tag("digest"), **{name: tag(name) for name in names.values()})
        proxy.add(behind, site)
        assert ask_tls(site.port, client).status == 200
        told = log.next()
        for field, name in names.items():
            assert told[field] and as_pem(told[name]) == as_pem(told[field].replace("\\", "\\\\")), field
        pem = Path(server["certificate_chain"]["filename"]).read_text()
        assert told["digest"] == hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        assert proxy.healthy()
