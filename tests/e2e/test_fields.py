"""Accuses fields: each is read in a rule and compared with what Envoy itself logs for the request."""

import base64
import json
import socket
import ssl
import subprocess
import urllib.parse

import pytest

from harness.client import Connection, ask, ask_h2
from harness.wire import Reader
from harness.plugin import Plugin, weir
from harness.site import ENVOY
from harness.tokens import behind, jwt_filter, token
from harness.waiting import wait_for

FILE_LOG = ENVOY + "extensions.access_loggers.file.v3.FileAccessLog"
TLS = ENVOY + "extensions.transport_sockets.tls.v3.DownstreamTlsContext"

def shown(field):
    """The action that prints a field."""
    return f'set response.headers["x-{field.replace("_", "-").replace(".", "--")}"] = string({field})'


# Fields as rules print them, and the operators of Envoy's access log that tell the same.
LOGGED = {
    "request.path": "%REQ(:path)%",
    "request.method": "%REQ(:method)%",
    "request.host": "%REQ(:authority)%",
    "request.scheme": "%REQ(:scheme)%",
    "request.id": "%REQ(x-request-id)%",
    "request.useragent": "%REQ(user-agent)%",
    "request.referer": "%REQ(referer)%",
    "request.protocol": "%PROTOCOL%",
    "request.size": "%BYTES_RECEIVED%",
    "source.address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "source.port": "%DOWNSTREAM_REMOTE_PORT%",
    "destination.address": "%DOWNSTREAM_LOCAL_ADDRESS%",
    "destination.port": "%DOWNSTREAM_LOCAL_PORT%",
    "connection.id": "%CONNECTION_ID%",
    "connection.requested_server_name": "%REQUESTED_SERVER_NAME%",
    "connection.tls_version": "%DOWNSTREAM_TLS_VERSION%",
    "connection.subject_local_certificate": "%DOWNSTREAM_LOCAL_SUBJECT%",
    "connection.subject_peer_certificate": "%DOWNSTREAM_PEER_SUBJECT%",
    "connection.dns_san_local_certificate": "%DOWNSTREAM_LOCAL_DNS_SAN%",
    "connection.dns_san_peer_certificate": "%DOWNSTREAM_PEER_DNS_SAN%",
    "connection.uri_san_local_certificate": "%DOWNSTREAM_LOCAL_URI_SAN%",
    "connection.uri_san_peer_certificate": "%DOWNSTREAM_PEER_URI_SAN%",
    "connection.sha256_peer_certificate_digest": "%DOWNSTREAM_PEER_FINGERPRINT_256%",
    "connection.transport_failure_reason": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
    "connection.termination_details": "%CONNECTION_TERMINATION_DETAILS%",
    "response.code": "%RESPONSE_CODE%",
    "response.code_details": "%RESPONSE_CODE_DETAILS%",
    "upstream.address": "%UPSTREAM_HOST%",
    "upstream.port": "%UPSTREAM_REMOTE_PORT%",
    "upstream.local_address": "%UPSTREAM_LOCAL_ADDRESS%",
    "upstream.tls_version": "%UPSTREAM_TLS_VERSION%",
    "upstream.subject_peer_certificate": "%UPSTREAM_PEER_SUBJECT%",
    "upstream.dns_san_local_certificate": "%UPSTREAM_LOCAL_DNS_SAN%",
    "upstream.dns_san_peer_certificate": "%UPSTREAM_PEER_DNS_SAN%",
    "upstream.uri_san_local_certificate": "%UPSTREAM_LOCAL_URI_SAN%",
    "upstream.uri_san_peer_certificate": "%UPSTREAM_PEER_URI_SAN%",
    "upstream.transport_failure_reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    "upstream.request_attempt_count": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "xds.cluster_name": "%UPSTREAM_CLUSTER_RAW%",
    "xds.route_name": "%ROUTE_NAME%",
    "xds.filter_chain_name": "%FILTER_CHAIN_NAME%",
}
TOLD_OTHERWISE = {
    "request.time": "%START_TIME(%s%3f)%",
    "response.flags": "%RESPONSE_FLAGS%",
    "response.grpc_status": "%GRPC_STATUS_NUMBER%",
}
# What Envoy's access log has no operator for.
KNOWN = {
    "xds.virtual_host_name": "all",
    "xds.listener_direction": "0",
    "node.id": "test",
    "node.cluster": "test",
    "plugin_name": "shown",
    "plugin_root_id": "root",
    "plugin_vm_id": "vm",
}
RULES = "\n".join([
    "rule show on response {", *[shown(field) for field in LOGGED], "}",
    "rule print on response {", *[shown(field) for field in [*KNOWN, "response.flags", "response.grpc_status", "response.is_local"]],
    'set response.headers["x-request--time"] = string(int(request.time))', "}",
])


