"""One plugin instance as Envoy's configuration has it, and the text of its pluginConfig."""

import base64
import json
from dataclasses import dataclass, field

from . import places

WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"


def weir(rules=None, settings=None, **data):
    """The text of a pluginConfig: rules, weir's settings, and the user's data in order."""
    config = {}
    if rules is not None:
        config["rules"] = rules
    if settings is not None:
        config["weir"] = settings
    return json.dumps(config | data)


@dataclass
class Plugin:
    """`config`: str, bytes (sent as they are, valid UTF-8 or not) or None: no configuration.

    `environment`: what the VM's environment holds, by name. `holds_headers`: the proxy may hold headers
    back and call for bodies meanwhile.
    """

    config: object = None
    name: str = "weir"
    root_id: str = ""
    vm_id: str = ""
    failure_policy: str = "FAIL_CLOSED"
    module: str = ""
    environment: dict = field(default_factory=dict)
    holds_headers: bool = False

    def filter_config(self):
        """The value of the http filter `wasm`."""
        config = {
            "name": self.name,
            "root_id": self.root_id,
            "failure_policy": self.failure_policy,
            "vm_config": {
                "vm_id": self.vm_id,
                "runtime": "envoy.wasm.runtime.v8",
                "code": {"local": {"filename": self.module or places.module()}},
            },
        }
        if self.holds_headers:
            config["allow_on_headers_stop_iteration"] = True
        if self.environment:
            config["vm_config"]["environment_variables"] = {"key_values": self.environment}
        if self.config is not None:
            config["configuration"] = wrapped(self.config)
        return {"@type": WASM, "config": config}


def wrapped(config):
    kind = "StringValue" if isinstance(config, str) else "BytesValue"
    value = config if isinstance(config, str) else base64.b64encode(config).decode()
    return {"@type": f"type.googleapis.com/google.protobuf.{kind}", "value": value}
