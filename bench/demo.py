"""The tutorial's demo as the measurements configure it, and what it must answer."""

import json
import pathlib

from proxies import Failure, Variant, wasm_filter

RULES = pathlib.Path(__file__).resolve().parent / "demo_unlimited.weir"
UNLIMITED, DENYING = 1000000000, 1
DATA = {"testConfig": "abcddeeeee", "listconfig": ["abc", "def"]}
STAMPS = {
    "who-am-i": "wasm-extension",
    "injected-by": "istio-api!",
    "hally": "wang",
    "wang": "1234567",
}
DENIAL = {
    "status": 403,
    "body": "rate limited, wait and retry.",
    "powered-by": "proxy-wasm-go-sdk!!",
}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def answer(configdata, denies):
    return (DENIAL if denies else {}) | STAMPS | {"configdata": configdata}


def plugin_row(name, module, limit, **settings):
    """A plugin whose configuration names its limit and is what it echoes."""
    config = compact({"limit": limit, **settings, **DATA})
    expected = answer(config, limit == DENYING)
    return Variant(name, [wasm_filter(module, config)], expected, module=module)


def weir_row(name, module, limit, scope):
    config = compact({"rules": rules(limit, scope), **DATA})
    expected = answer(compact(DATA), limit == DENYING)
    return Variant(name, [wasm_filter(module, config)], expected, module=module)


def rules(limit, scope):
    text = RULES.read_text()
    for old, new in ((f"{UNLIMITED} per", f"{limit} per"), ("scope worker", f"scope {scope}")):
        if text.count(old) != 1:
            raise Failure(f"{RULES.name} should hold `{old}` once")
        text = text.replace(old, new)
    return text