def logger(path):
    lines = {field: operator for field, operator in (LOGGED | TOLD_OTHERWISE).items()}
    form = {"json_format": lines, "omit_empty_values": False}
    return {"access_log": [{"name": "file", "typed_config": {"@type": FILE_LOG, "path": str(path), "log_format": form}}]}


def headers_of(reply):
    return {key.lower()[2:].replace("--", ".").replace("-", "_"): value for key, value in reply.headers
            if key.lower().startswith("x-")}


def logged(path):
    return json.loads(wait_for(lambda: path.exists() and path.read_text().splitlines(), "access log")[0])


def as_text(value):
    return "" if value is None else str(value)


def shown_by(proxy, path, **options):
    plugin = Plugin(weir(RULES), "shown", "root", "vm")
    return proxy.serve(plugin, manager=logger(path), **options)


def compare(reply, told):
    """Envoy's log writes `-` as null, numbers as numbers."""
    values = headers_of(reply)
    assert {field: values[field] for field in LOGGED} == {field: as_text(told[field]) for field in LOGGED}
    assert {field: values[field] for field in KNOWN} == KNOWN
    assert abs(float(told["request.time"]) / 1000 - float(values["request.time"])) <= 1
    return values


REQUEST = {"headers": [("user-agent", "u"), ("referer", "http://r/"), ("te", "trailers")], "method": "POST"}


@pytest.mark.parametrize("client, protocol", [(ask, "HTTP/1.1"), (ask_h2, "HTTP/2")])
def test_fields_are_what_envoy_logs(proxy, tmp_path, client, protocol):
    site = shown_by(proxy, tmp_path / "log")
    reply = client(site.port, "/x?a", body=b"abc", **REQUEST)
    values = compare(reply, logged(tmp_path / "log"))
    assert values["request.protocol"] == protocol
    assert (values["request.size"], values["response.flags"], values["response.is_local"]) == ("3", "0", "false")


@pytest.mark.parametrize(
    "path, host, details",
    [("/x", "a.test", "via_upstream"), ("/direct", "a.test", "direct_response"),
     ("/x", "nowhere.test", "route_not_found"), ("/down", "a.test", "upstream_reset_before_response_started")],
)
def test_who_made_the_response(proxy, tmp_path, path, host, details):
    site = shown_by(proxy, tmp_path / "log")
    values, told = headers_of(ask(site.port, path, host=host)), logged(tmp_path / "log")
    for field in ["response.code_details", "response.code", "upstream.address", "upstream.transport_failure_reason"]:
        assert values[field].replace(" ", "_") == as_text(told[field])
    assert values["response.code_details"].startswith(details)
    assert values["response.is_local"] == str(details != "via_upstream").lower()
    assert (values["response.flags"] == "0") == (told["response.flags"] == "-")


def test_a_denial_is_local(proxy):
    rule = """rule r { deny } rule s on response {
      set response.headers["x-local"] = string(response.is_local)
      set response.headers["x-details"] = response.code_details
    }"""
    reply = ask(proxy.serve(weir(rule)).port, "/x")
    assert (reply.status, reply.header("x-local")) == (403, "true")
    assert reply.header("x-details") != "via_upstream"


