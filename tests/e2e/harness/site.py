"""One listener: plugins in a chain, routes behind them.

Routes: /direct is answered by Envoy itself, /down has an upstream that refuses connections,
/h2 reaches the upstream over HTTP/2, the host nowhere.test has no route, all else goes to the
upstream over HTTP/1.
"""

from dataclasses import dataclass, field

from . import plugin as wasm

ENVOY = "type.googleapis.com/envoy."
MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
NO_ROUTE = "nowhere.test"


@dataclass
class Site:
    """`delivery` of the plugins: "inline" in the listener, or "ecds": a file each in `folder`.

    `manager`: further members of the connection manager's configuration, `chain`: of the filter chain's, `more`: of
    the listener's.
    """

    name: str
    port: int
    plugins: list = field(default_factory=list)
    delivery: str = "inline"
    folder: str = ""
    access_log: str = ""
    manager: dict = field(default_factory=dict)
    chain: dict = field(default_factory=dict)
    more: dict = field(default_factory=dict)

    def ecds_path(self, plugin):
        return f"{self.folder}/ecds-{self.name}-{plugin.name}.json"

    def ecds_name(self, plugin):
        return f"{self.name}-{plugin.name}"

    def resource(self):
        """The listener."""
        filters = [self.wasm_filter(plugin) for plugin in self.plugins]
        made = listener(self.name, self.port, filters, routes(), self.access_log, self.manager, self.chain)
        return made | self.more

    def lds_resource(self):
        return {"@type": ENVOY + "config.listener.v3.Listener"} | self.resource()

    def wasm_filter(self, plugin):
        if self.delivery == "inline":
            return {"name": plugin.name, "typed_config": plugin.filter_config()}
        source = {"path_config_source": {"path": self.ecds_path(plugin)}}
        discovery = {"config_source": source | {"resource_api_version": "V3"}}
        discovery["type_urls"] = [wasm.WASM]
        return {"name": self.ecds_name(plugin), "config_discovery": discovery}

    def ecds_resource(self, plugin):
        kind = ENVOY + "config.core.v3.TypedExtensionConfig"
        named = {"@type": kind, "name": self.ecds_name(plugin)}
        return named | {"typed_config": plugin.filter_config()}


def listener(name, port, filters, route_config, access_log="", more=None, more_of_chain=None):
    router = {"@type": ENVOY + "extensions.filters.http.router.v3.Router"}
    manager = {
        "@type": ENVOY + MANAGER,
        "stat_prefix": name,
        "route_config": route_config,
        "http_filters": filters + [{"name": "router", "typed_config": router}],
    } | (more or {})
    if access_log:
        manager["access_log"] = [access_log_to(access_log)]
    chain = {"filters": [{"name": "http", "typed_config": manager}]} | (more_of_chain or {})
    inspector = {"@type": ENVOY + "extensions.filters.listener.tls_inspector.v3.TlsInspector"}
    filters = [{"name": "tls", "typed_config": inspector}] if "transport_socket" in chain else []
    return {
        "name": name,
        "address": socket_address(port),
        "listener_filters": filters,
        "filter_chains": [chain],
    }


def routes():
    direct = {"status": 200, "body": {"inline_string": "direct"}}
    rows = [
        {"match": {"prefix": "/direct"}, "direct_response": direct},
        {"match": {"prefix": "/", "headers": [{"name": "x-route", "string_match": {"exact": "direct"}}]},
         "direct_response": direct},
        {"match": {"prefix": "/down"}, "route": {"cluster": "down"}},
        {"match": {"prefix": "/h2"}, "route": {"cluster": "relay"}},
        {"match": {"prefix": "/"}, "route": {"cluster": "upstream"}},
    ]
    every = {"name": "all", "domains": ["*"], "routes": rows}
    return {"virtual_hosts": [every, {"name": "none", "domains": [NO_ROUTE]}]}


def access_log_to(path):
    line = "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS%\n"
    return {
        "name": "file",
        "typed_config": {
            "@type": ENVOY + "extensions.access_loggers.file.v3.FileAccessLog",
            "path": path,
            "log_format": {"text_format_source": {"inline_string": line}},
        },
    }


def socket_address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
