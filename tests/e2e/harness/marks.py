"""Configurations that can be told apart by the answer, and bad ones that must never be served."""

from .client import ask
from .plugin import weir
from .waiting import wait_for

MARK = "x-rules"


def marked(name, before=""):
    """Rules whose answers carry `name`; `before` stands above them."""
    return weir(f'{before}rule mark on response {{ set response.headers["{MARK}"] = "{name}" }}')


def served(site, path="/direct"):
    """Which rules answer now."""
    return ask(site.port, path).header(MARK)


def wait_served(site, name, path="/direct"):
    wait_for(lambda: served(site, path) == name, f"answer of {name}", 15.0)


NOT_JSON = "this is not JSON"
UNKNOWN_SETTING = weir('rule a { set request.headers["a"] = "b" }', {"mood": "good"})
BROKEN_RULES = weir("rule broken {")
UNKNOWN_NAME = weir("rule broken when nothing.such { deny }")

# What configuring refuses: the configuration and one of the codes it must show.
REFUSED = {
    "not JSON": (NOT_JSON, "E0701"),
    "JSON with a tail": ('{"a": 1} x', "E0701"),
    "JSON cut off": ('{"rules": "', "E0701"),
    "a list": ("[1, 2]", "E0707"),
    "a string": ('"rules"', "E0707"),
    "null": ("null", "E0707"),
    "a key twice": ('{"a": 1, "a": 2}', "E0702"),
    "a key twice, spelled otherwise": ('{"a": 1, "\\u0061": 2}', "E0702"),
    "a nested key twice": ('{"o": {"a": 1, "a": 2}}', "E0702"),
    "NUL escaped": ('{"a": "x\\u0000y"}', "E0703"),
    "bad UTF-8": (b'{"a": "\xff\xfe"}', "E0704"),
    "overlong UTF-8": (b'{"a": "\xc0\xaf"}', "E0704"),
    "nested too deep": ('{"a":' + "[" * 100 + "]" * 100 + "}", "E0705"),
    "number too large": ('{"a": 1e999}', "E0706"),
    "rules a number": ('{"rules": 5}', "E0708"),
    "rules an object": ('{"rules": {}}', "E0708"),
    "rules a list of numbers": ('{"rules": [1]}', "E0708"),
    "settings a list": ('{"weir": []}', "E0708"),
    "unknown setting": (UNKNOWN_SETTING, "E0709"),
    "namespace a number": ('{"weir": {"namespace": 5}}', "E0708"),
    "steps a string": ('{"weir": {"steps": "many"}}', "E0708"),
    "steps negative": ('{"weir": {"steps": -1}}', "E0712"),
    "memory too small": ('{"weir": {"memory": 1}}', "E0712"),
    "unfinished rule": (BROKEN_RULES, "E0202"),
    "unknown name": (UNKNOWN_NAME, "E0301"),
    "unknown limiter": (weir("rule a { limit nothing }"), "E0306"),
    "unknown file": (weir('include "nothing.weir"'), "E0309"),
    "a field of config that is missing": (weir("rule a when config.gone == 1 { deny }"), "E0710"),
    "only a comment": (weir("// rule a { deny }"), "E0108"),
    "a comment on one line": (weir("rule a { deny } // all"), "E0108"),
    "no statement": (weir(" \n "), "E0109"),
    "second text broken": (weir(['include "demo.weir"', "rule b {"]), "E0202"),
    "a phase that does not have it": (weir("rule a when response.code == 200 { deny }"), "E0501"),
    "CR in a constant": (weir('rule a { set request.headers["a"] = "x\\ry" }'), "E0409"),
    "a bad header name": (weir('rule a { set request.headers["a b"] = "x" }'), "E0408"),
    "content-length set": (weir('rule a { set request.headers["content-length"] = "9" }'), "E0410"),
    "status of a reply": (weir("rule a { deny 99 }"), "E0411"),
}