def test_the_status_of_grpc(proxy, upstream, tmp_path):
    upstream.tell(headers=[("content-type", "application/grpc"), ("grpc-status", "7")], body=b"")
    site = shown_by(proxy, tmp_path / "log")
    values = headers_of(ask(site.port, headers=[("content-type", "application/grpc")], method="POST", body=b"x"))
    assert values["response.grpc_status"] == str(logged(tmp_path / "log")["response.grpc_status"]) == "7"


def make_certificate(folder, name, alternative):
    """A certificate that signs itself, and its key."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", f"/O=weir/CN={name}", "-addext", f"subjectAltName={alternative}", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return {"certificate_chain": {"filename": str(certificate)}, "private_key": {"filename": str(key)}}


def ask_tls(port, own, name="www.a.test"):
    """One request with a certificate of the client's own, or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if own:
        context.load_cert_chain(own["certificate_chain"]["filename"], own["private_key"]["filename"])
    link = Connection.__new__(Connection)
    link.link = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname=name)
    link.reader = Reader(link.link)
    with link:
        return link.ask("/x")


ACCOUNT = "spiffe://cluster.local/ns/shop/sa/cart"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    server = make_certificate(folder, "server", "DNS:www.a.test,URI:spiffe://cluster.local/ns/edge/sa/gateway")
    return server, make_certificate(folder, "client", f"DNS:client.a.test,URI:{ACCOUNT}")


def tls_chain(server, client):
    trusted = {"trusted_ca": client["certificate_chain"]}
    common = {"tls_certificates": [server], "validation_context": trusted}
    return {"name": "secure", "transport_socket": {"name": "tls", "typed_config": {"@type": TLS, "common_tls_context": common}}}


PEER = """rule peer on response {
  set response.headers["x-mtls"] = string(connection.mtls)
  set response.headers["x-spiffe"] = json(peer.spiffe)
  set response.headers["x-has"] = string(has(connection.uri_san_peer_certificate))
}"""


@pytest.mark.parametrize("mutual", [True, False])
def test_the_peer_by_tls(proxy, tmp_path, certificates, mutual):
    server, client = certificates
    site = shown_by(proxy, tmp_path / "log", chain=tls_chain(server, client))
    told_site = proxy.serve(weir(PEER), chain=tls_chain(server, client))
    values = compare(ask_tls(site.port, client if mutual else None), logged(tmp_path / "log"))
    assert values["connection.requested_server_name"] == "www.a.test"
    assert values["connection.uri_san_peer_certificate"] == (ACCOUNT if mutual else "")
    reply = ask_tls(told_site.port, client if mutual else None)
    assert (reply.header("x-mtls"), reply.header("x-has")) == ((str(mutual).lower(),) * 2)
    parts = {"trust_domain": "cluster.local", "namespace": "shop", "service_account": "cart"}
    assert json.loads(reply.header("x-spiffe")) == (parts if mutual else dict.fromkeys(parts, ""))


HEADERS = """rule show on response {
  set response.headers["x-query"] = request.query
  set response.headers["x-params"] = json(request.query_params.to_map())
  set response.headers["x-cookies"] = json(request.cookies.to_map())
  set response.headers["x-user"] = json([request.basic.user, request.basic.password, request.bearer])
  set response.headers["x-host"] = json([request.host_name, string(request.port), string(request.suspicious)])
}"""


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_fields_of_the_request_line_and_its_headers(proxy, tmp_path, client):
    site = proxy.serve(weir(HEADERS), manager=logger(tmp_path / "log"))
    login = "Basic " + base64.b64encode(b"ada:secret").decode()
    headers = [("cookie", "a=1; b=2"), ("cookie", "a=3"), ("authorization", login)]
    reply = client(site.port, "/x?a=b+c&d=%C3%A4&a=2&e=%zz", headers=headers, host="WWW.a.test.:8080")
    told = urllib.parse.urlsplit(logged(tmp_path / "log")["request.path"]).query
    assert reply.header("x-query") == told
    first = dict(reversed(urllib.parse.parse_qsl(told, keep_blank_values=True)))
    assert json.loads(reply.header("x-params").encode("latin-1")) == first
    assert json.loads(reply.header("x-cookies")) == {"a": "1", "b": "2"}
    assert json.loads(reply.header("x-user")) == ["ada", "secret", ""]
    assert json.loads(reply.header("x-host")) == ["www.a.test", "8080", "false"]


