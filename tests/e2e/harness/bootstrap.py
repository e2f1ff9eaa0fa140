"""The configuration that an Envoy starts with: admin, clusters, static listeners, LDS by file."""

from .site import listener, socket_address


NODE_METADATA = {"LABELS": {"app": "ä"}, "WEIGHTS": [1, 2.5, None, True], "NAME": "test-1"}
LOCALITY = {"region": "r1", "zone": "z1", "sub_zone": "s1"}


def described(**values):
    """Metadata of one filter."""
    return {"filter_metadata": {"some.filter": values}}


def bootstrap(sites, upstream_port, relay_port, down_port, lds_path, services=()):
    """`relay_port` is served by this Envoy: HTTP/2 in, HTTP/1 to the upstream out.

    `services`: names and ports of clusters that speak HTTP/2, for gRPC.
    """
    return {
        "node": {"id": "test", "cluster": "test", "metadata": NODE_METADATA, "locality": LOCALITY},
        "admin": {"address": socket_address(0)},
        "dynamic_resources": {
            "lds_config": {
                "path_config_source": {"path": lds_path},
                "resource_api_version": "V3",
            }
        },
        "static_resources": {
            "listeners": [site.resource() for site in sites] + [relay(relay_port)],
            "clusters": [
                cluster("upstream", upstream_port) | trailers_by_http1(),
                cluster("down", down_port),
                grpc_cluster("relay", relay_port),
                *[grpc_cluster(name, port) for name, port in services],
            ],
        },
    }


def relay(port):
    rows = [{"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]
    hosts = [{"name": "all", "domains": ["*"], "routes": rows}]
    return listener("relay", port, [], {"virtual_hosts": hosts})


def cluster(name, port):
    endpoint = {"endpoint": {"address": socket_address(port)}, "metadata": described(host=name)}
    place = {"locality": LOCALITY, "lb_endpoints": [endpoint], "metadata": described(place="here")}
    return {
        "name": name,
        "connect_timeout": "1s",
        "metadata": described(cluster=name),
        "load_assignment": {"cluster_name": name, "endpoints": [place]},
    }


def grpc_cluster(name, port):
    return cluster(name, port) | {"typed_extension_protocol_options": http2()}


def trailers_by_http1():
    return {"typed_extension_protocol_options": protocol({"http_protocol_options": {"enable_trailers": True}})}


def http2():
    return protocol({"http2_protocol_options": {}})


def protocol(options):
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {kind: {"@type": "type.googleapis.com/" + kind, "explicit_http_config": options}}