@pytest.mark.parametrize("memory, status", [(65536, 503), (8388608, 200)])
def test_more_parameters_than_memory_are_refused(proxy, memory, status):
    rule = 'rule r when request.query_params["b"] == "1" || request.cookies["b"] == "1" { deny }'
    site = proxy.serve(weir(rule, {"memory": memory}))
    assert ask(site.port, "/?" + "a&" * 12000).status == status
    assert ask(site.port, "/?" + "a&" * 100 + "b=1").status == 403
    assert ask(site.port, headers=[("cookie", "a=;" * 10000)]).status == status
    assert ask(site.port, headers=[("cookie", "a=;" * 100), ("cookie", "b=1")]).status == 403


def test_ways_to_say_it_differently(proxy):
    site = proxy.serve(weir(HEADERS))
    for path, suspicious in [("/a%2e%2e/b", "true"), ("/%2f", "true"), ("/%c0%ae", "true"), ("/a%20b?c=%2F", "false")]:
        assert json.loads(ask(site.port, path).header("x-host"))[2] == suspicious
    for host in ["a.test,b.test", "user@a.test", "a.test:x", "[::1"]:
        assert json.loads(ask(site.port, host=host).header("x-host") or '["", "0"]')[:2] == ["", "0"]


CLAIMS = """rule show on response {
  set response.headers["x-jwt"] = json(jwt)
  set response.headers["x-metadata"] = json(metadata)
}
rule admins when request.clean_path == "/admin" && jwt.role != "admin" { deny }"""


def metadata_filter(**values):
    config = {"@type": ENVOY + "extensions.filters.http.set_metadata.v3.Config",
              "metadata": [{"metadata_namespace": "some.filter", "value": values}]}
    return {"name": "envoy.filters.http.set_metadata", "typed_config": config}


@pytest.mark.parametrize("key, settings", [("payload", None), ("mine", {"jwt": "mine"})])
def test_claims_of_a_verified_token(proxy, key, settings):
    site = behind(proxy, weir(CLAIMS, settings), jwt_filter(key))
    claims = {"iss": "me", "sub": "ada", "role": "admin", "n": 5, "groups": ["a", {"b": None}], "on": True}
    bearer = [("authorization", "Bearer " + token(claims))]
    reply = ask(site.port, "/admin", headers=bearer)
    assert reply.status == 200 and json.loads(reply.header("x-jwt")) == claims
    assert ask(site.port, "/admin").status == 403
    assert json.loads(ask(site.port).header("x-jwt")) == {}
    forged = [("authorization", "Bearer " + token(claims)[:-2])]
    assert ask(site.port, "/admin", headers=forged).status == 401
    assert ask(site.port, "/admin", headers=[("authorization", "Bearer " + token(claims | {"role": "x"}))]).status == 403


def test_metadata_of_other_filters(proxy):
    values = {"text": "ä", "number": 1.5, "list": [1, [], {}], "none": None, "deep": {"er": {"on": False}}, "": ""}
    site = behind(proxy, weir(CLAIMS), metadata_filter(**values))
    found = json.loads(ask(site.port).header("x-metadata").encode("latin-1"))
    assert found["filter_metadata"]["some.filter"] == values
    assert json.loads(ask(proxy.serve(weir(CLAIMS)).port).header("x-jwt")) == {}
